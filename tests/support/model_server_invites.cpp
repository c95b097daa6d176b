// The model server's part in invite links.
#include <algorithm>

#include "keys/group_policy.h"
#include "keys/role_rules.h"
#include "tests/support/model_server.h"

namespace kith::test {

namespace {

std::optional<keys::GroupPolicy> policy_of(const ModelServer::Conversation& c) {
  const auto policy = c.group ? keys::policy_of(c.group->context().extensions) : fail(keys::Errc::not_allowed);
  return policy ? std::optional(*policy) : std::nullopt;
}

}  // namespace

std::optional<keys::JoinProof> ModelServer::proof_in(const wire::Commit& commit) {
  const auto message = mls::decoded_message<mls::PublicMessage>(commit.payload);
  if (!message || message->content.sender.type != mls::SenderType::new_member_commit) return std::nullopt;
  const auto grounds = keys::Grounds::of(message->content.authenticated_data);
  return grounds && !grounds->joins.empty() ? std::optional(grounds->joins.front()) : std::nullopt;
}

std::optional<wire::ErrorCode> ModelServer::wrong_with(const Conversation& c, const UserId& user,
                                                       const keys::JoinProof& proof, bool may_ask_only) const {
  const auto policy = policy_of(c);
  const keys::Invite* invite = policy ? policy->find_invite(proof.invite) : nullptr;
  if (c.leaving.contains(user)) return wire::ErrorCode::commit_first;
  if (policy && c.leaving.contains(policy->owner)) return wire::ErrorCode::invite_revoked;
  if (invite == nullptr) return wire::ErrorCode::invite_revoked;
  if (proof.user != user || !proof.verify()) return wire::ErrorCode::invalid_argument;
  if (invite->needs_approval && !may_ask_only) return wire::ErrorCode::not_allowed;
  if (invite->expires_s != 0 && static_cast<std::uint64_t>(now_ms / 1000) >= invite->expires_s)
    return wire::ErrorCode::invite_expired;
  const auto used = c.uses.find(proof.invite);
  if (invite->max_uses != 0 && used != c.uses.end() && used->second >= invite->max_uses)
    return wire::ErrorCode::invite_used_up;
  return std::nullopt;
}

void ModelServer::tell_who_may_answer(const ConversationId& id, const Conversation& c) {
  const auto policy = policy_of(c);
  std::set<Device> told = c.leaves;
  const bool to_all = std::ranges::any_of(c.asking, [&](const auto& one) {
    const keys::Invite* invite = policy ? policy->find_invite(one.second.invite) : nullptr;
    return invite != nullptr && !invite->needs_approval;
  });
  std::erase_if(
      told, [&](const Device& device) { return !to_all && (!policy || !policy->may(policy->may_add, device.first)); });
  hint(told, wire::ChangesHint{id});
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::RequestJoin& body) {
  const Device device = *connections_[from];
  const auto at = conversations.find(body.conversation);
  const auto proof = keys::JoinProof::decode(body.proof);
  if (at == conversations.end() || !proof) return error(from, id, wire::ErrorCode::not_member);
  if (const auto why = wrong_with(at->second, device.first, *proof, true)) return error(from, id, *why);
  at->second.asking.insert_or_assign(device.first, *proof);
  answer(from, id, wire::Ok{});
  tell_who_may_answer(body.conversation, at->second);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::DeclineJoin& body) {
  const Device device = *connections_[from];
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end() || !at->second.leaves.contains(device))
    return error(from, id, wire::ErrorCode::not_member);
  const auto policy = policy_of(at->second);
  if (!policy || !policy->may(policy->may_add, device.first)) return error(from, id, wire::ErrorCode::not_allowed);
  if (at->second.asking.erase(body.user) > 0) tell_declined(body.user, body.conversation);
  answer(from, id, wire::Ok{});
  tell_who_may_answer(body.conversation, at->second);
}

void ModelServer::tell_declined(const UserId& user, const ConversationId& conversation) {
  for (const auto& [device, listed] : accounts_.at(user).devices) {
    Mailbox& mailbox = mailboxes_[{user, device}];
    mailbox.mails.push_back({{mailbox.next++}, conversation, {}, user, {}, wire::MailKind::declined});
    tell_mail({user, device});
  }
}

std::vector<keys::JoinProof> ModelServer::asking(const Conversation& c, const UserId& told) {
  const auto policy = policy_of(c);
  std::vector<keys::JoinProof> proofs;
  if (!policy) return proofs;
  for (const auto& [user, proof] : c.asking) {
    const keys::Invite* invite = policy->find_invite(proof.invite);
    if (invite != nullptr && (!invite->needs_approval || policy->may(policy->may_add, told))) proofs.push_back(proof);
  }
  return proofs;
}

}  // namespace kith::test
