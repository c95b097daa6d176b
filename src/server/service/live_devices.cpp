#include "server/service/live_devices.h"

#include "base/check.h"

namespace kith::server::service {

LiveDevices::Place LiveDevices::enter(LiveDevice& device) {
  std::uint32_t number = 0;
  if (empty_.empty()) {
    number = static_cast<std::uint32_t>(seats_.size());
    seats_.emplace_back();
  } else {
    number = empty_.back();
    empty_.pop_back();
  }
  Seat& seat = seats_[number];
  seat.device = &device;
  seat.next = kNone;
  const auto [first, is_only] = first_of_.try_emplace(device.caller().user, number);
  if (!is_only) {
    std::uint32_t last = first->second;
    while (seats_[last].next != kNone) last = seats_[last].next;
    seats_[last].next = number;
  }
  const Place place{number, seat.life};
  latest_.push_back(place);
  if (latest_.size() > kRemembered) latest_.pop_front();
  ++ever_;
  return place;
}

void LiveDevices::leave(Place place) {
  Seat& seat = seats_[place.number];
  KITH_CHECK(seat.device != nullptr && seat.life == place.life);
  const auto first = first_of_.find(seat.device->caller().user);
  if (first->second != place.number) {
    std::uint32_t before = first->second;
    while (seats_[before].next != place.number) before = seats_[before].next;
    seats_[before].next = seat.next;
  } else if (seat.next != kNone) {
    first->second = seat.next;
  } else {
    first_of_.erase(first);
  }
  seat.device = nullptr;
  ++seat.life;
  empty_.push_back(place.number);
}

std::vector<LiveDevices::Place> LiveDevices::of(const UserId& user) const {
  std::vector<Place> places;
  const auto first = first_of_.find(user);
  if (first == first_of_.end()) return places;
  for (std::uint32_t at = first->second; at != kNone; at = seats_[at].next) places.push_back({at, seats_[at].life});
  return places;
}

std::optional<std::vector<LiveDevices::Place>> LiveDevices::since(std::uint64_t ever) const {
  const std::uint64_t missed = ever_ - ever;
  if (missed > latest_.size()) return std::nullopt;
  return std::vector<Place>(latest_.end() - static_cast<std::ptrdiff_t>(missed), latest_.end());
}

}  // namespace kith::server::service
