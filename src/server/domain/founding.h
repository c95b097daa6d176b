// The first commit of a conversation (epoch 0 to 1). `founding` is the GroupInfo of epoch 0, with the tree in it: the
// sender's leaf alone.
//
// The attacker founds what is somebody else's, or a group whose beginning others could not have seen: other
// extensions, a past, roles for people who are not in.
#pragma once

#include "server/domain/group_change.h"

namespace kith::server::domain {

// Of a direct conversation. It adds, devices of both users and nobody else; the rest is as for accept_commit. Errors:
// too_large, invalid_commit.
Result<AcceptedCommit> accept_direct(const ConversationId& id, const UserId& peer, ByteView founding,
                                     const ProposedCommit& commit, const Circumstances& circumstances);

// Of a group. Its extensions are those of a policy that says so of this id, with the sender as owner and without
// admins. It adds nobody: who
// that is, stands under the group's own rules from the next commit on. Errors: too_large, invalid_commit.
Result<AcceptedCommit> accept_group(const ConversationId& id, ByteView founding, const ProposedCommit& commit,
                                    const Circumstances& circumstances);

}  // namespace kith::server::domain
