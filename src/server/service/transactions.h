// What conversations write at once: rows, the log's entry, and what follows from it in accounts (mail, and whose
// conversation it is), which the relay carries over.
#pragma once

#include "server/domain/group_change.h"
#include "server/domain/stored_group.h"
#include "server/service/conversation_requests.h"

namespace kith::server::service {

// The request as the domain judges it. Views live in the request.
domain::ProposedCommit proposed(const domain::Caller& caller, Epoch epoch, ByteView payload, ByteView group_info,
                                const std::vector<DeviceWelcome>& welcomes);

// What a commit follows: no state where it begins the conversation.
struct Before {
  const domain::ConversationState* state = nullptr;
  ByteView group_info{};
  domain::MemberSpans gone{};    // of those whose last leaf goes
  domain::MemberSpans former{};  // of those who come back
  domain::VoidMarks marks{};
};
struct CommitWrite {
  const ConversationId& conversation;
  const ClientId& client_id;
  const domain::ProposedCommit& commit;
  const domain::AcceptedCommit& accepted;
  Before before{};
  domain::SharedBytes body{};  // of the entry
};
domain::Transaction commit_transaction(const CommitWrite& write);

// From now on the user is out; the leaves go by whichever commit comes next.
domain::Transaction leave_transaction(const domain::ConversationState& state, const keys::LeaveNote& note,
                                      const domain::MemberSpan& span);

// This request of a user, in this version of its row, is over, and the user's devices are told.
domain::Transaction decline_transaction(const domain::ConversationState& state, const UserId& user,
                                        domain::Version request, const keys::DeviceList& devices);

domain::Transaction mark_transaction(const domain::ConversationState& state, const domain::MarkedLeaf& marked);

}  // namespace kith::server::service
