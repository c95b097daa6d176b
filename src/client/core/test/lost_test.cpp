// What is truly gone is said, once and in its place; what came back is not spoken of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/again.h"
#include "client/core/missing.h"
#include "client/core/test/away.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kMinuteMs = 60'000;

TEST(Lost, nothing_is_said_where_everything_came_back) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "one", "two", "three"}));
  t.world.run_for(kMinuteMs);
  EXPECT_FALSE(t.was_said());
  ASSERT_EQ(t.stored_chat(t.bob).gaps.size(), 1U);
  const GapRecord gap = t.stored_chat(t.bob).gaps[0];
  EXPECT_TRUE(gap.is_closed) << "nobody is waited for";
  EXPECT_TRUE(gap.filled.empty() && gap.missing.empty() && gap.others.empty());
  t.world.run_for(10 * kDayMs);
  EXPECT_FALSE(t.was_said());
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "one", "two", "three"));
}

TEST(Lost, nothing_is_said_where_the_log_is_kept_no_more_and_everything_came_back) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  t.bob_comes_back_too_late();
  ASSERT_TRUE(t.await({"first", "second", "one", "two", "three"}));
  t.world.run_for(8 * kDayMs);
  EXPECT_FALSE(t.was_said());
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
}

TEST(Lost, what_its_author_has_no_more_is_counted_at_the_place_of_the_gap) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  t.alice_loses("one");
  t.alice_loses("three");
  const std::size_t before = t.messages_in_log();
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "(2 lost)", "two"}));
  const Json line = t.line();
  EXPECT_EQ(line["notice"]["kind"], "messages_lost");
  EXPECT_EQ(line["notice"]["from_ms"], t.conversation().log[3].time_ms) << "of one";
  EXPECT_EQ(line["notice"]["to_ms"], t.conversation().log[5].time_ms) << "of three";
  EXPECT_FALSE(line["mine"]);
  EXPECT_FALSE(line.contains("text") || line.contains("unsupported"));
  // It is no message: nobody is called, nothing is unread, nothing is sent.
  EXPECT_EQ(t.bob.new_messages, 1) << "two";
  const Json chat = (*t.bob.ask({{"type", "list_chats"}}))["chats"][0];
  EXPECT_EQ(chat["unread"], 2) << "first and two";
  EXPECT_EQ(chat["last_message"]["text"], "two");
  t.bob.ask({{"type", "mark_read"}, {"conversation", chat["conversation"]}, {"seq", 3}});
  t.world.run_for(kMinuteMs);
  EXPECT_EQ((*t.bob.ask({{"type", "list_chats"}}))["chats"][0]["unread"], 1) << "two";
  EXPECT_EQ(t.messages_in_log(), before + 3) << "the question, one message again, the end";
  EXPECT_THAT(t.alice_sees(), ElementsAre("first", "second", "two"));
  // And it is still there when Kith is opened again, once.
  t.bob.stop();
  t.bob.start();
  t.world.run_for(8 * kDayMs);
  EXPECT_EQ(t.line(), line);
  EXPECT_FALSE(t.was_said()) << "it was said before";
}

TEST(Lost, what_clients_say_to_one_another_is_missed_by_nobody) {
  Away t;
  // While Bob is away Alice comes back from outside herself, and asks for what she missed.
  t.lose_group(t.alice);
  write(t.world, t.bob, t.alice_id, {"for Alice"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 3));
  t.bob.stop();
  t.alice.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 4; }));
  t.bob_misses({"one"});
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "for Alice", "one"}));
  t.world.run_for(kMinuteMs);
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
  EXPECT_FALSE(t.was_said());
}

TEST(Lost, who_was_away_at_the_same_time_is_asked_when_he_is_back_too) {
  Away t;
  t.bob_misses({"one", "two"});
  t.lose_group(t.alice);
  // Each comes back while the other is away, and neither sees the other's return.
  t.bob_comes_back();
  t.world.run_for(kMinuteMs);
  write(t.world, t.bob, t.alice_id, {"for Alice"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 3));
  t.bob.stop();
  t.alice.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 7; })) << "both questions are in the log";
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "for Alice", "one", "two"}));
  ASSERT_TRUE(t.world.run_until([&] { return t.alice_sees().size() == 5; }));
  EXPECT_THAT(t.alice_sees(), ElementsAre("first", "second", "one", "two", "for Alice"));
  t.world.run_for(8 * kDayMs);
  EXPECT_FALSE(t.was_said());
  for (const GapRecord& gap : t.stored_chat(t.bob).gaps) EXPECT_TRUE(gap.is_closed);
  for (const GapRecord& gap : t.stored_chat(t.alice).gaps) EXPECT_TRUE(gap.is_closed);
}

