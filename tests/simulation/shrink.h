// From a run that fails to a shorter one that fails in the same way: fewer steps, fewer people, no faults that do not
// matter, steps left out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/processes.h"

namespace kith::sim {

// A failure without what differs from run to run: ids, names and numbers.
[[nodiscard]] std::string kind_of(const std::string& failure);

class Shrink {
 public:
  // `run`: what comes of these jobs, in their order.
  using Run = std::function<std::vector<Report>(const std::vector<Job>&)>;
  // `say`: told of each shorter run.
  Shrink(Run run, std::function<void(const std::string&)> say) : run_(std::move(run)), say_(std::move(say)) {}

  // `report`: what came of it, which is a failure.
  [[nodiscard]] Job shortest(Job job, const Report& report);
  [[nodiscard]] const Report& report() const { return report_; }
  // Of the profile's faults that happened at all, those without which the shortest one does not fail.
  [[nodiscard]] std::vector<Fault> needed_faults(const Job& job) const;
  [[nodiscard]] std::size_t runs() const { return runs_; }

 private:
  bool fails(const Report& report) const;
  // The first of these that fails is the job from here on.
  bool try_each(Job& job, const std::vector<Job>& candidates);
  bool fewer_steps(Job& job);
  bool fewer_people(Job& job);
  bool fewer_faults(Job& job);
  bool steps_left_out(Job& job);

  Run run_;
  std::function<void(const std::string&)> say_;
  std::string kind_;
  Report report_;
  std::size_t runs_ = 0;
};

}  // namespace kith::sim
