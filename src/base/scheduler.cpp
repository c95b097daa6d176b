#include "base/scheduler.h"

namespace kith {

Task<void> Scheduler::sleep_until(UnixMillis when) {
  const OneShot<bool> due;
  post_at(when, [due] { due.set(true); });
  co_await due;
}

Task<void> Scheduler::yield() {
  const OneShot<bool> due;
  post([due] { due.set(true); });
  co_await due;
}

}  // namespace kith
