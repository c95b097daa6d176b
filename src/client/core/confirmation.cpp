#include "client/core/confirmation.h"

#include <algorithm>
#include <limits>

#include "client/core/chat.h"
#include "client/core/machine.h"

namespace kith::client {

void Confirmation::applied(mls::LeafIndex committer) {
  const auto before_us = chat_.group.turn_after(committer);
  chat_.record().unconfirmed = before_us ? std::optional(committer.value) : std::nullopt;
  chat_.changed_quietly();
  due_at_ = chat_.machine().clock_ms() + before_us.value_or(0) * kTurnMs;
  chat_.poke();
}

bool Confirmation::has_work() const {
  return chat_.record().unconfirmed && chat_.record().membership == Membership::member;
}

void Confirmation::advance() {
  Machine& machine = chat_.machine();
  if (!has_work() || busy_ || !machine.connection.is_online()) return;
  if (machine.clock_ms() < due_at_) return chat_.wake(due_at_);
  if (chat_.log.has_work()) return;  // another commit may be on its way
  if (machine.connection.free_slots() == 0) return chat_.wait_for_slot();
  busy_ = true;
  const Epoch epoch{chat_.group.get()->epoch()};
  // Beyond the end of every tree: the GroupInfo alone.
  machine.connection.request(
      wire::GetGroup{
          .conversation = chat_.id(), .epoch = epoch, .first_node = std::numeric_limits<std::uint32_t>::max()},
      [this, epoch](const wire::Body& body) { shown(epoch, body); });
}

void Confirmation::shown(Epoch epoch, const wire::Body& body) {
  const auto* answer = std::get_if<wire::Group>(&body);
  const mls::Group* group = chat_.group.get();
  if (answer == nullptr || !has_work() || group == nullptr || answer->epoch.value != group->epoch())
    return done(epoch, body);
  const auto info = mls::decoded_message<mls::GroupInfo>(answer->group_info);
  const Bytes* key = info ? mls::find_extension(info->extensions, mls::extension_type::kExternalPub) : nullptr;
  const bool is_right = key != nullptr && *key == mls::encoded(group->external_pub()) &&
                        group->public_group().check_group_info(*info).has_value();
  const auto signer = info ? chat_.group.who(info->signer) : std::nullopt;
  // By all who come back and know this user.
  const bool is_known = signer && !chat_.is_back(signer->user) &&
                        chat_.in_since(signer->user) <= chat_.in_since(chat_.machine().account.user());
  if (is_right && is_known) return done(epoch, body);
  if (chat_.machine().connection.free_slots() == 0) {
    busy_ = false;
    return chat_.wait_for_slot();
  }
  if (!is_right)
    chat_.machine().warn("group_refused",
                         "A member told the server a wrong key for this conversation; it was put right.", &chat_.id());
  const Bytes ours = group->group_info(false);
  chat_.machine().connection.request(wire::ConfirmGroup{.conversation = chat_.id(), .epoch = epoch, .group_info = ours},
                                     [this, epoch](const wire::Body& answered) { done(epoch, answered); });
}

void Confirmation::done(Epoch epoch, const wire::Body& body) {
  busy_ = false;
  chat_.poke();
  const mls::Group* group = chat_.group.get();
  if (group == nullptr || group->epoch() != epoch.value) return;  // another commit was applied meanwhile
  const auto* error = std::get_if<wire::Error>(&body);
  const bool is_transient =
      error != nullptr && (error->code == wire::ErrorCode::internal || error->code == wire::ErrorCode::overloaded ||
                           error->code == wire::ErrorCode::rate_limited);
  if (is_transient) {
    due_at_ = chat_.machine().clock_ms() + std::clamp<std::int64_t>(error->retry_after_ms, kTurnMs, kMaxRetryMs);
    return;
  }
  chat_.record().unconfirmed.reset();
  chat_.changed_quietly();
}

}  // namespace kith::client
