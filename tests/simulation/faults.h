// What may go wrong, how often in which profile, and how often it did.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/simulation/chance.h"

namespace kith::sim {

enum class Fault : std::uint8_t {
  // The network. Rates: for each message.
  frame_delayed,  // by seconds; what follows on the same socket waits
  hint_doubled,
  hint_dropped,     // by the server, to a reader that is too slow: it owes a Resync
  connection_cut,   // both ends are told
  half_open,        // nobody is told, and nothing arrives any more
  request_lost,     // HTTP, before the server had it
  answer_lost,      // HTTP, after
  request_doubled,  // HTTP, by something on the way
  // The store. Rates: for each operation.
  store_failed,       // nothing was changed, and the caller cannot know
  store_answer_lost,  // it was, and the caller cannot know
  store_overloaded,   // refused
  store_conflict,     // somebody was faster: a row that a commit expects is written anew
  store_slow,         // by up to seconds
  cursors_lost,       // what a node that died had not flushed
  outbox_doubled,     // relayed, and there again
  outbox_late,        // a look at it takes long
  // The bus. Rates: for each message and subscriber.
  bus_lost,
  bus_delayed,
  bus_doubled,
  // Servers. Rates: for each step of the workload.
  node_killed,
  node_drained,
  clock_jumped,    // of a node or a client, forth or back
  store_restored,  // from a backup: a new history
  log_trimmed,     // entries older than the retention go
  // Clients. Rates: for each boundary of an output, or for each step.
  client_killed,
  client_restored,  // from an old backup of its rows
  client_away,      // for hours or weeks
  // A server that lies (hostile_server.h). Rates: for each thing of this kind on its way to a client; a lie lasts.
  entry_relabelled,  // one of its fields is another one
  entry_altered,     // its payload
  entries_swapped,   // with its neighbour
  entry_withheld,    // with all behind it, or leaving a hole
  entry_left_out,    // and what is behind it counts on
  entry_repeated,    // an old one in a new place, and what is behind it one place later
  log_forked,        // one of another place or conversation
  head_invented,     // of a log, the mailbox or the archive: back to an earlier one, or ahead
  history_invented,  // to and fro
  ack_invented,      // another place than the entry has
  answer_invented,   // an error that is none
  group_aged,        // GroupInfo and tree of before
  changes_aged,      // what the leaves do not agree with: of before, or nothing
  mail_withheld,
  mail_swapped,     // with another one, or of another conversation or place
  block_withheld,   // of the archive, at its end
  block_swapped,    // with another one, changed, or called erased
  directory_aged,   // devices and generations of before
  device_invented,  // by the server, in somebody's name
  identity_invented,
  frame_garbled,
  // A member that means it no good (hostile_member.h). Rates: for each thing of this kind that it sends.
  message_misbound,  // authenticated data that are not those of its entry
  message_unreadable,
  generation_reused,    // a key of its ratchet a second time
  message_miskinded,    // said silently though it is for people, or by whoever may not speak
  commit_mistagged,     // its membership or confirmation tag
  path_missealed,       // secrets of its path that nobody can open
  group_info_poisoned,  // a key for joiners that nobody has
  welcome_spoiled,
  note_forged,  // leaving and broken marks of others
  policy_overstepped,
  kCount,
};

inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kCount);
[[nodiscard]] std::string_view name_of(Fault fault);
[[nodiscard]] std::optional<Fault> fault_named(std::string_view name);

struct Profile {
  std::string_view name;
  std::array<double, kFaults> rates{};
  [[nodiscard]] double rate(Fault fault) const { return rates[static_cast<std::size_t>(fault)]; }
};

// "calm", "lossy", "crashy", "hostile".
[[nodiscard]] std::optional<Profile> profile_named(std::string_view name);

// Decides whether a fault happens here, and counts.
class Faults {
 public:
  Faults(const Profile& profile, std::uint64_t seed) : profile_(profile), chance_(seed) {}

  // A point at which it may happen. Always asked, so that a point that nothing reaches is seen in the summary.
  bool happens(Fault fault) {
    ++points_[static_cast<std::size_t>(fault)];
    const double rate = profile_.rate(fault);
    if (is_over_ || rate <= 0 || !chance_.with(rate) || is_left_out_[static_cast<std::size_t>(fault)]) return false;
    ++happened_[static_cast<std::size_t>(fault)];
    return true;
  }
  // It never happens from here on; chance is asked as before, so that up to where it would have happened all is the
  // same.
  void leave_out(Fault fault) { is_left_out_[static_cast<std::size_t>(fault)] = true; }
  // Nothing goes wrong any more.
  void end() { is_over_ = true; }
  [[nodiscard]] bool is_over() const { return is_over_; }
  // For how long, how far and so on: the faults' own numbers.
  [[nodiscard]] Chance& chance() { return chance_; }
  [[nodiscard]] const std::array<std::uint64_t, kFaults>& happened() const { return happened_; }
  [[nodiscard]] const std::array<std::uint64_t, kFaults>& points() const { return points_; }

 private:
  Profile profile_;
  Chance chance_;
  bool is_over_ = false;
  std::array<bool, kFaults> is_left_out_{};
  std::array<std::uint64_t, kFaults> happened_{};
  std::array<std::uint64_t, kFaults> points_{};
};

}  // namespace kith::sim
