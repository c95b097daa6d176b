// A Scheduler with virtual time, driven by the test: turns run in order, and time jumps to the next timer when there is
// nothing else to do. post() may be called by other threads; wait() lets a test wait for such a turn.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "base/scheduler.h"

namespace kith::test {

class ManualScheduler final : public Scheduler {
 public:
  explicit ManualScheduler(UnixMillis start = {1'700'000'000'000}) : now_(start) {}

  UnixMillis now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void post(std::function<void()> turn) override {
    {
      const std::lock_guard lock(mutex_);
      turns_.push_back(std::move(turn));
    }
    arrived_.notify_one();
  }
  void post_at(UnixMillis when, std::function<void()> turn) override {
    const std::lock_guard lock(mutex_);
    timers_.emplace(std::max(when, now_), std::move(turn));
  }

  // Runs everything that is due now, and what comes of it. False where there was nothing.
  bool run_ready() {
    bool any = false;
    while (auto turn = next_turn()) {
      turn();
      any = true;
    }
    return any;
  }
  // Runs what is due, then moves to later timers, up to and with `until`.
  void run_until(UnixMillis until) {
    for (;;) {
      run_ready();
      const std::lock_guard lock(mutex_);
      if (!turns_.empty()) continue;
      if (timers_.empty() || timers_.begin()->first > until) {
        now_ = std::max(now_, until);
        return;
      }
      now_ = std::max(now_, timers_.begin()->first);
    }
  }
  void run_for(std::chrono::milliseconds duration) { run_until(now() + duration); }
  void set_now(UnixMillis now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
  }
  // Waits (in real time) until another thread has posted something. False after the limit.
  bool wait(std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, limit, [&] { return !turns_.empty(); });
  }

  // Runs the task to its end, virtual time included where nothing else can happen, waiting for other threads where it
  // must.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    TaskScope scope;
    scope.spawn(keep(std::move(task), result));
    while (!result) {
      if (run_ready()) continue;
      if (advance()) continue;
      KITH_CHECK(wait());
    }
    run_ready();
    return std::move(*result);
  }

 private:
  template <class T>
  static Task<void> keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await std::move(task));
  }
  std::function<void()> next_turn() {
    const std::lock_guard lock(mutex_);
    if (!turns_.empty()) {
      auto turn = std::move(turns_.front());
      turns_.pop_front();
      return turn;
    }
    if (timers_.empty() || timers_.begin()->first > now_) return {};
    auto turn = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    return turn;
  }
  // Moves time to the next timer.
  bool advance() {
    const std::lock_guard lock(mutex_);
    if (!turns_.empty()) return true;
    if (timers_.empty()) return false;
    now_ = std::max(now_, timers_.begin()->first);
    return true;
  }

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  UnixMillis now_;
  std::deque<std::function<void()>> turns_;
  std::multimap<UnixMillis, std::function<void()>> timers_;
};

}  // namespace kith::test
