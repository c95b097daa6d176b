// Time and turns. Real in production, virtual in the simulator; services see nothing else of either.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/task.h"

namespace kith {

// Milliseconds since the Unix epoch, in UTC: what entries, tokens and people are shown.
struct UnixMillis {
  std::int64_t value = 0;
  friend auto operator<=>(const UnixMillis&, const UnixMillis&) = default;
  friend UnixMillis operator+(UnixMillis t, std::chrono::milliseconds d) { return {t.value + d.count()}; }
  friend std::chrono::milliseconds operator-(UnixMillis a, UnixMillis b) {
    return std::chrono::milliseconds(a.value - b.value);
  }
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  virtual UnixMillis now() const = 0;
  // Runs `turn` on this scheduler's thread, after the current turn. The only member that other threads may call.
  virtual void post(std::function<void()> turn) = 0;
  // Runs `turn` on this scheduler's thread at `when` or soon after.
  virtual void post_at(UnixMillis when, std::function<void()> turn) = 0;

  Task<void> sleep_until(UnixMillis when);
  Task<void> sleep_for(std::chrono::milliseconds duration) { return sleep_until(now() + duration); }
  // Lets other turns run first.
  Task<void> yield();
};

}  // namespace kith
