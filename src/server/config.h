// kithd's configuration. Every key has one name (`limits.lookups_per_hour`) and three places to set it: the TOML file,
// an environment variable (KITH_LIMITS_LOOKUPS_PER_HOUR), a flag (--limits-lookups-per-hour); the later one wins. Keys
// that do not exist are errors in file and flags, values that do not fit are errors everywhere.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/edge/log.h"
#include "server/edge/parts.h"

namespace kith::server {

enum class StoreKind : std::uint8_t { rocksdb, memory };

struct Config {
  std::string data = "./data";
  StoreKind store = StoreKind::rocksdb;
  edge::LogLevel log_level = edge::LogLevel::info;
  std::string otp_sender = "log";
  edge::Options edge;
};

struct ConfigKey {
  std::string_view name;
  std::string_view meaning;
  // False if the text is not such a value.
  bool (*set)(Config& config, std::string_view text);
};
[[nodiscard]] std::span<const ConfigKey> config_keys();

// Reads one process's configuration. `environment` is getenv. Nothing but the named file is opened: --config,
// KITH_CONFIG, or kithd.toml in the working directory where it exists.
struct Invocation {
  std::vector<std::string> arguments;  // without the program's name
  std::function<const char*(const char*)> environment;
};
// What to say and stop instead: --help and --version (exit code 0), or what is wrong (2).
struct Farewell {
  std::string text;
  int exit_code = 2;
};
[[nodiscard]] std::expected<Config, Farewell> read_config(const Invocation& invocation);

}  // namespace kith::server
