// kith-sim: runs the simulator. See README.md beside this.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/simulation/simulation.h"
#include "tests/simulation/toy_crypto/toy.h"
#ifdef KITH_SIM_DEFECTS
#include "tests/simulation/defects/defect.h"
#endif

namespace {

constexpr const char* kUsage =
    "kith-sim [--seed N] [--seeds COUNT] [--steps M] [--profile calm|lossy|crashy|hostile] [--people P]\n"
    "         [--crypto toy|real] [--trace] [--lines N]\n"
    "Runs servers and clients in one thread, from a seed. The same seed gives the same run.\n";

struct Arguments {
  kith::sim::Options options;
  std::uint64_t seeds = 1;
  bool has_toy_crypto = true;
  std::size_t lines = 60;
};

bool read(int count, char** words, Arguments& out) {
  for (int i = 1; i < count; ++i) {
    const std::string name = words[i];
    if (name == "--trace") {
      out.options.prints = true;
      continue;
    }
    if (i + 1 >= count) return false;
    const std::string value = words[++i];
    if (name == "--seed") {
      out.options.seed = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--seeds") {
      out.seeds = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--steps") {
      out.options.steps = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--people") {
      out.options.people = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--lines") {
      out.lines = std::strtoull(value.c_str(), nullptr, 10);
#ifdef KITH_SIM_DEFECTS
    } else if (name == "--defect") {
      kith::sim::plant_defect(value);
#endif
    } else if (name == "--profile" && kith::sim::profile_named(value)) {
      out.options.profile = value;
    } else if (name == "--crypto" && (value == "toy" || value == "real")) {
      out.has_toy_crypto = value == "toy";
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  if (!read(count, words, arguments)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  kith::sim::use_toy_crypto(arguments.has_toy_crypto);
  int failed = 0;
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    auto options = arguments.options;
    options.seed += i;
    const auto began = std::chrono::steady_clock::now();
    const auto outcome = kith::sim::simulate(options);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    std::printf(
        "seed %llu %s: %zu clients, %zu entries, %zu messages, %.1f virtual hours, %llu events, %.2f s, trace "
        "%016llx%s\n",
        static_cast<unsigned long long>(options.seed), options.profile.c_str(), outcome.clients, outcome.entries,
        outcome.messages, static_cast<double>(outcome.virtual_ms) / 3.6e6,
        static_cast<unsigned long long>(outcome.events), seconds, static_cast<unsigned long long>(outcome.trace_hash),
        outcome.failures.empty() ? "" : " FAILED");
    if (outcome.failures.empty()) continue;
    ++failed;
    for (const auto& failure : outcome.failures) std::printf("  %s\n", failure.c_str());
    std::printf("replay: kith-sim --seed %llu --steps %llu --profile %s%s\n",
                static_cast<unsigned long long>(options.seed), static_cast<unsigned long long>(options.steps),
                options.profile.c_str(), arguments.has_toy_crypto ? "" : " --crypto real");
  }
  return failed == 0 ? 0 : 1;
}
