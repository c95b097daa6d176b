// What Kith lets a group be and a commit do: the product's profile, a thin layer above MLS. It follows from the group
// and the commit's bytes alone, so that the server and all members decide alike; pins, newer device lists
// and clocks are not in here. Roles in a group are judged in role_rules.h.
//
// The attacker is a member, somebody who was one, or the server: leaves under another's name, proposals that the
// product does not use, a return from outside at somebody else's cost.
#pragma once

#include <vector>

#include "keys/grounds.h"
#include "mls/public_group.h"

namespace kith::keys {

enum class GroupKind : std::uint8_t {
  direct = 1,  // two users, neither of whom can be removed
  group = 2,
};

inline constexpr std::size_t kMaxProposals = 256;                               // of one commit
inline constexpr std::uint32_t kMaxDirectLeaves = 2 * DeviceList::kMaxDevices;  // blank ones included
[[nodiscard]] constexpr std::uint32_t max_leaves(GroupKind kind) {
  return kind == GroupKind::direct ? kMaxDirectLeaves : mls::kMaxTreeLeaves;
}

// Looked at before anything is verified: proposals come by value; members add and remove, in groups they may also
// change extensions; who comes from outside removes at most one leaf. Errors: not_allowed, too_many.
[[nodiscard]] Result<void> check_proposals(const mls::FramedContent& commit, GroupKind kind);

// Who sits in a leaf, as its credential says.
struct Seat {
  mls::LeafIndex leaf;
  UserId user;
  DeviceId device;
  friend auto operator<=>(const Seat&, const Seat&) = default;
};

// Of all leaves, in their order. Errors: not_allowed, those of decoding a credential.
[[nodiscard]] Result<std::vector<Seat>> seats_of(const mls::PublicGroup& group);
// The same from those before the commit that led to `next`, of which only what the commit changed is looked at.
[[nodiscard]] Result<std::vector<Seat>> seats_after(std::vector<Seat> before, const mls::PublicGroup& next,
                                                    const mls::CommitEffects& effects);

// Who sits in the leaves, in their order. Every chain holds down to its leaf's key, all leaves of one user hang on one
// identity key, and no device is there twice. A member's own leaf is among them, so that nobody stands beside it under
// its name with keys of his own. Three signatures a leaf. Errors: those of verify_credential, not_allowed.
[[nodiscard]] Result<std::vector<VerifiedDevice>> check_members(const mls::PublicGroup& group);

// What a commit that led to `next` did. Leaves that are new hold as above; a committer stays who it was; who came from
// outside took only its own user's place, or has an invite; in a direct conversation nobody's last leaf went. Devices
// of a user who was in and stays come and go as the list says that the commit carries, signed under a generation that
// is not older than that of any leaf of this user; but a leaf may be replaced by another one of the same device and
// key, by the user itself or where the commit carries the device's mark. In a group everybody does what the role
// allows. `seats` are those of `next`. Looks at the leaves that are new, which it verifies, and at their users' other
// ones. Errors: the same, those of FollowedList::verify and check_roles.
[[nodiscard]] Result<void> check_change(const mls::PublicGroup& before, const mls::PublicGroup& next,
                                        const mls::CommitEffects& effects, GroupKind kind,
                                        const std::vector<Seat>& seats);

}  // namespace kith::keys
