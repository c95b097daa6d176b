#include "tests/simulation/faulty_bus.h"

#include <algorithm>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/manual_scheduler.h"

namespace kith::sim {
namespace {

using server::domain::Bus;
using server::domain::BusMessage;
using server::domain::BusMessageKind;
using server::domain::ConversationMessage;

UserId user(std::uint8_t n) {
  UserId id;
  id.value[0] = n;
  return id;
}
BusMessage saying(std::string_view text) { return {.frame = std::make_shared<const Bytes>(to_bytes(text))}; }
std::string text_of(const BusMessage& message) {
  return message.kind == BusMessageKind::lost ? "lost" : std::string(as_text(*message.frame));
}

using Texts = std::vector<std::string>;

// Two nodes, each with a clock of its own.
class FaultyBus : public testing::Test {
 protected:
  void begin(std::initializer_list<std::pair<Fault, double>> rates, std::uint64_t seed = 1) {
    there_.reset();
    here_.reset();
    Profile profile{.name = "some"};
    for (const auto& [fault, rate] : rates) profile.rates[static_cast<std::size_t>(fault)] = rate;
    faults_.emplace(profile, seed);
    hub_.emplace(*faults_);
    here_ = hub_->attach(here_time_);
    there_ = hub_->attach(there_time_);
  }
  void run(std::chrono::milliseconds duration = std::chrono::minutes(1)) {
    here_time_.run_for(duration);
    there_time_.run_for(duration);
  }
  std::unique_ptr<Bus::Subscription> listen(Bus& bus, Texts& heard, std::uint8_t n = 1) {
    return bus.subscribe(user(n), [&heard](const BusMessage& message) { heard.push_back(text_of(message)); });
  }
  std::size_t happened(Fault fault) const { return faults_->happened()[static_cast<std::size_t>(fault)]; }

