// Devices that are on a followed list and have no leaf in the conversation: which of them are let come by themselves,
// and whom this device adds with which key package.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "client/core/record.h"
#include "keys/followed_list.h"
#include "keys/group_rules.h"
#include "mls/key_package.h"

namespace kith::client {

class Chat;

class Newcomers {
 public:
  using Name = std::pair<UserId, DeviceId>;
  using Lists = std::map<UserId, keys::FollowedList>;
  using Seats = std::vector<keys::Seat>;

  explicit Newcomers(Chat& chat) : chat_(chat) {}

  // This device has just made the group: nobody has told its user's other devices of it.
  void group_was_founded(std::int64_t at_ms) { founded_at_ = at_ms; }
  // The lists or the leaves are others. Answers when the next one has had its time to come by itself, on
  // Machine::clock_ms.
  [[nodiscard]] std::optional<std::int64_t> await(const Lists& lists, const Seats& seats);
  // Whom this device adds. O(devices on the lists).
  [[nodiscard]] std::vector<Name> missing(const Lists& lists, const Seats& seats) const;
  // Nothing has shown that it cannot be added as this list names it.
  [[nodiscard]] bool may_come(const keys::DeviceList& list, const DeviceId& device) const;

  // Null: none was claimed.
  [[nodiscard]] const mls::VerifiedKeyPackage* package(const Name& name) const;
  void can_be_added(const Name& name, mls::VerifiedKeyPackage package);
  // It left no key package, or was refused with it: not again before its list is another one.
  void cannot_be_added(const DeviceId& device, const keys::DeviceList& list);
  void drop_who_came(const Seats& seats);

 private:
  [[nodiscard]] bool is_awaited(const Name& name) const;

  Chat& chat_;
  std::map<Name, mls::VerifiedKeyPackage> packages_;
  std::map<Name, ListAge> unavailable_;   // cannot be added as this list names them
  std::map<Name, std::int64_t> awaited_;  // until when, on Machine::clock_ms
  std::int64_t founded_at_ = 0;           // likewise; 0: not in this life
};

// Whether it has a leaf. O(seats).
[[nodiscard]] bool is_seated(const Newcomers::Seats& seats, const Newcomers::Name& name);

}  // namespace kith::client
