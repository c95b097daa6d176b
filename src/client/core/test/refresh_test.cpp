// Leaves are given new keys in time, whoever commits first and whatever crashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/people.h"

namespace kith::client::test {
namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

struct Talk : Acquainted {
  using Acquainted::Acquainted;
  std::uint64_t epoch() { return conversation().epoch.value; }
  // Lets so many days go by with nobody there: each comes back at the end.
  void days_later(std::int64_t days) {
    alice.stop();
    bob.stop();
    world.run_for(days * kDayMs);
    alice.start();
    bob.start();
  }
  bool nothing_was_wrong() { return world.said.empty(); }
};

TEST(Refresh, every_leaf_gets_new_keys_within_a_week_and_not_before) {
  Talk t;
  t.days_later(5);
  t.world.run_for(60'000);
  EXPECT_EQ(t.epoch(), 1U);
  t.days_later(2);
  ASSERT_TRUE(t.world.run_until([&] { return t.epoch() == 3; })) << "one commit each";
  t.world.run_for(600'000);
  EXPECT_EQ(t.epoch(), 3U);
  write(t.world, t.alice, t.bob_id, {"third"});
  write(t.world, t.bob, t.alice_id, {"fourth"});
  expect_same_chat(t.world, t.alice, t.bob, 4);
  EXPECT_TRUE(t.nothing_was_wrong()) << ::testing::PrintToString(t.world.said);
  t.days_later(3);
  t.world.run_for(60'000);
  EXPECT_EQ(t.epoch(), 3U) << "the week begins anew";
}

TEST(Refresh, a_device_that_stays_online_is_not_forgotten) {
  Talk t;
  t.world.run_for(7 * kDayMs + 60'000);
  EXPECT_EQ(t.epoch(), 3U);
  EXPECT_TRUE(t.nothing_was_wrong()) << ::testing::PrintToString(t.world.said);
}

TEST(Refresh, a_thousand_messages_are_enough_for_one_set_of_keys) {
  Talk t;
  for (int i = 0; i < 10; ++i) {
    write(t.world, t.alice, t.bob_id, numbered("m" + std::to_string(i), 100));
    t.world.run_for(1'000);
  }
  ASSERT_TRUE(t.world.run_until([&] { return t.epoch() == 2; }));
  expect_same_chat(t.world, t.alice, t.bob, 1002);
  EXPECT_TRUE(t.nothing_was_wrong()) << ::testing::PrintToString(t.world.said);
}

TEST(Refresh, who_loses_the_race_makes_its_commit_again) {
  Talk t;
  t.alice.stop();
  t.bob.stop();
  t.world.run_for(8 * kDayMs);
  // Each commits before it hears of the other's: nothing of the log arrives meanwhile.
  bool deaf = true;
  t.world.to_client = [&](Client&, wire::Frame& frame) {
    return !deaf ||
           !(std::holds_alternative<wire::EntryHint>(frame.body) || std::holds_alternative<wire::Entries>(frame.body));
  };
  t.alice.start();
  t.bob.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.world.server.stale > 0; }));
  deaf = false;
  ASSERT_TRUE(t.world.run_until([&] { return t.epoch() == 3; }));
  write(t.world, t.alice, t.bob_id, {"third"});
  write(t.world, t.bob, t.alice_id, {"fourth"});
  expect_same_chat(t.world, t.alice, t.bob, 4);
  EXPECT_TRUE(t.nothing_was_wrong()) << ::testing::PrintToString(t.world.said);
}

TEST(Refresh, survives_a_crash_at_every_step_with_messages_around_it) {
  std::uint64_t boundaries = 0;
  for (std::uint64_t crash_after = 0; crash_after == 0 || crash_after <= boundaries; ++crash_after) {
    SCOPED_TRACE("crash at boundary " + std::to_string(crash_after));
    Talk t(crash_after % 3 + 1);
    t.days_later(7);
    const std::uint64_t begin = t.world.boundaries;
    t.world.crash_at = crash_after == 0 ? 0 : begin + crash_after;
    write(t.world, t.alice, t.bob_id, {"while it is under way"});
    ASSERT_TRUE(t.world.run_until([&] { return t.epoch() == 3; }));
    write(t.world, t.alice, t.bob_id, {"fourth"});
    write(t.world, t.bob, t.alice_id, {"fifth"});
    expect_same_chat(t.world, t.alice, t.bob, 5);
    EXPECT_TRUE(t.nothing_was_wrong()) << ::testing::PrintToString(t.world.said);
    if (crash_after == 0) boundaries = t.world.boundaries - begin;
    if (HasFailure()) break;
  }
  EXPECT_GT(boundaries, 20U);
}

}  // namespace
}  // namespace kith::client::test
