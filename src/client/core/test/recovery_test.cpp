// Every device is lost and the recovery key is not: a new device is the old person again, in all chats. And without the
// key the number begins anew, as somebody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "client/core/test/linked.h"
#include "keys/recovery_key.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "done", or the error's name.
std::string answer_to(Client& client, const Json& command) {
  const auto answer = client.ask(command);
  if (!answer) return "none";
  return (*answer)["type"] == "done" ? "done" : (*answer)["error"];
}

// Alice has lost her only device.
struct Lost : Acquainted {
  Lost() {
    alice.stop();
    prove(world, phone, kAlicePhone);
  }
  [[nodiscard]] std::size_t devices() const { return world.server.devices_of(*UserId::from_text(alice_id)).size(); }
  // What the server shows of the account is changed by this.
  void change_shown(const std::function<void(Json&)>& change) {
    world.http_to_client = [change](ModelServer::HttpReply& reply) {
      Json body = Json::parse(reply.body, nullptr, false);
      if (!body.is_object() || !body.contains("sealed_generation")) return;
      change(body);
      reply.body = body.dump();
    };
  }
  Client& phone = world.add("Alice's phone");
};

TEST(Recovery, the_new_device_is_the_same_person_in_the_same_chats) {
  Lost t;
  EXPECT_EQ(t.phone.account["stage"], "account");
  EXPECT_EQ(t.phone.account["address"], kAlicePhone);
  recover(t.world, t.phone, t.alice.recovery_key);
  EXPECT_EQ(t.phone.account["user"], t.alice_id);
  EXPECT_EQ(t.phone.account["name"], "Alice");
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().leaves.size() == 3; }));
  write(t.world, t.bob, t.alice_id, {"third"});
  ASSERT_TRUE(await_messages(t.world, t.phone, t.bob_id, 1));
  write(t.world, t.phone, t.bob_id, {"fourth"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 4));
  EXPECT_THAT(texts_with(t.world, t.bob, t.alice_id), ElementsAre("first", "second", "third", "fourth"));
  EXPECT_EQ(t.bob.warnings["identity_changed"], 0) << "it is the same identity";
  EXPECT_EQ(t.devices(), 2U);
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Recovery, comes_back_into_groups_too) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.ann.stop();
  f.world.run_for(86'400'000);
  Client& phone = f.world.add("Ann's phone");
  prove(f.world, phone, f.ann.account["address"]);
  recover(f.world, phone, f.ann.recovery_key);
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  EXPECT_EQ(f.say(f.ben, "welcome back"), "done");
  ASSERT_TRUE(f.await(phone, "Ben: welcome back"));
  EXPECT_EQ(f.say(phone, "from the new phone"), "done");
  ASSERT_TRUE(f.await(f.cleo, "Ann: from the new phone"));
  EXPECT_EQ(f.roster(phone), f.roster(f.ben));
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(phone)["title"] == "Hiking"; })) << "somebody in it says so";
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Recovery, brings_one_device_once_whenever_the_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Lost t;
    t.world.boundaries = 0;
    t.world.crash_at = crash_at;
    recover(t.world, t.phone, t.alice.recovery_key);
    ASSERT_TRUE(t.world.run_until([&] { return t.conversation().leaves.size() == 3; }));
    write(t.world, t.bob, t.alice_id, {"third"});
    ASSERT_TRUE(await_messages(t.world, t.phone, t.bob_id, 1));
    EXPECT_EQ(t.devices(), 2U);
    EXPECT_THAT(t.world.said, IsEmpty());
    boundaries = t.world.boundaries;
  });
}

TEST(Recovery, a_lost_answer_is_asked_for_until_it_comes) {
  Lost t;
  int lost = 0;
  t.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    if (lost < 3 && body.is_object() && body.contains("refresh_token")) {
      ++lost;
      reply = {0, ""};
    }
  };
  EXPECT_EQ(answer_to(t.phone, recover_command(t.alice.recovery_key)), "done");
  EXPECT_EQ(lost, 3);
  EXPECT_EQ(t.phone.account["stage"], "ready");
  EXPECT_EQ(t.devices(), 2U);
}

TEST(Recovery, stays_behind_a_list_that_another_device_was_faster_with) {
  Lost t;
  DevicesOf others(t.alice);
  const auto tablet = others.device(7);
  int shown = 0;
  t.change_shown([&](Json&) {
    if (++shown == 1) t.world.server.set_devices(others.list(2, {&tablet}), {DevicesOf::listed(tablet)});
  });
  EXPECT_EQ(answer_to(t.phone, recover_command(t.alice.recovery_key)), "done");
  EXPECT_EQ(t.phone.account["stage"], "ready");
  EXPECT_EQ(shown, 2);
  EXPECT_EQ(t.devices(), 3U);
}

// ---- what is refused, and by its name ----

TEST(Recovery, a_key_that_is_mistyped_or_anothers_is_refused_by_name_and_the_right_one_still_works) {
  Lost t;
  std::string mistyped = t.alice.recovery_key;
  mistyped[0] = mistyped[0] == 'A' ? 'B' : 'A';
  EXPECT_EQ(answer_to(t.phone, recover_command(mistyped)), "recovery_key_checksum");
  EXPECT_EQ(answer_to(t.phone, recover_command(t.alice.recovery_key.substr(1))), "recovery_key_length");
  EXPECT_EQ(answer_to(t.phone, recover_command("?" + t.alice.recovery_key)), "recovery_key_character");
  EXPECT_EQ(answer_to(t.phone, recover_command(t.bob.recovery_key)), "wrong_recovery_key");
  EXPECT_EQ(answer_to(t.phone, {{"type", "recover"}, {"recovery_key", t.alice.recovery_key}}), "invalid_argument");
  EXPECT_EQ(answer_to(t.phone, {{"type", "recover"}, {"device_name", "New phone"}}), "recovery_key_length");
  EXPECT_EQ(answer_to(t.bob, recover_command(t.bob.recovery_key)), "wrong_stage");
  EXPECT_EQ(t.phone.account["stage"], "account");
  EXPECT_EQ(t.devices(), 1U);
  recover(t.world, t.phone, t.alice.recovery_key);
  EXPECT_EQ(answer_to(t.phone, recover_command(t.alice.recovery_key)), "wrong_stage");
}

