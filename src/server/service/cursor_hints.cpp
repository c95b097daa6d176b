#include "server/service/cursor_hints.h"

#include "server/domain/receipts.h"

namespace kith::server::service {

void CursorHints::moved(const domain::ConversationState& conversation, const domain::UserCursor& cursor) {
  if (conversation.group.kind == domain::ConversationKind::group) {
    if (conversation.members.size() > domain::kMostTold) return;
    const auto [gathered, is_first] = gathered_.try_emplace(conversation.id);
    gathered->second.insert_or_assign(cursor.user, cursor.position);
    if (is_first) tasks_.spawn(gather(conversation.id));
    return;
  }
  const Key key{conversation.id, cursor.user};
  Waiting hint{conversation.members, cursor.position};
  if (const auto paused = direct_.find(key); paused != direct_.end()) {
    paused->second = std::move(hint);
    return;
  }
  direct_.emplace(key, std::nullopt);
  publish(key, hint);
  tasks_.spawn(pause(key));
}

void CursorHints::publish(const Key& key, const Waiting& hint) {
  const domain::SharedBytes frame = ports_.hints.cursor(key.conversation, {key.user, hint.position});
  for (const UserId& member : hint.members) {
    if (member != key.user) ports_.bus.publish(member, {.frame = frame});
  }
}

Task<void> CursorHints::pause(Key key) {
  for (;;) {
    co_await ports_.scheduler.sleep_for(kPause);
    auto& waiting = direct_.find(key)->second;
    if (!waiting) break;
    publish(key, *std::exchange(waiting, std::nullopt));
  }
  direct_.erase(key);
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
