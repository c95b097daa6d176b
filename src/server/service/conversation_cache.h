// States of conversations that a node has seen lately. A state may be old: every write expects its version, and a
// Conflict means to load it again, once. Bounded by what they weigh, so that large groups do not make it large; the
// least recently used one goes first.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>

#include "server/domain/conversation.h"

namespace kith::server::service {

// In conversations of a few: a state takes about 52 bytes for each leaf.
inline std::size_t weight_of(const domain::ConversationState& state) { return 1 + state.group.seats.size() / 16; }

class ConversationCache {
 public:
  using State = std::shared_ptr<const domain::ConversationState>;
  // The last one that came is kept, whatever it weighs.
  explicit ConversationCache(std::size_t max_weight) : max_weight_(max_weight) {}

  // Null where it is not known.
  State find(const ConversationId& id);
  // Keeps the newer of what is here and `state`, which is newer where they are of one epoch.
  void keep(State state);
  void forget(const ConversationId& id);
  [[nodiscard]] std::size_t size() const { return states_.size(); }

 private:
  std::size_t max_weight_;
  std::size_t weight_ = 0;
  std::list<State> order_;  // most recently used first
  std::unordered_map<ConversationId, std::list<State>::iterator> states_;
};

}  // namespace kith::server::service
