// What a member of a group may do to the others, by its role in the policy that the commit found. It follows from that
// policy, the one that the commit leaves behind, and the notes of those who leave: server and members decide alike.
#pragma once

#include <set>

#include "keys/grounds.h"
#include "keys/group_policy.h"
#include "mls/public_group.h"

namespace kith::keys {

// Users whose first leaf came, and whose last leaf went.
struct UserChange {
  UserId by;
  std::set<UserId> came{};
  std::set<UserId> gone{};
};

// People come by whoever may add, or because they have an invite that needs no approval: the commit carries the proof,
// and is theirs, from outside, or any member's. They go by an admin or the owner, or because they said so themselves,
// by a note or by a list that has none of their leaves' devices any more; the owner stays. Admins and the owner change
// the policy, the owner alone hands the group over; whoever takes somebody away takes the role away as well. `users`:
// who is in the group after the commit. Errors: beyond_role, not_allowed, malformed (a policy).
[[nodiscard]] Result<void> check_roles(const mls::PublicGroup& before, const mls::PublicGroup& next,
                                       const mls::CommitEffects& effects, const UserChange& change,
                                       const std::set<UserId>& users);

// The note by which this user leaves the group `group_id`, signed by a leaf that the commit takes away; null where
// there is none that holds.
[[nodiscard]] const LeaveNote* note_of(const UserId& user, const Grounds& grounds, ByteView group_id,
                                       const mls::CommitEffects& effects);

// The proof by which this user, who came, has an invite of `policy`, that needs no approval, to the group `group_id`;
// null where there is none that holds for the identity of its new leaves.
[[nodiscard]] const JoinProof* proof_of(const UserId& user, const Grounds& grounds, const GroupPolicy& policy,
                                        const mls::PublicGroup& next, const mls::CommitEffects& effects);

}  // namespace kith::keys
