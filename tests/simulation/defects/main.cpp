// kith-sim-defects: the simulator over sources with bugs on purpose, and the proof that it finds them.
#include <algorithm>
#include <cstdio>

#include "tests/simulation/defects/proof.h"
#include "tests/simulation/session.h"
#include "tests/simulation/toy_crypto/toy.h"

namespace kith::sim {
namespace {

Outcome carry_out(const Job& job) {
  use_toy_crypto(!job.has_real_crypto);
  if (!job.defect.empty()) plant_defect(job.defect);
  return simulate(job.options);
}

int list_defects() {
  for (const KnownDefect& known : known_defects()) {
    std::printf("%-34.*s %.*s\n", static_cast<int>(known.name.size()), known.name.data(),
                static_cast<int>(known.what.size()), known.what.data());
  }
  return 0;
}

bool is_known(const std::string& name) {
  return std::ranges::find(known_defects(), name, &KnownDefect::name) != known_defects().end();
}

int run(const std::vector<std::string>& words) {
  auto arguments = arguments_of(words);
  if (!arguments) return Session::misused(arguments.error());
  if (arguments->helps) return std::printf("%s", usage().c_str()) < 0;
  if (arguments->lists_defects) return list_defects();
  const std::string& defect = arguments->defect;
  if (!defect.empty() && !is_known(defect)) return Session::misused("There is no defect " + defect + " here.");
  if (arguments->proves) return Proof(*std::move(arguments), carry_out).run();
  return Session(*std::move(arguments), carry_out).run();
}

}  // namespace
}  // namespace kith::sim

int main(int count, char** words) { return kith::sim::run({words + 1, words + count}); }
