#include "tests/support/forgetful_file_system.h"

#include <filesystem>

namespace kith::test {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus no_power() { return IOStatus::IOError("the power is gone"); }

}  // namespace

bool ForgetfulFileSystem::State::change() {
  if (++writes >= dies_at) dead = true;
  return !dead;
}

void ForgetfulFileSystem::State::enter(const std::string& directory) {
  for (auto& [path, file] : files) {
    if (std::filesystem::path(path).parent_path() == std::filesystem::path(directory)) file.entered = true;
  }
}

class ForgetfulFileSystem::Writable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Writable(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<State> state, std::string name)
      : FSWritableFileOwnerWrapper(std::move(file)),
        state_(std::move(state)),
        name_(std::move(name)),
        life_(state_->life) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(state_->mutex);
    if (!state_->change_in(life_)) return no_power();
    const auto status = target()->Append(data, options, debug);
    if (status.ok()) state_->files[name_].size += data.size();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(state_->mutex);
    if (!state_->change_in(life_)) return no_power();
    const auto status = target()->Truncate(size, options, debug);
    if (status.ok()) state_->files[name_].size = size;
    return status;
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard lock(state_->mutex);
    if (!state_->change_in(life_)) return no_power();
    const auto status = target()->Flush(options, debug);
    auto& file = state_->files[name_];
    if (status.ok()) file.synced = file.size;
    return status;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  // A hint to the kernel, which promises nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  std::shared_ptr<State> state_;
  std::string name_;
  std::size_t life_;
};

class ForgetfulFileSystem::Directory final : public rocksdb::FSDirectory {
 public:
  Directory(std::shared_ptr<State> state, std::string name) : state_(std::move(state)), name_(std::move(name)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(state_->mutex);
    if (!state_->change()) return no_power();
    state_->enter(name_);
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  std::shared_ptr<State> state_;
  std::string name_;
};

std::size_t ForgetfulFileSystem::writes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->writes;
}

void ForgetfulFileSystem::fail_after(std::size_t writes) {
  const std::lock_guard lock(state_->mutex);
  state_->dies_at = state_->writes + writes;
}

bool ForgetfulFileSystem::is_dead() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dead;
}

void ForgetfulFileSystem::power_loss() {
  const std::lock_guard lock(state_->mutex);
  for (const auto& [path, file] : state_->files) {
    std::error_code ignored;
    if (file.entered) {
      std::filesystem::resize_file(path, file.synced, ignored);
    } else {
      std::filesystem::remove(path, ignored);
    }
  }
  state_->files.clear();
  state_->dead = false;
  state_->life += 1;
  state_->dies_at = ~std::size_t{0};
}

IOStatus ForgetfulFileSystem::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                                       IODebugContext*) {
  *lock = nullptr;
  return IOStatus::OK();
}
IOStatus ForgetfulFileSystem::UnlockFile(rocksdb::FileLock*, const IOOptions&, IODebugContext*) {
  return IOStatus::OK();
}

IOStatus ForgetfulFileSystem::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->change()) return no_power();
  std::unique_ptr<rocksdb::FSWritableFile> file;
  const auto status = target()->NewWritableFile(name, options, &file, debug);
  if (!status.ok()) return status;
  state_->files[name] = {};
  *result = std::make_unique<Writable>(std::move(file), state_, name);
  return status;
}

// Not used by these stores; what is not modelled must not be taken for safe.
IOStatus ForgetfulFileSystem::ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                                 std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("ReopenWritableFile");
}
IOStatus ForgetfulFileSystem::ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                                std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("ReuseWritableFile");
}

IOStatus ForgetfulFileSystem::NewDirectory(const std::string& name, const IOOptions&,
                                           std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
  *result = std::make_unique<Directory>(state_, name);
  return IOStatus::OK();
}

IOStatus ForgetfulFileSystem::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->change()) return no_power();
  state_->files.erase(name);
  return target()->DeleteFile(name, options, debug);
}

// Taken as lasting at once, and with it, as in a journal, everything that was entered into the directory before.
IOStatus ForgetfulFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                         IODebugContext* debug) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->change()) return no_power();
  const auto status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  if (const auto moved = state_->files.find(from); moved != state_->files.end()) {
    const File file = moved->second;
    state_->files.erase(moved);
    state_->files[to] = file;
  }
  state_->enter(std::filesystem::path(to).parent_path().string());
  return status;
}

}  // namespace kith::test
