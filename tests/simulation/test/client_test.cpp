#include "tests/simulation/client.h"

#include <gtest/gtest.h>

namespace kith::sim {
namespace {

constexpr std::int64_t kLifeMs = 30;  // longer than the slowest disk takes, and over before a killed one starts again

TEST(Client, what_it_stored_and_did_not_live_to_show_is_in_the_trace) {
  Profile profile{.name = "deadly"};
  profile.rates[static_cast<std::size_t>(Fault::client_killed)] = 0.3;
  VirtualTime time;
  Faults faults(profile, 1);
  Trace trace;
  std::vector<std::unique_ptr<ServerNode>> nodes;
  Network network(time, faults, trace, nodes);
  Client client({time, faults, trace, network}, "Ann", Chance(2));
  std::size_t shown = 0;
  std::size_t unseen = 0;
  trace.listen(&client, [&](std::int64_t, Trace::What what, std::string_view, ByteView) {
    shown += what == Trace::What::shown ? 1 : 0;
    unseen += what == Trace::What::unseen ? 1 : 0;
  });
  int lives_shown = 0;
  int lives_unseen = 0;
  for (int i = 0; i < 100; ++i) {
    client.stop();
    const auto rows = client.rows();
    shown = unseen = 0;
    client.start();
    time.run(kLifeMs);
    EXPECT_TRUE(shown == 0 || unseen == 0);
    // Each life begins with a row of its own.
    EXPECT_EQ(client.rows() != rows, shown + unseen > 0);
    lives_shown += shown > 0 ? 1 : 0;
    lives_unseen += unseen > 0 ? 1 : 0;
  }
  EXPECT_GT(lives_shown, 0);
  EXPECT_GT(lives_unseen, 0);
  client.stop();
  trace.listen(&client, {});
}

}  // namespace
}  // namespace kith::sim
