// That the simulator bites: each defect, planted, makes one of the first seeds fail that pass without it.
#pragma once

#include "tests/simulation/arguments.h"
#include "tests/simulation/defects/defect.h"
#include "tests/simulation/processes.h"

namespace kith::sim {

class Proof {
 public:
  // Of the defect that the arguments name, or of all; with so many seeds, and the profiles that each defect names.
  Proof(Arguments arguments, const Processes::Work& work);

  // Says of each by what it is found; a failure where one is not.
  int run();

 private:
  struct Found {
    Job by;
    std::string failure;
  };

  [[nodiscard]] std::optional<Found> find(const KnownDefect& defect);
  [[nodiscard]] bool passes_without(Job job);

  Arguments arguments_;
  Processes processes_;
};

}  // namespace kith::sim
