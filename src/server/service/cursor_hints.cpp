#include "server/service/cursor_hints.h"

#include <algorithm>

#include "server/domain/receipts.h"

namespace kith::server::service {

namespace {

// Most people have one device there.
bool has_other_device(const domain::ConversationState& conversation, const domain::Caller& by) {
  return std::ranges::any_of(conversation.group.seats,
                             [&](const keys::Seat& seat) { return seat.user == by.user && seat.device != by.device; });
}

}  // namespace

void CursorHints::moved(const domain::ConversationState& conversation, const domain::Caller& by,
                        domain::CursorPosition position) {
  const bool is_group = conversation.group.kind == domain::ConversationKind::group;
  if (is_group && conversation.members.size() <= domain::kMostTold) {
    const auto [gathered, is_first] = gathered_.try_emplace(conversation.id);
    gathered->second.insert_or_assign(by.user, position);
    if (is_first) tasks_.spawn(gather(conversation.id));
  }
  Waiting hint{conversation.group.kind, {}, position, by.device};
  if (!is_group) hint.to = conversation.members;
  std::erase(hint.to, by.user);
  const bool are_all_told = is_group && conversation.members.size() <= domain::kMostHinted;
  if (!are_all_told && has_other_device(conversation, by)) hint.to.push_back(by.user);
  if (!hint.to.empty()) pace({conversation.id, by.user}, std::move(hint));
}

void CursorHints::pace(const Key& key, Waiting hint) {
  if (const auto paused = paced_.find(key); paused != paced_.end()) {
    if (paused->second && paused->second->by != hint.by) hint.by.reset();
    paused->second = std::move(hint);
    return;
  }
  paced_.emplace(key, std::nullopt);
  publish(key, hint);
  tasks_.spawn(pause(key));
}

void CursorHints::publish(const Key& key, const Waiting& hint) {
  const domain::UserCursor cursor{key.user, hint.position};
  domain::BusMessage message{.frame = hint.kind == domain::ConversationKind::group
                                          ? ports_.hints.cursors(key.conversation, {cursor})
                                          : ports_.hints.cursor(key.conversation, cursor)};
  for (const UserId& user : hint.to) {
    message.except = user == key.user ? hint.by : std::nullopt;
    ports_.bus.publish(user, message);
  }
}

Task<void> CursorHints::pause(Key key) {
  for (;;) {
    co_await ports_.scheduler.sleep_for(kPause);
    auto& waiting = paced_.find(key)->second;
    if (!waiting) break;
    publish(key, *std::exchange(waiting, std::nullopt));
  }
  paced_.erase(key);
}

// Of members, to members, as they are by now: whoever left hears nothing more and is not told of.
void CursorHints::publish(const domain::ConversationState& group,
                          const std::map<UserId, domain::CursorPosition>& moved) {
  if (group.members.size() > domain::kMostTold) return;
  std::vector<domain::UserCursor> cursors;
  for (const auto& [user, position] : moved) {
    if (group.has_member(user)) cursors.push_back({user, position});
  }
  if (cursors.empty()) return;
  domain::BusMessage message{.frame = ports_.hints.cursors(group.id, cursors)};
  if (group.members.size() > domain::kMostHinted) message.watched = group.id;
  for (const UserId& member : group.members) ports_.bus.publish(member, message);
}

Task<void> CursorHints::gather(ConversationId group) {
  for (;;) {
    co_await ports_.scheduler.sleep_for(kPause);
    const auto moved = std::exchange(gathered_.find(group)->second, {});
    if (moved.empty()) break;
    // Where it cannot be told now, syncing tells it.
    const auto state = co_await load_(group);
    if (state && *state) publish(**state, moved);
  }
  gathered_.erase(group);
}

}  // namespace kith::server::service
