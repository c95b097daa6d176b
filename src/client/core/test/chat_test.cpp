// Two people, one server: everything that happens between them when all goes well, and when little does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/people.h"

namespace kith::client::test {
namespace {

TEST(Registration, ends_with_an_account_and_a_recovery_key_that_is_shown_until_confirmed) {
  World world;
  Client& alice = world.add("Alice");
  alice.start();
  ASSERT_EQ(alice.account["stage"], "new");
  ASSERT_EQ((*alice.ask({{"type", "register"}, {"phone", kAlicePhone}}))["type"], "done");
  ASSERT_EQ(alice.account["stage"], "code");
  const auto wrong = alice.ask({{"type", "confirm_code"}, {"code", "000000"}});
  ASSERT_EQ((*wrong)["error"], "wrong_code");
  ASSERT_EQ((*wrong)["attempts_left"], 4);
  ASSERT_EQ((*alice.ask({{"type", "confirm_code"}, {"code", world.server.code}}))["type"], "done");
  ASSERT_EQ((*alice.ask({{"type", "create_account"}, {"name", "Alice"}, {"device_name", "test"}}))["type"], "done");
  ASSERT_EQ(alice.account["stage"], "recovery_key");
  const Json key = alice.account["recovery_key"];
  ASSERT_EQ(key.size(), 7U);
  const auto confirm = [&](const std::string& first, const std::string& second) {
    return *alice.ask({{"type", "confirm_recovery_key"},
                       {"groups", {{{"index", 0}, {"text", first}}, {{"index", 6}, {"text", second}}}}});
  };
  EXPECT_EQ(confirm(key[0], "ZZZ!")["error"], "wrong_recovery_key");
  EXPECT_EQ(confirm(key[0], key[6])["type"], "done");
  EXPECT_EQ(alice.account["stage"], "ready");
  EXPECT_FALSE(alice.account.contains("recovery_key"));
  for (const auto& [row, value] : alice.rows) {
    EXPECT_EQ(std::string(as_text(value)).find(key[3].get<std::string>()), std::string::npos);
  }
}

TEST(Chat, goes_both_ways_with_all_receipts) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"Hello Bob", "How are you?"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 2));
  write(p.world, p.bob, p.alice_id, {"Fine"});
  expect_same_chat(p.world, p.alice, p.bob, 3);
  p.world.run_for(3'000);
  auto messages = chat_with(p.world, p.alice, p.bob_id);
  EXPECT_EQ(messages[0]["state"], "delivered");
  EXPECT_EQ(messages[2]["state"], "received");
  ASSERT_EQ((*p.bob.ask({{"type", "mark_read"},
                         {"conversation", conversation_of(p.bob, p.alice_id)},
                         {"seq", messages[1]["seq"]}}))["type"],
            "done");
  p.world.run_for(3'000);
  messages = chat_with(p.world, p.alice, p.bob_id);
  EXPECT_EQ(messages[0]["state"], "read");
  EXPECT_EQ(messages[1]["state"], "read");
  EXPECT_EQ(p.bob.new_messages, 2);
  EXPECT_THAT(p.world.said, ::testing::IsEmpty());
}

TEST(Chat, loses_and_doubles_nothing_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p(1, crash_at);
    write(p.world, p.alice, p.bob_id, {"a0", "a1"});
    write(p.world, p.bob, p.alice_id, {"b0", "b1"});
    write(p.world, p.alice, p.bob_id, {"a2"});
    expect_same_chat(p.world, p.alice, p.bob, 5);
    EXPECT_EQ(p.world.server.accounts(), 2U);
    EXPECT_THAT(p.world.said, ::testing::IsEmpty());
    boundaries = p.world.boundaries;
  });
}

TEST(Chat, one_message_after_the_other_goes_through_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p(9);
    write(p.world, p.alice, p.bob_id, {"first"});
    ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
    p.world.boundaries = 0;
    p.world.crash_at = crash_at;
    for (std::size_t i = 0; i < 4; ++i) {
      write(p.world, p.alice, p.bob_id, {"m" + std::to_string(i)});
      ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, i + 2));
    }
    expect_same_chat(p.world, p.alice, p.bob, 5);
    EXPECT_THAT(p.world.said, ::testing::IsEmpty());
    boundaries = p.world.boundaries;
  });
}

