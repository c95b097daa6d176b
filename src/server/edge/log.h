// The log: one JSON object a line, `{"time":"...","level":"info","event":"listening","address":"127.0.0.1:8470"}`.
// Events and field names are ours, never made from input; values hold no message, name, address, number, token or key.
// The one exception is the development sender of one-time codes, whose purpose it is, and which says so in its line.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace kith::server::edge {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

[[nodiscard]] std::optional<LogLevel> log_level_from(std::string_view name);

class Log {
 public:
  // Text or a number, already as it stands in the line.
  class Field {
   public:
    Field(std::string_view name, std::string_view text);
    template <class Number>
      requires std::is_integral_v<Number>
    Field(std::string_view name, Number number) : json_(prefix(name) + std::to_string(number)) {}
    [[nodiscard]] const std::string& json() const { return json_; }

   private:
    static std::string prefix(std::string_view name);
    std::string json_;
  };
  using Fields = std::initializer_list<Field>;
  using Sink = std::function<void(const std::string& line)>;

  // Lines below `level` are left out. The sink is called by one thread at a time; each line ends with a newline.
  Log(LogLevel level, Sink sink) : level_(level), sink_(std::move(sink)) {}

  // Thread-safe, all of them.
  void debug(std::string_view event, Fields fields = {}) { write(LogLevel::debug, event, fields); }
  void info(std::string_view event, Fields fields = {}) { write(LogLevel::info, event, fields); }
  void warning(std::string_view event, Fields fields = {}) { write(LogLevel::warning, event, fields); }
  void error(std::string_view event, Fields fields = {}) { write(LogLevel::error, event, fields); }

 private:
  void write(LogLevel level, std::string_view event, Fields fields);

  LogLevel level_;
  std::mutex mutex_;
  Sink sink_;
};

}  // namespace kith::server::edge
