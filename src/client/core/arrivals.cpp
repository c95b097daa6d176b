#include "client/core/arrivals.h"

#include <algorithm>

#include "client/core/group_reader.h"
#include "client/core/machine.h"

namespace kith::client {

void Arrivals::named(const ConversationId& conversation) {
  if (refused_.contains(conversation) || coming_.contains(conversation) || named_.size() >= kMostNamed) return;
  if (named_.try_emplace(conversation, machine_.clock_ms()).second) order_.push_back(conversation);
}

void Arrivals::disconnected() { coming_.clear(); }

// It is in now, or another way was shorter, or it has had its time.
void Arrivals::forget_arrived() {
  std::erase_if(coming_, [&](const auto& item) {
    const Chat* chat = machine_.chats.find(item.first);
    return (chat != nullptr && chat->record().membership != Membership::lost) || machine_.clock_ms() >= item.second;
  });
  std::erase_if(order_, [&](const ConversationId& id) {
    const bool is_known = machine_.chats.find(id) != nullptr;
    if (is_known) named_.erase(id);
    return is_known;
  });
}

void Arrivals::advance() {
  if (!machine_.connection.is_online() || (order_.empty() && coming_.empty()) || machine_.mailbox.has_mail()) return;
  forget_arrived();
  while (!order_.empty() && coming_.size() < kAtOnce && machine_.connection.free_slots() > 0) {
    const ConversationId next = order_.back();
    if (!hurries_ && machine_.clock_ms() < named_.at(next) + kPatienceMs) return;
    order_.pop_back();
    named_.erase(next);
    look(next);
  }
}

std::optional<std::int64_t> Arrivals::wake_at() const {
  if (!machine_.connection.is_online()) return std::nullopt;
  std::optional<std::int64_t> at;
  const auto sooner = [&](std::int64_t when) { at = at ? std::min(*at, when) : when; };
  for (const auto& [id, until] : coming_) sooner(until);
  if (coming_.size() < kAtOnce && !order_.empty() && !machine_.mailbox.has_mail())
    sooner(hurries_ ? machine_.clock_ms() + 1 : named_.at(order_.back()) + kPatienceMs);
  return at;
}

void Arrivals::look(const ConversationId& conversation) {
  coming_[conversation] = machine_.clock_ms() + kTurnMs;
  GroupReader::ask(machine_, conversation, {}, [this, conversation](const ShownGroup* group, const wire::Error* error) {
    if (group != nullptr) return shown(conversation, *group);
    coming_.erase(conversation);
    const bool is_over = error->code == wire::ErrorCode::not_found || error->code == wire::ErrorCode::not_member;
    if (!is_over) named(conversation);
  });
}

void Arrivals::shown(const ConversationId& conversation, const ShownGroup& group) {
  if (machine_.chats.find(conversation) != nullptr) return;
  const UserId& self = machine_.account.user();
  const auto devices = devices_in(group);
  if (std::ranges::find(devices, self, &keys::DeviceCredential::user) == devices.end()) {
    coming_.erase(conversation);
    refused_.insert(conversation);
    return machine_.warn("group_refused", "The server names a conversation that this account is not in.");
  }
  const auto peer = peer_in(group, conversation, self);
  (peer ? machine_.chats.with(*peer) : machine_.chats.group(conversation)).come_in();
}

}  // namespace kith::client
