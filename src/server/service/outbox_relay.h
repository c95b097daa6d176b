// Carries outbox rows to their partitions: at start, and whenever kicked. At least once; doing it twice changes
// nothing, because appends have deterministic client ids and rows are written only where they differ. Afterwards mail
// is hinted to its device, and conversations compare the devices of whoever came in or changed them (DeviceNotes).
#pragma once

#include <functional>

#include "server/service/ports.h"

namespace kith::server::service {

class OutboxRelay {
 public:
  explicit OutboxRelay(Ports ports);

  // Compares a user's leaves in a conversation with the device list of now. False: to be tried again.
  using CompareDevices = std::function<Task<bool>(ConversationId, UserId)>;
  void compare_with(CompareDevices compare) { compare_ = std::move(compare); }
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
  Task<bool> compare_devices(const domain::OutboxRow& row);
  Task<bool> compare_everywhere(UserId user);
  void hint(const domain::Partition& target, const std::vector<domain::LogAppend>& appends,
            const domain::Committed& committed);

  Ports ports_;
  CompareDevices compare_;
  bool running_ = false;
  bool again_ = false;
  bool failed_ = false;
  bool retrying_ = false;
  std::vector<OneShot<bool>> waiting_;
  TaskScope tasks_;
};

}  // namespace kith::server::service
