// Tokens, key packages, lost state and restored servers: what happens around the messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/archived.h"
#include "client/core/test/away.h"
#include "client/core/test/people.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Session, tokens_are_renewed_as_often_as_needed_whatever_answers_are_lost) {
  Pair p(4);
  p.world.server.access_life_ms = 45'000;
  p.world.run_for(16 * 60'000);
  int answers = 0;
  p.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    if (reply.body.find("refresh_token") != std::string::npos && ++answers % 2 == 0) reply = {0, ""};
  };
  for (int i = 0; i < 10; ++i) {
    p.alice.crash();
    p.world.run_for(60'000);
    write(p.world, p.alice, p.bob_id, {"m" + std::to_string(i)});
  }
  expect_same_chat(p.world, p.alice, p.bob, 10);
  EXPECT_GT(answers, 10);
}

TEST(Session, a_refused_refresh_stops_the_core_as_logged_out) {
  Pair p;
  p.world.server.access_life_ms = 1;
  p.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    reply = {401, R"({"error":"refresh_reused","message":""})"};
  };
  p.alice.stop();
  p.world.run_for(16 * 60'000);
  p.alice.start();
  EXPECT_TRUE(p.world.run_until([&] { return p.alice.events.back()["type"] == "stopped"; }));
  EXPECT_EQ(p.alice.events.back()["reason"], "logged_out");
  p.alice.tell({{"type", "list_chats"}});
  EXPECT_EQ(p.alice.events.back()["error"], "stopped");
}

TEST(Connection, comes_back_by_itself_after_the_network_was_away) {
  Pair p;
  p.alice.set_network(false);
  p.world.run_for(600'000);
  p.alice.set_network(true);
  const auto online = [&] {
    return (*p.alice.ask({{"type", "set_active"}, {"active", true}}))["type"] == "done" && p.alice.is_online();
  };
  p.world.run_for(61'000);
  EXPECT_TRUE(online());
}

TEST(Connection, that_is_silent_is_given_up_and_made_again) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"first"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  // From now on nothing reaches Bob on this connection; he is not told.
  bool silent = true;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &p.bob && std::holds_alternative<wire::HelloOk>(frame.body)) silent = false;
    return &client != &p.bob || !silent;
  };
  write(p.world, p.alice, p.bob_id, {"second"});
  EXPECT_TRUE(p.world.run_until([&] { return p.bob.new_messages == 2; }));
}

