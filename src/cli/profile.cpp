#include "cli/profile.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>

#include "cli/problem.h"

namespace kith::cli {
namespace {

bool is_profile_name(const std::string& name) {
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_');
  });
}

std::filesystem::path default_state_directory() {
  if (const char* xdg = std::getenv("XDG_STATE_HOME"); xdg != nullptr && xdg[0] == '/') {
    return std::filesystem::path(xdg) / "kith";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
    return std::filesystem::path(home) / ".local" / "state" / "kith";
  }
  throw Problem{Exit::storage, "There is no home directory to keep state in. Say where with --state DIR."};
}

}  // namespace

Profile::Profile(const Settings& settings) : asked_server_(settings.server) {
  if (!is_profile_name(settings.profile)) {
    throw Problem{Exit::usage, "A profile's name has up to 32 letters, digits, - and _."};
  }
  const auto base =
      settings.state_directory ? std::filesystem::path(*settings.state_directory) : default_state_directory();
  directory_ = std::filesystem::absolute(base) / settings.profile;
}

bool Profile::exists() const {
  std::error_code error;
  return std::filesystem::exists(directory_ / "state.db", error);
}

std::string Profile::server() const {
  if (asked_server_) return *asked_server_;
  std::ifstream in(directory_ / "server");
  std::string remembered;
  if (std::getline(in, remembered) && !remembered.empty()) return remembered;
  return kDefaultServer;
}

void Profile::remember_server(const std::string& server) const {
  std::ofstream out(directory_ / "server", std::ios::trunc);
  if (!(out << server << '\n').flush()) throw Problem{Exit::storage, "The server's address can't be kept."};
}

}  // namespace kith::cli
