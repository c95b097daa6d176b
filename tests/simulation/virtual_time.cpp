#include "tests/simulation/virtual_time.h"

#include <algorithm>

namespace kith::sim {

namespace {
// In one millisecond.
constexpr std::uint64_t kMostTurns = 400'000;
}  // namespace

void VirtualTime::at(std::int64_t when_ms, std::function<void()> event) {
  events_.push_back({std::max(when_ms, now_ms_), next_++, std::move(event)});
  std::ranges::push_heap(events_, is_later);
}

bool VirtualTime::run(std::int64_t for_ms, const std::function<bool()>& until) {
  const std::int64_t end = now_ms_ + for_ms;
  while (!until || !until()) {
    if (stands_still_) return false;
    if (events_.empty() || events_.front().when_ms > end) {
      now_ms_ = end;
      return false;
    }
    std::ranges::pop_heap(events_, is_later);
    Event event = std::move(events_.back());
    events_.pop_back();
    turns_ = event.when_ms == now_ms_ ? turns_ + 1 : 0;
    stands_still_ = turns_ > kMostTurns;
    now_ms_ = event.when_ms;
    event.what();
  }
  return true;
}

void VirtualTime::pass(std::int64_t ms) {
  now_ms_ += ms;
  for (Event& event : events_) event.when_ms += ms;  // their order stays the same
}

}  // namespace kith::sim
