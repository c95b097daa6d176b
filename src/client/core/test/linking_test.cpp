// A new device becomes one of an account, by the code on its screen, and is in all that the account is in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/friends.h"
#include "client/core/test/linked.h"
#include "keys/link.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Of the newest commit in the log.
ModelServer::Device last_committer(const ModelServer::Conversation& conversation) {
  ModelServer::Device by;
  for (const auto& entry : conversation.log) {
    if (entry.kind == wire::EntryKind::commit) by = entry.sender;
  }
  return by;
}

TEST(Linking, a_new_device_is_in_a_chat_that_was_there_and_both_talk) {
  Acquainted t;
  Client& tablet = t.world.add("Alice's tablet");
  const std::string code = code_on(t.world, tablet, kAlicePhone);
  const auto looked = t.alice.ask({{"type", "look_at_link"}, {"code", code}});
  ASSERT_TRUE(looked);
  EXPECT_EQ((*looked)["device_name"], "Tablet");
  EXPECT_EQ((*looked)["confirmation"], tablet.account["link"]["confirmation"]);
  ASSERT_TRUE(t.world.run_until([&] { return tablet.account["link"]["is_taken_up"] == true; }));
  hand_over(t.world, t.alice, tablet, code);
  EXPECT_EQ(tablet.account["user"], t.alice.account["user"]);
  EXPECT_EQ(tablet.account["name"], t.alice.account["name"]);
  EXPECT_FALSE(tablet.account.contains("link"));
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().leaves.size() == 3; }));
  EXPECT_EQ(last_committer(t.conversation()), Friends::device_of(tablet));
  write(t.world, t.bob, t.alice_id, {"third"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, tablet, t.bob_id, "third"); }));
  write(t.world, tablet, t.bob_id, {"fourth"});
  expect_same_chat(t.world, t.alice, t.bob, 4);
  ASSERT_TRUE(await_messages(t.world, tablet, t.bob_id, 4));
  EXPECT_THAT(texts_with(t.world, tablet, t.bob_id), ElementsAre("first", "second", "third", "fourth"));
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Linking, a_device_that_was_there_before_is_at_once_in_a_group_that_another_one_makes) {
  Friends f;
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  f.world.run_for(5'000);
  f.found({&f.ben});
  EXPECT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }, 5'000));
  EXPECT_EQ(last_committer(f.group()), Friends::device_of(f.ann));
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  EXPECT_TRUE(f.await(tablet, "Ben: hello"));
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Linking, a_device_comes_by_itself_into_a_group_whose_founder_is_gone_before_it_brings_anybody_in) {
  Friends f;
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  f.world.run_for(5'000);
  f.ann.tell({{"type", "create_group"}, {"name", "Trip"}, {"members", Json::array()}});
  const auto& all = f.world.server.conversations;
  ASSERT_TRUE(f.world.run_until([&] { return !all.empty(); }));
  f.ann.stop();
  const auto device = Friends::device_of(tablet);
  EXPECT_TRUE(f.world.run_until([&] { return all.begin()->second.leaves.contains(device); }, 30'000));
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Linking, an_invitation_is_taken_though_the_device_was_coming_in_by_itself_when_it_came) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(20'000);
  f.world.server.refuse_commits = 1'000;
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  f.world.run_for(200'000);
  // It waits longer by now than they do.
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client == &tablet && std::holds_alternative<wire::Error>(frame.body)) f.world.server.refuse_commits = 0;
    return true;
  };
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }));
  ASSERT_NE(last_committer(f.group()), Friends::device_of(tablet)) << "somebody else was first";
  const auto commits = f.group().epoch;
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  EXPECT_TRUE(f.await(tablet, "Ben: hello"));
  f.world.run_for(120'000);
  EXPECT_EQ(f.group().epoch, commits) << "and nobody came from outside";
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Linking, brings_one_device_once_whenever_a_client_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Acquainted t;
        Client& tablet = t.world.add("Alice's tablet");
        const std::string code = code_on(t.world, tablet, kAlicePhone);
        t.world.boundaries = 0;
        t.world.crash_at = crash_at;
        hand_over(t.world, t.alice, tablet, code);
        ASSERT_TRUE(t.world.run_until([&] { return t.conversation().leaves.size() == 3; }));
        write(t.world, t.bob, t.alice_id, {"third"});
        ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, tablet, t.bob_id, "third"); }));
        EXPECT_EQ(t.world.server.devices_of(*UserId::from_text(t.alice_id)).size(), 2U);
        EXPECT_EQ(t.conversation().leaves.size(), 3U);
        EXPECT_THAT(t.world.said, IsEmpty());
        boundaries = t.world.boundaries;
      },
      3);
}

