// What came of many runs: how much was simulated, what went wrong in it on purpose, what was never reached.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/simulation/job.h"

namespace kith::sim {

class Summary {
 public:
  void add(const Job& job, const Report& report);
  [[nodiscard]] std::size_t seeds() const { return seeds_; }
  [[nodiscard]] std::size_t failed() const { return replays_.size(); }
  // Several lines; the last ones say how to run each failed seed again.
  [[nodiscard]] std::string text(double seconds) const;

 private:
  std::size_t seeds_ = 0;
  std::int64_t virtual_ms_ = 0;
  std::size_t clients_ = 0;
  std::size_t messages_ = 0;
  std::size_t entries_ = 0;
  std::uint64_t events_ = 0;
  std::array<std::uint64_t, kFaults> happened_{};
  std::array<std::uint64_t, kFaults> points_{};
  std::vector<std::string> replays_;
};

}  // namespace kith::sim
