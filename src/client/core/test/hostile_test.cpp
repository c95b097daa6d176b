// A server that lies: what it can do is noticed, and what it cannot do is crash a core, make it forget, or put words
// into somebody's mouth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/people.h"
#include "keys/conversation.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Applies `change` to every entry on its way to this client, by whichever way it comes.
void tamper(World& world, Client& victim, std::function<void(wire::Entry&)> change) {
  world.to_client = [&victim, change = std::move(change)](Client& client, wire::Frame& frame) {
    if (&client != &victim) return true;
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) change(hint->entry);
    if (auto* entries = std::get_if<wire::Entries>(&frame.body)) {
      for (wire::Entry& entry : entries->entries) change(entry);
    }
    return true;
  };
}

struct Talk : Pair {
  Talk() {
    write(world, alice, bob_id, {"first"});
    EXPECT_TRUE(await_messages(world, bob, alice_id, 1));
  }
  // Alice writes one after the other, each when the one before is in the log.
  void say(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      const std::size_t before = chat_with(world, alice, bob_id).size();
      write(world, alice, bob_id, {text});
      ASSERT_TRUE(await_messages(world, alice, bob_id, before + 1));
    }
    world.run_for(2'000);
  }
  std::vector<std::string> bob_sees() { return texts_with(world, bob, alice_id); }
};

TEST(HostileServer, that_names_another_sender_is_refused_and_named) {
  Talk t;
  tamper(t.world, t.bob, [](wire::Entry& entry) {
    if (entry.seq.value == 3) entry.sender_device.value[0] ^= 1;
    if (entry.seq.value == 4) entry.sender_user.value[15] ^= 1;
  });
  t.say({"a", "b", "c"});
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "c"));
  EXPECT_EQ(t.bob.warnings["entry_refused"], 2);
}

TEST(HostileServer, that_says_the_reader_himself_sent_it_is_refused) {
  Talk t;
  const UserId bob_user = *UserId::from_text(t.bob_id);
  const DeviceId bob_device = *DeviceId::from_text(t.bob.account["device"].get<std::string>());
  tamper(t.world, t.bob, [&](wire::Entry& entry) {
    if (entry.seq.value != 3) return;
    entry.sender_user = bob_user;
    entry.sender_device = bob_device;
  });
  t.say({"a", "b"});
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "b"));
  EXPECT_EQ(t.bob.warnings["entry_refused"], 1);
}

TEST(HostileServer, that_gives_a_message_another_client_id_is_refused) {
  Talk t;
  tamper(t.world, t.bob, [](wire::Entry& entry) {
    if (entry.seq.value == 3) entry.client_id.value[3] ^= 4;
  });
  t.say({"a", "b"});
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "b"));
  EXPECT_EQ(t.bob.warnings["entry_refused"], 1);
}

TEST(HostileServer, that_moves_a_message_into_another_conversation_is_noticed) {
  Talk t;
  Client& carol = t.world.add("Carol");
  register_account(t.world, carol, "+41790000003");
  find(t.world, carol, kBobPhone);
  write(t.world, carol, t.bob_id, {"from Carol"});
  const std::string carol_id = carol.account["user"];
  ASSERT_TRUE(await_messages(t.world, t.bob, carol_id, 1));
  // What Carol says next is replaced by what Alice said.
  const auto alice_talk = *ConversationId::from_text(conversation_of(t.alice, t.bob_id));
  t.say({"to Bob alone"});
  const auto stolen = t.world.server.conversations[alice_talk].log.back();
  const auto carol_talk = *ConversationId::from_text(conversation_of(carol, t.bob_id));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* hint = std::get_if<wire::EntryHint>(&frame.body);
    if (&client == &t.bob && hint != nullptr && hint->conversation == carol_talk) {
      hint->entry.payload = stolen.payload;
      hint->entry.client_id = stolen.client_id;
      hint->entry.sender_user = stolen.sender.first;
      hint->entry.sender_device = stolen.sender.second;
    }
    return true;
  };
  write(t.world, carol, t.bob_id, {"replaced"});
  t.world.run_for(2'000);
  EXPECT_EQ(t.bob.warnings["entry_refused"], 1);
  EXPECT_THAT(texts_with(t.world, t.bob, carol_id), ElementsAre("from Carol", "replaced"))
      << "it is asked for again, and told rightly then";
}

