#include "client/core/group_change.h"

#include <algorithm>
#include <iterator>

#include "keys/role_rules.h"

namespace kith::client {
namespace {

void tell(std::vector<ChangeRecord>& changes, ChangeKind kind, const std::vector<UserId>& users) {
  if (!users.empty()) changes.push_back({.kind = kind, .users = users});
}

// A role that somebody has lost with the membership is not told; nor that who handed the group over is admin now.
void tell_roles(std::vector<ChangeRecord>& changes, const keys::GroupPolicy& before, const keys::GroupPolicy& next,
                const std::set<UserId>& gone) {
  std::set<UserId> concerned(before.admins.begin(), before.admins.end());
  concerned.insert(next.admins.begin(), next.admins.end());
  concerned.insert(next.owner);
  if (before.owner != next.owner) concerned.erase(before.owner);
  for (const UserId& user : concerned) {
    if (before.role_of(user) == next.role_of(user) || gone.contains(user)) continue;
    changes.push_back(
        {.kind = ChangeKind::role, .users = {user}, .value = static_cast<std::uint8_t>(next.role_of(user))});
  }
}

void tell_policy(std::vector<ChangeRecord>& changes, const keys::GroupPolicy& before, const keys::GroupPolicy& next,
                 std::uint64_t time_ms) {
  const auto who = [&](ChangeKind kind, keys::Who then, keys::Who now) {
    if (then != now) changes.push_back({.kind = kind, .value = static_cast<std::uint8_t>(now)});
  };
  who(ChangeKind::may_send, before.may_send, next.may_send);
  who(ChangeKind::may_edit, before.may_edit, next.may_edit);
  who(ChangeKind::may_add, before.may_add, next.may_add);
  const auto has_other_than = [&](const keys::GroupPolicy& a, const keys::GroupPolicy& b) {
    return std::ranges::any_of(a.invites, [&](const keys::Invite& i) {
      const bool has_expired = i.expires_s != 0 && i.expires_s <= time_ms / 1000;
      return !has_expired && b.find_invite(i.key) == nullptr;
    });
  };
  if (has_other_than(before, next)) changes.push_back({.kind = ChangeKind::invite_revoked});
  if (has_other_than(next, before)) changes.push_back({.kind = ChangeKind::invite_made});
}

}  // namespace

GroupChange change_by(const mls::PublicGroup& before, const mls::PublicGroup* next, const mls::CommitEffects& effects,
                      std::uint64_t time_ms) {
  GroupChange change;
  const auto seats = keys::seats_of(before);
  if (!seats) return change;
  std::set<UserId> was, is;
  for (const keys::Seat& seat : *seats) {
    was.insert(seat.user);
    const auto is_it = [&](const mls::Member& member) { return member.leaf == seat.leaf; };
    if (std::ranges::none_of(effects.removed, is_it)) is.insert(seat.user);
  }
  auto came = effects.added;
  if (const auto joiner = effects.external && next != nullptr ? next->member(effects.committer) : std::nullopt)
    came.push_back(*joiner);
  for (const mls::Member& member : came) {
    const auto device = keys::DeviceCredential::decode(member.credential.identity);
    if (!device) continue;
    is.insert(device->user);
    change.brought_devices = true;
  }
  std::ranges::set_difference(is, was, std::inserter(change.came, change.came.end()));
  std::ranges::set_difference(was, is, std::inserter(change.gone, change.gone.end()));

  const auto grounds = keys::Grounds::of(effects.authenticated_data);
  std::vector<UserId> left, removed;
  for (const UserId& user : change.gone) {
    const bool by_itself = grounds && keys::note_of(user, *grounds, before.context().group_id, effects) != nullptr;
    (by_itself ? left : removed).push_back(user);
  }
  tell(change.changes, ChangeKind::left, left);
  tell(change.changes, ChangeKind::removed, removed);
  const auto policy = keys::policy_of(before.context().extensions);
  std::vector<UserId> added, joined;
  for (const UserId& user : change.came) {
    const keys::JoinProof* proof =
        policy && grounds && next != nullptr ? keys::proof_of(user, *grounds, *policy, *next, effects) : nullptr;
    (proof != nullptr ? joined : added).push_back(user);
    if (proof != nullptr) change.used.push_back(proof->invite);
  }
  tell(change.changes, ChangeKind::added, added);
  tell(change.changes, ChangeKind::joined, joined);
  const auto policy_now = next != nullptr ? keys::policy_of(next->context().extensions) : policy;
  if (policy && policy_now) {
    tell_roles(change.changes, *policy, *policy_now, change.gone);
    tell_policy(change.changes, *policy, *policy_now, time_ms);
    for (const keys::Invite& invite : policy_now->invites) {
      if (policy->find_invite(invite.key) == nullptr) change.made.push_back(invite.key);
    }
  }
  return change;
}

}  // namespace kith::client
