// Where a profile lives: <state directory>/<name>/, with the store of client/native and the server that it is
// registered at.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace kith::cli {

inline constexpr const char* kDefaultServer = "http://127.0.0.1:8470";

// What the command line says about every command.
struct Settings {
  std::string profile = "default";
  std::optional<std::string> server;
  std::optional<std::string> state_directory;
  bool json = false;
};

class Profile {
 public:
  // Throws Problem: usage, for a name that is not one.
  explicit Profile(const Settings& settings);

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
  // Whether there is any state of it yet.
  [[nodiscard]] bool exists() const;
  // The server to use: the one asked for, the remembered one, the default.
  [[nodiscard]] std::string server() const;
  void remember_server(const std::string& server) const;

 private:
  std::filesystem::path directory_;
  std::optional<std::string> asked_server_;
};

}  // namespace kith::cli
