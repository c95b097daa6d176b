// A server that was restored from a backup, which lacks what happened since.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>

#include "client/core/junction.h"
#include "client/core/test/away.h"
#include "client/core/test/restored.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;

TEST(RestoredServer, keeps_what_is_here_and_goes_on) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 5));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 5));
  p.alice.set_network(false);
  p.bob.set_network(false);
  // The backup lacks the last two.
  auto& conversation = p.world.server.conversations.begin()->second;
  conversation.log.resize(conversation.log.size() - 2);
  for (auto& [user, cursor] : conversation.cursors) cursor.delivered = cursor.read = {2};
  p.world.server.history.value[0] = 9;
  p.alice.set_network(true);
  p.bob.set_network(true);
  p.world.run_for(5'000);
  write(p.world, p.alice, p.bob_id, {"after"});
  write(p.world, p.bob, p.alice_id, {"all well"});
  p.world.run_for(60'000);
  auto expected = numbered("a", 5);
  EXPECT_TRUE(has_text(p.world, p.bob, p.alice_id, "after"));
  EXPECT_TRUE(has_text(p.world, p.alice, p.bob_id, "all well"));
  for (const std::string& text : expected) EXPECT_TRUE(has_text(p.world, p.bob, p.alice_id, text)) << text;
  EXPECT_EQ(texts_with(p.world, p.alice, p.bob_id).size(), 7U);
  EXPECT_EQ(texts_with(p.world, p.bob, p.alice_id).size(), 7U);
}

// Its places are those of the log that was, and other entries stand there now.
TEST(RestoredServer, shows_who_was_away_what_came_instead) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 3));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  const Backup backup = p.world.server.conversations;
  write(p.world, p.alice, p.bob_id, {"lost 1", "lost 2"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 5));
  p.bob.set_network(false);
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, {"new 1", "new 2", "new 3"});
  p.bob.set_network(true);
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 8));
  EXPECT_THAT(texts_with(p.world, p.bob, p.alice_id),
              ElementsAre("a0", "a1", "a2", "lost 1", "lost 2", "new 1", "new 2", "new 3"));
  EXPECT_EQ(p.bob.warnings["entry_unreadable"] + p.bob.warnings["rejoining"], 0);
}

// Nothing that is kept of the newest entries is there: the messages themselves tell.
TEST(RestoredServer, that_lost_much_is_met_at_the_last_message_that_it_has) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 5));
  write(p.world, p.bob, p.alice_id, {"b"});
  expect_same_chat(p.world, p.alice, p.bob, 6);
  const Backup backup = p.world.server.conversations;
  const auto lost = static_cast<int>(Junction::kKept) + 10;
  write(p.world, p.alice, p.bob_id, numbered("lost ", lost));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 6 + lost));
  p.bob.set_network(false);
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, numbered("new ", 3));
  p.bob.set_network(true);
  for (const std::string& text : numbered("new ", 3)) {
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, text); })) << text;
  }
  write(p.world, p.bob, p.alice_id, {"all here"});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "all here"); }));
  const auto shown = texts_with(p.world, p.bob, p.alice_id);
  EXPECT_EQ(std::set<std::string>(shown.begin(), shown.end()).size(), shown.size()) << "shown twice";
}

// The author has what she lost of the log between what is left of it and what came since, and at the same places.
TEST(RestoredServer, has_sent_again_what_was_said_before_and_since_and_nothing_that_it_lost) {
  Away p;
  p.bob_misses({"before 1", "before 2"});
  const Backup backup = p.world.server.conversations;
  write(p.world, p.alice, p.bob_id, numbered("lost ", 4));
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 8));
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, {"since 1", "since 2"});
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 10));
  p.bob_comes_back();
  EXPECT_TRUE(p.await({"first", "second", "before 1", "before 2", "since 1", "since 2"})) << Json(p.bob_sees());
  p.world.run_for(60'000);
  EXPECT_EQ(p.bob_sees().size(), 6U) << Json(p.bob_sees());
  EXPECT_TRUE(p.stored_chat(p.bob).gaps[0].is_closed) << "nobody is waited for";
}

