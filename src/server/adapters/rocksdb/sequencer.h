// The one writer: a thread that drains its queue into batches. Everything that changes the store goes through here, in
// one order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <thread>

#include "server/adapters/rocksdb/batch.h"
#include "server/adapters/rocksdb/mailbox.h"

namespace kith::server::adapters {

class WriteRequest : public Request {
 public:
  // On the sequencer's thread.
  virtual void apply(Batch& batch) = 0;
  // Instead of a result: the disk has failed.
  virtual void failed() = 0;
  std::size_t size_bytes = 0;
};

class Sequencer {
 public:
  Sequencer(Database& database, LogDirectory& directory, CursorTable& cursors, const RocksdbOptions& options);
  ~Sequencer() { stop(); }
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Writes what is waiting, cursors included; nothing may be asked for after it.
  void stop();
  // Makes room for a request of this size. False where too much is waiting.
  bool admit(std::size_t size_bytes);
  // Takes everything out of `requests`, each admitted before.
  void submit(std::vector<std::unique_ptr<WriteRequest>>& requests);
  [[nodiscard]] bool healthy() const { return healthy_.load(std::memory_order_relaxed); }
  [[nodiscard]] RocksdbEngine::Statistics statistics() const;

 private:
  static constexpr std::size_t kMaxBatchBytes = std::size_t{8} << 20;
  using Clock = std::chrono::steady_clock;

  void run();
  bool wait(std::vector<std::unique_ptr<WriteRequest>>& taken);
  void work(std::vector<std::unique_ptr<WriteRequest>>& taken);
  void finish(std::vector<std::unique_ptr<WriteRequest>>& taken, std::size_t first, std::size_t end);
  void flush_cursors(bool sync);
  // Of a write: the first failure is the end.
  void note(const rocksdb::Status& status);

  Database& database_;
  CursorTable& cursors_;
  const std::size_t max_queued_bytes_;
  const std::chrono::milliseconds cursor_flush_;
  const std::function<void(const std::string&)> on_failure_;
  Batch batch_;
  Outgoing outgoing_;
  Clock::time_point next_flush_{};
  std::atomic<bool> healthy_ = true;
  std::atomic<std::size_t> queued_bytes_ = 0;
  std::atomic<std::uint64_t> batches_ = 0;
  std::atomic<std::uint64_t> transactions_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::unique_ptr<WriteRequest>> queue_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace kith::server::adapters
