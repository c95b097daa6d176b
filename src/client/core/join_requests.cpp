#include "client/core/join_requests.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void JoinRequests::told(const std::vector<keys::JoinProof>& proofs) {
  Machine& machine = chat_.machine();
  const auto policy = chat_.group.policy();
  std::vector<UserId> asking;
  for (const keys::JoinProof& proof : proofs) {
    const ContactRecord* known = machine.contacts.find(proof.user);
    const bool is_known_otherwise = known != nullptr && !same_bytes(known->identity_key, proof.identity_key);
    const keys::Invite* invite = policy ? policy->find_invite(proof.invite) : nullptr;
    if (invite == nullptr || is_known_otherwise || !proof.verify() ||
        !same_bytes(proof.group_id, chat_.group.get()->public_group().context().group_id))
      continue;
    if (!invite->needs_approval) {
      chat_.members.take_along(proof);
      continue;
    }
    asking.push_back(proof.user);
    if (known == nullptr) machine.contacts.with_contact(proof.user, [](const ContactRecord*, const HttpAnswer&) {});
  }
  if (asking == asking_) return;
  asking_ = std::move(asking);
  chat_.changed();
  chat_.group_changed();
}

void JoinRequests::declined(const UserId& user) {
  if (std::erase(asking_, user) == 0) return;
  chat_.changed();
  chat_.group_changed();
}

void JoinRequests::group_moved() {
  const bool may_answer = chat_.is_group() && chat_.record().group->has_requests;
  const auto users = chat_.group.users();
  std::erase_if(asking_, [&](const UserId& user) { return !may_answer || std::ranges::binary_search(users, user); });
}

}  // namespace kith::client
