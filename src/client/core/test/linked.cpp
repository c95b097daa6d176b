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

void prove(World& world, Client& fresh, const std::string& phone) {
  const auto done = [&](const Json& command) {
    const auto answer = fresh.ask(command);
    EXPECT_TRUE(answer && (*answer)["type"] == "done") << (answer ? answer->dump() : "");
  };
  fresh.start();
  done({{"type", "register"}, {"phone", phone}});
  done({{"type", "confirm_code"}, {"code", world.server.code}});
}

Json recover_command(const std::string& recovery_key, bool removes_others) {
  Json command = {{"type", "recover"}, {"recovery_key", recovery_key}, {"device_name", "New phone"}};
  if (removes_others) command["removes_others"] = true;
  return command;
}

void recover(World& world, Client& fresh, const std::string& recovery_key, bool removes_others) {
  for (int tries = 0; tries < 50; ++tries) {
    world.run_until([&] { return fresh.is_running() && !fresh.account.is_null(); });
    if (fresh.account["stage"] == "ready") break;
    if (fresh.account["is_recovering"] == false) fresh.ask(recover_command(recovery_key, removes_others));
    world.run_for(1'000);
  }
  EXPECT_TRUE(
      world.run_until([&] { return fresh.is_running() && fresh.account["stage"] == "ready" && fresh.is_online(); }));
}

}  // namespace kith::client::test
