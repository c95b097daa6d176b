#include "keys/role_rules.h"

#include <algorithm>

#include "mls/profile.h"

namespace kith::keys {
namespace {

// All but the policy stays as it was.
Result<void> check_other_extensions(mls::Extensions before, mls::Extensions next) {
  const auto is_policy = [](const mls::Extension& e) { return e.type == mls::profile::kPolicyExtension; };
  std::erase_if(before, is_policy);
  std::erase_if(next, is_policy);
  return before == next ? Result<void>{} : fail(Errc::not_allowed, "another extension than the policy is changed");
}

// The user's own list has none of the devices that the commit takes away: it revoked them all.
bool lists_none_of(const UserId& user, const Grounds& grounds, const mls::CommitEffects& effects) {
  const auto followed = std::ranges::find(grounds.lists, user, [](const FollowedList& f) { return f.list.user; });
  if (followed == grounds.lists.end()) return false;
  return std::ranges::all_of(effects.removed, [&](const mls::Member& member) {
    const auto credential = DeviceCredential::decode(member.credential.identity);
    if (!credential || credential->user != user) return true;
    return followed->verify(credential->identity_key).has_value() &&
           followed->list.generation >= credential->generation.generation &&
           followed->list.find(credential->device) == nullptr;
  });
}

Result<void> check_who_is_gone(const GroupPolicy& policy, const UserChange& change, ByteView group_id,
                               const mls::CommitEffects& effects) {
  if (change.gone.empty()) return {};
  KITH_TRY(const auto grounds, Grounds::of(effects.authenticated_data));
  for (const UserId& user : change.gone) {
    if (user == policy.owner) return fail(Errc::beyond_role, "the owner is taken away");
    if (policy.role_of(change.by) == Role::member && note_of(user, grounds, group_id, effects) == nullptr &&
        !lists_none_of(user, grounds, effects))
      return fail(Errc::beyond_role, "a member takes somebody away who did not leave");
  }
  return {};
}

Result<void> check_who_came(const GroupPolicy& policy, const UserChange& change, const mls::PublicGroup& next,
                            const mls::CommitEffects& effects) {
  const bool may_add = !effects.external && policy.may(policy.may_add, change.by);
  if (change.came.empty() || may_add) return {};
  KITH_TRY(const auto grounds, Grounds::of(effects.authenticated_data));
  const auto has_invite = [&](const UserId& user) { return proof_of(user, grounds, policy, next, effects) != nullptr; };
  if (!std::ranges::all_of(change.came, has_invite))
    return fail(Errc::beyond_role, "somebody comes in who was neither added by one who may nor invited");
  return {};
}

}  // namespace

const JoinProof* proof_of(const UserId& user, const Grounds& grounds, const GroupPolicy& policy,
                          const mls::PublicGroup& next, const mls::CommitEffects& effects) {
  const auto proof = std::ranges::find(grounds.joins, user, &JoinProof::user);
  if (proof == grounds.joins.end() || !same_bytes(proof->group_id, next.context().group_id)) return nullptr;
  const Invite* invite = policy.find_invite(proof->invite);
  if (invite == nullptr || invite->needs_approval || !proof->verify()) return nullptr;
  auto leaves = effects.added;
  if (const auto joiner = effects.external ? next.member(effects.committer) : std::nullopt) leaves.push_back(*joiner);
  const auto is_others_or_fits = [&](const mls::Member& leaf) {
    const auto credential = DeviceCredential::decode(leaf.credential.identity);
    return credential && (credential->user != user || credential->identity_key == proof->identity_key);
  };
  return std::ranges::all_of(leaves, is_others_or_fits) ? &*proof : nullptr;
}

const LeaveNote* note_of(const UserId& user, const Grounds& grounds, ByteView group_id,
                         const mls::CommitEffects& effects) {
  for (const LeaveNote& note : grounds.leaving) {
    if (note.user != user || !same_bytes(note.group_id, group_id)) continue;
    const auto is_its = [&](const mls::Member& member) {
      const auto credential = DeviceCredential::decode(member.credential.identity);
      return credential && credential->user == user && credential->device == note.device &&
             member.encryption_key == note.encryption_key && note.verify(member.signature_key);
    };
    if (std::ranges::any_of(effects.removed, is_its)) return &note;
  }
  return nullptr;
}

Result<void> check_roles(const mls::PublicGroup& before, const mls::PublicGroup& next,
                         const mls::CommitEffects& effects, const UserChange& change, const std::set<UserId>& users) {
  const mls::Extensions& extensions = before.context().extensions;
  KITH_TRY_VOID(check_other_extensions(extensions, next.context().extensions));
  KITH_TRY(const GroupPolicy policy, policy_of(extensions));
  KITH_TRY(const GroupPolicy changed, policy_of(next.context().extensions));
  KITH_TRY_VOID(check_who_came(policy, change, next, effects));
  KITH_TRY_VOID(check_who_is_gone(policy, change, before.context().group_id, effects));

  GroupPolicy follows = policy;
  for (const UserId& user : change.gone) follows.forget(user);
  if (changed != follows && policy.role_of(change.by) == Role::member)
    return fail(Errc::beyond_role, "a member changes the policy");
  if (changed.founder != policy.founder || changed.first_commit != policy.first_commit)
    return fail(Errc::not_allowed, "a group that began otherwise");
  if (changed.owner != policy.owner && policy.role_of(change.by) != Role::owner)
    return fail(Errc::beyond_role, "the group is handed over by another than its owner");
  const auto is_in = [&](const UserId& user) { return users.contains(user); };
  if (!is_in(changed.owner) || !std::ranges::all_of(changed.admins, is_in))
    return fail(Errc::not_allowed, "a role for somebody who is not in the group");
  return {};
}

}  // namespace kith::keys
