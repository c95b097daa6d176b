// States of conversations that a node has seen lately. A state may be old: every write expects its version, and a
// Conflict means to load it again, once. Bounded; the least recently used one goes first.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include "server/domain/conversation.h"

namespace kith::server::service {

class ConversationCache {
 public:
  using State = std::shared_ptr<const domain::ConversationState>;
  explicit ConversationCache(std::size_t max_states) : max_states_(max_states) {}

  // Null where it is not known.
  State find(const ConversationId& id);
  // Keeps the newer of what is here and `state`, which is newer where they are of one epoch.
  void keep(State state);
  void forget(const ConversationId& id);
  [[nodiscard]] std::size_t size() const { return states_.size(); }

 private:
  std::size_t max_states_;
  std::list<State> order_;  // most recently used first
  std::unordered_map<ConversationId, std::list<State>::iterator> states_;
};

}  // namespace kith::server::service
