// Who could not read for a while gets it after all: the authors send it again, once, and nobody makes them talk without
// end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/record.h"
#include "client/core/test/away.h"
#include "keys/conversation.h"
#include "mls/group.h"
#include "wire/content.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(Missing, messages_of_a_time_that_is_gone_are_sent_again_by_their_author) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  t.bob_comes_back_too_late();
  ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().size() == 5; }));
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "one", "two", "three"));
  // The author's chat is what it was.
  t.world.run_for(10'000);
  EXPECT_THAT(texts_with(t.world, t.alice, t.bob_id), ElementsAre("first", "second", "one", "two", "three"));
  EXPECT_EQ((*t.alice.ask({{"type", "list_chats"}}))["chats"][0]["last_message"]["text"], "three");
  write(t.world, t.alice, t.bob_id, {"four"});
  write(t.world, t.bob, t.alice_id, {"five"});
  ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().size() == 7; }));
  EXPECT_EQ(texts_with(t.world, t.alice, t.bob_id).size(), 7U);
}

TEST(Missing, survives_a_crash_at_every_step_and_shows_nothing_twice) {
  std::uint64_t boundaries = 0;
  for (std::uint64_t crash_after = 0; crash_after == 0 || crash_after <= boundaries; ++crash_after) {
    SCOPED_TRACE("crash at boundary " + std::to_string(crash_after));
    Away t(crash_after % 3 + 1);
    const std::uint64_t begin = t.world.boundaries;
    t.bob_misses({"one", "two"});
    t.bob_comes_back_too_late();
    const std::uint64_t away = t.world.boundaries - begin;
    t.world.crash_at = crash_after == 0 ? 0 : begin + away + crash_after;
    ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().size() >= 4; }));
    t.world.run_for(20'000);
    write(t.world, t.alice, t.bob_id, {"three"});
    ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().size() >= 5; }));
    ASSERT_THAT(t.bob_sees(), ElementsAre("first", "second", "one", "two", "three"));
    ASSERT_THAT(texts_with(t.world, t.alice, t.bob_id), ElementsAre("first", "second", "one", "two", "three"));
    if (crash_after == 0) boundaries = t.world.boundaries - begin - away;
  }
  EXPECT_GT(boundaries, 20U);
}

TEST(Missing, what_is_sent_again_may_overtake_itself) {
  Away t;
  t.bob_misses({"one", "two", "three"});
  t.bob_comes_back_too_late();
  // Bob's question is in the log: the first of the answers is refused for a moment, the others are not.
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 6; }));
  t.world.server.refuse_appends = 1;
  ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().size() == 5; }));
  EXPECT_THAT(t.bob_sees(), UnorderedElementsAre("first", "second", "one", "two", "three"));
  EXPECT_EQ(t.bob_sees().back(), "one");
}

TEST(Missing, a_kind_of_message_that_is_not_known_yet_is_kept_whole) {
  Away t;
  const auto id = *ConversationId::from_text(conversation_of(t.bob, t.alice_id));
  // Alice has a newer Kith: what she encrypts is a Content without any kind that is known here.
  t.alice.stop();
  const AccountRecord account = stored_account(t.alice);
  auto group = stored_group(t.alice, id);
  const ClientId client{{0xEE}};
  const Bytes content = wire::encode_padded({.sent_ms = 5});
  const Bytes bound = keys::AuthenticatedData{
      .conversation = id,
      .history_id = t.world.server.history,
      .client_id = client,
      .kind = static_cast<std::uint8_t>(wire::EntryKind::application),
      .last_seq = {},
      .extra = {}}.encode();
  kith::test::SeededEntropy entropy(9);
  auto& log = t.conversation().log;
  log.push_back({.seq = log.back().seq.next(),
                 .time_ms = t.world.now(),
                 .sender = {account.user, account.device},
                 .client_id = client,
                 .kind = wire::EntryKind::application,
                 .epoch = t.conversation().epoch,
                 .payload = *group.protect(bound, content, entropy)});
  t.conversation().change += 1;
  t.bob.crash();
  ASSERT_TRUE(t.world.run_until([&] { return chat_with(t.world, t.bob, t.alice_id).size() == 3; }));
  EXPECT_EQ(chat_with(t.world, t.bob, t.alice_id)[2]["unsupported"], true);
  const std::uint64_t order = t.stored_chat(t.bob).order_base + log.back().seq.value;
  const auto stored = mls::decoded<MessageRecord>(t.bob.rows[row_key::message(id, order)]);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->unknown, content);
}

