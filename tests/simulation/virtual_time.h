// The time of a run: events in the order of their times, and of their making where those are equal. Nothing sleeps:
// when nothing is left to do now, it is later.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/scheduler.h"

namespace kith::sim {

class VirtualTime {
 public:
  static constexpr std::int64_t kStartMs = 1'700'000'000'000;

  [[nodiscard]] std::int64_t now_ms() const { return now_ms_; }
  void at(std::int64_t when_ms, std::function<void()> event);
  void after(std::int64_t ms, std::function<void()> event) { at(now_ms_ + ms, std::move(event)); }

  // Runs what happens until then. Stops early where `until` holds, which is asked after each event; false where it
  // never did.
  bool run(std::int64_t for_ms, const std::function<bool()>& until = {});

  // All machines stand still for so long: what was to happen happens that much later.
  void pass(std::int64_t ms);

  // Somebody asks to be woken at once again and again: time does not move any more, and nothing runs.
  [[nodiscard]] bool stands_still() const { return stands_still_; }
  [[nodiscard]] std::uint64_t events() const { return next_; }

 private:
  struct Event {
    std::int64_t when_ms = 0;
    std::uint64_t number = 0;
    std::function<void()> what;
  };
  static bool is_later(const Event& a, const Event& b) {
    return a.when_ms != b.when_ms ? a.when_ms > b.when_ms : a.number > b.number;
  }

  std::int64_t now_ms_ = kStartMs;
  std::uint64_t next_ = 0;
  std::uint64_t turns_ = 0;  // in this millisecond
  bool stands_still_ = false;
  std::vector<Event> events_;  // a heap
};

// One machine's time and turns: its clock may be wrong and may jump, its timers do not. What it was to do dies with it.
class MachineScheduler final : public Scheduler {
 public:
  MachineScheduler(VirtualTime& time, const std::int64_t& clock_error_ms)
      : time_(time), clock_error_ms_(clock_error_ms), alive_(std::make_shared<bool>(true)) {}
  ~MachineScheduler() override { *alive_ = false; }
  MachineScheduler(const MachineScheduler&) = delete;
  MachineScheduler& operator=(const MachineScheduler&) = delete;

  UnixMillis now() const override { return {time_.now_ms() + clock_error_ms_}; }
  void post(std::function<void()> turn) override { at(time_.now_ms(), std::move(turn)); }
  void post_at(UnixMillis when, std::function<void()> turn) override {
    at(std::max(when.value - clock_error_ms_, time_.now_ms()), std::move(turn));
  }

 private:
  void at(std::int64_t when_ms, std::function<void()> turn) {
    time_.at(when_ms, [alive = alive_, turn = std::move(turn)] {
      if (*alive) turn();
    });
  }

  VirtualTime& time_;
  const std::int64_t& clock_error_ms_;
  std::shared_ptr<bool> alive_;
};

}  // namespace kith::sim