TEST(Lost, an_answer_that_fell_into_the_next_gap_is_asked_for_again) {
  for (const bool writes : {false, true}) {
    SCOPED_TRACE(writes ? "two gaps" : "one gap, since nothing was shown in between");
    Away t;
    t.bob_misses({"one", "two"});
    const std::size_t before = t.messages_in_log();
    t.alice.stop();
    t.bob_comes_back();
    ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == before + 1; }));
    if (writes) write(t.world, t.bob, t.alice_id, {"mine"});
    ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, writes ? 3 : 2));
    t.bob.stop();
    const std::size_t asked = t.messages_in_log();
    t.alice.start();
    ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == asked + 3; }));
    t.bob_comes_back();
    std::vector<std::string> all{"first", "second", "one", "two"};
    if (writes) all.insert(all.begin() + 2, "mine");
    ASSERT_TRUE(t.await(all));
    t.world.run_for(kMinuteMs);
    for (const GapRecord& gap : t.stored_chat(t.bob).gaps) EXPECT_TRUE(gap.is_closed);
    EXPECT_EQ(t.stored_chat(t.bob).gaps.size(), writes ? 2U : 1U);
    t.world.run_for(8 * kDayMs);
    EXPECT_FALSE(t.was_said());
    EXPECT_EQ(t.bob_sees(), all);
  }
}

TEST(Lost, an_answer_that_overtakes_itself_is_heard_to_its_end) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  const std::size_t before = t.messages_in_log();
  t.bob_comes_back();
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == before + 1; }));
  t.world.server.refuse_appends = 1;
  ASSERT_TRUE(t.await({"first", "second", "two", "three", "one"}));
  t.world.run_for(kMinuteMs);
  EXPECT_FALSE(t.was_said());
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
}

TEST(Lost, what_a_device_was_sent_again_itself_is_missed_by_nobody_who_had_read_it) {
  Away t;
  t.bob_misses({"one", "two"});
  // Alice's device has "one" from another device of hers, which had said it before Bob was away.
  t.alice.stop();
  const Bytes key = row_key::message(t.id(), t.stored_chat(t.alice).order_base + t.conversation().log[3].seq.value);
  auto message = *mls::decoded<MessageRecord>(t.alice.rows[key]);
  ASSERT_EQ(message.text, "one");
  message.is_again = true;
  message.first_seq = t.conversation().log[2].seq;
  t.alice.rows[key] = mls::encoded(message);
  t.alice.start();
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "two"}));
  t.world.run_for(kMinuteMs);
  EXPECT_FALSE(t.was_said()) << "nobody misses it";
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
}

TEST(Lost, what_a_device_was_sent_again_itself_it_sends_though_it_was_said_by_another_one) {
  Away t;
  t.bob_misses({"one", "two"});
  // Alice's device did not read "one" in its place: it was sent to it at the next one, by a device that is gone now.
  t.alice.stop();
  const auto& one = t.conversation().log[3];
  const auto& two = t.conversation().log[4];
  const auto row_of = [&](Seq seq) { return row_key::message(t.id(), t.stored_chat(t.alice).order_base + seq.value); };
  auto message = *mls::decoded<MessageRecord>(t.alice.rows[row_of(two.seq)]);
  message.text = "one";
  message.is_again = true;
  message.first_seq = one.seq;
  message.first_id = one.client_id;
  t.alice.rows[row_of(two.seq)] = mls::encoded(message);
  ASSERT_EQ(t.alice.rows.erase(row_of(one.seq)), 1U);
  t.alice.start();
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "one"}));
  t.world.run_for(kMinuteMs);
  EXPECT_FALSE(t.was_said()) << "nobody misses what stood at the place of the second";
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
}

TEST(Lost, who_never_comes_back_is_waited_for_and_heard_after_all) {
  Away t;
  t.bob_misses({"one", "two"});
  t.alice.stop();
  t.bob_comes_back();
  const std::size_t before = t.messages_in_log();
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == before + 1; })) << "the question";
  const std::int64_t asked_at = t.world.now();
  // Bob's client has its new keys for the week, and is opened again: it has nothing else to do with this chat.
  const Epoch epoch = t.conversation().epoch;
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().epoch > epoch; }, Missing::kPatienceMs));
  t.world.run_for(1'000);
  t.bob.stop();
  t.bob.start();
  t.world.run_for(asked_at + Missing::kPatienceMs - kMinuteMs - t.world.now());
  EXPECT_FALSE(t.was_said());
  t.world.run_for(2 * kMinuteMs);
  EXPECT_TRUE(t.was_said());
  // What was in those entries only Alice knows.
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(some may be missing)"));
  EXPECT_EQ(t.line()["notice"], Json({{"kind", "messages_lost"}}));
  t.world.run_for(10 * kDayMs);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(some may be missing)"));
  const std::string id = t.line()["id"];
  t.alice.start();
  ASSERT_TRUE(t.await({"first", "second", "one", "two"}));
  t.world.run_for(kMinuteMs);
  EXPECT_EQ(std::ranges::count(t.bob.events,
                               Json({{"type", "message_gone"}, {"conversation", t.id().text()}, {"message", id}})),
            1);
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
}

TEST(Lost, the_long_time_is_counted_while_nobody_looks_and_said_when_the_log_is_read) {
  Away t;
  t.bob_misses({"one"});
  t.alice.stop();
  t.bob_comes_back();
  t.world.run_for(kMinuteMs);
  t.bob.stop();
  t.alice.start();
  t.world.run_for(8 * kDayMs);
  // Alice has answered long ago: who comes back late reads first.
  t.bob.start();
  ASSERT_TRUE(t.await({"first", "second", "one"}));
  EXPECT_FALSE(t.was_said());
}