TEST(HostileServer, that_swaps_two_messages_is_noticed) {
  Talk t;
  t.bob.set_network(false);
  t.say({"a", "b"});
  auto& log = t.world.server.conversations.begin()->second.log;
  std::swap(log[2], log[3]);
  std::swap(log[2].seq, log[3].seq);
  t.bob.set_network(true);
  t.world.run_for(60'000);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "a"));
  EXPECT_EQ(t.bob.warnings["entry_refused"], 1);
}

TEST(HostileServer, that_replays_a_message_is_noticed) {
  Talk t;
  t.bob.set_network(false);
  t.say({"a"});
  auto& log = t.world.server.conversations.begin()->second.log;
  log.push_back(log.back());
  log.back().seq = log.back().seq.next();
  t.bob.set_network(true);
  t.world.run_for(60'000);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "a"));
  EXPECT_EQ(t.bob.warnings["entry_unreadable"], 1);
}

TEST(HostileServer, that_replays_a_message_to_a_client_that_restarted_is_noticed) {
  Talk t;
  t.say({"a"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 2));
  t.bob.stop();
  auto& log = t.world.server.conversations.begin()->second.log;
  log.push_back(log.back());
  log.back().seq = log.back().seq.next();
  t.world.server.conversations.begin()->second.change += 1'000;
  t.bob.start();
  t.world.run_for(60'000);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "a"));
  EXPECT_EQ(t.bob.warnings["entry_unreadable"], 1);
}

TEST(HostileServer, that_leaves_out_a_message_and_counts_on_is_noticed) {
  Talk t;
  t.bob.set_network(false);
  t.say({"a", "b"});
  auto& log = t.world.server.conversations.begin()->second.log;
  log.erase(log.begin() + 2);
  log.back().seq = {3};
  t.bob.set_network(true);
  t.world.run_for(60'000);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first"));
  EXPECT_EQ(t.bob.warnings["entry_refused"], 1);
}

TEST(HostileServer, that_shows_different_logs_is_noticed_by_the_next_message) {
  Talk t;
  tamper(t.world, t.bob, [](wire::Entry& entry) {
    if (entry.seq.value == 3) entry.time_ms += 60'000;
  });
  t.say({"a"});
  EXPECT_EQ(t.bob.warnings["log_forked"], 0);
  t.say({"b", "c"});
  EXPECT_EQ(t.bob.warnings["log_forked"], 1);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "a", "b", "c"));
}

TEST(HostileServer, that_leaves_a_hole_in_a_log_is_not_listened_to) {
  Talk t;
  t.bob.set_network(false);
  t.say({"a", "b"});
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* entries = std::get_if<wire::Entries>(&frame.body);
    if (&client == &t.bob && entries != nullptr && !entries->entries.empty())
      entries->entries.erase(entries->entries.begin());
    return true;
  };
  t.bob.set_network(true);
  t.world.run_for(60'000);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first"));
  EXPECT_GT(t.bob.warnings["connection_refused"], 0);
  t.world.to_client = nullptr;
  EXPECT_TRUE(t.world.run_until([&] { return t.bob.new_messages == 3; }));
}

TEST(HostileServer, that_acknowledges_what_it_does_not_keep_is_asked_again) {
  Talk t;
  int lies = 0;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* appended = std::get_if<wire::Appended>(&frame.body);
    if (&client == &t.alice && appended != nullptr && lies < 2) {
      ++lies;
      appended->seq.value += 1'000'000;
      // Nor is the entry shown to her.
      t.world.server.conversations.begin()->second.log.pop_back();
    }
    return &client != &t.alice || lies == 0 || lies >= 2 || !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  write(t.world, t.alice, t.bob_id, {"a"});
  EXPECT_TRUE(await_messages(t.world, t.alice, t.bob_id, 2));
  EXPECT_EQ(lies, 2);
}

TEST(HostileServer, cannot_add_a_device_that_is_not_on_the_signed_list) {
  Pair p;
  Client& mallory = p.world.add("Mallory");
  register_account(p.world, mallory, "+41790000004");
  const std::string mallory_device = mallory.account["device"];
  Json stolen;
  p.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("key_packages")) return;
    for (Json& item : body["key_packages"]) {
      if (stolen.is_null()) stolen = item;
    }
    // Another key package under Bob's name: the server's own.
    body["key_packages"].push_back(
        {{"device", mallory_device}, {"key_package", stolen["key_package"]}, {"last_resort", false}});
    reply.body = body.dump();
  };
  p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "secret"}});
  p.world.run_for(5'000);
  EXPECT_EQ(p.alice.warnings["forged_certificate"], 1);
  EXPECT_TRUE(p.world.server.conversations.empty());
  EXPECT_EQ(chat_with(p.world, p.alice, p.bob_id)[0]["failure"]["error"], "forged_certificate");
}