TEST(Chat, begun_by_both_at_once_is_one_conversation_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p(2);
    p.world.boundaries = 0;
    p.world.crash_at = crash_at;
    p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "from Alice"}});
    p.bob.tell({{"type", "send"}, {"user", p.alice_id}, {"text", "from Bob"}});
    write(p.world, p.alice, p.bob_id, {"a1"});
    write(p.world, p.bob, p.alice_id, {"b1"});
    // The commands that a crash swallowed are given again.
    for (auto* c : {&p.alice, &p.bob}) {
      const std::string other = c == &p.alice ? p.bob_id : p.alice_id;
      const std::string text = "from " + c->name;
      if (!has_text(p.world, *c, other, text)) write(p.world, *c, other, {text});
    }
    expect_same_chat(p.world, p.alice, p.bob, 4);
    EXPECT_EQ(p.world.server.conversations.size(), 1U);
    EXPECT_THAT(p.world.said, ::testing::IsEmpty());
    boundaries = p.world.boundaries;
  });
}

TEST(Chat, five_hundred_messages_to_somebody_away_arrive_in_order) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"first"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  p.bob.stop();
  write(p.world, p.alice, p.bob_id, numbered("m", 500));
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 501));
  p.bob.start();
  ASSERT_TRUE(p.world.run_until([&] { return p.bob.new_messages == 500; }));
  const auto texts = texts_with(p.world, p.bob, p.alice_id);
  ASSERT_EQ(texts.size(), 501U);
  EXPECT_TRUE(std::equal(texts.begin() + 1, texts.end(), numbered("m", 500).begin()));
  EXPECT_TRUE(p.bob.warnings.empty());
}

TEST(Chat, what_was_written_without_network_goes_out_in_order_when_it_is_back) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"first"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  p.alice.set_network(false);
  write(p.world, p.alice, p.bob_id, numbered("m", 100));
  EXPECT_EQ(chat_with(p.world, p.alice, p.bob_id).back()["state"], "pending");
  p.world.run_for(200'000);
  p.alice.crash();
  p.alice.set_network(true);
  expect_same_chat(p.world, p.alice, p.bob, 101);
  const auto texts = texts_with(p.world, p.bob, p.alice_id);
  EXPECT_TRUE(std::equal(texts.begin() + 1, texts.end(), numbered("m", 100).begin()));
}

TEST(Chat, hints_that_are_lost_doubled_and_late_change_nothing) {
  Pair p(5);
  p.world.double_hints = true;
  p.world.hint_delay_ms = 400;
  std::uint64_t seen = 0;
  p.world.to_client = [&](Client&, wire::Frame& frame) { return frame.id != 0 || ++seen % 3 != 0; };
  for (int round = 0; round < 10; ++round) {
    write(p.world, p.alice, p.bob_id, numbered("a" + std::to_string(round) + ".", 3));
    write(p.world, p.bob, p.alice_id, numbered("b" + std::to_string(round) + ".", 3));
  }
  expect_same_chat(p.world, p.alice, p.bob, 60);
  EXPECT_THAT(p.world.said, ::testing::IsEmpty());
}

TEST(Chat, whoever_looks_again_does_not_wait_for_what_a_lost_hint_would_have_told) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"hello"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  p.world.run_for(10'000);
  p.bob.ask({{"type", "set_active"}, {"active", false}});
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &p.bob || !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  write(p.world, p.alice, p.bob_id, {"are you there?"});
  p.bob.ask({{"type", "set_active"}, {"active", true}});
  p.world.run_for(2'000);
  EXPECT_TRUE(has_text(p.world, p.bob, p.alice_id, "are you there?"));
}

TEST(Chat, hints_that_are_lost_doubled_and_late_change_nothing_whenever_a_client_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Pair p(6);
        p.world.boundaries = 0;
        p.world.crash_at = crash_at;
        p.world.double_hints = true;
        p.world.hint_delay_ms = 400;
        std::uint64_t seen = 0;
        p.world.to_client = [&](Client&, wire::Frame& frame) { return frame.id != 0 || ++seen % 3 != 0; };
        for (const char* round : {"0.", "1."}) {
          write(p.world, p.alice, p.bob_id, numbered("a" + std::string(round), 2));
          write(p.world, p.bob, p.alice_id, numbered("b" + std::string(round), 2));
        }
        expect_same_chat(p.world, p.alice, p.bob, 8);
        EXPECT_THAT(p.world.said, ::testing::IsEmpty());
        boundaries = p.world.boundaries;
      },
      2);
}

