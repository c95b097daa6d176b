// A device comes between the answer with somebody's device list and the one with key packages: nobody lies. Where it is
// so again, the server does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/people.h"

namespace kith::client::test {
namespace {

using ::testing::IsEmpty;

bool is_list(const Json& body) { return body.is_object() && body.contains("device_list"); }
bool is_claim(const Json& body) { return body.is_object() && body.contains("key_packages"); }

struct Moved : Pair {
  Moved() : bobs(bob), tablet(bobs.device(7)) {}
  std::size_t seats() {
    if (world.server.conversations.empty()) return 0;
    return keys::seats_of(*world.server.conversations.begin()->second.group).value().size();
  }
  // "done" once the message is in the log, or the error that it failed with.
  std::string write_to_bob() {
    const auto answer = alice.ask({{"type", "send"}, {"user", bob_id}, {"text", "hello"}});
    EXPECT_EQ((*answer)["type"], "done");
    world.run_for(30'000);
    const auto messages = chat_with(world, alice, bob_id);
    if (messages.empty()) return "nothing";
    return messages.front().contains("seq") ? "done" : messages.front().value("state", "");
  }
  void add_tablet() {
    const auto listed = DevicesOf::listed(tablet);
    world.server.set_devices(bobs.list(2, {&tablet}), {listed, listed, listed, listed});
  }
  DevicesOf bobs;
  DevicesOf::Device tablet;
};

TEST(MovedList, a_device_that_comes_before_the_packages_gets_the_first_message_like_the_others) {
  Moved m;
  int lists = 0;
  m.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    if (!is_list(Json::parse(reply.body, nullptr, false)) || ++lists != 1) return;
    m.add_tablet();
  };
  EXPECT_EQ(m.write_to_bob(), "done");
  EXPECT_EQ(m.seats(), 3U);
  EXPECT_TRUE(await_messages(m.world, m.bob, m.alice_id, 1));
  EXPECT_THAT(m.world.said, IsEmpty());
}

TEST(MovedList, an_answer_that_a_newer_list_has_overtaken_is_asked_for_once_more) {
  Moved m;
  // Alice has seen the second list.
  m.add_tablet();
  const std::string second = m.world.server.device_list_of(m.bobs.record.user);
  const std::string first = to_base64url(m.bobs.list(1, {}).list.encode());
  EXPECT_EQ(m.write_to_bob(), "done");
  Client& carol = m.world.add("Carol");
  register_account(m.world, carol, "+41790000003");
  const std::string carols = find(m.world, m.alice, "+41790000003");
  EXPECT_EQ((*m.alice.ask({{"type", "create_group"}, {"name", "All"}, {"members", Json::array({carols})}}))["type"],
            "done");
  const std::string group = [&] {
    for (const Json& chat : (*m.alice.ask({{"type", "list_chats"}}))["chats"]) {
      if (chat["kind"] == "group") return chat["conversation"].get<std::string>();
    }
    return std::string();
  }();
  int lists = 0;
  m.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!is_list(body) || body["device_list"] != second || ++lists != 1) return;
    body["device_list"] = first;
    reply.body = body.dump();
  };
  const auto added =
      m.alice.ask({{"type", "add_members"}, {"conversation", group}, {"users", Json::array({m.bob_id})}});
  ASSERT_TRUE(added);
  EXPECT_EQ((*added)["not_added"], Json::array()) << *added;
  EXPECT_GE(lists, 1);
  EXPECT_EQ(m.alice.warnings["device_list_refused"], 0);
}

// Bob's keys have begun anew, and the server goes back to the list of before.
struct Renewed : Moved {
  Renewed() : old_list(listed()), old_generation(world.server.generation_of(bobs.record.user)) {
    EXPECT_EQ((*bob.ask({{"type", "rotate_keys"}}))["type"], "done");
    new_list = listed();
    EXPECT_NE(new_list, old_list);
  }
  [[nodiscard]] std::string listed() const { return world.server.device_list_of(bobs.record.user); }
  void show_old_list() {
    world.http_to_client = [this](ModelServer::HttpReply& reply) {
      Json body = Json::parse(reply.body, nullptr, false);
      if (!is_list(body) || body["device_list"] != new_list) return;
      body["device_list"] = old_list;
      body["generation"] = old_generation;
      reply.body = body.dump();
      ++shown;
    };
  }
  void show_new_list() { world.http_to_client = nullptr; }
  // Each claim asks twice.
  bool is_claimed_thrice() {
    return world.run_until([this] { return shown >= 6; }, 300'000);
  }
  std::string make_group(const Json& members) {
    const auto made = alice.ask({{"type", "create_group"}, {"name", "All"}, {"members", members}});
    EXPECT_TRUE(made && (*made)["type"] == "done");
    return (*made)["chat"]["conversation"];
  }
  [[nodiscard]] auto times_told() const {
    return std::ranges::count(world.said, "Alice: The server shows an old list of a contact's devices.");
  }
  std::string old_list, old_generation, new_list;
  int shown = 0;
};

TEST(MovedList, a_first_message_waits_while_the_server_shows_one_of_former_keys) {
  Renewed m;
  m.make_group(Json::array({m.bob_id}));
  ASSERT_TRUE(m.world.run_until([&] { return m.seats() == 2; })) << "Alice has met his keys";
  m.world.run_for(10'000);  // he has looked at his own list
  m.show_old_list();
  EXPECT_EQ(m.write_to_bob(), "pending");
  EXPECT_TRUE(m.is_claimed_thrice());
  EXPECT_EQ(m.times_told(), 1) << "a screen would be full of it";
  m.show_new_list();
  EXPECT_TRUE(await_messages(m.world, m.bob, m.alice_id, 1));
  EXPECT_EQ(m.times_told(), 1);
}

TEST(MovedList, whom_a_group_wants_in_waits_while_the_server_shows_one_of_former_keys) {
  Renewed m;
  EXPECT_EQ(m.write_to_bob(), "done") << "Alice has met his keys";
  const std::string group = m.make_group(Json::array());
  m.show_old_list();
  m.alice.tell({{"type", "add_members"}, {"conversation", group}, {"users", Json::array({m.bob_id})}});
  EXPECT_TRUE(m.is_claimed_thrice());
  EXPECT_EQ(m.alice.unanswered().size(), 1U) << "neither in nor given up";
  EXPECT_EQ(m.times_told(), 1);
  m.show_new_list();
  EXPECT_TRUE(m.world.run_until([&] { return m.alice.unanswered().empty(); }));
  EXPECT_EQ(m.world.server.conversations.at(*ConversationId::from_text(group)).leaves.size(), 2U);
  EXPECT_EQ(m.times_told(), 1);
}

TEST(MovedList, a_server_that_shows_a_device_that_is_not_listed_again_is_said_to_lie) {
  Moved m;
  int claims = 0;
  m.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!is_claim(body)) return;
    ++claims;
    body["key_packages"].push_back(
        {{"device", m.tablet.id.text()}, {"key_package", DevicesOf::listed(m.tablet).key_package}});
    reply.body = body.dump();
  };
  EXPECT_EQ(m.write_to_bob(), "failed");
  EXPECT_EQ(claims, 2);
  EXPECT_EQ(m.alice.warnings["forged_certificate"], 1);
  EXPECT_TRUE(m.world.server.conversations.empty());
}

}  // namespace
}  // namespace kith::client::test
