#include "server/service/cursor_hints.h"

namespace kith::server::service {

void CursorHints::moved(const domain::ConversationState& conversation, const domain::UserCursor& cursor) {
  // In larger groups each would tell each: receipts are found there by syncing.
  if (conversation.members.size() > kMostTold) return;
  const Key key{conversation.id, cursor.user};
  Waiting hint{conversation.members, cursor.position};
  if (const auto paused = paused_.find(key); paused != paused_.end()) {
    paused->second = std::move(hint);
    return;
  }
  paused_.emplace(key, std::nullopt);
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
    auto& waiting = paused_.find(key)->second;
    if (!waiting) break;
    publish(key, *std::exchange(waiting, std::nullopt));
  }
  paused_.erase(key);
}

}  // namespace kith::server::service