TEST(KeyPackages, are_topped_up_when_the_server_has_few) {
  World world;
  Client& bob = world.add("Bob");
  register_account(world, bob, kBobPhone);
  std::vector<Client*> others;
  for (int i = 0; i < 30; ++i) {
    Client& other = world.add("Other");
    register_account(world, other, "+4179100000" + std::to_string(i));
    const std::string id = find(world, other, kBobPhone);
    if (i == 0) bob.stop();
    write(world, other, id, {"hello"});
    others.push_back(&other);
    world.run_for(1'000);
    other.stop();
  }
  EXPECT_EQ(world.server.available(), 20U);
  bob.start();
  EXPECT_TRUE(world.run_until([&] { return bob.new_messages == 30; }));
  world.run_for(5'000);
  EXPECT_EQ(world.server.available(), 50U);
  EXPECT_THAT(world.said, IsEmpty());
}

TEST(Welcome, for_a_key_that_is_gone_leads_to_rejoining_and_nothing_is_lost) {
  Pair p;
  p.bob.stop();
  std::erase_if(p.bob.rows, [](const auto& row) {
    return row.first.front() == 'k' || (row.first[0] == 'b' && row.first[1] == 'k');
  });
  write(p.world, p.alice, p.bob_id, {"written for the key that is gone"});
  p.world.run_for(5'000);
  p.bob.start();
  EXPECT_TRUE(p.world.run_until([&] { return p.world.server.conversations.begin()->second.epoch.value == 2; }));
  write(p.world, p.alice, p.bob_id, {"but this"});
  EXPECT_TRUE(p.world.run_until([&] { return p.bob.new_messages == 2; }));
  write(p.world, p.bob, p.alice_id, {"and this"});
  EXPECT_TRUE(p.world.run_until([&] { return p.alice.new_messages == 1; }));
  EXPECT_THAT(texts_with(p.world, p.bob, p.alice_id),
              testing::UnorderedElementsAre("written for the key that is gone", "but this", "and this"));
}

// By more than anybody waits for it, while it is still on its way.
TEST(Welcome, is_waited_for_though_the_clock_is_put_forward_meanwhile) {
  Pair p;
  bool is_on_its_way = true;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &p.bob || !is_on_its_way) return true;
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) mails->mails.clear();
    return !std::holds_alternative<wire::MailHint>(frame.body);
  };
  write(p.world, p.alice, p.bob_id, {"first"});
  ASSERT_TRUE(p.world.run_until([&] { return !p.world.server.conversations.empty(); }));
  write(p.world, p.bob, p.alice_id, {"a little later"});
  const Bytes chat = row_key::chat(p.world.server.conversations.begin()->first);
  const auto is_invited = [&] {
    return mls::decoded<ChatRecord>(p.bob.rows.at(chat))->membership == Membership::invited;
  };
  ASSERT_TRUE(p.world.run_until(is_invited));
  p.world.run_for(5'000);
  p.bob.clock_error_ms = 600'000;
  p.world.run_for(10'000);
  EXPECT_TRUE(is_invited());
  is_on_its_way = false;
  EXPECT_TRUE(p.world.run_until([&] { return p.bob.new_messages == 1 && p.alice.new_messages == 1; }));
  EXPECT_THAT(p.world.said, IsEmpty());
}

// It is not coming: somebody has it who shows it to nobody.
TEST(Welcome, that_is_looked_for_in_vain_for_a_minute_leads_to_rejoining) {
  Pair p;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &p.bob) return true;
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) mails->mails.clear();
    return !std::holds_alternative<wire::MailHint>(frame.body);
  };
  write(p.world, p.alice, p.bob_id, {"first"});
  ASSERT_TRUE(p.world.run_until([&] { return !p.world.server.conversations.empty(); }));
  write(p.world, p.bob, p.alice_id, {"a little later"});
  p.world.run_for(50'000);
  EXPECT_THAT(p.world.said, IsEmpty());
  EXPECT_TRUE(p.world.run_until([&] { return p.alice.new_messages == 1; }));
  EXPECT_THAT(p.world.said, ElementsAre("Bob: This device rejoins a conversation: no Welcome came."));
}

TEST(Contacts, a_number_that_somebody_else_registered_is_told_and_the_old_chat_stays_with_the_old_account) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"to the first Bob"});
  Client& other = p.world.add("Another Bob");
  register_account(p.world, other, kBobPhone);
  const std::string other_id = find(p.world, p.alice, kBobPhone);
  EXPECT_NE(other_id, p.bob_id);
  EXPECT_EQ(p.alice.warnings["address_moved"], 1);
  const Json contacts = (*p.alice.ask({{"type", "list_contacts"}}))["contacts"];
  for (const Json& contact : contacts) EXPECT_EQ(contact.contains("address"), contact["user"] == other_id);
  EXPECT_THAT(texts_with(p.world, p.alice, p.bob_id), ElementsAre("to the first Bob"));
  find(p.world, p.alice, kBobPhone);
  EXPECT_EQ(p.alice.warnings["address_moved"], 1) << "told once";
}

TEST(Storage, of_a_newer_owner_fences_the_older_one) {
  World world;
  Client& alice = world.add("Alice");
  alice.start();
  const Bytes key = to_bytes(kGenerationKey);
  const Bytes first = alice.rows.at(key);
  alice.crash();
  world.run_until([&] { return alice.is_running(); });
  EXPECT_LT(first, alice.rows.at(key));
}

TEST(Storage, that_cannot_be_read_stops_the_core_without_writing) {
  Pair p;
  p.alice.stop();
  p.alice.rows[to_bytes("ba")] = {9, 9, 9};
  const auto before = p.alice.rows;
  p.alice.start();
  EXPECT_EQ(p.alice.events.back()["reason"], "storage_failed");
  EXPECT_EQ(p.alice.rows, before);
}

