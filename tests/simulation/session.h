// What kith-sim does with its arguments: many runs in processes of their own, what came of each, the story of those
// that failed, shorter ones that fail as well, and a summary.
#pragma once

#include <chrono>

#include "tests/simulation/arguments.h"
#include "tests/simulation/processes.h"
#include "tests/simulation/summary.h"

namespace kith::sim {

class Session {
 public:
  // `work` is one run, in a process of its own.
  Session(Arguments arguments, Processes::Work work);

  // Exit statuses: of a run that failed, and of arguments that make no sense.
  static constexpr int kFailed = 1;
  static constexpr int kMisused = 2;

  int run();
  // Says why, and how it is used.
  static int misused(const std::string& why);

 private:
  using Clock = std::chrono::steady_clock;

  int run_all(const std::vector<Job>& listed);
  // With its trace, in this process.
  int show(const Job& job);
  void take(const Job& job, const Report& report);
  void tell_story(const Job& job, const Report& report);
  void shrink(const Job& job, const Report& report);
  [[nodiscard]] double seconds() const;

  Arguments arguments_;
  Processes::Work work_;
  Processes processes_;
  Clock::time_point began_ = Clock::now();
  Summary summary_;
};

}  // namespace kith::sim
