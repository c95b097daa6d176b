// A new device becomes one of an account, by the code on its screen, and is in all that the account is in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/friends.h"
#include "keys/link.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Shows a code for this address, and waits until the server has it.
std::string code_on(World& world, Client& fresh, const std::string& phone) {
  fresh.start();
  const auto begun = fresh.ask({{"type", "begin_link"}, {"phone", phone}, {"device_name", "Tablet"}});
  EXPECT_TRUE(begun && (*begun)["type"] == "done") << (begun ? begun->dump() : "");
  EXPECT_EQ(fresh.account["stage"], "linking");
  EXPECT_TRUE(world.run_until([&] { return world.server.has_link(); }));
  return fresh.account["link"]["code"];
}

// Takes the code up and hands the account over, again after a crash; waits until the new one is in.
void hand_over(World& world, Client& old, Client& fresh, const std::string& code) {
  for (int tries = 0; tries < 20; ++tries) {
    if (fresh.account["stage"] == "ready") break;
    const auto answer = old.ask({{"type", "link_device"}, {"code", code}});
    if (answer && (*answer)["type"] == "done") break;
    world.run_for(1'000);
  }
  EXPECT_TRUE(
      world.run_until([&] { return fresh.is_running() && fresh.account["stage"] == "ready" && fresh.is_online(); }));
}

// Of the newest commit in the log.
ModelServer::Device last_committer(const ModelServer::Conversation& conversation) {
  ModelServer::Device by;
  for (const auto& entry : conversation.log) {
    if (entry.kind == wire::EntryKind::commit) by = entry.sender;
  }
  return by;
}

void link(World& world, Client& old, Client& fresh, const std::string& phone) {
  hand_over(world, old, fresh, code_on(world, fresh, phone));
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
  ASSERT_TRUE(await_messages(t.world, tablet, t.bob_id, 1));
  write(t.world, tablet, t.bob_id, {"fourth"});
  expect_same_chat(t.world, t.alice, t.bob, 4);
  EXPECT_THAT(texts_with(t.world, tablet, t.bob_id), ElementsAre("third", "fourth"));
  EXPECT_THAT(t.world.said, IsEmpty());
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
        ASSERT_TRUE(await_messages(t.world, tablet, t.bob_id, 1));
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
  ASSERT_TRUE(await_messages(t.world, tablet, t.bob_id, 1));
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
  EXPECT_EQ(refusal(p.alice, "look_at_link", code), "link_used") << "Bob's device has it now, though it is of no use";
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
