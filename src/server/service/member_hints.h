// Tells the live devices of a conversation's members what happened in it. Up to kMostByUser members one by one, to
// whichever nodes have their sockets; above that by one message that every node hears and tells its own (audiences.h).
// A hint is encoded once, its bytes shared by all.
#pragma once

#include <memory>

#include "server/domain/conversation.h"
#include "server/service/ports.h"

namespace kith::server::service {

class MemberHints {
 public:
  static constexpr std::size_t kMostByUser = 64;

  explicit MemberHints(const Ports& ports) : ports_(ports) {}

  // What a commit does to who is in. Sorted, each once.
  struct Moves {
    std::vector<UserId> came{};
    std::vector<UserId> gone{};
  };
  // Of an entry that was appended on `before`. A commit (with `moves`) is for those whom it removes as well: their log
  // ends with it. Encodes at once, because the payload belongs to the request; publishes in the next turn, after the
  // answer.
  void tell_entry(const domain::ConversationState& before, const domain::Entry& entry,
                  const std::optional<Moves>& moves = std::nullopt);
  // There is something for GetChanges to tell, which `by` caused and its user knows.
  void tell_changes(const domain::ConversationState& before, const std::optional<domain::Caller>& by);
  // The same, and this user is told nothing more of this conversation.
  void tell_left(const domain::ConversationState& before, const domain::Caller& who);

 private:
  struct Waiting {
    UserId user;
    domain::BusMessage hint;
    std::unique_ptr<domain::ConversationMessage> to_members;  // instead of both
  };
  void later(Waiting hint);

  Ports ports_;
  std::vector<Waiting> waiting_;  // of this turn, sent in the next one
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kith::server::service
