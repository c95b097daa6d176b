// Carries outbox rows to their partitions: at start, whenever kicked, and by itself what others left lying: a node may
// die behind a commit, or not know that it happened. At least once; doing it twice changes nothing, because appends
// have deterministic client ids, rows are written only where they differ, and what a row can say too late (who is in a
// conversation, which devices a user has) is looked up anew. Mail is hinted to its device; where it was there already,
// and perhaps without a word, the user's devices are told to sync.
#pragma once

#include <functional>

#include "server/service/ports.h"

namespace kith::server::service {

class OutboxRelay {
 public:
  explicit OutboxRelay(Ports ports);

  // What conversations make of a user's news. False: to be tried again.
  using Follow = std::function<Task<bool>(ConversationId, UserId)>;
  struct Followers {
    Follow settle;           // the user came or went: the account's membership row, then as below
    Follow compare_devices;  // the user's leaves with the device list of now
  };
  void follow_with(Followers followers) { followers_ = std::move(followers); }
  // Relays in the background; cheap to call often.
  void kick();
  // Relays what is there, and from now on looks every few seconds whether anything stays.
  void start();
  // Answers once everything that was pending when it was called is relayed, or the store has failed (it is tried again
  // a second later).
  Task<void> drain();

 private:
  Task<void> run();
  Task<void> retry();
  Task<void> look_after();
  Task<bool> relay_some();
  Task<bool> relay(const domain::PendingOutbox& pending);
  Task<bool> follow(const domain::OutboxRow& row);
  Task<bool> compare_everywhere(UserId user);
  void hint(const domain::Partition& target, const std::vector<domain::LogAppend>& appends,
            const domain::CommitOutcome& outcome);

  Ports ports_;
  Followers followers_;
  bool running_ = false;
  bool again_ = false;
  bool failed_ = false;
  bool retrying_ = false;
  std::vector<OneShot<bool>> waiting_;
  TaskScope tasks_;
};

}  // namespace kith::server::service
