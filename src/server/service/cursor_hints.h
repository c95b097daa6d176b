// Paces hints about receipts. Of a direct conversation, for each user: the first one at once, then at most one a
// second, and the last value always. Of a group: what moved within a second goes out as one hint when it is over, to
// all members where they are few, to those who watch where they are more, and to nobody above domain::kMostTold.
// The other devices of who moved always hear of it, so that what is read on one is read on all: where they are not
// among those who are told, as in a direct conversation.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "server/domain/conversation.h"
#include "server/service/ports.h"

namespace kith::server::service {

class CursorHints {
 public:
  using State = std::shared_ptr<const domain::ConversationState>;
  // A conversation as it is now; null where there is none.
  using Load = std::function<Task<domain::Result<State>>(ConversationId)>;
  static constexpr std::chrono::seconds kPause{1};

  CursorHints(const Ports& ports, Load load) : ports_(ports), load_(std::move(load)) {}

  // Tells the others, now or when the pause is over.
  void moved(const domain::ConversationState& conversation, const domain::Caller& by, domain::CursorPosition position);
  // Conversations and users, and groups, whose pause is running.
  [[nodiscard]] std::size_t size() const { return paced_.size() + gathered_.size(); }

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
    domain::ConversationKind kind{};
    std::vector<UserId> to;
    domain::CursorPosition position;
    std::optional<DeviceId> by;  // knows already; nobody where several moved it
  };

  void pace(const Key& key, Waiting hint);
  void publish(const Key& key, const Waiting& hint);
  Task<void> pause(Key key);
  void publish(const domain::ConversationState& group, const std::map<UserId, domain::CursorPosition>& moved);
  Task<void> gather(ConversationId group);

  Ports ports_;
  Load load_;
  std::unordered_map<Key, std::optional<Waiting>, KeyHash> paced_;
  std::unordered_map<ConversationId, std::map<UserId, domain::CursorPosition>> gathered_;
  TaskScope tasks_;
};

}  // namespace kith::server::service
