// Conversations of this account that the server names and this device knows nothing of: those that it was in before
// this device was one of its own, or that another one began and has not brought it into. Where no Welcome brings them,
// the device comes in from outside, newest first and a few at a time (founding.h does it, as for a group that was
// lost).
//
// What was named is entered in this life or named again to the next one: until then sync.h stores no newer token. From
// the moment that there is a chat its own row brings it back.
//
// The server says which they are, and before anything is kept or shown what it shows is opened and checked as
// founding.h does: a group whose leaves hold, in its own place, with a leaf of this very identity. It can still make
// one up, since the leaf of a key package is not bound to a group: of a genuine key package of another own device and
// of leaves that it made for other people. What stands against that are the identities that are pinned here, and
// nothing where somebody was never met; how many chats nobody can enter is bounded in any case.
#pragma once

#include <cstdint>
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
  // Requests of the connection that are left to everything else.
  static constexpr std::size_t kKeptSlots = 8;
  static constexpr std::size_t kMostNamed = 100'000;
  // Chats in which this device never was, in all lives: those that a Welcome made count, and half of what they may
  // (Mailbox::kMaxNeverJoined) is left to them.
  static constexpr std::size_t kMostUnentered = 32;
  // A server that shows so many groups which are refused, in one life, is asked for no more.
  static constexpr std::size_t kMostRefused = 64;
  // One that was refused is looked at again, whether the server names it again or not, after this: the first time, and
  // at most.
  static constexpr std::int64_t kRefusedMs = 60'000;
  static constexpr std::int64_t kMaxRefusedMs = 3'600'000;
  // A Welcome may be on its way, but to a device that was only just listed.
  static constexpr std::int64_t kPatienceMs = 10'000;
  // One that is shown and cannot be entered does not keep the others waiting.
  static constexpr std::int64_t kTurnMs = 20'000;
  // What the server could not show just now is asked for again after the others.
  static constexpr std::int64_t kRetryMs = 1'000;
  static constexpr std::int64_t kMaxRetryMs = 60'000;

  explicit Arrivals(Machine& machine) : machine_(machine) {}

  // The server names a conversation that is not known; the later, the newer.
  void named(const ConversationId& conversation);
  // This device is new, or was not done with it: there is nothing to wait for until it is in what there is.
  void hurry() { hurries_ = true; }
  // Of everything that was named there is a chat, or the server has nothing of it for this device.
  [[nodiscard]] bool has_all() const;
  // Nothing that was named waits to be entered or to be looked at.
  [[nodiscard]] bool is_done() const;
  void disconnected();
  // Called at the end of every input.
  void advance();
  [[nodiscard]] std::optional<std::int64_t> wake_at() const;

 private:
  // Times are on Machine::clock_ms.
  struct Waiting {
    std::int64_t rank = 0;      // the smallest is the next one
    std::int64_t since_ms = 0;  // named
    std::int64_t at_ms = 0;     // not before
  };
  struct Coming {
    std::int64_t since_ms = 0;
    std::optional<std::int64_t> until_ms{};  // others wait for it; nothing while it is being read
  };

  struct Refusal {
    std::int64_t pause_ms = 0;
    std::int64_t until_ms = 0;
  };

  void wait(const ConversationId& conversation, const Waiting& waiting);
  [[nodiscard]] bool may_begin() const;
  void end_turns();
  void look(const ConversationId& conversation, std::int64_t since_ms);
  void shown(const ConversationId& conversation, std::int64_t since_ms, const ShownGroup& group);
  void refuse(const ConversationId& conversation, const std::string& why);

  Machine& machine_;
  std::map<ConversationId, Waiting> waiting_;
  std::set<std::pair<std::int64_t, ConversationId>> later_;  // of those, by their time, ...
  std::map<std::int64_t, ConversationId> ready_;             // ... and by rank, when that has come
  std::map<ConversationId, Coming> coming_;
  std::map<ConversationId, Refusal> refused_;  // in this life
  std::int64_t front_ = 0;
  std::int64_t back_ = 0;
  bool hurries_ = false;
  bool left_some_out_ = false;  // more were named than are kept
  bool has_warned_ = false;     // on this connection
};

}  // namespace kith::client
