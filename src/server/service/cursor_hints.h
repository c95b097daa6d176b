// Paces hints about receipts: for each conversation and user the first one at once, then at most one a second, and the
// last value always.
#pragma once

#include <memory>
#include <unordered_map>

#include "server/domain/conversation.h"
#include "server/service/ports.h"

namespace kith::server::service {

class CursorHints {
 public:
  static constexpr std::chrono::seconds kPause{1};
  static constexpr std::size_t kMostTold = 16;  // members of a conversation in which it is done

  explicit CursorHints(const Ports& ports) : ports_(ports) {}

  // Tells the other members, now or when the pause is over.
  void moved(const domain::ConversationState& conversation, const domain::UserCursor& cursor);
  // Conversations and users whose pause is running.
  [[nodiscard]] std::size_t size() const { return paused_.size(); }

 private:
  struct Key {
    ConversationId conversation;
    UserId user;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return std::hash<ConversationId>{}(key.conversation) ^ (std::hash<UserId>{}(key.user) * 31);
    }
  };
  struct Waiting {
    std::vector<UserId> members;
    domain::CursorPosition position;
  };

  void publish(const Key& key, const Waiting& hint);
  Task<void> pause(Key key);

  Ports ports_;
  std::unordered_map<Key, std::optional<Waiting>, KeyHash> paused_;
  TaskScope tasks_;
};

}  // namespace kith::server::service
