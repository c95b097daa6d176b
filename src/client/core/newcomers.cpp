#include "client/core/newcomers.h"

#include <algorithm>

#include "client/core/chat.h"
#include "client/core/machine.h"
#include "client/core/seen_lists.h"

namespace kith::client {

namespace {

// Counted anew in each life: a client that only ever runs shortly adds nobody who is new, and leaves it to the new
// device itself and to clients that stay.
constexpr std::int64_t kComesByItselfMs = 60'000;
constexpr std::int64_t kNewGroupMs = 5'000;  // so long after it began, who is missing was listed before as a rule

}  // namespace

bool is_seated(const Newcomers::Seats& seats, const Newcomers::Name& name) {
  return std::ranges::any_of(seats,
                             [&](const keys::Seat& s) { return s.user == name.first && s.device == name.second; });
}

// A device that was just listed is coming, but for an own one to a new group: no key package is spent on it meanwhile.
std::optional<std::int64_t> Newcomers::await(const Lists& lists, const Seats& seats) {
  const Machine& machine = chat_.machine();
  const std::int64_t now = machine.clock_ms();
  const bool is_new_group = founded_at_ != 0 && now < founded_at_ + kNewGroupMs;
  std::map<Name, std::int64_t> awaited;
  std::optional<std::int64_t> next;
  for (const auto& [user, followed] : lists) {
    if (is_new_group && user == machine.account.user()) continue;
    for (const keys::ListedDevice& device : followed.list.devices) {
      const Name name(user, device.device);
      if (is_seated(seats, name)) continue;
      const auto before = awaited_.find(name);
      const std::int64_t until = before != awaited_.end() ? before->second : now + kComesByItselfMs;
      awaited.emplace(name, until);
      if (now < until && (!next || until < *next)) next = until;
    }
  }
  awaited_ = std::move(awaited);
  return next;
}

std::vector<Newcomers::Name> Newcomers::missing(const Lists& lists, const Seats& seats) const {
  std::vector<Name> missing;
  for (const auto& [user, followed] : lists) {
    // Whose leaves all go is not let wait: with the last one the user would be out.
    const bool has_another = std::ranges::any_of(
        seats, [&](const keys::Seat& seat) { return seat.user == user && followed.list.find(seat.device) != nullptr; });
    for (const keys::ListedDevice& device : followed.list.devices) {
      const Name name(user, device.device);
      if (!is_seated(seats, name) && may_come(followed.list, device.device) && !(has_another && is_awaited(name)))
        missing.push_back(name);
    }
  }
  return missing;
}

bool Newcomers::is_awaited(const Name& name) const {
  const auto at = awaited_.find(name);
  return at != awaited_.end() && chat_.machine().clock_ms() < at->second;
}

bool Newcomers::may_come(const keys::DeviceList& list, const DeviceId& device) const {
  const auto tried = unavailable_.find({list.user, device});
  return tried == unavailable_.end() || tried->second != age_of(list);
}

const mls::VerifiedKeyPackage* Newcomers::package(const Name& name) const {
  const auto claimed = packages_.find(name);
  return claimed == packages_.end() ? nullptr : &claimed->second;
}

void Newcomers::can_be_added(const Name& name, mls::VerifiedKeyPackage package) {
  packages_.insert_or_assign(name, std::move(package));
}

void Newcomers::cannot_be_added(const DeviceId& device, const keys::DeviceList& list) {
  packages_.erase({list.user, device});
  unavailable_.insert_or_assign({list.user, device}, age_of(list));
}

void Newcomers::drop_who_came(const Seats& seats) {
  std::erase_if(packages_, [&](const auto& item) { return is_seated(seats, item.first); });
}

}  // namespace kith::client