// Bob came in from outside and has read nothing since; on the server that was restored somebody else's commit leads to
// that epoch.
TEST(RestoredServer, that_lost_the_commit_by_which_a_device_came_in_is_not_taken_for_the_one_that_has_it) {
  Away p;
  const Backup backup = p.world.server.conversations;
  const Epoch before = p.conversation().epoch;
  p.know_group_lost(p.bob);
  p.bob.start();
  const auto is_in = [&] {
    return p.conversation().epoch == before.next() && p.stored_chat(p.bob).membership == Membership::member;
  };
  ASSERT_TRUE(p.world.run_until(is_in));
  p.bob.set_network(false);
  ASSERT_TRUE(p.world.run_until([&] { return stored_group(p.alice, p.id()).epoch() == before.next().value; }));
  ASSERT_TRUE(p.stored_chat(p.bob).newest.empty());
  restore(p.world, backup, {&p.alice});
  ASSERT_TRUE(p.world.run_until([&] { return p.conversation().epoch == before.next(); })) << "she comes in anew";
  write(p.world, p.alice, p.bob_id, {"new"});
  p.bob.set_network(true);
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "new"); }));
  write(p.world, p.bob, p.alice_id, {"all well"});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "all well"); }));
  EXPECT_EQ(p.bob.warnings["entry_unreadable"] + p.bob.warnings["entry_refused"], 0);
}

// He missed something before that, and what he asked did not come through. Where Alice came in anew as well, somebody
// else's commit stands at the place of his; else the log ends before it.
TEST(RestoredServer, that_lost_the_commit_by_which_a_device_came_back_has_sent_again_what_that_one_missed) {
  for (const bool is_shorter : {false, true}) {
    SCOPED_TRACE(is_shorter);
    Away p;
    p.bob_misses({"one", "two"});
    const Backup backup = p.world.server.conversations;
    const Epoch before = p.conversation().epoch;
    p.alice.set_network(!is_shorter);
    p.world.server.refuse_appends = INT32_MAX;
    p.bob_comes_back();
    const auto is_in = [&] {
      return p.conversation().epoch == before.next() && p.stored_chat(p.bob).membership == Membership::member;
    };
    ASSERT_TRUE(p.world.run_until(is_in));
    p.world.run_for(5'000);
    p.bob.set_network(false);
    p.world.server.refuse_appends = 0;
    ASSERT_TRUE(p.stored_chat(p.bob).newest.empty());
    ASSERT_EQ(p.stored_chat(p.bob).gaps.size(), 1U);
    restore(p.world, backup, {&p.alice});
    ASSERT_TRUE(p.world.run_until([&] { return p.conversation().epoch == (is_shorter ? before : before.next()); }));
    p.bob.set_network(true);
    EXPECT_TRUE(p.await({"first", "second", "one", "two"})) << Json(p.bob_sees());
    p.world.run_for(60'000);
    EXPECT_EQ(p.bob_sees().size(), 4U) << Json(p.bob_sees());
  }
}

TEST(RestoredServer, that_has_the_commit_by_which_a_device_came_in_is_read_on_behind_it) {
  Away p;
  const Epoch before = p.conversation().epoch;
  p.know_group_lost(p.bob);
  p.bob.start();
  const auto is_in = [&] {
    return p.conversation().epoch == before.next() && p.stored_chat(p.bob).membership == Membership::member;
  };
  ASSERT_TRUE(p.world.run_until(is_in));
  p.bob.set_network(false);
  const Backup backup = p.world.server.conversations;
  write(p.world, p.alice, p.bob_id, {"lost"});
  ASSERT_TRUE(p.stored_chat(p.bob).newest.empty());
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, {"new"});
  p.bob.set_network(true);
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "new"); }));
  EXPECT_EQ(p.bob.warnings["rejoining"], 0);
  EXPECT_EQ(p.bob.warnings["entry_unreadable"] + p.bob.warnings["entry_refused"], 0);
}

