// One run depends on its seed alone, and leaves nothing behind.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/simulation/toy_crypto/toy.h"

namespace kith::sim {
namespace {

class Simulation : public testing::TestWithParam<const char*> {
 protected:
  Simulation() { use_toy_crypto(true); }
  ~Simulation() override { use_toy_crypto(false); }

  static Options options(std::uint64_t seed) {
    Options options;
    options.seed = seed;
    options.steps = 40;
    options.profile = GetParam();
    return options;
  }
};

TEST_P(Simulation, of_one_seed_is_the_same_each_time) {
  const Outcome once = simulate(options(3));
  const Outcome again = simulate(options(3));
  EXPECT_GT(once.events, 1000U);
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  EXPECT_EQ(once.events, again.events);
  EXPECT_EQ(once.virtual_ms, again.virtual_ms);
  EXPECT_EQ(once.happened, again.happened);
  EXPECT_EQ(once.failures, again.failures);
}

TEST_P(Simulation, of_another_seed_is_another_one) {
  EXPECT_NE(simulate(options(3)).trace_hash, simulate(options(4)).trace_hash);
}

TEST_P(Simulation, gives_back_all_memory) {
  (void)simulate(options(3));  // what lasts as long as the program is there from now on
  const std::size_t before = mallinfo2().uordblks;
  (void)simulate(options(4));
  EXPECT_LE(mallinfo2().uordblks, before + 4096);
}

INSTANTIATE_TEST_SUITE_P(OfProfile, Simulation, testing::Values("calm", "lossy", "crashy", "hostile"),
                         [](const auto& profile) { return std::string(profile.param); });

}  // namespace
}  // namespace kith::sim
