// What every Bus does, whatever carries it.
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "server/adapters/memory/in_process_bus.h"
#include "tests/simulation/faulty_bus.h"
#include "tests/support/manual_scheduler.h"

namespace kith::test {
namespace {

using server::domain::Bus;
using server::domain::BusMessage;
using server::domain::ConversationMessage;
using server::domain::SharedBytes;

// Some adapter: an instance for each node.
class BusUnderTest {
 public:
  virtual ~BusUnderTest() = default;
  virtual std::unique_ptr<Bus> attach(Scheduler& scheduler) = 0;
};
struct NamedBus {
  const char* name;
  std::function<std::unique_ptr<BusUnderTest>()> make;
};

class InProcess final : public BusUnderTest {
 public:
  std::unique_ptr<Bus> attach(Scheduler& scheduler) override { return hub_.attach(scheduler); }

 private:
  server::adapters::InProcessBus hub_;
};

// The simulator's, when nothing goes wrong. It is for one thread.
class Calm final : public BusUnderTest {
 public:
  std::unique_ptr<Bus> attach(Scheduler& scheduler) override { return hub_.attach(scheduler); }

 private:
  sim::Faults faults_{{.name = "calm"}, 1};
  sim::BusHub hub_{faults_};
};

UserId user(std::uint8_t n) {
  UserId id;
  id.value[0] = n;
  return id;
}
SharedBytes frame(std::string_view text = "x") { return std::make_shared<const Bytes>(to_bytes(text)); }

class BusContract : public testing::TestWithParam<NamedBus> {
 protected:
  // Until whatever is on its way has arrived.
  static void run(ManualScheduler& node) { node.run_for(std::chrono::seconds(1)); }

  ManualScheduler here_, there_;
  std::unique_ptr<BusUnderTest> hub_ = GetParam().make();
  std::unique_ptr<Bus> bus_ = hub_->attach(here_);
  std::unique_ptr<Bus> other_ = hub_->attach(there_);
};

TEST_P(BusContract, messages_reach_the_users_handlers_on_their_own_scheduler) {
  std::vector<Bytes> heard;
  int others = 0;
  const auto mine = bus_->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(*m.frame); });
  const auto same_user = other_->subscribe(user(1), [&](const BusMessage& m) { heard.push_back(*m.frame); });
  const auto stranger = bus_->subscribe(user(2), [&](const BusMessage&) { ++others; });
  bus_->publish(user(1), {.frame = frame("hello")});
  EXPECT_TRUE(heard.empty());  // never inside publish
  run(here_);
  EXPECT_EQ(heard.size(), 1U);
  run(there_);
  EXPECT_EQ(heard, (std::vector<Bytes>{to_bytes("hello"), to_bytes("hello")}));
  EXPECT_EQ(others, 0);
}

TEST_P(BusContract, what_is_for_members_reaches_every_node_once_and_whole) {
  std::vector<ConversationMessage> heard;
  int of_user = 0;
  const auto keep = [&](const ConversationMessage& message) { heard.push_back(message); };
  const auto mine = bus_->subscribe_conversations(keep);
  const auto theirs = other_->subscribe_conversations(keep);
  const auto by_user = bus_->subscribe(user(1), [&](const BusMessage&) { ++of_user; });
  const server::domain::Caller sender{user(1), DeviceId{{5}}};
  bus_->publish_to_members({.conversation = ConversationId{{7}},
                            .epoch = Epoch{3},
                            .frame = frame("hello"),
                            .except = sender,
                            .ends_epoch = true,
                            .came = {user(2), user(3)},
                            .gone = {user(4)}});
  EXPECT_TRUE(heard.empty());
  run(here_);
  run(there_);
  ASSERT_EQ(heard.size(), 2U);
  for (const auto& message : heard) {
    EXPECT_EQ(message.conversation, ConversationId{{7}});
    EXPECT_EQ(message.epoch, Epoch{3});
    EXPECT_EQ(*message.frame, to_bytes("hello"));
    EXPECT_EQ(message.except, sender);
    EXPECT_TRUE(message.ends_epoch);
    EXPECT_EQ(message.came, (std::vector{user(2), user(3)}));
    EXPECT_EQ(message.gone, std::vector{user(4)});
  }
  EXPECT_EQ(of_user, 0);
}

