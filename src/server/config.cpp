#include "server/config.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <map>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace kith::server {

namespace {

constexpr const char* kDefaultFile = "kithd.toml";
constexpr const char* kVersion = "kithd 0.1.0";

using Values = std::map<std::string, std::string, std::less<>>;  // key -> text

std::string flag_of(std::string_view key) {
  std::string flag = "--" + std::string(key);
  std::ranges::replace(flag, '_', '-');
  std::ranges::replace(flag, '.', '-');
  return flag;
}

std::string variable_of(std::string_view key) {
  std::string name = "KITH_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
  return name;
}

std::expected<std::string, std::string> text_of(const toml::node& node, const std::string& key) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return std::string(truth->get() ? "true" : "false");
  return std::unexpected(key + " is neither a text, a number nor true or false");
}

// Flattens tables: [limits] lookups_per_hour becomes "limits.lookups_per_hour".
std::expected<void, std::string> flatten(const toml::table& table, const std::string& prefix, Values& to) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table()) {
      if (auto done = flatten(*inner, key + ".", to); !done) return done;
      continue;
    }
    if (std::ranges::find(config_keys(), key, &ConfigKey::name) == config_keys().end()) {
      return std::unexpected("there is no key " + key);
    }
    auto text = text_of(node, key);
    if (!text) return std::unexpected(std::move(text).error());
    to[key] = *std::move(text);
  }
  return {};
}

std::expected<Values, std::string> read_file(const std::string& path) {
  const toml::parse_result parsed = toml::parse_file(path);
  if (!parsed) {
    return std::unexpected(path + ", line " + std::to_string(parsed.error().source().begin.line) + ": " +
                           std::string(parsed.error().description()));
  }
  Values values;
  if (auto done = flatten(parsed.table(), "", values); !done) return std::unexpected(path + ": " + done.error());
  return values;
}

struct Flags {
  std::string file;
  Values values;
};

std::expected<Flags, Farewell> read_flags(std::vector<std::string> arguments) {
  Flags flags;
  CLI::App app("Kith's server. Started with nothing it listens on localhost and stores under ./data.", "kithd");
  app.set_version_flag("--version", kVersion);
  app.add_option("--config", flags.file, "the configuration file (KITH_CONFIG); default: kithd.toml where it exists");
  for (const ConfigKey& key : config_keys()) {
    app.add_option_function<std::string>(
        flag_of(key.name), [&flags, &key](const std::string& text) { flags.values[std::string(key.name)] = text; },
        std::string(key.meaning) + " (" + variable_of(key.name) + ")");
  }
  std::ranges::reverse(arguments);  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(Farewell{.text = app.help(), .exit_code = 0});
  } catch (const CLI::CallForVersion&) {
    return std::unexpected(Farewell{.text = std::string(kVersion) + "\n", .exit_code = 0});
  } catch (const CLI::ParseError& error) {
    return std::unexpected(Farewell{.text = std::string("kithd: ") + error.what() + "\n"});
  }
  return flags;
}

std::string file_to_read(const Flags& flags, const Invocation& invocation) {
  if (!flags.file.empty()) return flags.file;
  if (const char* named = invocation.environment("KITH_CONFIG"); named != nullptr) return named;
  std::error_code ignored;
  return std::filesystem::exists(kDefaultFile, ignored) ? kDefaultFile : "";
}

}  // namespace

std::expected<Config, Farewell> read_config(const Invocation& invocation) {
  const auto wrong = [](const std::string& why) { return std::unexpected(Farewell{.text = "kithd: " + why + "\n"}); };
  auto flags = read_flags(invocation.arguments);
  if (!flags) return std::unexpected(std::move(flags).error());
  Values values;
  if (const std::string file = file_to_read(*flags, invocation); !file.empty()) {
    auto read = read_file(file);
    if (!read) return wrong(read.error());
    values = *std::move(read);
  }
  for (const ConfigKey& key : config_keys()) {
    const char* text = invocation.environment(variable_of(key.name).c_str());
    if (text != nullptr) values[std::string(key.name)] = text;
  }
  for (auto& [key, text] : flags->values) values[key] = std::move(text);

  Config config;
  for (const ConfigKey& key : config_keys()) {
    const auto found = values.find(key.name);
    if (found != values.end() && !key.set(config, found->second)) {
      return wrong(std::string(key.name) + " cannot be \"" + found->second + "\" (" + std::string(key.meaning) + ")");
    }
  }
  return config;
}

}  // namespace kith::server
