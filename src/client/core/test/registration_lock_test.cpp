// A number that is locked: the PIN is asked for, given, and kept nowhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/record.h"
#include "client/core/test/linked.h"

namespace kith::client::test {
namespace {

using ::testing::Not;

std::string answer_to(Client& client, const Json& command) {
  const auto answer = client.ask(command);
  if (!answer) return "none";
  return (*answer)["type"] == "done" ? "done" : (*answer)["error"];
}

constexpr const char* kPin = "97531864";

Json set_pin(const Json& pin) { return {{"type", "set_pin"}, {"pin", pin}}; }
Json new_account(const std::string& pin) {
  Json command = {{"type", "create_account"}, {"name", "Alice"}, {"device_name", "New phone"}};
  if (!pin.empty()) command["pin"] = pin;
  return command;
}

// Alice's number is locked, and somebody proves it on a new phone.
struct Locked : Acquainted {
  Locked() {
    EXPECT_EQ(answer_to(alice, set_pin(kPin)), "done");
    alice.stop();
    prove(world, phone, kAlicePhone);
    EXPECT_EQ(answer_to(phone, {{"type", "register_anew"}}), "done");
  }
  void expect_not_kept() {
    for (const auto& [key, value] : phone.rows)
      EXPECT_EQ(as_text(value).find(kPin), std::string_view::npos) << to_hex(key);
  }
  Client& phone = world.add("Alice's phone");
};

TEST(RegistrationLock, a_locked_number_gets_a_new_account_by_its_pin_alone) {
  Locked t;
  EXPECT_EQ(answer_to(t.phone, new_account("")), "pin_needed");
  const auto wrong = t.phone.ask(new_account("1357"));
  EXPECT_EQ((*wrong)["error"], "wrong_pin");
  EXPECT_EQ((*wrong)["attempts_left"], 4);
  EXPECT_EQ(t.phone.account["stage"], "name");
  EXPECT_EQ(answer_to(t.phone, new_account(kPin)), "done");
  EXPECT_EQ(t.phone.account["stage"], "recovery_key");
  EXPECT_NE(t.phone.account["user"], t.alice_id);
  t.expect_not_kept();
}

TEST(RegistrationLock, whoever_has_guessed_too_often_is_told_for_how_long_and_can_go_back_to_another_number) {
  Locked t;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(answer_to(t.phone, new_account("1357")), "wrong_pin");
  const auto paused = t.phone.ask(new_account(kPin));
  EXPECT_EQ((*paused)["error"], "pin_paused");
  EXPECT_EQ((*paused)["retry_after_ms"], 60'000);
  EXPECT_EQ(t.phone.account["stage"], "name");
  t.phone.stop();
  t.phone.start();
  EXPECT_EQ(t.phone.account["stage"], "name");
  EXPECT_EQ(answer_to(t.phone, new_account(kPin)), "pin_paused");
  EXPECT_EQ(answer_to(t.phone, {{"type", "register"}, {"phone", "+4930999"}}), "done");
}

TEST(RegistrationLock, the_recovery_key_needs_no_pin) {
  Acquainted t;
  EXPECT_EQ(answer_to(t.alice, set_pin(kPin)), "done");
  t.alice.stop();
  Client& phone = t.world.add("Alice's phone");
  prove(t.world, phone, kAlicePhone);
  recover(t.world, phone, t.alice.recovery_key);
  EXPECT_EQ(phone.account["user"], t.alice_id);
}

TEST(RegistrationLock, is_seen_and_taken_away_by_the_account_alone) {
  Acquainted t;
  const auto has_pin = [&] { return (*t.alice.ask({{"type", "has_pin"}}))["has_pin"]; };
  EXPECT_EQ(has_pin(), false);
  EXPECT_EQ(answer_to(t.alice, set_pin(kPin)), "done");
  EXPECT_EQ(has_pin(), true);
  EXPECT_EQ(answer_to(t.alice, {{"type", "set_pin"}}), "invalid_argument");
  EXPECT_EQ(answer_to(t.alice, set_pin(2468)), "invalid_argument");
  EXPECT_EQ(has_pin(), true);
  EXPECT_EQ(answer_to(t.alice, set_pin(nullptr)), "done");
  EXPECT_EQ(has_pin(), false);
  t.alice.stop();
  Client& phone = t.world.add("Alice's phone");
  prove(t.world, phone, kAlicePhone);
  EXPECT_EQ(answer_to(phone, set_pin("1357")), "wrong_stage");
  EXPECT_EQ(answer_to(phone, {{"type", "has_pin"}}), "wrong_stage");
  EXPECT_EQ(answer_to(phone, {{"type", "register_anew"}}), "done");
  EXPECT_EQ(answer_to(phone, new_account("")), "done");
}

TEST(RegistrationLock, a_pin_is_not_kept_while_its_answer_is_waited_for) {
  Locked t;
  int seen = 0;
  t.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    if (!reply.body.contains("refresh_token")) return;
    t.expect_not_kept();
    ++seen;
    reply = {0, ""};
  };
  EXPECT_THAT(answer_to(t.phone, new_account(kPin)), Not("done"));
  EXPECT_GE(seen, 1);
  t.expect_not_kept();
}

TEST(RegistrationLock, a_lost_answer_makes_no_second_account_and_asks_for_no_pin) {
  Locked t;
  const auto lose = [&](ModelServer::HttpReply& reply) {
    if (reply.body.contains("refresh_token")) reply = {0, ""};
  };
  t.world.http_to_client = lose;
  EXPECT_THAT(answer_to(t.phone, new_account(kPin)), Not("done"));
  t.phone.stop();
  t.world.http_to_client = nullptr;
  t.phone.start();
  EXPECT_TRUE(t.world.run_until([&] { return t.phone.account["stage"] == "recovery_key"; }));
}

TEST(RegistrationLock, a_wrong_pin_costs_one_attempt_though_the_creation_is_sent_again) {
  Locked t;
  t.world.http_to_client = [](ModelServer::HttpReply& reply) {
    if (reply.body.contains("wrong_pin")) reply = {0, ""};
  };
  EXPECT_EQ(answer_to(t.phone, new_account("1357")), "offline");
  t.world.http_to_client = nullptr;
  EXPECT_EQ(answer_to(t.phone, {{"type", "reconnect"}}), "done");
  ASSERT_TRUE(t.world.run_until([&] { return !t.phone.rows.contains(row_key::creation()); }));
  EXPECT_EQ(t.phone.account["stage"], "name");
  EXPECT_EQ((*t.phone.ask(new_account("1357")))["attempts_left"], 3);
}

TEST(RegistrationLock, one_account_is_made_whenever_the_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Locked t;
    t.world.boundaries = 0;
    t.world.crash_at = crash_at;
    for (int tries = 0; tries < 50; ++tries) {
      t.world.run_until([&] { return t.phone.is_running() && !t.phone.account.is_null(); });
      if (t.phone.account["stage"] == "recovery_key") break;
      t.phone.ask(new_account(kPin));
      t.world.run_for(1'000);
    }
    ASSERT_TRUE(t.world.run_until([&] { return t.phone.is_running() && t.phone.account["stage"] == "recovery_key"; }));
    EXPECT_NE(t.phone.account["user"], t.alice_id);
    t.expect_not_kept();
    boundaries = t.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
