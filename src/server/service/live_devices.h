// Who is live on this node: one place for each socket that has said Hello. Those who tell many devices at once keep
// places, 8 bytes each, and find out when they use one that it is empty by now.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "server/domain/entry.h"
#include "server/domain/ports/bus.h"

namespace kith::server::service {

// A live socket as services see it. The edge implements it.
class LiveDevice {
 public:
  virtual ~LiveDevice() = default;
  [[nodiscard]] virtual const domain::Caller& caller() const = 0;
  // Takes it or drops it, and never waits. The device may leave meanwhile.
  virtual void hear(const domain::BusMessage& message) = 0;
};

class LiveDevices {
 public:
  struct Place {
    std::uint32_t number = 0;
    std::uint32_t life = 0;  // how often the place was given before
    friend bool operator==(const Place&, const Place&) = default;
  };
  static constexpr std::size_t kRemembered = 4096;

  // The device stays where it is until it leaves.
  Place enter(LiveDevice& device);
  void leave(Place place);
  // Null where it has left.
  [[nodiscard]] LiveDevice* at(Place place) const {
    const Seat& seat = seats_[place.number];
    return seat.life == place.life ? seat.device : nullptr;
  }
  // A user's, those first that came first.
  [[nodiscard]] std::vector<Place> of(const UserId& user) const;
  [[nodiscard]] std::size_t size() const { return seats_.size() - empty_.size(); }

  // How many have ever come. Behind a number that it was, those that came since and may have left again; nothing where
  // that were more than kRemembered.
  [[nodiscard]] std::uint64_t ever() const { return ever_; }
  [[nodiscard]] std::optional<std::vector<Place>> since(std::uint64_t ever) const;

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  struct Seat {
    LiveDevice* device = nullptr;
    std::uint32_t life = 0;
    std::uint32_t next = kNone;  // of the same user
  };

  std::vector<Seat> seats_;
  std::vector<std::uint32_t> empty_;
  std::unordered_map<UserId, std::uint32_t> first_of_;
  std::deque<Place> latest_;
  std::uint64_t ever_ = 0;
};

}  // namespace kith::server::service
