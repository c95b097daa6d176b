#include "client/core/confirmation.h"

#include <limits>
#include <set>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void Confirmation::applied(mls::LeafIndex committer) {
  due_at_.reset();
  const auto before_us = chat_.group.turn_after(committer);
  if (!before_us) return;
  committer_ = committer;
  due_at_ = chat_.machine().clock_ms() + *before_us * kTurnMs;
  chat_.poke();
}

void Confirmation::advance() {
  Machine& machine = chat_.machine();
  if (!due_at_ || chat_.record().membership != Membership::member || !machine.connection.is_online()) return;
  if (machine.clock_ms() < *due_at_) return chat_.wake(*due_at_);
  if (chat_.log.has_work()) return;  // another commit may be on its way
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  due_at_.reset();
  // Beyond the end of every tree: the GroupInfo alone.
  machine.connection.request(wire::GetGroup{.conversation = chat_.id(),
                                            .epoch = {chat_.group.get()->epoch()},
                                            .first_node = std::numeric_limits<std::uint32_t>::max()},
                             [this](const wire::Body& body) { shown(body); });
}

void Confirmation::shown(const wire::Body& body) {
  const auto* answer = std::get_if<wire::Group>(&body);
  const mls::Group* group = chat_.group.get();
  if (answer == nullptr || group == nullptr || answer->epoch.value != group->epoch()) return;
  const auto info = mls::decoded_message<mls::GroupInfo>(answer->group_info);
  const Bytes* key = info ? mls::find_extension(info->extensions, mls::extension_type::kExternalPub) : nullptr;
  const bool is_right = key != nullptr && *key == mls::encoded(group->external_pub()) &&
                        group->public_group().check_group_info(*info).has_value();
  const auto by = chat_.group.who(committer_);
  const auto signer = info ? chat_.group.who(info->signer) : std::nullopt;
  const bool is_confirmed = by && signer && by->user != signer->user;
  if ((is_right && is_confirmed) || chat_.machine().connection.free_slots() == 0) return;
  if (!is_right)
    chat_.machine().warn("group_refused",
                         "A member told the server a wrong key for this conversation; it was put right.", &chat_.id());
  const Bytes ours = group->group_info(false);
  chat_.machine().connection.request(
      wire::ConfirmGroup{.conversation = chat_.id(), .epoch = {group->epoch()}, .group_info = ours},
      [](const wire::Body&) {});
}

}  // namespace kith::client
