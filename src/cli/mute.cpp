#include "cli/mute.h"

#include <charconv>

#include "cli/text.h"

namespace kith::cli {

std::optional<std::int64_t> mute_time_ms(const std::string& text) {
  constexpr std::int64_t kHourMs = 3'600'000;
  constexpr std::int64_t kMostCounted = 9'999;
  if (text == "always") return kAlways;
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || unit + 1 != end || count < 1 || count > kMostCounted) return std::nullopt;
  switch (*unit) {
    case 'h':
      return count * kHourMs;
    case 'd':
      return count * 24 * kHourMs;
    case 'w':
      return count * 7 * 24 * kHourMs;
    default:
      return std::nullopt;
  }
}

std::string alerts_text(const Json& chat, std::int64_t now_ms) {
  const std::string level = chat.value("notifications", "all");
  std::string text = level == "none"       ? "no notifications"
                     : level == "mentions" ? "notifications of mentions"
                                           : "all notifications";
  if (!chat.value("muted", false)) return text;
  if (!chat.contains("muted_until")) return text + ", muted";
  const auto until = chat.value("muted_until", std::int64_t{0});
  return text + ", muted until " + (is_same_day(until, now_ms) ? "" : date_text(until, now_ms) + ", ") +
         clock_text(until);
}

}  // namespace kith::cli