TEST(HostileServer, that_gives_a_contact_another_identity_is_noticed_and_nothing_more_is_sent) {
  Talk t;
  t.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || body.value("user", "") != t.bob_id || !body.contains("identity_key")) return;
    body["identity_key"] = to_base64url(Bytes(32, 7));
    reply.body = body.dump();
  };
  find(t.world, t.alice, kBobPhone);
  EXPECT_EQ(t.alice.warnings["identity_changed"], 1);
  EXPECT_EQ((*t.alice.ask({{"type", "send"}, {"user", t.bob_id}, {"text", "secret"}}))["error"], "identity_changed");
  EXPECT_EQ((*t.alice.ask({{"type", "list_contacts"}}))["contacts"][0]["identity_changed"], true);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first"));
}

TEST(HostileServer, that_sends_anything_at_all_neither_crashes_nor_stops_a_core_for_good) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Pair p(seed);
    p.world.bytes_to_client = [&](Client&, Bytes& bytes) {
      if (p.world.random_below(4) != 0 || bytes.empty()) return;
      for (std::uint64_t i = p.world.random_below(4) + 1; i > 0; --i) {
        bytes[p.world.random_below(bytes.size())] = static_cast<std::uint8_t>(p.world.random_below(256));
      }
      if (p.world.random_below(8) == 0) bytes.resize(p.world.random_below(bytes.size()));
    };
    p.world.http_to_client = [&](ModelServer::HttpReply& reply) {
      if (reply.body.empty() || p.world.random_below(4) != 0) return;
      reply.body[p.world.random_below(reply.body.size())] = static_cast<char>(p.world.random_below(256));
      if (p.world.random_below(4) == 0)
        reply.body = R"({"key_packages":7,"devices":[[]],"user":null,"expires_in_ms":-1})";
    };
    for (int i = 0; i < 30; ++i) {
      p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "a" + std::to_string(i)}});
      p.bob.tell({{"type", "send"}, {"user", p.alice_id}, {"text", "b" + std::to_string(i)}});
      p.world.run_for(20'000);
      if (i % 10 == 9) p.bob.crash();
    }
    p.world.bytes_to_client = nullptr;
    p.world.http_to_client = nullptr;
    p.world.run_for(200'000);
    write(p.world, p.alice, p.bob_id, {"the end"});
    write(p.world, p.bob, p.alice_id, {"and so it was"});
    p.world.run_for(200'000);
    EXPECT_TRUE(has_text(p.world, p.bob, p.alice_id, "the end"));
    EXPECT_TRUE(has_text(p.world, p.alice, p.bob_id, "and so it was"));
  }
}

TEST(HostileServer, that_invents_invitations_cannot_make_a_core_grow_without_bound) {
  Pair p;
  const UserId bob = *UserId::from_text(p.bob_id);
  const ModelServer::Device device{bob, *DeviceId::from_text(p.bob.account["device"].get<std::string>())};
  p.bob.stop();
  for (int i = 0; i < 1000; ++i) {
    UserId by;
    by.value[0] = 0xEE;
    by.value[14] = static_cast<std::uint8_t>(i >> 8);
    by.value[15] = static_cast<std::uint8_t>(i);
    p.world.server.tell_invited(device, keys::direct_conversation(bob, by), by);
  }
  p.bob.start();
  EXPECT_TRUE(p.world.run_until([&] { return p.bob.warnings["welcome_refused"] > 0; }));
  p.world.run_for(60'000);
  const auto chats = *p.bob.ask({{"type", "list_chats"}});
  EXPECT_LE(chats["chats"].size(), 64U);
}

TEST(HostileServer, json_and_commands_of_any_shape_are_answered_by_an_error) {
  Pair p;
  for (const char* text :
       {"", "{", "[]", "null", "{\"id\":1}", "{\"type\":7,\"id\":2}", "{\"type\":\"send\",\"id\":\"x\"}",
        "{\"type\":\"send\",\"id\":1e400}", "{\"type\":\"nonsense\",\"id\":3}",
        "{\"id\":4,\"type\":\"send\",\"text\":[]}",
        "{\"id\":5,\"type\":\"list_messages\",\"conversation\":\"zz\",\"limit\":-1}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"id\":6,\"type\":\"send\",\"text\":\"\xff\"}"}) {
    const std::size_t before = p.alice.events.size();
    p.alice.tell_text(text);
    ASSERT_EQ(p.alice.events.size(), before + 1) << text;
    EXPECT_EQ(p.alice.events.back()["type"], "failed") << text;
  }
}

}  // namespace
}  // namespace kith::client::test
