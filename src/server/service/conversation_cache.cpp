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
    const auto& known = *found->second;
    // Versions of notes do not grow: without any it is 0.
    if (known->version < state->version ||
        (known->version == state->version && known->notes_version != state->notes_version))
      *found->second = std::move(state);
    return;
  }
  if (states_.size() >= max_states_) {
    states_.erase(order_.back()->id);
    order_.pop_back();
  }
  const ConversationId id = state->id;
  order_.push_front(std::move(state));
  states_.emplace(id, order_.begin());
}

void ConversationCache::forget(const ConversationId& id) {
  const auto found = states_.find(id);
  if (found == states_.end()) return;
  order_.erase(found->second);
  states_.erase(found);
}

}  // namespace kith::server::service
