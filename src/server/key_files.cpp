#include "server/key_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace kith::server {

namespace {

constexpr std::size_t kFileBytes = 2 * kKeyFileBytes + 1;  // with the newline

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<std::string> failed(const char* what, const std::string& path) {
  return std::unexpected(std::string("cannot ") + what + " " + path + ": " + std::strerror(errno));
}

// What a directory names is durable only with the directory itself.
std::expected<void, std::string> sync_directory(const std::string& path) {
  const File directory(path.empty() ? "." : path, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open() && errno == EACCES) return {};  // one that we may not read we cannot sync
  if (!directory.is_open() || ::fsync(directory.fd()) != 0) return failed("write", path);
  return {};
}

std::expected<void, std::string> check_private(const File& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return failed("read", path);
  const unsigned mode = status.st_mode & 07777U;
  if ((mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", mode);
  return std::unexpected(path + " is open to others (its mode is " + octal.data() +
                         "): it must be its user's only, as after chmod 600");
}

std::expected<SecretBytes, std::string> load(const std::string& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return failed("open", path);
  if (auto checked = check_private(file, path); !checked) return std::unexpected(std::move(checked).error());
  SecretBytes text(kFileBytes + 1);
  const ssize_t size = ::read(file.fd(), text.data(), text.size());
  if (size < 0) return failed("read", path);
  std::string_view hex(reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size));
  if (hex.ends_with('\n')) hex.remove_suffix(1);
  auto key = from_hex(hex);
  if (!key || key->size() != kKeyFileBytes) {
    return std::unexpected(path + " is not a key file: 32 bytes in hexadecimal are expected");
  }
  SecretBytes secret = to_secret(*key);
  wipe(key->data(), key->size());
  return secret;
}

// Written beside its place and moved there, so that a crash leaves a whole file or none.
std::expected<SecretBytes, std::string> create(const std::string& path, Entropy& entropy) {
  SecretBytes key(kKeyFileBytes);
  entropy.fill(key);
  std::string text = to_hex(key) + "\n";
  const std::string beside = path + ".new";
  // What a crash left there goes; what somebody else puts there meanwhile is neither written to nor followed.
  if (::unlink(beside.c_str()) != 0 && errno != ENOENT) return failed("remove", beside);
  {
    const File file(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    if (!file.is_open()) return failed("create", beside);
    const bool is_written = ::write(file.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    wipe(text.data(), text.size());
    if (!is_written || ::fsync(file.fd()) != 0) return failed("write", beside);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return failed("create", path);
  // The key's folder, the one that holds it, and the one above: each may have been made a moment ago.
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  for (int i = 0; i < 3; ++i, folder = folder.parent_path()) {
    if (auto synced = sync_directory(folder.string()); !synced) return std::unexpected(std::move(synced).error());
  }
  return key;
}

}  // namespace

std::expected<SecretBytes, std::string> load_or_create_key(const std::string& path, Entropy& entropy) {
  return ::access(path.c_str(), F_OK) == 0 ? load(path) : create(path, entropy);
}

std::expected<void, std::string> make_private_directory(const std::string& path) {
  const mode_t before = ::umask(S_IRWXG | S_IRWXO);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  ::umask(before);
  if (error) return std::unexpected("cannot make the directory " + path + ": " + error.message());
  return {};
}

}  // namespace kith::server
