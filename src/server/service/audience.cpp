#include "server/service/audience.h"

#include <algorithm>
#include <set>

namespace kith::server::service {

Audience::Audience(const LiveDevices& live, State state)
    : live_(live), base_(std::move(state)), epoch_(base_->group.epoch), since_(epoch_) {
  find_all();
}

void Audience::find_all() {
  places_.clear();
  const auto add = [&](const UserId& user) {
    if (gone_.contains(user)) return;
    for (const auto place : live_.of(user)) places_.push_back(place);
  };
  std::ranges::for_each(base_->members, add);
  for (const auto& [user, epoch] : came_) {
    if (!base_->has_member(user)) add(user);
  }
  places_.shrink_to_fit();
  seen_ = live_.ever();
}

bool Audience::is_member(const UserId& user) const {
  return !gone_.contains(user) && (base_->has_member(user) || came_.contains(user));
}

void Audience::catch_up(const State& cached) {
  // A newer state says the same in less room. Who left by a note may still be in it.
  if (cached && cached->group.epoch == epoch_ && base_->group.epoch != epoch_) {
    base_ = cached;
    std::erase_if(gone_, [&](const auto& one) { return one.second < epoch_; });
    if (came_.size() > kMostOldMoves) {
      came_.clear();
      since_ = epoch_;
    }
  }
  if (seen_ == live_.ever()) return;
  const auto newcomers = live_.since(seen_);
  if (!newcomers) return find_all();
  seen_ = live_.ever();
  for (const auto place : *newcomers) {
    const LiveDevice* device = live_.at(place);
    if (device == nullptr || !is_member(device->caller().user)) continue;
    // Whoever was added when it was online already may be here.
    const bool is_here = came_.contains(device->caller().user) && std::ranges::find(places_, place) != places_.end();
    if (!is_here) places_.push_back(place);
  }
}

bool Audience::is_for_places(const domain::ConversationMessage& message) const {
  return message.epoch >= since_ || (message.ends_epoch && message.epoch.next() == since_);
}

bool Audience::hears(const domain::ConversationMessage& message, const UserId& user) const {
  if (is_present(message) || came_.empty()) return true;
  const auto came = came_.find(user);
  return came == came_.end() || came->second <= message.epoch;
}

std::vector<LiveDevices::Place> Audience::conclude(const domain::ConversationMessage& message) {
  std::vector<LiveDevices::Place> beside;
  const auto tell = [&](const UserId& user) { std::ranges::copy(live_.of(user), std::back_inserter(beside)); };
  if (!is_present(message)) {
    // It was late: who went with it is no place here any more, but is told that it went.
    for (const UserId& user : message.gone) {
      if (!is_member(user)) tell(user);
    }
    return beside;
  }
  for (const UserId& user : message.came) {
    if (!is_member(user)) tell(user);
    gone_.erase(user);
    came_[user] = epoch_.next();
  }
  places_.insert(places_.end(), beside.begin(), beside.end());
  const std::set<UserId> gone(message.gone.begin(), message.gone.end());
  for (const UserId& user : gone) {
    came_.erase(user);
    gone_[user] = epoch_;
  }
  if (!gone.empty()) {
    std::erase_if(places_, [&](const LiveDevices::Place& place) {
      const LiveDevice* device = live_.at(place);
      return device == nullptr || gone.contains(device->caller().user);
    });
  }
  if (message.ends_epoch) epoch_ = epoch_.next();
  return beside;
}

}  // namespace kith::server::service