// Alice, who alone can answer his question, has not seen it yet.
TEST(RestoredServer, of_after_a_device_came_back_has_that_one_wait_on_for_what_it_missed) {
  Away p;
  p.bob_misses({"one", "two"});
  p.alice.set_network(false);
  const std::size_t before = p.messages_in_log();
  p.bob_comes_back();
  ASSERT_TRUE(p.world.run_until([&] { return p.messages_in_log() == before + 1; }));
  p.world.run_for(5'000);
  const Backup backup = p.world.server.conversations;
  write(p.world, p.bob, p.alice_id, {"lost"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  restore(p.world, backup, {&p.bob});
  p.world.run_for(10'000);
  ASSERT_EQ(p.stored_chat(p.bob).gaps.size(), 1U);
  p.alice.set_network(true);
  EXPECT_TRUE(p.await({"first", "second", "lost", "one", "two"})) << Json(p.bob_sees());
  p.world.run_for(60'000);
  EXPECT_TRUE(p.stored_chat(p.bob).gaps[0].is_closed) << "nobody is waited for";
}

// Of the newest entries that Bob keeps the older ones are not there any more.
TEST(RestoredServer, that_does_not_go_far_back_is_met_by_what_is_still_there) {
  Away p;
  write(p.world, p.alice, p.bob_id, numbered("a", 6));
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "a5"); }));
  const Backup backup = p.world.server.conversations;
  const Seq last = p.conversation().log.back().seq;
  write(p.world, p.alice, p.bob_id, {"lost 1", "lost 2"});
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "lost 2"); }));
  p.bob.set_network(false);
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, numbered("new ", 4));
  p.keep_log_from({last.value - 2});
  p.bob.set_network(true);
  for (const std::string& text : numbered("new ", 4)) {
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, text); })) << text;
  }
  EXPECT_EQ(p.bob.warnings["rejoining"], 0);
}

// Whoever writes first begins it anew.
TEST(RestoredServer, that_does_not_know_a_direct_conversation_gets_a_new_one) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 2));
  write(p.world, p.bob, p.alice_id, {"b"});
  expect_same_chat(p.world, p.alice, p.bob, 3);
  forget_everything(p.world, {&p.alice, &p.bob});
  p.world.run_for(5'000);
  write(p.world, p.bob, p.alice_id, {"still there?"});
  write(p.world, p.alice, p.bob_id, {"of course"});
  for (const auto* text : {"a0", "a1", "b", "still there?", "of course"}) {
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, text); })) << text;
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, text); })) << text;
  }
  EXPECT_EQ(texts_with(p.world, p.alice, p.bob_id).size(), 5U);
  EXPECT_EQ(texts_with(p.world, p.bob, p.alice_id).size(), 5U);
}

// It was encrypted for a group that is no more.
TEST(RestoredServer, that_does_not_know_a_direct_conversation_gets_what_was_about_to_leave) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  expect_same_chat(p.world, p.alice, p.bob, 1);
  p.world.to_client = [&](Client&, wire::Frame& frame) {
    return !std::holds_alternative<wire::Appended>(frame.body) && !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "on its way"}});
  p.world.run_for(100);
  p.world.to_client = nullptr;
  forget_everything(p.world, {&p.alice, &p.bob});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "on its way"); }));
  EXPECT_EQ(p.bob.warnings["entry_unreadable"], 0);
}

// What was said in the history between says so.
TEST(RestoredServer, for_a_second_time_is_no_liar_to_who_was_away_since_before_the_first) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 2));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 2));
  p.bob.set_network(false);
  restore(p.world, Backup(p.world.server.conversations), {&p.alice});
  write(p.world, p.alice, p.bob_id, {"between"});
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 3));
  restore(p.world, Backup(p.world.server.conversations), {&p.alice});
  p.bob.set_network(true);
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  write(p.world, p.alice, p.bob_id, {"after"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 4));
  EXPECT_EQ(p.bob.warnings["history_changed"], 1);
  EXPECT_EQ(p.bob.warnings["log_forked"], 0);
  // From there on nothing is of another one.
  const auto chat = *mls::decoded<ChatRecord>(p.bob.rows[row_key::chat(p.world.server.conversations.begin()->first)]);
  EXPECT_FALSE(chat.is_history_new);
}

// A server that was killed between the new history and its places here.
TEST(RestoredServer, is_noticed_although_the_client_dies_while_it_is_told) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p;
    write(p.world, p.alice, p.bob_id, numbered("a", 2));
    write(p.world, p.bob, p.alice_id, {"b"});
    expect_same_chat(p.world, p.alice, p.bob, 3);
    p.world.boundaries = 0;
    p.world.crash_at = crash_at;
    forget_everything(p.world, {&p.alice, &p.bob});
    p.world.run_for(5'000);
    write(p.world, p.bob, p.alice_id, {"still there?"});
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "still there?"); }));
    EXPECT_EQ(texts_with(p.world, p.alice, p.bob_id).size(), 4U);
    boundaries = p.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