TEST(Linking, a_new_device_comes_into_groups_by_itself_and_learns_what_they_are_called) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.world.run_for(10'000);
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  EXPECT_EQ(last_committer(f.group()), Friends::device_of(tablet)) << "nobody else spent a commit on it";
  EXPECT_EQ(f.say(f.ben, "hello both"), "done");
  ASSERT_TRUE(f.await(tablet, "Ben: hello both"));
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(tablet)["title"] == f.chat(f.ann)["title"]; }));
  EXPECT_EQ(f.say(tablet, "from the tablet"), "done");
  ASSERT_TRUE(f.await(f.cleo, "Ann: from the tablet"));
  EXPECT_EQ(f.roster(tablet), f.roster(f.ann));
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Linking, all_devices_of_whoever_begins_a_conversation_are_in_it_from_the_first_commit_on) {
  Acquainted t;
  Client& tablet = t.world.add("Alice's tablet");
  link(t.world, t.alice, tablet, kAlicePhone);
  Client& cleo = t.world.add("Cleo");
  register_account(t.world, cleo, "+41790000003");
  const std::string cleo_id = find(t.world, tablet, "+41790000003");
  write(t.world, tablet, cleo_id, {"hello Cleo"});
  const auto id = *ConversationId::from_text(conversation_of(tablet, cleo_id));
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.alice, cleo_id, "hello Cleo"); }));
  EXPECT_EQ(t.world.server.conversations.at(id).leaves.size(), 3U);
  EXPECT_EQ(t.world.server.conversations.at(id).epoch, Epoch{1}) << "nobody had to be added later";
  write(t.world, t.alice, cleo_id, {"from the other one"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, cleo, t.alice_id, "from the other one"); }));
  EXPECT_THAT(t.world.said, IsEmpty());
}

// The new device brings somebody in and knows the name from the archive alone: it may have been given another one
// since.
TEST(Linking, whom_a_new_device_brings_in_its_users_other_device_tells_the_name) {
  Friends f;
  f.found({});
  f.world.run_for(10'000);
  Client& tablet = f.world.add("Ann's tablet");
  link(f.world, f.ann, tablet, f.ann.account["address"]);
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 2; }));
  find(f.world, tablet, f.ben.account["address"]);
  EXPECT_EQ(f.add(tablet, {&f.ben}), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.info(f.ben)["name"] == f.info(f.ann)["name"]; }));
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Linking, one_that_does_not_come_by_itself_is_added_by_the_others) {
  Acquainted t;
  Client& tablet = t.world.add("Alice's tablet");
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  link(t.world, t.alice, tablet, kAlicePhone);
  tablet.stop();
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().leaves.size() == 3; }));
  t.world.to_client = nullptr;
  tablet.start();
  write(t.world, t.bob, t.alice_id, {"third"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, tablet, t.bob_id, "third"); }));
}

// ---- what is refused, and by its name ----

std::string refusal(Client& by, const std::string& type, const std::string& code) {
  const auto answer = by.ask({{"type", type}, {"code", code}});
  if (!answer || (*answer)["type"] == "done") return "done";
  return (*answer)["error"];
}