TEST(Lost, the_long_time_begins_with_the_question) {
  Away t;
  t.bob_misses({"one"});
  t.alice.stop();
  t.world.server.refuse_appends = INT32_MAX;
  t.bob_comes_back();
  t.world.run_for(8 * kDayMs);
  EXPECT_FALSE(t.was_said()) << "nobody could answer what was not asked";
  t.world.server.refuse_appends = 0;
  t.world.run_for(Missing::kPatienceMs - kMinuteMs);
  EXPECT_FALSE(t.was_said());
  t.world.run_for(3 * kMinuteMs);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(some may be missing)"));
}

TEST(Lost, the_count_shrinks_with_what_arrives_after_all) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  const Seq one = t.conversation().log[3].seq;
  const Seq two = t.conversation().log[4].seq;
  for (const char* text : {"one", "two", "three"}) t.alice_loses(text);
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "(3 lost)"}));
  const std::string id = t.line()["id"];
  const auto again = [](const std::string& text, Seq seq) {
    const ClientId name{.value = {static_cast<std::uint8_t>(seq.value)}};
    return OutgoingRecord{.text = text, .kind = OutgoingKind::again, .after = seq, .first_id = name};
  };
  t.alice_sends({again("one", one), again("one", one)});
  ASSERT_TRUE(t.await({"first", "second", "(2 lost)", "one"}));
  EXPECT_EQ(t.line()["id"], id);
  t.alice_sends({again("three", {two.value + 1}), again("two", two)});
  ASSERT_TRUE(t.await({"first", "second", "one", "three", "two"}));
  EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
}

TEST(Lost, of_a_log_that_begins_in_the_gap_what_is_known_is_counted) {
  Away t;
  t.bob_misses({"one", "two", "three", "four"});
  t.alice_loses("one");
  t.alice_loses("four");
  t.keep_log_from(t.conversation().log[5].seq);
  t.bob.start();
  // That there was a "one" nobody knows any more.
  ASSERT_TRUE(t.await({"first", "second", "(1 lost)", "two", "three"}));
}

TEST(Lost, of_a_log_that_is_gone_nothing_is_known_until_somebody_tells) {
  Away t;
  t.bob_misses({"one"});
  t.alice.stop();
  t.bob_comes_back_too_late();
  t.world.run_for(Missing::kPatienceMs - kMinuteMs);
  EXPECT_FALSE(t.was_said());
  t.world.run_for(2 * kMinuteMs);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(some may be missing)"));
  t.alice.start();
  ASSERT_TRUE(t.await({"first", "second", "one"}));
}

TEST(Lost, more_than_are_sent_again_leave_a_line_without_a_number) {
  Away t;
  const int all = static_cast<int>(Again::kMaxSentAgain) + 5;
  t.bob_misses(numbered("m", all));
  t.bob_comes_back();
  ASSERT_TRUE(t.world.run_until([&] { return t.line().is_object() && t.bob_sees().back() == "m1004"; }, 600'000));
  const auto seen = t.bob_sees();
  ASSERT_EQ(seen.size(), 3 + Again::kMaxSentAgain);
  EXPECT_EQ(seen[2], "(some may be missing)");
  EXPECT_EQ(seen[3], "m5");
}

TEST(Lost, a_line_is_written_once_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Away t(crash_at % 3 + 1);
    t.bob_misses({"one", "two", "three"});
    t.alice_loses("two");
    t.lose_group(t.bob);
    t.world.boundaries = 0;
    t.world.crash_at = crash_at;
    t.bob.start();
    ASSERT_TRUE(t.await({"first", "second", "(1 lost)", "one", "three"}));
    t.world.run_for(30'000);
    EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(1 lost)", "one", "three"));
    write(t.world, t.alice, t.bob_id, {"four"});
    ASSERT_TRUE(t.await({"first", "second", "(1 lost)", "one", "three", "four"}));
    EXPECT_THAT(t.alice_sees(), ElementsAre("first", "second", "one", "three", "four"));
    boundaries = t.world.boundaries;
  });
}

TEST(Lost, a_line_goes_once_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Away t(crash_at % 3 + 1);
    t.bob_misses({"one", "two"});
    t.alice.stop();
    t.bob_comes_back();
    t.world.run_for(kMinuteMs);
    t.bob.stop();
    t.world.run_for(Missing::kPatienceMs - kMinuteMs);
    t.world.boundaries = 0;
    t.world.crash_at = crash_at;
    t.bob.start();
    ASSERT_TRUE(t.await({"first", "second", "(some may be missing)"}));
    t.alice.start();
    ASSERT_TRUE(t.await({"first", "second", "one", "two"}));
    t.world.run_for(30'000);
    EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "one", "two"));
    EXPECT_TRUE(t.stored_chat(t.bob).gaps[0].is_closed);
    boundaries = t.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
