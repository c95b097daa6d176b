// The Store on RocksDB, embedded: one engine for a process, one Store instance for each Scheduler.
//
// One sequencer thread owns the heads (assigned is not yet durable). It drains its queue, writes one synced WriteBatch
// for everything that it found there, and posts the results once to each Scheduler. Readers see only what is durable:
// what the database has. Cursors are written behind: at most a second, not synced. Caches are of fixed size.
//
// After a failed write the engine refuses every further one (`healthy()` is false): what is on disk is then known only
// after opening again.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "base/entropy.h"
#include "base/scheduler.h"
#include "server/domain/ports/store.h"

namespace rocksdb {
class Env;
}

namespace kith::server::adapters {

struct RocksdbOptions {
  std::string path;  // a directory, made where it is missing
  std::size_t block_cache_bytes = std::size_t{64} << 20;
  std::size_t write_buffer_bytes = std::size_t{16} << 20;
  std::size_t cached_partitions = 65536;  // heads and row versions of the sequencer, and heads for readers
  std::size_t max_queued_bytes = std::size_t{64} << 20;
  std::chrono::milliseconds cursor_flush{1000};
  // Called once, on the sequencer's thread, when the engine has become unhealthy; `why` is for the log.
  std::function<void(const std::string& why)> on_failure = {};
  rocksdb::Env* env = nullptr;  // another file system, for tests; must outlive the engine
};

class RocksdbEngine {
 public:
  // The error is a sentence for the operator. `entropy` names the history of a new store.
  static std::expected<std::unique_ptr<RocksdbEngine>, std::string> open(const RocksdbOptions& options,
                                                                         Entropy& entropy);
  // Writes what is waiting, cursors included, and closes.
  ~RocksdbEngine();
  RocksdbEngine(const RocksdbEngine&) = delete;
  RocksdbEngine& operator=(const RocksdbEngine&) = delete;

  // The instance of this scheduler, to be destroyed on its thread, before scheduler and engine.
  std::unique_ptr<domain::Store> store(Scheduler& scheduler);

  [[nodiscard]] bool healthy() const;

  struct Statistics {
    std::uint64_t batches = 0;
    std::uint64_t transactions = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Statistics statistics() const;

  // What all instances share; the adapter's own.
  class Core;

 private:
  explicit RocksdbEngine(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace kith::server::adapters