TEST(Missing, what_one_had_sent_just_before_is_found_where_it_was_put) {
  Away t;
  // Bob's last message reaches the log; he never hears of it.
  bool deaf = true;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_about_it =
        std::holds_alternative<wire::Appended>(frame.body) || std::holds_alternative<wire::EntryHint>(frame.body);
    return &client != &t.bob || !deaf || !is_about_it;
  };
  t.bob.tell({{"type", "send"}, {"user", t.alice_id}, {"text", "did it arrive?"}});
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 3; }));
  deaf = false;
  t.bob.stop();
  write(t.world, t.alice, t.bob_id, {"it did"});
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 4; }));
  const Seq head = t.conversation().log.back().seq;
  t.world.to_client = [&t, head](Client& client, wire::Frame& frame) {
    const auto* entries = std::get_if<wire::Entries>(&frame.body);
    if (&client == &t.bob && entries != nullptr && !entries->entries.empty() && entries->entries.front().seq <= head) {
      wire::Error error;
      error.code = wire::ErrorCode::trimmed;
      frame.body = error;
    }
    return true;
  };
  t.bob.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().size() == 4; }));
  t.world.run_for(30'000);
  EXPECT_THAT(t.bob_sees(), UnorderedElementsAre("first", "second", "did it arrive?", "it did"));
  EXPECT_THAT(texts_with(t.world, t.alice, t.bob_id), ElementsAre("first", "second", "did it arrive?", "it did"));
}

TEST(Missing, what_one_had_sent_is_not_the_last_when_it_is_found_late) {
  Away t;
  // Bob's last message reaches the log, and he hears of it only after he has come back and read on.
  bool deaf = true;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto* appended = std::get_if<wire::Appended>(&frame.body);
    const bool is_about_it =
        (appended != nullptr && appended->seq == Seq{4}) || std::holds_alternative<wire::EntryHint>(frame.body);
    return &client != &t.bob || !deaf || !is_about_it;
  };
  t.bob.tell({{"type", "send"}, {"user", t.alice_id}, {"text", "did it arrive?"}});
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 3; }));
  t.bob_misses({"it did"});
  t.bob_comes_back();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.bob, t.alice_id, "it did"); }, 600'000));
  deaf = false;
  t.bob.crash();
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 4));
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "did it arrive?", "it did"));
  EXPECT_EQ((*t.bob.ask({{"type", "list_chats"}}))["chats"][0]["last_message"]["text"], "it did");
}

TEST(Missing, nobody_is_made_to_send_again_without_having_been_away) {
  Away t;
  write(t.world, t.alice, t.bob_id, numbered("m", 20));
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 22));
  // Bob's client is changed: it asks for everything, again and again. The rows of his outbox say so.
  const auto id = *ConversationId::from_text(conversation_of(t.bob, t.alice_id));
  const std::size_t before = t.messages_in_log();
  t.bob.stop();
  auto chat = *mls::decoded<ChatRecord>(t.bob.rows[row_key::chat(id)]);
  for (std::uint64_t i = 0; i < 5; ++i) {
    OutgoingRecord asks{.id = {},
                        .order = (std::uint64_t{1} << 52) + 1000 + i,
                        .sent_ms = t.world.now(),
                        .text = {},
                        .kind = OutgoingKind::missed,
                        .after = {1},
                        .before = {i * 7}};
    asks.id.value[0] = static_cast<std::uint8_t>(i + 1);
    t.bob.rows[row_key::outgoing(id, asks.order)] = mls::encoded(asks);
    ++chat.pending;
  }
  t.bob.rows[row_key::chat(id)] = mls::encoded(chat);
  t.bob.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.messages_in_log() == before + 5; }));
  t.world.run_for(60'000);
  EXPECT_EQ(t.messages_in_log(), before + 5);
}

}  // namespace
}  // namespace kith::client::test
