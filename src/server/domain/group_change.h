// Commits as the server judges them before they enter a log: as far as anybody can who holds no secret.
//
// The attacker is a member, or somebody who would like to be one: leaves of strangers, devices that are on nobody's
// list, a GroupInfo that does not belong to the commit or whose tree is mostly holes, proposals that the product does
// not use, Welcomes for others or none for those who were added. What only members can check (membership tag, path
// secrets) is theirs.
#pragma once

#include <map>
#include <vector>

#include "server/domain/account.h"
#include "server/domain/conversation.h"

namespace kith::server::domain {

struct WelcomeTo {
  Caller to;
  ByteView payload;
};

// What a request brings. Views live in the request.
struct ProposedCommit {
  Caller sender;
  Epoch epoch;  // that it leaves
  ByteView payload;
  ByteView group_info;
  std::vector<WelcomeTo> welcomes;
};

// The devices of everybody who may be in the group, as their accounts list them: device -> leaf key.
using DirectoryOf = std::map<Caller, Bytes>;

// A commit that may be appended, and the record that it leads to.
struct AcceptedCommit {
  GroupRecord group;
};

// The first commit of a direct conversation (epoch 0 to 1), which only adds. The leaves of epoch 1 are the sender's and
// devices of both users, without a gap, each listed, certified and with one Welcome but the sender's. Leaves that are
// added are within their lifetime, here as below: later nobody asks. Errors: too_large, invalid_commit.
Result<AcceptedCommit> accept_direct(const ConversationId& id, const UserId& peer, const ProposedCommit& commit,
                                     const DirectoryOf& directory, UnixMillis now);

// A commit that follows `state`, whose stored GroupInfo is `group_info`. It adds and removes, by value; a group's may
// also change extensions. Members stay members of a direct conversation; an external commit may only bring a listed
// device of a member, and remove one leaf of that same user. The committer signs the GroupInfo. Errors: not_member,
// too_large, invalid_commit, stale_epoch.
Result<AcceptedCommit> accept_commit(const ConversationState& state, ByteView group_info, const ProposedCommit& commit,
                                     const DirectoryOf& directory, UnixMillis now);

}  // namespace kith::server::domain