TEST(Lists, page_through_a_chat_and_count_what_is_unread) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("m", 25));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 25));
  const std::string conversation = conversation_of(p.bob, p.alice_id);
  const auto page = *p.bob.ask({{"type", "list_messages"}, {"conversation", conversation}, {"limit", 10}});
  EXPECT_EQ(page["messages"].size(), 10U);
  EXPECT_EQ(page["messages"][9]["text"], "m24");
  EXPECT_EQ(page["more"], true);
  EXPECT_EQ((*p.bob.ask({{"type", "list_chats"}}))["chats"][0]["unread"], 25);
  p.bob.ask({{"type", "mark_read"}, {"conversation", conversation}, {"seq", page["messages"][4]["seq"]}});
  p.world.run_for(100);
  EXPECT_EQ((*p.bob.ask({{"type", "list_chats"}}))["chats"][0]["unread"], 5);
  p.bob.ask({{"type", "mark_read"}, {"conversation", conversation}, {"seq", page["messages"][9]["seq"]}});
  EXPECT_EQ((*p.bob.ask({{"type", "list_chats"}}))["chats"][0]["unread"], 0);
}

// Something of this conversation that waits to be sent, or has failed, lies in its rows.
bool has_outgoing(const Client& client, const ConversationId& conversation) {
  const auto at = client.rows.lower_bound(row_key::outgoing(conversation, 0));
  return at != client.rows.end() && at->first <= row_key::outgoing(conversation, ~std::uint64_t{0});
}

// An old copy of a device's storage: what it sent since is in the log, under keys that the copy would use again.
TEST(OldCopy, learns_what_it_sent_and_comes_back_before_it_sends) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  write(p.world, p.bob, p.alice_id, {"b0"});
  expect_same_chat(p.world, p.alice, p.bob, 2);
  p.alice.stop();
  const auto copy = p.alice.rows;
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a1", "a2"});
  write(p.world, p.bob, p.alice_id, {"b1"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 5));
  p.alice.stop();
  p.alice.rows = copy;
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a3"});
  expect_same_chat(p.world, p.alice, p.bob, 6);
  EXPECT_THAT(p.world.said,
              ::testing::ElementsAre("Alice: This device rejoins a conversation: its storage is an old copy."));
  EXPECT_EQ(p.world.server.conversations.begin()->second.epoch, Epoch{2});
  write(p.world, p.bob, p.alice_id, {"b2"});
  expect_same_chat(p.world, p.alice, p.bob, 7);
}

TEST(OldCopy, uses_no_key_before_it_has_read_what_there_is) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  write(p.world, p.bob, p.alice_id, {"b0"});
  expect_same_chat(p.world, p.alice, p.bob, 2);
  p.alice.stop();
  const auto copy = p.alice.rows;
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a1", "a2"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 4));
  p.alice.stop();
  p.alice.rows = copy;
  // The log is slow to come, and everything else is fast.
  int withheld = 0;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &p.alice || !std::holds_alternative<wire::Entries>(frame.body) || ++withheld > 1;
  };
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a3"});
  expect_same_chat(p.world, p.alice, p.bob, 5);
  EXPECT_EQ(p.bob.warnings["entry_unreadable"], 0);
}