TEST(Linking, a_code_that_is_mistyped_unknown_foreign_or_used_is_refused_by_name) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  const std::string code = code_on(p.world, tablet, kAlicePhone);
  EXPECT_EQ(refusal(p.alice, "look_at_link", code.substr(1)), "wrong_link_code");
  EXPECT_EQ(refusal(p.alice, "look_at_link", "0000-0000-0000-0000-0000-0000"), "not_found");
  EXPECT_EQ(refusal(p.bob, "look_at_link", code), "link_foreign");
  EXPECT_EQ(refusal(p.alice, "look_at_link", code), "done") << "nobody else could take it up";
  EXPECT_EQ(tablet.account["stage"], "linking");
  EXPECT_EQ(refusal(tablet, "look_at_link", code), "wrong_stage");
}

TEST(Linking, a_code_that_runs_out_gives_way_to_another_and_after_some_the_user_is_asked) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  const std::string first = code_on(p.world, tablet, kAlicePhone);
  ASSERT_TRUE(p.world.run_until([&] { return tablet.account["link"]["code"] != first; }, 700'000));
  EXPECT_EQ(refusal(p.alice, "link_device", first), "not_found");
  link(p.world, p.alice, tablet, kAlicePhone);
  Client& other = p.world.add("Another");
  code_on(p.world, other, kAlicePhone);
  ASSERT_TRUE(p.world.run_until([&] { return other.account["stage"] == "new"; }, 7'200'000));
  EXPECT_EQ(other.warnings["link_expired"], 1);
}

TEST(Linking, an_account_of_the_servers_making_is_not_taken) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  const std::string code = code_on(p.world, tablet, kAlicePhone);
  p.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("sealed")) return;
    std::string sealed = body["sealed"];
    sealed[20] = sealed[20] == 'A' ? 'B' : 'A';
    body["sealed"] = sealed;
    reply.body = body.dump();
  };
  EXPECT_EQ(refusal(p.alice, "link_device", code), "done");
  ASSERT_TRUE(p.world.run_until([&] { return tablet.warnings["link_refused"] > 0; }));
  EXPECT_EQ(tablet.account["stage"], "linking");
  ASSERT_TRUE(p.world.run_until([&] { return tablet.account["link"]["code"] != code; }));
  EXPECT_EQ(p.world.server.devices_of(*UserId::from_text(p.alice_id)).size(), 1U);
  p.world.http_to_client = nullptr;
  hand_over(p.world, p.alice, tablet, tablet.account["link"]["code"]);
}

// What the server answers to who asks about a link is changed by this.
void change_answers(World& world, const std::function<void(Json&)>& change) {
  world.http_to_client = [change](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("sealed")) return;
    change(body);
    reply.body = body.dump();
  };
}

std::string list_of(World& world, const std::string& user) {
  return world.server.device_list_of(*UserId::from_text(user));
}

TEST(Linking, an_old_device_list_is_not_signed_again) {
  Pair p;
  const std::string old = list_of(p.world, p.alice_id);
  Client& tablet = p.world.add("Alice's tablet");
  link(p.world, p.alice, tablet, kAlicePhone);
  write(p.world, p.bob, p.alice_id, {"first"});
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 1));
  p.world.run_for(5'000);
  change_answers(p.world, [&](Json& body) { body["device_list"] = old; });
  Client& phone = p.world.add("Alice's phone");
  const std::string code = code_on(p.world, phone, kAlicePhone);
  EXPECT_EQ(refusal(tablet, "link_device", code), "done");
  ASSERT_TRUE(p.world.run_until([&] { return phone.warnings["link_refused"] > 0; }));
  EXPECT_THAT(p.world.said, Contains(HasSubstr("the server shows an old device list")));
  EXPECT_EQ(p.world.server.devices_of(*UserId::from_text(p.alice_id)).size(), 2U);
}

