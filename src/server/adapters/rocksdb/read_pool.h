// A small pool for reads that the caches cannot answer, so that no I/O thread waits for a disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <thread>

#include "server/adapters/rocksdb/mailbox.h"

namespace kith::server::adapters {

class ReadRequest : public Request {
 public:
  virtual void read() = 0;
};

class ReadPool {
 public:
  explicit ReadPool(std::size_t threads);
  ~ReadPool() { stop(); }
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // Finishes what was asked for; nothing may be asked for after it.
  void stop();
  void submit(std::unique_ptr<ReadRequest> request);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<ReadRequest>> queue_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kith::server::adapters
