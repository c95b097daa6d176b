#include "tests/simulation/faults.h"

#include <algorithm>

namespace kith::sim {
namespace {

struct Named {
  Fault fault;
  std::string_view name;
  double lossy;
  double crashy;
  double hostile;
};

// In the order of Fault. Calm has none of them.
constexpr std::array<Named, kFaults> kTable{{
    {Fault::frame_delayed, "frame_delayed", 0.02, 0.002, 0.002},
    {Fault::hint_doubled, "hint_doubled", 0.05, 0, 0.01},
    {Fault::hint_dropped, "hint_dropped", 0.02, 0.005, 0.005},
    {Fault::connection_cut, "connection_cut", 0.01, 0.002, 0.001},
    {Fault::half_open, "half_open", 0.002, 0.0005, 0},
    {Fault::request_lost, "request_lost", 0.05, 0.01, 0},
    {Fault::answer_lost, "answer_lost", 0.05, 0.01, 0},
    {Fault::request_doubled, "request_doubled", 0.01, 0, 0},
    {Fault::store_failed, "store_failed", 0.002, 0.005, 0},
    {Fault::store_answer_lost, "store_answer_lost", 0.002, 0.005, 0},
    {Fault::store_overloaded, "store_overloaded", 0.002, 0.002, 0},
    {Fault::store_conflict, "store_conflict", 0.01, 0.01, 0.002},
    {Fault::store_slow, "store_slow", 0.01, 0.01, 0},
    {Fault::cursors_lost, "cursors_lost", 0, 0.5, 0},
    {Fault::outbox_doubled, "outbox_doubled", 0.05, 0.05, 0.01},
    {Fault::outbox_late, "outbox_late", 0.05, 0.05, 0.01},
    {Fault::bus_lost, "bus_lost", 0.05, 0.02, 0.005},
    {Fault::bus_delayed, "bus_delayed", 0.1, 0.02, 0.005},
    {Fault::bus_doubled, "bus_doubled", 0.02, 0.01, 0},
    {Fault::node_killed, "node_killed", 0, 0.08, 0},
    {Fault::node_drained, "node_drained", 0.01, 0.04, 0.005},
    {Fault::clock_jumped, "clock_jumped", 0.01, 0.01, 0.002},
    {Fault::store_restored, "store_restored", 0, 0.01, 0},
    {Fault::log_trimmed, "log_trimmed", 0, 0.02, 0.001},
    {Fault::client_killed, "client_killed", 0.0005, 0.01, 0.0005},
    {Fault::client_restored, "client_restored", 0, 0.01, 0},
    {Fault::client_away, "client_away", 0.1, 0.05, 0.03},
    {Fault::entry_relabelled, "entry_relabelled", 0, 0, 0.01},
    {Fault::entry_altered, "entry_altered", 0, 0, 0.005},
    {Fault::entries_swapped, "entries_swapped", 0, 0, 0.005},
    {Fault::entry_withheld, "entry_withheld", 0, 0, 0.005},
    {Fault::entry_left_out, "entry_left_out", 0, 0, 0.003},
    {Fault::entry_repeated, "entry_repeated", 0, 0, 0.003},
    {Fault::log_forked, "log_forked", 0, 0, 0.005},
    {Fault::head_invented, "head_invented", 0, 0, 0.05},
    {Fault::history_invented, "history_invented", 0, 0, 0.02},
    {Fault::ack_invented, "ack_invented", 0, 0, 0.02},
    {Fault::answer_invented, "answer_invented", 0, 0, 0.01},
    {Fault::group_aged, "group_aged", 0, 0, 0.2},
    {Fault::changes_aged, "changes_aged", 0, 0, 0.1},
    {Fault::mail_withheld, "mail_withheld", 0, 0, 0.1},
    {Fault::mail_swapped, "mail_swapped", 0, 0, 0.1},
    {Fault::block_withheld, "block_withheld", 0, 0, 0.02},
    {Fault::block_swapped, "block_swapped", 0, 0, 0.02},
    {Fault::directory_aged, "directory_aged", 0, 0, 0.1},
    {Fault::device_invented, "device_invented", 0, 0, 0.05},
    {Fault::identity_invented, "identity_invented", 0, 0, 0.03},
    {Fault::frame_garbled, "frame_garbled", 0, 0, 0.001},
    {Fault::message_misbound, "message_misbound", 0, 0, 0.1},
    {Fault::message_unreadable, "message_unreadable", 0, 0, 0.1},
    {Fault::generation_reused, "generation_reused", 0, 0, 0.05},
    {Fault::message_miskinded, "message_miskinded", 0, 0, 0.1},
    {Fault::commit_mistagged, "commit_mistagged", 0, 0, 0.2},
    {Fault::path_missealed, "path_missealed", 0, 0, 0.2},
    {Fault::group_info_poisoned, "group_info_poisoned", 0, 0, 0.2},
    {Fault::welcome_spoiled, "welcome_spoiled", 0, 0, 0.3},
    {Fault::note_forged, "note_forged", 0, 0, 0.03},
    {Fault::policy_overstepped, "policy_overstepped", 0, 0, 0.03},
}};

}  // namespace

std::string_view name_of(Fault fault) { return kTable[static_cast<std::size_t>(fault)].name; }

std::optional<Fault> fault_named(std::string_view name) {
  const auto at = std::ranges::find(kTable, name, &Named::name);
  return at == kTable.end() ? std::nullopt : std::optional(at->fault);
}

std::optional<Profile> profile_named(std::string_view name) {
  Profile profile{.name = name};
  for (std::size_t i = 0; i < kFaults; ++i) {
    KITH_CHECK(static_cast<std::size_t>(kTable[i].fault) == i);
    profile.rates[i] = name == "lossy" ? kTable[i].lossy : name == "crashy" ? kTable[i].crashy : kTable[i].hostile;
  }
  if (name == "calm") profile.rates = {};
  if (name != "calm" && name != "lossy" && name != "crashy" && name != "hostile") return std::nullopt;
  return profile;
}

}  // namespace kith::sim
