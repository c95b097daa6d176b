// Carries outbox rows to their partitions: at start, and whenever kicked. At least once; doing it twice changes
// nothing, because appends have deterministic client ids and rows are written only where they differ. Afterwards mail
// is hinted to its device, and whoever asked for it hears of rows that were written into conversations.
#pragma once

#include <functional>

#include "server/service/ports.h"

namespace kith::server::service {

class OutboxRelay {
 public:
  explicit OutboxRelay(Ports ports);

  // Called with each conversation into which something was carried.
  void when_carried(std::function<void(const ConversationId&)> then) { carried_ = std::move(then); }
  // Relays in the background; cheap to call often.
  void kick();
  // Answers once everything that was pending when it was called is relayed, or the store has failed (it is tried again
  // a second later).
  Task<void> drain();

 private:
  Task<void> run();
  Task<void> retry();
  Task<bool> relay_some();
  Task<bool> relay(const domain::PendingOutbox& pending);
  void hint(const domain::Partition& target, const std::vector<domain::LogAppend>& appends,
            const domain::Committed& committed);

  Ports ports_;
  std::function<void(const ConversationId&)> carried_;
  bool running_ = false;
  bool again_ = false;
  bool failed_ = false;
  bool retrying_ = false;
  std::vector<OneShot<bool>> waiting_;
  TaskScope tasks_;
};

}  // namespace kith::server::service
