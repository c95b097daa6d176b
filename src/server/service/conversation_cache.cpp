#include "server/service/conversation_cache.h"

namespace kith::server::service {

ConversationCache::State ConversationCache::find(const ConversationId& id) {
  const auto found = states_.find(id);
  if (found == states_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return *found->second;
}

void ConversationCache::keep(State state) {
  if (const auto found = states_.find(state->id); found != states_.end()) {
    auto& known = *found->second;
    // Versions of notes do not grow: without any it is 0.
    if (known->version < state->version ||
        (known->version == state->version && known->notes_version != state->notes_version)) {
      weight_ += weight_of(*state) - weight_of(*known);
      known = std::move(state);
    }
    return;
  }
  weight_ += weight_of(*state);
  while (weight_ > max_weight_ && !order_.empty()) forget(ConversationId(order_.back()->id));
  const ConversationId id = state->id;
  order_.push_front(std::move(state));
  states_.emplace(id, order_.begin());
}

void ConversationCache::forget(const ConversationId& id) {
  const auto found = states_.find(id);
  if (found == states_.end()) return;
  weight_ -= weight_of(**found->second);
  order_.erase(found->second);
  states_.erase(found);
}

}  // namespace kith::server::service