TEST(Chat, messages_to_somebody_away_arrive_in_order_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p(7);
    write(p.world, p.alice, p.bob_id, {"first"});
    ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
    p.bob.set_network(false);
    write(p.world, p.alice, p.bob_id, numbered("m", 20));
    p.world.boundaries = 0;
    p.world.crash_at = crash_at;
    p.bob.set_network(true);
    expect_same_chat(p.world, p.alice, p.bob, 21);
    const auto texts = texts_with(p.world, p.bob, p.alice_id);
    EXPECT_TRUE(std::equal(texts.begin() + 1, texts.end(), numbered("m", 20).begin()));
    EXPECT_THAT(p.world.said, ::testing::IsEmpty());
    boundaries = p.world.boundaries;
  });
}

TEST(Chat, a_connection_that_breaks_at_any_frame_loses_and_doubles_nothing) {
  int frames = 0;
  std::uint64_t duplicates = 0;
  const auto story = [&](int broken_at) {
    Pair p(8);
    frames = 0;
    p.world.to_client = [&](Client& client, wire::Frame&) {
      if (++frames != broken_at) return true;
      client.set_network(false);
      client.set_network(true);
      return false;
    };
    write(p.world, p.alice, p.bob_id, {"a0", "a1"});
    write(p.world, p.bob, p.alice_id, {"b0", "b1"});
    write(p.world, p.alice, p.bob_id, {"a2"});
    expect_same_chat(p.world, p.alice, p.bob, 5);
    EXPECT_THAT(p.world.said, ::testing::IsEmpty());
    duplicates += p.world.server.duplicates;
  };
  story(0);
  const int all = frames;
  for (int broken_at = 1; broken_at <= all && !::testing::Test::HasFailure(); ++broken_at) {
    SCOPED_TRACE(broken_at);
    story(broken_at);
  }
  EXPECT_GT(duplicates, 0U) << "the same bytes went out again";
}

TEST(Chat, a_lost_answer_leads_to_one_message) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"first"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  int lost = 0;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    // The answer and the hint of the entry are lost with the connection.
    const bool about_it =
        std::holds_alternative<wire::Appended>(frame.body) || std::holds_alternative<wire::EntryHint>(frame.body);
    if (&client != &p.alice || !about_it || lost >= 3) return true;
    if (std::holds_alternative<wire::Appended>(frame.body)) ++lost;
    client.crash();
    return false;
  };
  write(p.world, p.alice, p.bob_id, numbered("m", 4));
  expect_same_chat(p.world, p.alice, p.bob, 5);
  EXPECT_GT(lost, 0);
  EXPECT_EQ(p.world.server.appends, 6U);
  EXPECT_THAT(p.world.said, ::testing::IsEmpty());
}

// Bob loses his group's secrets (not his history) and rejoins: the epoch moves under Alice's feet.
void forget_group(Client& client) {
  client.stop();
  std::erase_if(client.rows, [](const auto& row) { return row.first.front() == 'g' && row.first.size() == 34; });
}

TEST(Chat, a_stale_epoch_is_handled_unseen_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p(3);
    write(p.world, p.alice, p.bob_id, {"first"});
    ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
    forget_group(p.bob);
    p.alice.set_network(false);
    write(p.world, p.alice, p.bob_id, {"m0", "m1"});
    p.bob.start();
    write(p.world, p.bob, p.alice_id, {"b0"});
    p.world.boundaries = 0;
    p.world.crash_at = crash_at;
    ASSERT_TRUE(p.world.run_until([&] { return p.world.server.conversations.begin()->second.epoch.value == 2; }));
    // Alice does not hear of the commit by a hint: she sends in the old epoch first.
    p.world.to_client = [&](Client& client, wire::Frame& frame) {
      return &client != &p.alice || !std::holds_alternative<wire::SyncOk>(frame.body) ||
             (std::get<wire::SyncOk>(frame.body).heads.clear(), true);
    };
    p.alice.set_network(true);
    expect_same_chat(p.world, p.alice, p.bob, 4);
    EXPECT_GT(p.world.server.stale, 0U);
    EXPECT_EQ(p.alice.warnings.size(), 0U);
    boundaries = p.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
