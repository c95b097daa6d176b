#include "server/edge/log.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace kith::server::edge {

namespace {

constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warning", "error"};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

// RFC 3339 in UTC, with milliseconds.
std::string timestamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text.data();
}

}  // namespace

std::optional<LogLevel> log_level_from(std::string_view name) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string Log::Field::prefix(std::string_view name) { return quoted(name) + ":"; }

Log::Field::Field(std::string_view name, std::string_view text) : json_(prefix(name) + quoted(text)) {}

void Log::write(LogLevel level, std::string_view event, Fields fields) {
  if (level < level_) return;
  std::string line = "{\"time\":\"" + timestamp() +
                     "\",\"level\":" + quoted(kLevelNames[static_cast<std::size_t>(level)]) +
                     ",\"event\":" + quoted(event);
  for (const Field& field : fields) line += "," + field.json();
  line += "}\n";
  const std::lock_guard lock(mutex_);
  sink_(line);
}

}  // namespace kith::server::edge
