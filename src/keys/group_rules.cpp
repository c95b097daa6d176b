#include "keys/group_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "keys/conversation.h"
#include "keys/role_rules.h"

namespace kith::keys {
namespace {

Result<DeviceCredential> credential_of(const mls::Member& member) {
  if (member.credential.type != mls::credential_type::kBasic) {
    return fail(Errc::not_allowed, "a leaf without a basic credential");
  }
  return DeviceCredential::decode(member.credential.identity);
}

Result<VerifiedDevice> verified(const mls::Member& member, const crypto::Suite& suite) {
  KITH_TRY(const auto credential, credential_of(member));
  return credential.verify(member.signature_key, suite.id());
}

Result<Seat> seat_of(const mls::Member& member) {
  KITH_TRY(const auto credential, credential_of(member));
  return Seat{member.leaf, credential.user, credential.device};
}

// What a commit put into the tree: those whom it added, and its author's own leaf.
Result<std::vector<mls::Member>> new_leaves(const mls::PublicGroup& next, const mls::CommitEffects& effects) {
  auto members = effects.added;
  members.insert(members.end(), effects.updated.begin(), effects.updated.end());
  if (!effects.has_path) return members;
  const auto committer = next.member(effects.committer);
  if (!committer) return fail(Errc::not_allowed, "a committer that is not there");
  members.push_back(*committer);
  return members;
}

// One identity key a user, one leaf a device.
template <class Devices>
Result<void> check_names(const Devices& devices) {
  std::map<UserId, PublicKey> identities;
  std::set<std::pair<UserId, DeviceId>> seen;
  for (const auto& device : devices) {
    if (identities.try_emplace(device.user, device.identity_key).first->second != device.identity_key) {
      return fail(Errc::not_allowed, "a device of one user hangs on another identity");
    }
    if (!seen.emplace(device.user, device.device).second) return fail(Errc::not_allowed, "one device with two leaves");
  }
  return {};
}

}  // namespace

Result<void> check_proposals(const mls::FramedContent& commit, GroupKind kind) {
  const auto& proposals = std::get<mls::Commit>(commit.content).proposals;
  if (proposals.size() > kMaxProposals) return fail(Errc::too_many, "a commit of too many proposals");
  const bool external = commit.sender.type == mls::SenderType::new_member_commit;
  const auto is_allowed = [&](const mls::ProposalOrRef& item) {
    const auto* proposal = std::get_if<mls::Proposal>(&item);
    if (proposal == nullptr) return false;
    if (std::holds_alternative<mls::Remove>(*proposal)) return true;
    if (external) return std::holds_alternative<mls::ExternalInit>(*proposal);
    return std::holds_alternative<mls::Add>(*proposal) ||
           (kind == GroupKind::group && std::holds_alternative<mls::GroupContextExtensions>(*proposal));
  };
  if (!std::ranges::all_of(proposals, is_allowed)) return fail(Errc::not_allowed, "a proposal that is not used here");
  return {};
}

Result<std::vector<VerifiedDevice>> check_members(const mls::PublicGroup& group) {
  std::vector<VerifiedDevice> devices;
  for (const mls::Member& member : group.members()) {
    KITH_TRY(devices.emplace_back(), verified(member, group.suite()));
  }
  KITH_TRY_VOID(check_names(devices));
  return devices;
}

Result<std::vector<Seat>> seats_of(const mls::PublicGroup& group) {
  std::vector<Seat> seats;
  for (const mls::Member& member : group.members()) {
    KITH_TRY(seats.emplace_back(), seat_of(member));
  }
  return seats;
}

Result<std::vector<Seat>> seats_after(std::vector<Seat> seats, const mls::PublicGroup& next,
                                      const mls::CommitEffects& effects) {
  const auto vacate = [&](mls::LeafIndex leaf) {
    const auto at = std::ranges::lower_bound(seats, leaf, {}, &Seat::leaf);
    if (at != seats.end() && at->leaf == leaf) seats.erase(at);
  };
  for (const mls::Member& member : effects.removed) vacate(member.leaf);
  KITH_TRY(const auto members, new_leaves(next, effects));
  for (const mls::Member& member : members) {
    KITH_TRY(const Seat seat, seat_of(member));
    vacate(seat.leaf);
    seats.insert(std::ranges::lower_bound(seats, seat.leaf, {}, &Seat::leaf), seat);
  }
  return seats;
}

namespace {

// One identity key a user, one leaf a device: the new leaf beside all that its user has.
Result<void> check_beside_others(const mls::PublicGroup& next, const Seat& seat, const PublicKey& identity_key,
                                 const std::vector<Seat>& seats) {
  for (const Seat& other : seats) {
    if (other.user != seat.user || other.leaf == seat.leaf) continue;
    if (other.device == seat.device) return fail(Errc::not_allowed, "one device with two leaves");
    const auto member = next.member(other.leaf);
    if (!member) continue;
    KITH_TRY(const auto credential, credential_of(*member));
    if (credential.identity_key != identity_key)
      return fail(Errc::not_allowed, "a device of one user hangs on another identity");
  }
  return {};
}

// Whoever takes a place that was its user's is that user, and the device that comes back the device that it was: a
// chain of its own that somebody made under the name does not do.
Result<void> check_succession(const VerifiedDevice& device, const Bytes& signature_key,
                              const mls::CommitEffects& effects) {
  for (const mls::Member& removed : effects.removed) {
    KITH_TRY(const auto before, credential_of(removed));
    if (before.user != device.user) continue;
    if (before.identity_key != device.identity_key)
      return fail(Errc::not_allowed, "a device of one user hangs on another identity");
    if (before.device != device.device) continue;
    if (removed.signature_key != signature_key) return fail(Errc::not_allowed, "a device comes back with another key");
    if (device.generation.is_ended_by(before.generation))
      return fail(Errc::not_allowed, "a device comes back under a generation that is over");
  }
  return {};
}

Result<void> check_committer(const mls::CommitEffects& effects, const DeviceCredential& now) {
  if (!effects.committer_before) return {};
  KITH_TRY(const auto before, credential_of(*effects.committer_before));
  if (before.user != now.user || before.device != now.device || before.identity_key != now.identity_key)
    return fail(Errc::not_allowed, "a committer that calls itself another");
  if (now.generation.is_ended_by(before.generation))
    return fail(Errc::not_allowed, "a committer under a generation that is over");
  return {};
}

bool same_device(const Seat& a, const Seat& b) { return a.user == b.user && a.device == b.device; }

bool has_device(const std::vector<Seat>& seats, const Seat& device) {
  return std::ranges::any_of(seats, [&](const Seat& seat) { return same_device(seat, device); });
}

bool has_user(const std::vector<Seat>& seats, const UserId& user) {
  return std::ranges::find(seats, user, &Seat::user) != seats.end();
}

// The list of this user that the commit carries, verified by what all leaves say of the user that the commit found or
// leaves.
Result<DeviceList> list_of(const UserId& user, const mls::PublicGroup& next, const mls::CommitEffects& effects,
                           const std::vector<Seat>& seats) {
  KITH_TRY(const auto grounds, Grounds::of(effects.authenticated_data));
  const auto followed = std::ranges::find(grounds.lists, user, [](const FollowedList& f) { return f.list.user; });
  if (followed == grounds.lists.end())
    return fail(Errc::not_allowed, "a change of devices without a list that says so");
  std::vector<mls::Member> leaves = effects.removed;
  for (const Seat& seat : seats) {
    const auto member = seat.user == user ? next.member(seat.leaf) : std::nullopt;
    if (member) leaves.push_back(*member);
  }
  for (const mls::Member& leaf : leaves) {
    KITH_TRY(const auto credential, credential_of(leaf));
    if (credential.user != user) continue;
    KITH_TRY_VOID(followed->verify(credential.identity_key));
    if (followed->certificate.is_ended_by(credential.generation))
      return fail(Errc::not_allowed, "a device list of a generation that is over");
  }
  return followed->list;
}

// Who is new: added, or come from outside.
Result<std::vector<mls::Member>> newcomers(const mls::PublicGroup& next, const mls::CommitEffects& effects) {
  auto members = effects.added;
  if (!effects.external) return members;
  const auto committer = next.member(effects.committer);
  if (!committer) return fail(Errc::not_allowed, "a committer that is not there");
  members.push_back(*committer);
  return members;
}

// Who came, who went, and who sat there before and still does.
struct Moves {
  std::vector<std::pair<Seat, Bytes>> came;  // with the signature key
  std::vector<Seat> gone;
  std::vector<Seat> stayed;
};

Result<Moves> moves_of(const mls::PublicGroup& next, const mls::CommitEffects& effects,
                       const std::vector<Seat>& seats) {
  Moves moves{.came = {}, .gone = {}, .stayed = seats};
  for (const mls::Member& member : effects.removed) {
    KITH_TRY(moves.gone.emplace_back(), seat_of(member));
  }
  KITH_TRY(const auto members, newcomers(next, effects));
  for (const mls::Member& member : members) {
    KITH_TRY(const Seat seat, seat_of(member));
    std::erase(moves.stayed, seat);
    moves.came.emplace_back(seat, member.signature_key);
  }
  return moves;
}

bool was_in(const Moves& moves, const UserId& user) {
  return has_user(moves.stayed, user) || has_user(moves.gone, user);
}

// The device said that its leaf is broken and that this one may take its place.
bool has_marked(const Seat& seat, const mls::Member& leaf, const Grounds& grounds, ByteView group_id,
                const mls::CommitEffects& effects) {
  const auto is_broken = [&](const BrokenMark& mark) {
    if (mark.user != seat.user || mark.device != seat.device || !same_bytes(mark.group_id, group_id) ||
        mark.replacement != leaf.encryption_key)
      return false;
    return std::ranges::any_of(effects.removed, [&](const mls::Member& removed) {
      const auto who = credential_of(removed);
      return who && who->user == mark.user && who->device == mark.device &&
             removed.encryption_key == mark.encryption_key && mark.verify(removed.signature_key);
    });
  };
  return std::ranges::any_of(grounds.broken, is_broken);
}

Result<void> check_replaced(const Seat& seat, const mls::PublicGroup& next, const mls::CommitEffects& effects,
                            const UserId& by) {
  if (seat.user == by) return {};
  KITH_TRY(const auto grounds, Grounds::of(effects.authenticated_data));
  const auto leaf = next.member(seat.leaf);
  if (leaf && has_marked(seat, *leaf, grounds, next.context().group_id, effects)) return {};
  return fail(Errc::not_allowed, "a leaf of somebody else is replaced that is not marked as broken");
}

Result<void> check_devices(const Moves& moves, const mls::PublicGroup& next, const mls::CommitEffects& effects,
                           const UserId& by, const std::vector<Seat>& seats) {
  for (const auto& [seat, key] : moves.came) {
    if (has_device(moves.gone, seat)) {
      KITH_TRY_VOID(check_replaced(seat, next, effects, by));
      continue;
    }
    if (!was_in(moves, seat.user)) continue;
    KITH_TRY(const auto list, list_of(seat.user, next, effects, seats));
    const ListedDevice* listed = list.find(seat.device);
    if (listed == nullptr || listed->leaf_signature_key != key)
      return fail(Errc::not_allowed, "a new device that is not on its user's list");
  }
  for (const Seat& seat : moves.gone) {
    if (has_device(seats, seat) || !has_user(seats, seat.user)) continue;
    KITH_TRY(const auto list, list_of(seat.user, next, effects, seats));
    if (list.find(seat.device) != nullptr) return fail(Errc::not_allowed, "a device is removed that its user lists");
  }
  return {};
}

Result<void> check_users(const Moves& moves, const mls::PublicGroup& before, const mls::PublicGroup& next,
                         const mls::CommitEffects& effects, const UserId& by, const std::vector<Seat>& seats) {
  UserChange change{.by = by};
  std::set<UserId> users;
  for (const Seat& seat : seats) users.insert(seat.user);
  for (const auto& [seat, key] : moves.came) {
    if (!was_in(moves, seat.user)) change.came.insert(seat.user);
  }
  for (const Seat& seat : moves.gone) {
    if (!users.contains(seat.user)) change.gone.insert(seat.user);
  }
  return check_roles(before, next, effects, change, users);
}

}  // namespace

Result<void> check_change(const mls::PublicGroup& before, const mls::PublicGroup& next,
                          const mls::CommitEffects& effects, GroupKind kind, const std::vector<Seat>& seats) {
  const auto committer = next.member(effects.committer);
  if (!committer) return fail(Errc::not_allowed, "a committer that is not there");
  KITH_TRY(const auto by, credential_of(*committer));
  KITH_TRY_VOID(check_committer(effects, by));
  for (const mls::Member& member : effects.removed) {
    KITH_TRY(const auto removed, credential_of(member));
    if (effects.external && removed.user != by.user) {
      return fail(Errc::not_allowed, "an external commit that removes somebody else");
    }
    if (kind == GroupKind::direct && std::ranges::find(seats, removed.user, &Seat::user) == seats.end()) {
      return fail(Errc::not_allowed, "a direct conversation keeps its two users");
    }
  }
  KITH_TRY(const auto members, new_leaves(next, effects));
  for (const mls::Member& member : members) {
    KITH_TRY(const auto device, verified(member, next.suite()));
    KITH_TRY_VOID(check_beside_others(next, {member.leaf, device.user, device.device}, device.identity_key, seats));
    KITH_TRY_VOID(check_succession(device, member.signature_key, effects));
  }
  KITH_TRY(const Moves moves, moves_of(next, effects, seats));
  KITH_TRY_VOID(check_devices(moves, next, effects, by.user, seats));
  return kind == GroupKind::group ? check_users(moves, before, next, effects, by.user, seats) : Result<void>{};
}

}  // namespace kith::keys
