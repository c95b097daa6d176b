// Deadlines of many things that are moved often and seldom reached: a wheel of slots, one a tick, each an intrusive
// list. Moving a deadline costs a few pointers and no allocation. Deadlines further away than the wheel come early:
// whoever is called looks at the time itself and schedules again.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace kith::server::edge {

class TimingWheel {
 public:
  // What waits derives from this. It leaves the wheel when it is destroyed.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { unlink(); }

   private:
    friend class TimingWheel;
    void unlink() {
      next_->previous_ = previous_;
      previous_->next_ = next_;
      next_ = previous_ = this;
    }
    Entry* next_ = this;
    Entry* previous_ = this;
  };

  explicit TimingWheel(std::chrono::milliseconds tick) : tick_(tick) {}

  [[nodiscard]] std::chrono::milliseconds tick() const { return tick_; }

  // Calls back after `delay`, at most a tick later; replaces what was scheduled before.
  void schedule(Entry& entry, std::chrono::milliseconds delay) {
    const auto ticks = static_cast<std::size_t>(delay / tick_) + 1;
    link(entry, slots_[(now_ + (ticks < kSlots ? ticks : kSlots - 1)) % kSlots]);
  }
  static void cancel(Entry& entry) { entry.unlink(); }

  // To be called once a tick: gives every entry that is due to `reach`, which may schedule, cancel and destroy entries.
  template <class Reach>
  void turn(Reach reach) {
    now_ = (now_ + 1) % kSlots;
    Entry& due = slots_[now_];
    while (due.next_ != &due) {
      Entry& entry = *due.next_;
      entry.unlink();
      reach(entry);
    }
  }

 private:
  static constexpr std::size_t kSlots = 128;

  static void link(Entry& entry, Entry& slot) {
    entry.unlink();
    entry.previous_ = slot.previous_;
    entry.next_ = &slot;
    slot.previous_->next_ = &entry;
    slot.previous_ = &entry;
  }

  std::chrono::milliseconds tick_;
  std::size_t now_ = 0;
  std::array<Entry, kSlots> slots_;
};

}  // namespace kith::server::edge
