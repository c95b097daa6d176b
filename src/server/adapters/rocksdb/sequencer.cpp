#include "server/adapters/rocksdb/sequencer.h"

#include <algorithm>
#include <iterator>

namespace kith::server::adapters {

Sequencer::Sequencer(Database& database, LogDirectory& directory, CursorTable& cursors, const RocksdbOptions& options)
    : database_(database),
      cursors_(cursors),
      max_queued_bytes_(options.max_queued_bytes),
      cursor_flush_(options.cursor_flush),
      on_failure_(options.on_failure),
      batch_(database, directory, cursors, options.cached_partitions),
      thread_([this] { run(); }) {}

void Sequencer::stop() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Sequencer::admit(std::size_t size_bytes) {
  if (queued_bytes_.fetch_add(size_bytes, std::memory_order_relaxed) + size_bytes <= max_queued_bytes_) return true;
  queued_bytes_.fetch_sub(size_bytes, std::memory_order_relaxed);
  return false;
}

void Sequencer::submit(std::vector<std::unique_ptr<WriteRequest>>& requests) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = queue_.empty();
    std::ranges::move(requests, std::back_inserter(queue_));
  }
  requests.clear();
  if (wake) wake_.notify_one();
}

RocksdbEngine::Statistics Sequencer::statistics() const {
  return {batches_.load(std::memory_order_relaxed), transactions_.load(std::memory_order_relaxed),
          bytes_.load(std::memory_order_relaxed)};
}

void Sequencer::run() {
  std::vector<std::unique_ptr<WriteRequest>> taken;
  while (wait(taken)) {
    work(taken);
    taken.clear();
    if (!cursors_.empty() && Clock::now() >= next_flush_) flush_cursors(false);
  }
  flush_cursors(true);
}

// False once it is over: closing, and nothing left.
bool Sequencer::wait(std::vector<std::unique_ptr<WriteRequest>>& taken) {
  const bool moved = !cursors_.empty();
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return closing_ || !queue_.empty(); };
  if (moved) {
    wake_.wait_until(lock, next_flush_, ready);
  } else {
    wake_.wait(lock, ready);
    next_flush_ = Clock::now() + cursor_flush_;
  }
  if (queue_.empty()) return !closing_;
  taken.swap(queue_);
  for (const auto& request : taken) queued_bytes_.fetch_sub(request->size_bytes, std::memory_order_relaxed);
  return true;
}

void Sequencer::work(std::vector<std::unique_ptr<WriteRequest>>& taken) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (!healthy()) break;
    taken[i]->apply(batch_);
    if (batch_.size_bytes() < kMaxBatchBytes) continue;
    finish(taken, first, i + 1);
    first = i + 1;
  }
  finish(taken, first, taken.size());
}

// Durable first, then the answers.
void Sequencer::finish(std::vector<std::unique_ptr<WriteRequest>>& taken, std::size_t first, std::size_t end) {
  if (first == end) return;
  const auto size = batch_.size_bytes();
  if (healthy()) note(batch_.write());
  for (std::size_t i = first; i < end; ++i) {
    if (!healthy()) taken[i]->failed();
    outgoing_.add(std::move(taken[i]));
  }
  batches_.fetch_add(1, std::memory_order_relaxed);
  transactions_.fetch_add(end - first, std::memory_order_relaxed);
  bytes_.fetch_add(size, std::memory_order_relaxed);
  outgoing_.deliver();
}

void Sequencer::flush_cursors(bool sync) {
  next_flush_ = Clock::now() + cursor_flush_;
  if (!healthy() || cursors_.empty()) return;
  rocksdb::WriteBatch batch;
  cursors_.put_all(database_, batch);
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = database_.db().Write(options, &batch);
  if (status.ok()) cursors_.forget();
  note(status);
}

void Sequencer::note(const rocksdb::Status& status) {
  if (status.ok() || !healthy_.exchange(false)) return;
  if (on_failure_) on_failure_(status.ToString());
}

}  // namespace kith::server::adapters
