// Runs jobs in processes of their own, some at a time: a check that fails, a crash or a run without end in one of them
// is a report like any other, and nothing that a run leaves behind reaches the next.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "tests/simulation/job.h"

namespace kith::sim {

class Processes {
 public:
  using Work = std::function<Outcome(const Job&)>;

  // `most` processes at a time. `work` is done in them, and whatever it changes is gone with them. Whoever takes longer
  // than `limit_s` of the real time is ended.
  Processes(Work work, std::size_t most, int limit_s = kLimitS);
  static constexpr int kLimitS = 300;

  // Jobs until there is no next one. `take` gets what came of each of them, in their order, as soon as it is known and
  // all before it are; where it says false, nothing goes on.
  void run(const std::function<std::optional<Job>()>& next, const std::function<bool(const Job&, const Report&)>& take);
  Report run(const Job& job);
  // Again, for what it prints: each line of the trace, and in the end what was said of a crash.
  void print(Job job, const std::function<void(std::string_view line)>& line);

 private:
  struct Child;
  using Print = std::function<void(std::string_view)>;
  Child start(const Job& job, bool is_heard) const;
  // Waits until something comes or somebody is over, and takes it in.
  static void attend(std::vector<Child>& children);

  Work work_;
  std::size_t most_;
  int limit_s_;
};

}  // namespace kith::sim
