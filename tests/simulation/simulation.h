// One run from one seed.
#pragma once

#include "tests/simulation/world.h"

namespace kith::sim {

// What a trace says where the run is over and the checks begin, which ask a lot.
inline constexpr std::string_view kLooking = "all is looked at";

struct Outcome {
  std::vector<std::string> failures;
  std::uint64_t trace_hash = 0;
  std::int64_t virtual_ms = 0;
  std::size_t clients = 0;
  std::size_t entries = 0;   // committed to conversations
  std::size_t messages = 0;  // of people
  std::uint64_t events = 0;
  std::array<std::uint64_t, kFaults> happened{};
  std::array<std::uint64_t, kFaults> points{};
};

[[nodiscard]] Outcome simulate(const Options& options);

}  // namespace kith::sim
