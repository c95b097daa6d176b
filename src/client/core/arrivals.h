// Conversations of this account that the server names and this device knows nothing of: those that it was in before
// this device was one of its own. Where no Welcome brings them, the device comes in from outside, newest first and a
// few at a time (founding.h does it, as for a group that was lost).
//
// The server says which they are. It makes nobody join a group of its own: what is entered has a leaf of this very
// identity, which only devices of the account have, and all that founding checks.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/ids.h"

namespace kith::client {

class Machine;
struct ShownGroup;

class Arrivals {
 public:
  static constexpr std::size_t kAtOnce = 8;
  static constexpr std::size_t kMostNamed = 100'000;
  // A Welcome may be on its way, but to a device that was only just listed.
  static constexpr std::int64_t kPatienceMs = 10'000;
  // One that cannot be entered does not keep the others waiting.
  static constexpr std::int64_t kTurnMs = 20'000;

  explicit Arrivals(Machine& machine) : machine_(machine) {}

  // The server names a conversation that is not known; the later, the newer.
  void named(const ConversationId& conversation);
  // This device is new: there is nothing to wait for.
  void hurry() { hurries_ = true; }
  void disconnected();
  // Called at the end of every input.
  void advance();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

 private:
  void look(const ConversationId& conversation);
  void shown(const ConversationId& conversation, const ShownGroup& group);
  void forget_arrived();

  Machine& machine_;
  std::map<ConversationId, std::int64_t> named_;  // since when; on Machine::clock_ms
  std::deque<ConversationId> order_;
  std::map<ConversationId, std::int64_t> coming_;  // until when others wait for it
  std::set<ConversationId> refused_;               // in this life
  bool hurries_ = false;
};

}  // namespace kith::client