TEST(OldCopy, from_before_its_own_commit_comes_back) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  write(p.world, p.bob, p.alice_id, {"b0"});
  expect_same_chat(p.world, p.alice, p.bob, 2);
  p.alice.stop();
  auto copy = p.alice.rows;
  p.alice.start();
  p.world.run_for(std::int64_t{8} * 24 * 3600 * 1000);
  write(p.world, p.alice, p.bob_id, {"a1"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  p.alice.stop();
  copy[row_key::tokens()] = p.alice.rows[row_key::tokens()];  // or it would be logged out
  p.alice.rows = copy;
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a2"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 4));
  write(p.world, p.bob, p.alice_id, {"b1"});
  p.world.run_for(10'000);
  EXPECT_TRUE(has_text(p.world, p.alice, p.bob_id, "b1"));
}

// What it came in by from outside in another life is its own as well.
TEST(OldCopy, from_before_another_copy_came_back_comes_back_as_well) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  write(p.world, p.bob, p.alice_id, {"b0"});
  expect_same_chat(p.world, p.alice, p.bob, 2);
  p.alice.stop();
  const auto older = p.alice.rows;
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a1"});
  expect_same_chat(p.world, p.alice, p.bob, 3);
  p.alice.stop();
  const auto newer = p.alice.rows;
  const Epoch& epoch = p.world.server.conversations.begin()->second.epoch;
  for (const auto& copy : {older, newer}) {
    p.alice.stop();
    p.alice.rows = copy;
    const Epoch before = epoch;
    p.alice.start();
    ASSERT_TRUE(p.world.run_until([&] { return epoch == before.next(); }));
    p.world.run_for(5'000);
  }
  write(p.world, p.alice, p.bob_id, {"a2"});
  expect_same_chat(p.world, p.alice, p.bob, 4);
  const char* said = "Alice: This device rejoins a conversation: its storage is an old copy.";
  EXPECT_THAT(p.world.said, ElementsAre(said, said));
}

TEST(OldCopy, sends_nothing_again_that_it_meets_in_the_log) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  write(p.world, p.bob, p.alice_id, {"b0"});
  expect_same_chat(p.world, p.alice, p.bob, 2);
  p.alice.set_network(false);
  ASSERT_EQ((*p.alice.ask({{"type", "send"}, {"user", p.bob_id}, {"text", "a1"}}))["type"], "done");
  p.alice.stop();
  const auto copy = p.alice.rows;
  const ConversationId id = p.world.server.conversations.begin()->first;
  ASSERT_TRUE(has_outgoing(p.alice, id));
  p.alice.set_network(true);
  p.alice.start();
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  p.alice.stop();
  p.alice.rows = copy;
  p.alice.start();
  EXPECT_TRUE(p.world.run_until([&] { return !has_outgoing(p.alice, id); }));
  expect_same_chat(p.world, p.alice, p.bob, 3);
  write(p.world, p.alice, p.bob_id, {"a2"});
  expect_same_chat(p.world, p.alice, p.bob, 4);
  EXPECT_THAT(texts_with(p.world, p.alice, p.bob_id), ElementsAre("a0", "b0", "a1", "a2"));
  EXPECT_FALSE(has_outgoing(p.alice, id));
  EXPECT_THAT(p.world.said, ElementsAre("Alice: This device rejoins a conversation: its storage is an old copy."));
}

// What the copy had encrypted is in the log under the same name with other bytes.
TEST(OldCopy, sends_nothing_again_that_was_encrypted_once_more_since) {
  Away p;
  const Epoch before = p.conversation().epoch;
  p.alice.set_network(false);
  ASSERT_EQ((*p.alice.ask({{"type", "send"}, {"user", p.bob_id}, {"text", "a1"}}))["type"], "done");
  p.know_group_lost(p.bob);
  p.bob.start();
  ASSERT_TRUE(p.world.run_until([&] { return p.conversation().epoch == before.next(); }));
  // Alice hears neither of his commit nor that her message comes too late.
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &p.alice) return true;
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) sync->heads.clear();
    return !std::holds_alternative<wire::Error>(frame.body);
  };
  p.alice.set_network(true);
  ASSERT_TRUE(p.world.run_until([&] { return p.world.server.stale > 0; }));
  p.alice.stop();
  const auto copy = p.alice.rows;
  p.world.to_client = nullptr;
  p.alice.start();
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "a1"); }));
  ASSERT_TRUE(p.world.run_until([&] { return !has_outgoing(p.alice, p.id()); }));
  p.alice.stop();
  p.alice.rows = copy;
  p.world.said.clear();
  p.alice.start();
  EXPECT_TRUE(p.world.run_until([&] { return p.alice.warnings["rejoining"] > 0; }));
  EXPECT_TRUE(p.world.run_until([&] { return !has_outgoing(p.alice, p.id()); }));
  for (const Json& message : chat_with(p.world, p.alice, p.bob_id))
    EXPECT_NE(message.value("state", ""), "failed") << message;
  EXPECT_EQ(std::ranges::count(p.alice_sees(), "a1"), 1);
  EXPECT_EQ(std::ranges::count(p.bob_sees(), "a1"), 1);
  EXPECT_THAT(p.world.said, ElementsAre("Alice: This device rejoins a conversation: its storage is an old copy."));
}

