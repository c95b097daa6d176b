// A file descriptor that closes itself. Inside this room only.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/bytes.h"

namespace kith::client::native {

class File {
 public:
  File() = default;
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// Makes the names in a directory durable.
bool sync_directory(const std::filesystem::path& directory);

// Writes everything, however often the system takes only a part.
bool write_all(int fd, ByteView bytes);

}  // namespace kith::client::native
