#include "client/native/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "client/native/file.h"

namespace kith::client::native {

bool sync_directory(const std::filesystem::path& directory) {
  const File file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return file && ::fsync(file.get()) == 0;
}

bool write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

Result<SecretBytes> read_key_file(const std::filesystem::path& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) {
    return errno == ENOENT ? fail(Errc::key_file, "the key file " + path.string() + " is missing")
                           : fail(Errc::key_file, "the key file " + path.string() + " can't be opened");
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(Errc::storage, "the key file can't be examined");
  if ((info.st_mode & 077) != 0) {
    return fail(Errc::key_file, "the key file " + path.string() + " is open to other users: chmod 600 it");
  }
  SecretBytes key(kStoreKeyBytes + 1);
  std::size_t size = 0;
  while (size < key.size()) {
    const ssize_t n = ::read(file.get(), key.data() + size, key.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::storage, "the key file can't be read");
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size != kStoreKeyBytes) return fail(Errc::key_file, "the key file " + path.string() + " is damaged");
  key.resize(kStoreKeyBytes);
  return key;
}

Result<SecretBytes> create_key_file(const std::filesystem::path& path, Entropy& entropy) {
  SecretBytes key(kStoreKeyBytes);
  entropy.fill(key);
  // Written under another name first: a key file that has its name is whole.
  std::filesystem::path fresh = path;
  fresh += ".new";
  ::unlink(fresh.c_str());
  {
    const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file || !write_all(file.get(), key) || ::fsync(file.get()) != 0) {
      return fail(Errc::storage, "the key file " + path.string() + " can't be written");
    }
  }
  if (::link(fresh.c_str(), path.c_str()) != 0) {
    const bool exists = errno == EEXIST;
    ::unlink(fresh.c_str());
    return exists ? fail(Errc::key_file, "there is a key file already")
                  : fail(Errc::storage, "the key file can't be named");
  }
  ::unlink(fresh.c_str());
  if (!sync_directory(path.parent_path())) return fail(Errc::storage, "the key file can't be made durable");
  return key;
}

}  // namespace kith::client::native