TEST_P(BusContract, what_one_node_publishes_is_heard_in_its_order) {
  std::vector<std::string> heard;
  const auto of_user = other_->subscribe(user(1), [&](const BusMessage& m) { heard.emplace_back(as_text(*m.frame)); });
  const auto of_members = other_->subscribe_conversations(
      [&](const ConversationMessage& m) { heard.emplace_back(m.frame ? as_text(*m.frame) : "nothing"); });
  bus_->publish_to_members({.frame = frame("1")});
  bus_->publish(user(1), {.frame = frame("2")});
  bus_->publish_to_members({});
  run(there_);
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "2", "nothing"}));
}

TEST_P(BusContract, nothing_is_heard_after_a_subscription_has_ended_also_from_inside_a_handler) {
  int heard = 0;
  std::unique_ptr<Bus::Subscription> mine;
  std::unique_ptr<Bus::Subscription> members;
  mine = bus_->subscribe(user(1), [&](const BusMessage&) {
    mine.reset();
    ++heard;
  });
  members = bus_->subscribe_conversations([&](const ConversationMessage&) {
    members.reset();
    ++heard;
  });
  for (int i = 0; i < 2; ++i) {
    bus_->publish(user(1), {.frame = frame()});
    bus_->publish_to_members({.frame = frame()});
  }
  run(here_);
  EXPECT_EQ(heard, 2);
  bus_->publish(user(1), {.frame = frame()});
  bus_->publish_to_members({.frame = frame()});
  run(here_);
  EXPECT_EQ(heard, 2);
}

TEST_P(BusContract, an_instance_that_is_gone_hears_nothing) {
  int heard = 0;
  auto mine = other_->subscribe(user(1), [&](const BusMessage&) { ++heard; });
  auto members = other_->subscribe_conversations([&](const ConversationMessage&) { ++heard; });
  bus_->publish(user(1), {.frame = frame()});
  bus_->publish_to_members({.frame = frame()});
  mine.reset();
  members.reset();
  other_.reset();
  run(there_);
  bus_->publish(user(1), {.frame = frame()});
  bus_->publish_to_members({.frame = frame()});
  run(there_);
  EXPECT_EQ(heard, 0);
}

class BusAcrossThreads : public BusContract {};

TEST_P(BusAcrossThreads, nodes_publish_to_each_other_from_their_own_threads) {
  int heard = 0;
  const auto mine = bus_->subscribe(user(1), [&](const BusMessage&) { ++heard; });
  const auto members = bus_->subscribe_conversations([&](const ConversationMessage&) { ++heard; });
  std::thread publisher([&] {
    for (int i = 0; i < 1000; ++i) {
      other_->publish(user(1), {.frame = frame()});
      other_->publish_to_members({.frame = frame()});
    }
  });
  while (heard < 2000) {
    if (!here_.run_ready()) ASSERT_TRUE(here_.wait());
  }
  publisher.join();
  EXPECT_EQ(heard, 2000);
}

const NamedBus kInProcess{"in_process", [] { return std::make_unique<InProcess>(); }};
const NamedBus kCalm{"calm", [] { return std::make_unique<Calm>(); }};
std::string name_of_bus(const testing::TestParamInfo<NamedBus>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Adapters, BusContract, testing::Values(kInProcess, kCalm), name_of_bus);
INSTANTIATE_TEST_SUITE_P(Adapters, BusAcrossThreads, testing::Values(kInProcess), name_of_bus);

}  // namespace
}  // namespace kith::test
