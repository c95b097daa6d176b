// The Bus inside one process: a hub, and one instance for each Scheduler. A message to a subscriber on another thread
// is queued for that thread, which is woken once for all that gathered. The queue is bounded: what does not fit is
// dropped, and the handlers there are told (BusMessageKind::lost). Messages to the publisher's own thread run on its
// next turn.
#pragma once

#include <memory>

#include "base/scheduler.h"
#include "server/domain/ports/bus.h"

namespace kith::server::adapters {

class InProcessBus {
 public:
  static constexpr std::size_t kMaxQueuedBytes = std::size_t{32} << 20;

  // `max_queued_bytes`: for each attached instance, frames shared by several messages counted each time.
  explicit InProcessBus(std::size_t max_queued_bytes = kMaxQueuedBytes);
  ~InProcessBus();
  InProcessBus(const InProcessBus&) = delete;
  InProcessBus& operator=(const InProcessBus&) = delete;

  // The instance of this scheduler. To be destroyed on its thread, before the scheduler; it may outlive the hub.
  std::unique_ptr<domain::Bus> attach(Scheduler& scheduler);

 private:
  struct Hub;
  class Instance;
  std::shared_ptr<Hub> hub_;
};

}  // namespace kith::server::adapters
