// Who of this node's live devices is told what happens in one conversation of many members: found once, and then
// carried on by what the messages themselves say of who came and went, and by who comes online. Offline members cost
// nothing. What a message means is decided by its epoch, so that it may be late or early:
//
//   of an epoch to come    something was missed: load the conversation, begin anew
//   of the present one     for all; at its end whoever came with it is told too, and whoever went no more
//   of one before          for those who were in already
//   before all we know of  for nobody: they have been told, or will be, what is behind it, and read what is missing
#pragma once

#include <map>

#include "server/service/conversation_cache.h"
#include "server/service/live_devices.h"

namespace kith::server::service {

class Audience {
 public:
  using State = ConversationCache::State;
  // O(members).
  Audience(const LiveDevices& live, State state);

  // It takes a new one to tell this message: something was missed, or so many came and went that this one is large.
  [[nodiscard]] bool is_outdated_by(const domain::ConversationMessage& message) const {
    return message.epoch > epoch_ || came_.size() + gone_.size() > kMostMoves;
  }
  [[nodiscard]] bool is_present(const domain::ConversationMessage& message) const { return message.epoch == epoch_; }

  [[nodiscard]] std::size_t weight() const { return weight_of(*base_); }

  // Before somebody is told: who has come online since. `cached` may be of any epoch, or null.
  void catch_up(const State& cached);
  // Those of whom each may be told: see hears(). Empty places go when they are looked at.
  std::vector<LiveDevices::Place>& places() { return places_; }
  [[nodiscard]] bool is_for_places(const domain::ConversationMessage& message) const;
  [[nodiscard]] bool hears(const domain::ConversationMessage& message, const UserId& user) const;
  // All places have been told. Answers who is to be told beside them, and from now on knows who came and went.
  std::vector<LiveDevices::Place> conclude(const domain::ConversationMessage& message);

 private:
  static constexpr std::size_t kMostMoves = 8192;
  static constexpr std::size_t kMostOldMoves = 1024;

  [[nodiscard]] bool is_member(const UserId& user) const;
  void find_all();

  const LiveDevices& live_;
  State base_;
  Epoch epoch_;
  Epoch since_;                   // who came and went is known from this epoch on
  std::map<UserId, Epoch> came_;  // the first epoch of those who came since
  std::map<UserId, Epoch> gone_;  // the last one of those who went since, and are in base_
  std::vector<LiveDevices::Place> places_;
  std::uint64_t seen_ = 0;  // of live_.ever()
};

}  // namespace kith::server::service
