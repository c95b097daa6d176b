// How an invited device comes in: with the tree that the server keeps for the epoch of its Welcome.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/people.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Alice has written to Bob, who was away, and has renewed her leaf's keys since.
struct Away : Pair {
  Away() {
    bob.stop();
    write(world, alice, bob_id, {"first"});
    world.run_for(std::int64_t{8} * 24 * 3600 * 1000);
    write(world, alice, bob_id, {"second"});
    EXPECT_EQ(conversation().epoch, Epoch{2});
  }
  kith::test::ModelServer::Conversation& conversation() { return world.server.conversations.begin()->second; }
};

TEST(Invited, one_who_comes_late_joins_where_it_was_invited_and_reads_on) {
  Away t;
  t.bob.start();
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 2));
  write(t.world, t.bob, t.alice_id, {"third"});
  expect_same_chat(t.world, t.alice, t.bob, 3);
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Invited, a_tree_may_come_in_pieces_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p(1, crash_at);
    p.world.server.piece_bytes = 300;
    write(p.world, p.alice, p.bob_id, {"first"});
    ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
    EXPECT_THAT(p.world.said, IsEmpty());
    boundaries = p.world.boundaries;
  });
}

TEST(Invited, a_server_in_trouble_is_asked_again) {
  Away t;
  int refusals = 3;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &t.bob || !std::holds_alternative<wire::Group>(frame.body) || refusals == 0) return true;
    --refusals;
    wire::Error error;
    error.code = wire::ErrorCode::overloaded;
    error.retry_after_ms = 100;
    frame.body = error;
    return true;
  };
  t.bob.start();
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 2));
  EXPECT_EQ(refusals, 0);
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Invited, an_epoch_that_is_not_kept_any_more_leads_in_from_outside_and_what_was_missed_comes_again) {
  Away t;
  t.conversation().past.clear();
  t.bob.start();
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 2));
  EXPECT_THAT(t.world.said, Contains(HasSubstr("the group of its invitation is not there any more")));
}

TEST(Invited, a_tree_that_is_another_one_does_not_let_in) {
  Away t;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* group = std::get_if<wire::Group>(&frame.body);
    if (&client == &t.bob && group != nullptr && group->epoch == Epoch{1}) group->nodes = group->nodes.first(1);
    return true;
  };
  t.bob.start();
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 2)) << "from outside";
  EXPECT_THAT(t.world.said, Contains(HasSubstr("its invitation cannot be used")));
}

}  // namespace
}  // namespace kith::client::test
