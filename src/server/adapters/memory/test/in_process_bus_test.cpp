#include "server/adapters/memory/in_process_bus.h"

#include <thread>

#include <gtest/gtest.h>

#include "tests/support/manual_scheduler.h"

namespace kith::server::adapters {
namespace {

using domain::BusMessage;
using domain::BusMessageKind;
using domain::SharedBytes;
using kith::test::ManualScheduler;

UserId user(std::uint8_t n) {
  UserId id;
  id.value[0] = n;
  return id;
}
SharedBytes frame(std::size_t size = 1) { return std::make_shared<const Bytes>(size, std::uint8_t{1}); }

class Bus : public testing::Test {
 protected:
  ManualScheduler here_, there_;
  InProcessBus hub_;
  std::unique_ptr<domain::Bus> bus_ = hub_.attach(here_);
  std::unique_ptr<domain::Bus> other_ = hub_.attach(there_);
};

TEST_F(Bus, messages_reach_the_users_handlers_on_their_own_scheduler_and_share_their_bytes) {
  std::vector<SharedBytes> heard;
  int others = 0;
  const auto mine = bus_->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(m.frame); });
  const auto same_user = other_->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(m.frame); });
  const auto stranger = bus_->subscribe(user(2), [&](const BusMessage&) { ++others; });
  const auto bytes = frame();
  bus_->publish(user(1), {.frame = bytes});
  EXPECT_TRUE(heard.empty());  // never inside publish
  here_.run_ready();
  EXPECT_EQ(heard.size(), 1U);
  there_.run_ready();
  EXPECT_EQ(heard, (std::vector<SharedBytes>{bytes, bytes}));
  EXPECT_EQ(others, 0);
}

TEST_F(Bus, nothing_is_heard_after_a_subscription_has_ended_also_from_inside_a_handler) {
  int heard = 0;
  std::unique_ptr<domain::Bus::Subscription> mine;
  mine = bus_->subscribe(user(1), [&](const BusMessage&) {
    ++heard;
    mine.reset();
  });
  bus_->publish(user(1), {.frame = frame()});
  bus_->publish(user(1), {.frame = frame()});
  here_.run_ready();
  EXPECT_EQ(heard, 1);
  bus_->publish(user(1), {.frame = frame()});
  EXPECT_FALSE(here_.run_ready());
}

TEST_F(Bus, a_queue_that_overflows_drops_and_says_so_but_never_drops_a_log_out) {
  InProcessBus small(2000);
  const auto bus = small.attach(here_);
  std::vector<BusMessageKind> heard;
  const auto mine = bus->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(m.kind); });
  for (int i = 0; i < 10; ++i) bus->publish(user(1), {.frame = frame(800)});
  bus->publish(user(1), {.kind = BusMessageKind::logged_out});
  here_.run_ready();
  ASSERT_EQ(heard.size(), 4U);
  EXPECT_EQ(heard[0], BusMessageKind::frame);
  EXPECT_EQ(heard[2], BusMessageKind::logged_out);
  EXPECT_EQ(heard[3], BusMessageKind::lost);
  bus->publish(user(1), {.frame = frame(800)});
  here_.run_ready();
  EXPECT_EQ(heard.back(), BusMessageKind::frame);
}

TEST_F(Bus, an_instance_that_is_gone_hears_nothing) {
  int heard = 0;
  auto mine = other_->subscribe(user(1), [&](const BusMessage&) { ++heard; });
  bus_->publish(user(1), {.frame = frame()});
  mine.reset();
  other_.reset();
  there_.run_ready();
  bus_->publish(user(1), {.frame = frame()});
  there_.run_ready();
  EXPECT_EQ(heard, 0);
}

TEST_F(Bus, threads_publish_to_each_other) {
  int heard = 0;
  const auto mine = bus_->subscribe(user(1), [&](const BusMessage&) { ++heard; });
  std::thread publisher([&] {
    for (int i = 0; i < 1000; ++i) other_->publish(user(1), {.frame = frame()});
  });
  while (heard < 1000) {
    if (!here_.run_ready()) ASSERT_TRUE(here_.wait());
  }
  publisher.join();
  EXPECT_EQ(heard, 1000);
}

}  // namespace
}  // namespace kith::server::adapters