// Each list that it signs is shown to it as the present one, so that it would sign the next.
TEST(Linking, a_server_does_not_climb_by_the_lists_that_a_new_device_signs) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  int refused = 0;
  p.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (body.is_object() && body.contains("refresh_token") && tablet.account["stage"] == "linking") {
      ++refused;
      reply = {409, R"({"error":"stale_device_list","message":"another came first"})"};
    }
  };
  const std::string code = code_on(p.world, tablet, kAlicePhone);
  EXPECT_EQ(refusal(p.alice, "link_device", code), "done");
  ASSERT_TRUE(p.world.run_until([&] { return tablet.warnings["link_refused"] > 0; }));
  EXPECT_EQ(refused, 1) << "the server's list has this device's own signature by then";
}

TEST(Linking, what_the_server_says_of_a_link_that_is_not_what_was_sealed_is_refused) {
  for (const char* field : {"user", "device_list", "sealed"}) {
    Pair p;
    Client& tablet = p.world.add("Alice's tablet");
    change_answers(p.world, [&](Json& body) {
      if (field == std::string("user")) body[field] = p.bob_id;
      if (field == std::string("device_list")) body[field] = list_of(p.world, p.bob_id);
      if (field == std::string("sealed")) body.erase(field);
    });
    const std::string code = code_on(p.world, tablet, kAlicePhone);
    EXPECT_EQ(refusal(p.alice, "link_device", code), "done") << field;
    ASSERT_TRUE(p.world.run_until([&] { return tablet.account["link"]["code"] != code; })) << field;
    EXPECT_EQ(tablet.account["stage"], "linking") << field;
    EXPECT_EQ(tablet.warnings["link_refused"], 1) << field;
    EXPECT_EQ(p.world.server.devices_of(*UserId::from_text(p.alice_id)).size(), 1U) << field;
  }
}

TEST(Linking, an_offer_that_the_server_changed_is_named) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  const std::string code = code_on(p.world, tablet, kAlicePhone);
  p.world.http_to_client = [](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("offer")) return;
    body["offer"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    reply.body = body.dump();
  };
  EXPECT_EQ(refusal(p.alice, "link_device", code), "link_forged");
}

TEST(Linking, who_the_account_knows_a_new_device_does_not_take_from_the_server) {
  Acquainted t;
  ASSERT_EQ((*t.alice.ask({{"type", "set_verified"}, {"user", t.bob_id}, {"verified", true}}))["type"], "done");
  Client& tablet = t.world.add("Alice's tablet");
  link(t.world, t.alice, tablet, kAlicePhone);
  const Json contacts = (*tablet.ask({{"type", "list_contacts"}}))["contacts"];
  ASSERT_EQ(contacts.size(), 1U);
  EXPECT_EQ(contacts[0]["user"], t.bob_id);
  EXPECT_EQ(contacts[0]["verified"], true);
  EXPECT_EQ(contacts[0]["address"], kBobPhone);
}

TEST(Linking, registering_and_linking_do_not_go_on_at_once) {
  World world;
  Client& fresh = world.add("Fresh");
  code_on(world, fresh, kAlicePhone);
  EXPECT_EQ((*fresh.ask({{"type", "register"}, {"phone", kAlicePhone}}))["error"], "wrong_stage");
  EXPECT_EQ((*fresh.ask({{"type", "begin_link"}, {"phone", kAlicePhone}, {"device_name", ""}}))["error"],
            "invalid_argument");
}

TEST(Linking, giving_up_leaves_a_client_that_can_register) {
  World world;
  Client& fresh = world.add("Fresh");
  code_on(world, fresh, kAlicePhone);
  EXPECT_EQ((*fresh.ask({{"type", "cancel_link"}}))["type"], "done");
  EXPECT_EQ(fresh.account["stage"], "new");
  fresh.stop();
  register_account(world, fresh, kAlicePhone);
  EXPECT_EQ(fresh.account["stage"], "ready");
}

}  // namespace
}  // namespace kith::client::test
