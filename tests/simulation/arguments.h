// The command line of kith-sim.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/job.h"

namespace kith::sim {

struct Arguments {
  enum class Crypto : std::uint8_t { toy, real, mixed };

  Options options;                    // of every run, but for seed and profile
  std::vector<std::string> profiles;  // each seed is run in each of them
  std::optional<std::uint64_t> seed;  // the first; none: a fresh one
  std::uint64_t seeds = 1;
  int for_s = 0;  // no run is begun after this time; 0: all seeds are run
  Crypto crypto = Crypto::toy;
  std::size_t jobs = 1;
  std::size_t lines = 40;   // of a failed run's story
  std::string regressions;  // a file of runs instead
  // Of kith-sim-defects.
  std::string defect;
  bool lists_defects = false;
  bool proves = false;
  bool shrinks = false;
  bool is_quiet = false;
  bool helps = false;

  [[nodiscard]] bool is_about_defects() const { return lists_defects || proves || !defect.empty(); }
  // The run of this number, from 0 on; `first`: the first seed.
  [[nodiscard]] Job job(std::uint64_t number, std::uint64_t first) const;
};

[[nodiscard]] std::string usage();

// An error is a sentence.
[[nodiscard]] std::expected<Arguments, std::string> arguments_of(const std::vector<std::string>& words);

// "profile seed steps text", a line each; # begins a comment. An error is a sentence.
[[nodiscard]] std::expected<std::vector<Job>, std::string> regressions_of(const std::string& text);

}  // namespace kith::sim