// The copy has no group in which it could read what it said, and the archive has none of it yet: the server tells of
// it in the gap, behind which the copy comes in.
TEST(OldCopy, of_before_its_conversation_began_sends_nothing_again_that_its_gap_holds) {
  Pair p;
  p.alice.set_network(false);
  ASSERT_EQ((*p.alice.ask({{"type", "send"}, {"user", p.bob_id}, {"text", "a1"}}))["type"], "done");
  ASSERT_EQ((*p.alice.ask({{"type", "send"}, {"user", p.bob_id}, {"text", "a2"}}))["type"], "done");
  p.alice.stop();
  const auto copy = p.alice.rows;
  const auto id = *ConversationId::from_text(conversation_of(p.alice, p.bob_id));
  ASSERT_TRUE(has_outgoing(p.alice, id));
  p.alice.set_network(true);
  p.alice.start();
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 2));
  ASSERT_THAT(texts_in(p.world, p.alice), IsEmpty());
  p.alice.stop();
  p.alice.rows = copy;
  p.alice.start();
  write(p.world, p.alice, p.bob_id, {"a3"});
  // It waits for a Welcome, which does not come, before it comes in from outside.
  EXPECT_TRUE(p.world.run_until([&] { return !has_outgoing(p.alice, id); }, 300'000));
  for (const Json& message : chat_with(p.world, p.alice, p.bob_id))
    EXPECT_NE(message.value("state", ""), "failed") << message;
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "a3"); }));
  EXPECT_THAT(texts_with(p.world, p.alice, p.bob_id), ElementsAre("a1", "a2", "a3"));
  EXPECT_THAT(texts_with(p.world, p.bob, p.alice_id), ElementsAre("a1", "a2", "a3"));
}

// The copy has no group in which it could read what it said: the archive tells it.
TEST(OldCopy, of_before_its_conversation_began_sends_nothing_again_that_it_meets_in_the_archive) {
  Pair p;
  p.alice.set_network(false);
  ASSERT_EQ((*p.alice.ask({{"type", "send"}, {"user", p.bob_id}, {"text", "a1"}}))["type"], "done");
  p.alice.stop();
  const auto copy = p.alice.rows;
  const auto id = *ConversationId::from_text(conversation_of(p.alice, p.bob_id));
  ASSERT_TRUE(has_outgoing(p.alice, id));
  p.alice.set_network(true);
  p.alice.start();
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  ASSERT_TRUE(p.world.run_until([&] { return !texts_in(p.world, p.alice).empty(); }));
  p.alice.stop();
  p.alice.rows = copy;
  p.alice.start();
  // It waits for a Welcome, which does not come, before it comes in from outside.
  EXPECT_TRUE(p.world.run_until([&] { return !has_outgoing(p.alice, id); }, 300'000));
  for (const Json& message : chat_with(p.world, p.alice, p.bob_id))
    EXPECT_NE(message.value("state", ""), "failed") << message;
  EXPECT_THAT(texts_with(p.world, p.alice, p.bob_id), ElementsAre("a1"));
  write(p.world, p.bob, p.alice_id, {"b0"});
  write(p.world, p.alice, p.bob_id, {"a2"});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "b0"); }));
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "a2"); }));
  EXPECT_THAT(texts_with(p.world, p.bob, p.alice_id), ::testing::UnorderedElementsAre("a1", "b0", "a2"));
}

}  // namespace
}  // namespace kith::client::test
