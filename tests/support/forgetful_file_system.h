// A RocksDB file system whose power can fail. It lets everything through to real files, and remembers what was synced:
// power_loss() cuts each file to what was, and takes away files whose directory was not synced after they were made.
// Sync itself only notes, so that tests are fast.
//
// fail_after(n): the n-th write from now on, and everything after it, fails, as if the power went then.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <rocksdb/file_system.h>

namespace kith::test {

class ForgetfulFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  ForgetfulFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::make_shared<State>()) {}

  const char* Name() const override { return "ForgetfulFileSystem"; }

  // Writes, syncs and whatever else changes files, so far.
  [[nodiscard]] std::size_t writes() const;
  void fail_after(std::size_t writes);
  [[nodiscard]] bool is_dead() const;
  // The file system works again afterwards, for files opened from then on: whoever had some open is dead.
  void power_loss();

  // Locks die with their process, and here it is the same one.
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    bool entered = false;  // its directory was synced since it was made
  };
  struct State {
    std::mutex mutex;
    std::map<std::string, File> files;
    std::size_t writes = 0;
    std::size_t dies_at = ~std::size_t{0};
    bool dead = false;
    std::size_t life = 0;
    // Counts a change; false once the power is gone.
    bool change();
    bool change_in(std::size_t of_life) { return of_life == life && change(); }
    // What was made in this directory stays.
    void enter(const std::string& directory);
  };
  class Writable;
  class Directory;

  std::shared_ptr<State> state_;
};

}  // namespace kith::test
