#include "client/core/test/linked.h"

#include <gtest/gtest.h>

namespace kith::client::test {

std::string code_on(World& world, Client& fresh, const std::string& phone) {
  fresh.start();
  const auto begun = fresh.ask({{"type", "begin_link"}, {"phone", phone}, {"device_name", "Tablet"}});
  EXPECT_TRUE(begun && (*begun)["type"] == "done") << (begun ? begun->dump() : "");
  EXPECT_EQ(fresh.account["stage"], "linking");
  EXPECT_TRUE(world.run_until([&] { return world.server.has_link(); }));
  return fresh.account["link"]["code"];
}

void hand_over(World& world, Client& old, Client& fresh, const std::string& code) {
  for (int tries = 0; tries < 20; ++tries) {
    if (fresh.account["stage"] == "ready") break;
    const auto answer = old.ask({{"type", "link_device"}, {"code", code}});
    if (answer && (*answer)["type"] == "done") break;
    world.run_for(1'000);
  }
  EXPECT_TRUE(
      world.run_until([&] { return fresh.is_running() && fresh.account["stage"] == "ready" && fresh.is_online(); }));
}

void link(World& world, Client& old, Client& fresh, const std::string& phone) {
  hand_over(world, old, fresh, code_on(world, fresh, phone));
}

}  // namespace kith::client::test
