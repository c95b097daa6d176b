// kith-sim: runs the simulator. README.md beside this says how.
#include <cstdio>

#include "tests/simulation/session.h"
#include "tests/simulation/toy_crypto/toy.h"

namespace kith::sim {
namespace {

Outcome carry_out(const Job& job) {
  use_toy_crypto(!job.has_real_crypto);
  return simulate(job.options);
}

int run(const std::vector<std::string>& words) {
  auto arguments = arguments_of(words);
  if (!arguments) return Session::misused(arguments.error());
  if (arguments->helps) return std::printf("%s", usage().c_str()) < 0;
  if (arguments->is_about_defects()) return Session::misused("kith-sim-defects has the defects, not this program.");
  return Session(*std::move(arguments), carry_out).run();
}

}  // namespace
}  // namespace kith::sim

int main(int count, char** words) { return kith::sim::run({words + 1, words + count}); }
