#include "server/domain/invites.h"

#include <algorithm>

#include "keys/role_rules.h"

namespace kith::server::domain {
namespace {

const keys::JoinProof* proof_for(const UserId& user, const keys::Grounds& grounds) {
  const auto proof = std::ranges::find(grounds.joins, user, &keys::JoinProof::user);
  return proof == grounds.joins.end() ? nullptr : &*proof;
}

std::uint32_t used(const Circumstances& circumstances, const keys::PublicKey& invite) {
  const auto at = circumstances.uses.find(invite);
  return at == circumstances.uses.end() ? 0 : at->second;
}

}  // namespace

Result<keys::Invite> invite_of(const ConversationState& state, const UserId& user, const keys::JoinProof& proof) {
  if (!state.group.policy) return fail(Errc::not_member);
  if (state.has_user(user)) return fail(Errc::commit_first, "the leaves of who left are still there");
  // It left as the last one. Nobody could take it away, and so nobody send.
  if (state.notes.leaving.contains(state.group.policy->owner))
    return fail(Errc::invite_revoked, "nobody is in the group any more");
  if (proof.user != user) return fail(Errc::invalid_argument, "proof: of another user");
  if (!same_bytes(proof.group_id, state.group_id)) return fail(Errc::invalid_argument, "proof: of another group");
  const keys::Invite* invite = state.group.policy->find_invite(proof.invite);
  if (invite == nullptr) return fail(Errc::invite_revoked, "the group does not have this link any more");
  if (!proof.verify()) return fail(Errc::invalid_argument, "proof: not signed by the link's key");
  return *invite;
}

Result<void> check_open(const keys::Invite& invite, std::uint32_t used, UnixMillis now) {
  if (invite.expires_s != 0 && static_cast<std::uint64_t>(now.value / 1000) >= invite.expires_s)
    return fail(Errc::invite_expired, "the link has expired");
  if (invite.max_uses != 0 && used >= invite.max_uses)
    return fail(Errc::invite_used_up, "the link has let in as many as it may");
  return {};
}

ProofsIn proofs_in(const ProposedCommit& commit) {
  ProofsIn proofs;
  for (const keys::JoinProof& proof : commit.read->grounds.joins) {
    proofs.invites.push_back(proof.invite);
    proofs.users.push_back(proof.user);
  }
  return proofs;
}

bool is_join(const ProposedCommit& commit) {
  const auto& message = commit.read->message;
  return message && message->content.sender.type == mls::SenderType::new_member_commit &&
         proof_for(commit.sender.user, commit.read->grounds) != nullptr;
}

Result<void> check_join(const ConversationState& state, const ProposedCommit& commit,
                        const Circumstances& circumstances) {
  if (!is_join(commit)) return fail(Errc::not_member);
  const keys::JoinProof& proof = *proof_for(commit.sender.user, commit.read->grounds);
  KITH_TRY(const keys::Invite invite, invite_of(state, commit.sender.user, proof));
  if (invite.needs_approval) return fail(Errc::not_allowed, "the link lets nobody in who was not answered");
  return check_open(invite, used(circumstances, invite.key), circumstances.now);
}

Result<InviteUses> uses_after(const ConversationState& state, const mls::StagedPublicCommit& staged,
                              const ProposedCommit& commit, const std::vector<UserId>& came,
                              const Circumstances& circumstances) {
  InviteUses uses;
  if (came.empty() || !state.group.policy) return uses;
  const keys::GroupPolicy& policy = *state.group.policy;
  const bool may_add = !staged.effects.external && policy.may(policy.may_add, commit.sender.user);
  for (const UserId& user : came) {
    const auto* proof = keys::proof_of(user, commit.read->grounds, policy, staged.next, staged.effects);
    if (proof == nullptr && may_add) continue;
    if (proof == nullptr) return fail(Errc::internal, "somebody came by a link that is none");
    if (!may_add && !staged.effects.external && !circumstances.asking.contains(user))
      return fail(Errc::not_allowed, "somebody is taken along who does not ask to come in");
    std::uint32_t& count = uses.try_emplace(proof->invite, used(circumstances, proof->invite)).first->second;
    KITH_TRY_VOID(check_open(*policy.find_invite(proof->invite), count, circumstances.now));
    ++count;
  }
  return uses;
}

Result<void> check_may_answer(const ConversationState& state, const Caller& caller) {
  if (!state.has_leaf(caller) || !state.group.policy) return fail(Errc::not_member);
  const keys::GroupPolicy& policy = *state.group.policy;
  if (!policy.may(policy.may_add, caller.user)) return fail(Errc::not_allowed, "only admins add people here");
  return {};
}

}  // namespace kith::server::domain
