// One thread's event loop on raw epoll: sockets, timers and turns. It owns no socket. Everything that a scenario does
// runs inside run(), which always ends: by the condition, or by its time limit.
//
// Handlers and streams are destroyed only in posted turns or outside run(), never while ready sockets are being
// visited, so that a batch of events never names a dead one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "base/task.h"

namespace kith::load {

using Clock = std::chrono::steady_clock;

class Stream;

class ReadyHandler {
 public:
  virtual ~ReadyHandler() = default;
  virtual void on_ready(std::uint32_t epoll_events) = 0;
};

class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void watch(int fd, std::uint32_t epoll_events, ReadyHandler& handler);
  void rewatch(int fd, std::uint32_t epoll_events, ReadyHandler& handler);
  void unwatch(int fd);

  // Runs `turn` after the sockets that are ready now.
  void post(std::function<void()> turn) { posted_.push_back(std::move(turn)); }
  void post_at(Clock::time_point when, std::function<void()> turn);
  Task<void> sleep_for(std::chrono::microseconds duration);

  // Turns until `done` or until the time is up; false when it was time that ended it.
  bool run(const std::function<bool()>& done, std::chrono::milliseconds limit);
  // Runs one task to its end; false when the time was up first, and then the task is destroyed.
  bool run(Task<void> task, std::chrono::milliseconds limit);
  // Asks every run() to end at its next turn: by a signal's handler, and by whoever cannot go on.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  // Streams with something to send are flushed once a turn, with one system call each.
  void flush_soon(Stream& stream) { dirty_.push_back(&stream); }
  void forget(Stream& stream);
  // Where sockets are read into; valid until the next read.
  [[nodiscard]] ByteSpan read_buffer() { return read_buffer_; }

 private:
  struct Timer {
    Clock::time_point when;
    std::uint64_t number;  // timers of the same time run in the order in which they were set
    std::function<void()> turn;
  };
  static bool later(const Timer& a, const Timer& b);
  void turn(Clock::time_point limit);
  void run_posted();
  void run_timers();
  void flush();

  int epoll_;
  bool stopped_ = false;
  std::uint64_t timer_number_ = 0;
  std::vector<Timer> timers_;  // a heap, the earliest in front
  std::vector<std::function<void()>> posted_;
  std::vector<Stream*> dirty_;
  Bytes read_buffer_;
};

}  // namespace kith::load
