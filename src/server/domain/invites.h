// Links into a group, as the server sees them: whether one still lets somebody in, and how many it did. The public
// halves stand in the policy; who comes by one proves that it has the link (keys/invite.h).
//
// The attacker has no link, or one that was revoked, has expired, or is used up; or runs beside us and shows what
// somebody else signed.
#pragma once

#include <map>

#include "server/domain/group_change.h"

namespace kith::server::domain {

inline constexpr std::size_t kMaxJoinRequests = 256;  // of one group, that nobody has answered yet

// The link by which this user, who is not in, may come in or ask. Errors: not_member (not a group), commit_first (who
// left and still has leaves waits until they are gone), invalid_argument (the detail says what of the proof),
// invite_revoked.
Result<keys::Invite> invite_of(const ConversationState& state, const UserId& user, const keys::JoinProof& proof);
// It lets one more in, after `used`. Errors: invite_expired, invite_used_up.
Result<void> check_open(const keys::Invite& invite, std::uint32_t used, UnixMillis now);

// The links that a commit says people come by, and the people.
struct ProofsIn {
  std::vector<keys::PublicKey> invites;
  std::vector<UserId> users;
};
ProofsIn proofs_in(const ProposedCommit& commit);
// This is a commit from outside by somebody who brings a proof: whether it holds is another question.
bool is_join(const ProposedCommit& commit);

// Of a commit of somebody who is not in. Errors: not_member (it is no join), not_allowed (the link needs an approval),
// those of invite_of and check_open.
Result<void> check_join(const ConversationState& state, const ProposedCommit& commit,
                        const Circumstances& circumstances);
// How often each link was used once these people are in, of those who came by one. A member that may not add takes
// along only who asks now: an old proof brings nobody back who left. Errors: not_allowed, those of check_open.
Result<InviteUses> uses_after(const ConversationState& state, const mls::StagedPublicCommit& staged,
                              const ProposedCommit& commit, const std::vector<UserId>& came,
                              const Circumstances& circumstances);

// May this member answer who asks to come in? Errors: not_member, not_allowed.
Result<void> check_may_answer(const ConversationState& state, const Caller& caller);

}  // namespace kith::server::domain
