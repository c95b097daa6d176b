// The groups that this user has asked to come into by a link that needs an approval, until somebody lets the user in or
// the user has seen that nobody will. Stored, so that who waits still sees it after a restart.
//
// Who is declined hears it by mail, who is let in by the Welcome. That a link is dead meanwhile is asked for at every
// sync (GetGroup with the proof).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "client/core/commands.h"
#include "client/core/invite_link.h"
#include "client/core/record.h"
#include "wire/frame.h"

namespace kith::client {

class OwnRequests {
 public:
  static constexpr std::size_t kMax = 32;  // the oldest is forgotten for a new one

  explicit OwnRequests(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  // All of them, as `join_requests` of schema/core.d.ts; nothing at start where there are none.
  void show() const;
  // The server has taken it.
  void asked(const InviteLink& link);
  // The user is in.
  void is_in(const ConversationId& group);
  // The user has seen what became of it.
  void forget(const Reply& reply, const Json& command);

  // Somebody said no. Nobody is told what the user did not ask for.
  void declined(const ConversationId& group);
  // Asks the server about those that wait.
  void look();
  void disconnected() { looking_.clear(); }

 private:
  void look(const JoinRequestRecord& request);
  void told(const ConversationId& group, const wire::Body& body);
  [[nodiscard]] JoinRequestRecord* find(const ConversationId& group);
  void changed();

  Machine& machine_;
  JoinRequestsRecord record_;
  std::set<ConversationId> looking_;  // asked about, and not answered yet
};

}  // namespace kith::client
