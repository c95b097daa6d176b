#include "server/adapters/rocksdb/read_pool.h"

namespace kith::server::adapters {

ReadPool::ReadPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void ReadPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void ReadPool::submit(std::unique_ptr<ReadRequest> request) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(request));
  }
  wake_.notify_one();
}

void ReadPool::run() {
  for (;;) {
    std::unique_ptr<ReadRequest> request;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      request = std::move(queue_.front());
      queue_.pop_front();
    }
    request->read();
    const auto mailbox = request->from;
    std::vector<std::unique_ptr<Request>> done;
    done.push_back(std::move(request));
    mailbox->deliver(done);
  }
}

}  // namespace kith::server::adapters
