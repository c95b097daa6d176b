// What is the in-process bus's own; tests/contract has what every bus does.
#include "server/adapters/memory/in_process_bus.h"

#include <gtest/gtest.h>

#include "tests/support/manual_scheduler.h"

namespace kith::server::adapters {
namespace {

using domain::BusMessage;
using domain::BusMessageKind;
using domain::ConversationMessage;
using domain::SharedBytes;
using kith::test::ManualScheduler;

UserId user(std::uint8_t n) {
  UserId id;
  id.value[0] = n;
  return id;
}
SharedBytes frame(std::size_t size = 1) { return std::make_shared<const Bytes>(size, std::uint8_t{1}); }

TEST(InProcessBusTest, handlers_share_the_bytes_of_a_message) {
  ManualScheduler here;
  ManualScheduler there;
  InProcessBus hub;
  const auto bus = hub.attach(here);
  const auto other = hub.attach(there);
  std::vector<SharedBytes> heard;
  const auto mine = bus->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(m.frame); });
  const auto same_user = other->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(m.frame); });
  const auto members = other->subscribe_conversations([&](const ConversationMessage& m) { heard.push_back(m.frame); });
  const auto bytes = frame();
  bus->publish(user(1), {.frame = bytes});
  bus->publish_to_members({.frame = bytes});
  here.run_ready();
  there.run_ready();
  EXPECT_EQ(heard, (std::vector<SharedBytes>{bytes, bytes, bytes}));
}

TEST(InProcessBusTest, a_queue_that_overflows_drops_and_says_so_to_all_but_never_drops_a_log_out) {
  ManualScheduler here;
  InProcessBus small(2500);
  const auto bus = small.attach(here);
  std::vector<BusMessageKind> heard;
  std::vector<BusMessageKind> of_members;
  const auto mine = bus->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(m.kind); });
  const auto members =
      bus->subscribe_conversations([&](const ConversationMessage& m) { of_members.push_back(m.kind); });
  for (int i = 0; i < 10; ++i) bus->publish(user(1), {.frame = frame(1000)});
  bus->publish_to_members({.frame = frame(1000)});
  bus->publish(user(1), {.kind = BusMessageKind::logged_out});
  here.run_ready();
  ASSERT_EQ(heard.size(), 4U);
  EXPECT_EQ(heard[0], BusMessageKind::frame);
  EXPECT_EQ(heard[2], BusMessageKind::logged_out);
  EXPECT_EQ(heard[3], BusMessageKind::lost);
  EXPECT_EQ(of_members, std::vector{BusMessageKind::lost});
  bus->publish(user(1), {.frame = frame(1000)});
  bus->publish_to_members({.frame = frame(1000)});
  here.run_ready();
  EXPECT_EQ(heard.back(), BusMessageKind::frame);
  EXPECT_EQ(of_members.back(), BusMessageKind::frame);
}

}  // namespace
}  // namespace kith::server::adapters
