// How results get back to the thread of a Scheduler: gathered, and posted once for all that are waiting.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/scheduler.h"

namespace kith::server::adapters {

class Batch;
class Mailbox;

// Something that was asked for on one thread and is done on another.
class Request {
 public:
  Request() = default;
  virtual ~Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // On the asking thread, once the work is done: hands the result over.
  virtual void finish() = 0;

  std::shared_ptr<Mailbox> from;
};

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(Scheduler& scheduler) : scheduler_(&scheduler) {}

  // From any thread. Takes everything out of `done`.
  void deliver(std::vector<std::unique_ptr<Request>>& done) {
    const std::lock_guard lock(mutex_);
    if (scheduler_ == nullptr) {
      done.clear();
      return;
    }
    const bool wake = done_.empty();
    for (auto& one : done) done_.push_back(std::move(one));
    done.clear();
    if (wake) scheduler_->post([self = shared_from_this()] { self->finish(); });
  }
  // On the scheduler's thread: nothing is handed over after this.
  void close() {
    const std::lock_guard lock(mutex_);
    scheduler_ = nullptr;
    done_.clear();
  }

 private:
  void finish() {
    std::vector<std::unique_ptr<Request>> done;
    {
      const std::lock_guard lock(mutex_);
      done.swap(done_);
    }
    for (auto& one : done) {
      // Whoever resumes may close this mailbox.
      if (closed()) return;
      one->finish();
    }
  }
  bool closed() {
    const std::lock_guard lock(mutex_);
    return scheduler_ == nullptr;
  }

  std::mutex mutex_;
  Scheduler* scheduler_;
  std::vector<std::unique_ptr<Request>> done_;
};

// Results of one round, sorted by where they go.
class Outgoing {
 public:
  void add(std::unique_ptr<Request> request) {
    for (auto& [mailbox, done] : lanes_) {
      if (mailbox == request->from) {
        done.push_back(std::move(request));
        return;
      }
    }
    auto mailbox = request->from;
    lanes_.emplace_back(std::move(mailbox), std::vector<std::unique_ptr<Request>>{});
    lanes_.back().second.push_back(std::move(request));
  }
  void deliver() {
    for (auto& [mailbox, done] : lanes_) mailbox->deliver(done);
    lanes_.clear();
  }

 private:
  std::vector<std::pair<std::shared_ptr<Mailbox>, std::vector<std::unique_ptr<Request>>>> lanes_;
};

}  // namespace kith::server::adapters