TEST(Recovery, what_the_server_shows_that_does_not_belong_to_the_key_is_refused) {
  const std::pair<const char*, const char*> spoilt[] = {{"sealed_generation", "recovery_refused"},
                                                        {"identity_key", "wrong_recovery_key"},
                                                        {"device_list", "recovery_refused"},
                                                        {"name", "internal"}};
  for (const auto& [field, error] : spoilt) {
    Lost t;
    t.change_shown([&](Json& body) {
      std::string value = body[field];
      value[20 % value.size()] = value[20 % value.size()] == 'A' ? 'B' : 'A';
      if (field == std::string("name")) value = std::string(129, 'A');
      body[field] = value;
    });
    EXPECT_EQ(answer_to(t.phone, recover_command(t.alice.recovery_key)), error) << field;
    EXPECT_EQ(t.phone.account["stage"], "account");
    EXPECT_EQ(t.devices(), 1U);
    t.world.http_to_client = nullptr;
    recover(t.world, t.phone, t.alice.recovery_key);
  }
}

TEST(Recovery, a_registration_that_is_over_begins_anew) {
  Lost t;
  t.world.http_to_client = [](ModelServer::HttpReply& reply) {
    if (reply.body.contains("sealed_generation")) reply = {410, R"({"error":"code_expired","message":"too late"})"};
  };
  EXPECT_EQ(answer_to(t.phone, recover_command(t.alice.recovery_key)), "code_expired");
  EXPECT_EQ(t.phone.account["stage"], "new");
  t.world.http_to_client = nullptr;
  EXPECT_EQ(answer_to(t.phone, {{"type", "register"}, {"phone", kAlicePhone}}), "done");
}

TEST(Recovery, nothing_of_the_recovery_key_stays_behind) {
  Lost t;
  recover(t.world, t.phone, t.alice.recovery_key);
  const auto key = keys::RecoveryKey::parse(t.alice.recovery_key).value();
  for (const auto& [name, value] : t.phone.rows) {
    EXPECT_EQ(as_text(value).find(as_text(key.view())), std::string_view::npos) << to_hex(name);
    EXPECT_EQ(as_text(value).find(key.text().substr(0, 9)), std::string_view::npos) << to_hex(name);
    EXPECT_EQ(as_text(value).find(as_text(key.identity_key().private_key)), std::string_view::npos) << to_hex(name);
    EXPECT_EQ(as_text(value).find(as_text(key.box_key().private_key)), std::string_view::npos) << to_hex(name);
  }
}

TEST(Recovery, whether_a_key_is_the_accounts_can_be_looked_at_without_the_server) {
  Acquainted t;
  t.alice.set_network(false);
  const auto right = [&](const std::string& key) {
    return (*t.alice.ask({{"type", "check_recovery_key"}, {"recovery_key", key}}))["is_right"];
  };
  EXPECT_EQ(right(t.alice.recovery_key), true);
  EXPECT_EQ(right(t.bob.recovery_key), false);
  EXPECT_EQ(answer_to(t.alice, {{"type", "check_recovery_key"}, {"recovery_key", "0000"}}), "recovery_key_length");
  // Without an account, whether it is spelled like one.
  Client& fresh = t.world.add("Fresh");
  fresh.start();
  EXPECT_EQ(answer_to(fresh, {{"type", "check_recovery_key"}, {"recovery_key", t.bob.recovery_key}}), "done");
  EXPECT_EQ(answer_to(fresh, {{"type", "check_recovery_key"}, {"recovery_key", "0000"}}), "recovery_key_length");
}

// ---- without the key ----

TEST(Recovery, who_begins_anew_is_a_new_person_to_those_who_knew_the_old_one) {
  Lost t;
  EXPECT_EQ(answer_to(t.phone, {{"type", "create_account"}, {"name", "Alice"}, {"device_name", "New phone"}}),
            "wrong_stage");
  EXPECT_EQ(answer_to(t.phone, {{"type", "register_anew"}}), "done");
  EXPECT_EQ(t.phone.account["stage"], "name");
  register_account(t.world, t.phone, kAlicePhone);
  const std::string anew = t.phone.account["user"];
  EXPECT_NE(anew, t.alice_id);
  EXPECT_EQ(answer_to(t.phone, {{"type", "register_anew"}}), "wrong_stage");

  EXPECT_EQ(find(t.world, t.bob, kAlicePhone), anew);
  EXPECT_EQ(t.bob.warnings["address_moved"], 1);
  write(t.world, t.bob, anew, {"who are you?"});
  ASSERT_TRUE(await_messages(t.world, t.phone, t.bob_id, 1));
  EXPECT_THAT(texts_with(t.world, t.phone, t.bob_id), ElementsAre("who are you?")) << "nothing of before";
  EXPECT_THAT(texts_with(t.world, t.bob, t.alice_id), ElementsAre("first", "second"));
}

TEST(Recovery, an_address_without_an_account_is_not_asked) {
  World world;
  Client& fresh = world.add("Fresh");
  prove(world, fresh, kAlicePhone);
  EXPECT_EQ(fresh.account["stage"], "name");
}

}  // namespace
}  // namespace kith::client::test