  test::ManualScheduler here_time_;
  test::ManualScheduler there_time_{{1'600'000'000'000}};
  std::optional<Faults> faults_;
  std::optional<BusHub> hub_;
  std::unique_ptr<Bus> here_;
  std::unique_ptr<Bus> there_;
};

TEST_F(FaultyBus, a_message_takes_a_turn_at_home_and_a_moment_elsewhere) {
  Texts home;
  Texts elsewhere;
  begin({}, 3);
  const auto mine = listen(*here_, home);
  const auto theirs = listen(*there_, elsewhere);
  here_->publish(user(1), saying("hello"));
  EXPECT_TRUE(home.empty());
  here_time_.run_ready();
  EXPECT_EQ(home, Texts{"hello"});
  there_time_.run_ready();
  EXPECT_TRUE(elsewhere.empty());
  run();
  EXPECT_EQ(elsewhere, Texts{"hello"});
}

TEST_F(FaultyBus, the_order_of_a_publisher_survives_clocks_that_jump) {
  Texts heard;
  begin({});
  const auto theirs = listen(*there_, heard);
  Texts sent;
  for (int i = 0; i < 100; ++i) {
    there_time_.set_now({1'600'000'000'000 + (i % 3) * 3'600'000});
    sent.push_back(std::to_string(i));
    here_->publish(user(1), saying(sent.back()));
  }
  there_time_.set_now({1'600'000'000'000});
  there_time_.run_for(std::chrono::hours(3));
  EXPECT_EQ(heard, sent);
}

TEST_F(FaultyBus, a_lost_message_is_gone_and_sometimes_everybody_on_that_node_is_told_of_a_loss) {
  Texts heard;
  Texts of_others;
  int lost_conversations = 0;
  begin({{Fault::bus_lost, 1}});
  const auto mine = listen(*there_, heard);
  const auto other = listen(*there_, of_others, 2);
  const auto members = there_->subscribe_conversations([&](const ConversationMessage& message) {
    EXPECT_EQ(message.kind, BusMessageKind::lost);
    ++lost_conversations;
  });
  for (int i = 0; i < 100; ++i) here_->publish(user(1), saying("x"));
  EXPECT_TRUE(heard.empty()) << "never inside publish";
  run();
  EXPECT_EQ(happened(Fault::bus_lost), 100U);
  EXPECT_GT(heard.size(), 5U);
  EXPECT_LT(heard.size(), 50U);
  EXPECT_EQ(heard, Texts(heard.size(), "lost"));
  EXPECT_EQ(of_others, heard);
  EXPECT_EQ(static_cast<std::size_t>(lost_conversations), heard.size());
}

TEST_F(FaultyBus, a_delayed_message_is_overtaken_and_arrives_within_seconds) {
  Texts heard;
  begin({{Fault::bus_delayed, 0.5}});
  const auto theirs = listen(*there_, heard);
  Texts sent;
  for (int i = 100; i < 200; ++i) {
    sent.push_back(std::to_string(i));
    here_->publish(user(1), saying(sent.back()));
  }
  run(std::chrono::milliseconds(20));
  EXPECT_EQ(heard.size(), 100U - happened(Fault::bus_delayed));
  EXPECT_TRUE(std::ranges::is_sorted(heard)) << "those that were not delayed";
  run(std::chrono::seconds(10));
  EXPECT_FALSE(std::ranges::is_sorted(heard));
  std::ranges::sort(heard);
  EXPECT_EQ(heard, sent);
}

TEST_F(FaultyBus, a_doubled_message_is_heard_twice_at_different_times) {
  int heard = 0;
  begin({{Fault::bus_doubled, 1}});
  const auto theirs = there_->subscribe_conversations([&](const ConversationMessage& message) {
    EXPECT_EQ(message.epoch, Epoch{7});
    ++heard;
  });
  here_->publish_to_members({.epoch = Epoch{7}});
  run(std::chrono::milliseconds(20));
  EXPECT_EQ(heard, 1);
  run();
  EXPECT_EQ(heard, 2);
}

TEST_F(FaultyBus, an_instance_that_died_hears_nothing_of_what_was_on_its_way) {
  Texts heard;
  begin({{Fault::bus_delayed, 0.5}, {Fault::bus_doubled, 0.5}, {Fault::bus_lost, 0.2}});
  auto theirs = listen(*there_, heard);
  for (int i = 0; i < 20; ++i) here_->publish(user(1), saying("x"));
  there_.reset();
  run();
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(hub_->instances(), 1U);
  // What its node left behind is seen, and may end later.
  EXPECT_EQ(hub_->subscriptions(), 1U);
  theirs.reset();
  EXPECT_EQ(hub_->subscriptions(), 0U);
  here_->publish(user(1), saying("x"));
  run();
  EXPECT_TRUE(heard.empty());
}

TEST_F(FaultyBus, an_instance_may_die_in_its_own_handler) {
  int heard = 0;
  begin({});
  std::unique_ptr<Bus::Subscription> first;
  std::unique_ptr<Bus::Subscription> second;
  const auto die = [&](const BusMessage&) {
    ++heard;
    first.reset();
    there_.reset();
  };
  first = there_->subscribe(user(1), die);
  second = there_->subscribe(user(1), die);
  here_->publish(user(1), saying("1"));
  here_->publish(user(1), saying("2"));
  run();
  EXPECT_EQ(heard, 1);
}

TEST_F(FaultyBus, handlers_may_subscribe_publish_and_end_subscriptions) {
  Texts heard;
  begin({});
  std::unique_ptr<Bus::Subscription> mine;
  std::unique_ptr<Bus::Subscription> next;
  std::unique_ptr<Bus::Subscription> later;
  mine = here_->subscribe(user(1), [&](const BusMessage& message) {
    heard.push_back("mine " + text_of(message));
    next.reset();
    later = listen(*here_, heard);
    here_->publish(user(1), saying("again"));
    mine.reset();
  });
  next = listen(*here_, heard);
  here_->publish(user(1), saying("hello"));
  here_time_.run_ready();
  EXPECT_EQ(heard, (Texts{"mine hello", "again"}));
  EXPECT_EQ(hub_->subscriptions(), 1U);
}

TEST_F(FaultyBus, handlers_hear_in_the_order_in_which_they_subscribed) {
  Texts heard;
  begin({{Fault::bus_lost, 1}});
  std::vector<std::unique_ptr<Bus::Subscription>> kept;
  Texts expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(std::to_string(i));
    const auto hear = [&heard, i](const auto&) { heard.push_back(std::to_string(i)); };
    if (i % 2 == 0) {
      kept.push_back(here_->subscribe(user(static_cast<std::uint8_t>(40 - i)), hear));
    } else {
      kept.push_back(here_->subscribe_conversations(hear));
    }
  }
  while (heard.empty()) {
    here_->publish(user(40), saying("x"));
    run();
  }
  EXPECT_EQ(heard, expected);
}

TEST_F(FaultyBus, the_same_seed_does_the_same) {
  const auto run_with = [&](std::uint64_t seed) {
    Texts heard;
    begin({{Fault::bus_delayed, 0.3}, {Fault::bus_doubled, 0.3}, {Fault::bus_lost, 0.3}}, seed);
    const auto mine = listen(*here_, heard);
    const auto theirs = listen(*there_, heard);
    for (int i = 0; i < 50; ++i) here_->publish(user(1), saying(std::to_string(i)));
    run();
    return heard;
  };
  const Texts once = run_with(1);
  EXPECT_EQ(run_with(1), once);
  EXPECT_NE(run_with(2), once);
}

TEST_F(FaultyBus, nothing_goes_wrong_any_more_when_the_faults_are_over) {
  Texts heard;
  begin({{Fault::bus_lost, 1}, {Fault::bus_delayed, 1}, {Fault::bus_doubled, 1}});
  const auto theirs = listen(*there_, heard);
  faults_->end();
  here_->publish(user(1), saying("1"));
  here_->publish(user(1), saying("2"));
  run();
  EXPECT_EQ(heard, (Texts{"1", "2"}));
}

}  // namespace
}  // namespace kith::sim
