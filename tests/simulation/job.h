// One run that is to be done in a process of its own, what came of it, and how it is asked for again.
#pragma once

#include <optional>
#include <string>

#include "tests/simulation/simulation.h"

namespace kith::sim {

struct Job {
  Options options;
  bool has_real_crypto = false;
  std::string defect;  // is planted first; empty: none
};

struct Report {
  Outcome outcome;
  double seconds = 0;
  // False where the process ended before it had an outcome; then there is one failure, which says how it ended.
  bool is_whole = false;
  [[nodiscard]] bool has_failed() const { return !outcome.failures.empty(); }
};

// The command line that does exactly this again.
[[nodiscard]] std::string replay_of(const Job& job);

// Steps as "3,5-9", ascending, and back; nullopt where the text is something else.
[[nodiscard]] std::string text_of_steps(const std::set<std::uint64_t>& steps);
[[nodiscard]] std::optional<std::set<std::uint64_t>> steps_of(std::string_view text);

}  // namespace kith::sim
