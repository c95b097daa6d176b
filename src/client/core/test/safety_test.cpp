// Safety numbers, what is verified, and a server that gives people other identities.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/test/friends.h"
#include "keys/safety_number.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr int kTries = 400;
constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

// The command until it is answered, crashes notwithstanding.
Json answer_to(World& world, Client& client, const Json& command) {
  for (int i = 0; i < kTries; ++i) {
    world.run_until([&] { return client.is_running() && !client.account.is_null(); });
    const auto answer = client.ask(command);
    if (answer && (*answer)["type"] == "done") return *answer;
    if (answer && (*answer)["error"] != "offline") return *answer;
    world.run_for(200);
  }
  ADD_FAILURE() << client.name << " was never answered";
  return Json::object();
}

Json contact(World& world, Client& client, const std::string& user) {
  for (const Json& one : answer_to(world, client, {{"type", "list_contacts"}})["contacts"]) {
    if (one["user"] == user) return one;
  }
  return Json::object();
}

Json number(World& world, Client& client, const std::string& user) {
  return answer_to(world, client, {{"type", "safety_number"}, {"user", user}});
}

Json compare(World& world, Client& client, const std::string& user, const std::string& scanned) {
  return answer_to(world, client, {{"type", "compare_safety_number"}, {"user", user}, {"scanned", scanned}});
}

Json verify(World& world, Client& client, const std::string& user, bool verified = true) {
  return answer_to(world, client, {{"type", "set_verified"}, {"user", user}, {"verified", verified}});
}

// From now on the directory has this identity for the user.
void swap_identity(World& world, const std::string& user, std::uint8_t key) {
  world.http_to_client = [user, key](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || body.value("user", "") != user || !body.contains("identity_key")) return;
    body["identity_key"] = to_base64url(Bytes(32, key));
    reply.body = body.dump();
  };
}

struct Comparing : Pair {
  Comparing() {
    write(world, alice, bob_id, {"first"});
    EXPECT_TRUE(await_messages(world, bob, alice_id, 1));
  }
  std::string code_of_bob() { return number(world, bob, alice_id)["qr"]; }
  // Alice hears of another identity of Bob.
  void hear(std::uint8_t key) {
    swap_identity(world, bob_id, key);
    find(world, alice, kBobPhone);
  }
  std::vector<std::string> alice_sees() { return texts_with(world, alice, bob_id); }
};

TEST(SafetyNumbers, are_the_same_on_both_sides_before_and_after_the_first_message) {
  Pair p;
  const Json at_alice = number(p.world, p.alice, p.bob_id);
  EXPECT_EQ(at_alice["digits"].get<std::string>().size(), 60U);
  EXPECT_EQ(at_alice["digits"], number(p.world, p.bob, p.alice_id)["digits"]);
  EXPECT_EQ(at_alice["verified"], false);
  EXPECT_EQ(at_alice["identity_changed"], false);
  const Json before = compare(p.world, p.bob, p.alice_id, at_alice["qr"]);
  EXPECT_EQ(before["matches"], true);
  EXPECT_EQ(before["log"], "none");

  write(p.world, p.alice, p.bob_id, {"hello"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
  EXPECT_EQ(number(p.world, p.alice, p.bob_id)["digits"], at_alice["digits"]);
  const Json after = compare(p.world, p.bob, p.alice_id, number(p.world, p.alice, p.bob_id)["qr"]);
  EXPECT_EQ(after["matches"], true);
  EXPECT_EQ(after["identity"], "same");
  EXPECT_EQ(after["log"], "same");
}

TEST(SafetyNumbers, match_though_one_side_is_not_up_to_date) {
  Comparing c;
  c.bob.set_network(false);
  // Alice gives her leaf new keys, which Bob does not hear of.
  c.world.run_for(8 * kDayMs);
  const Json result = compare(c.world, c.alice, c.bob_id, c.code_of_bob());
  EXPECT_EQ(result["matches"], true);
  EXPECT_EQ(result["log"], "unknown");
  c.bob.set_network(true);
  ASSERT_TRUE(c.world.run_until([&] { return c.bob.is_online(); }));
  c.world.run_for(10'000);
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, c.code_of_bob())["log"], "same");
}

TEST(SafetyNumbers, show_a_log_that_is_forked) {
  Comparing c;
  auto code = *keys::SafetyCode::parse(c.code_of_bob());
  code.epoch->mark[0] ^= 1;
  const Json result = compare(c.world, c.alice, c.bob_id, code.text());
  EXPECT_EQ(result["matches"], false);
  EXPECT_EQ(result["identity"], "same");
  EXPECT_EQ(result["log"], "forked");
  EXPECT_EQ(c.alice.warnings["log_forked"], 1);
}

TEST(SafetyNumbers, of_others_or_of_nobody_are_refused_and_change_nothing) {
  Comparing c;
  Client& mallory = c.world.add("Mallory");
  register_account(c.world, mallory, "+41790000004");
  find(c.world, mallory, kAlicePhone);
  verify(c.world, c.alice, c.bob_id);
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, number(c.world, mallory, c.alice_id)["qr"])["error"], "other_person");
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, number(c.world, c.alice, c.bob_id)["qr"])["error"], "other_person");
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, "https://example.org")["error"], "not_a_safety_number");
  EXPECT_EQ(number(c.world, c.alice, std::string(32, '7'))["error"], "not_found");
  EXPECT_EQ(number(c.world, c.alice, "nobody")["error"], "invalid_argument");
  EXPECT_EQ(answer_to(c.world, c.alice, {{"type", "set_verified"}, {"user", c.bob_id}})["error"], "invalid_argument");
  EXPECT_EQ(answer_to(c.world, c.alice, {{"type", "accept_identity"}, {"user", c.bob_id}})["error"],
            "invalid_argument");
  EXPECT_EQ(contact(c.world, c.alice, c.bob_id)["verified"], true);
}

TEST(SafetyNumbers, keep_who_is_verified_until_it_is_taken_back) {
  Comparing c;
  EXPECT_FALSE(contact(c.world, c.alice, c.bob_id).contains("verified"));
  verify(c.world, c.alice, c.bob_id);
  c.alice.crash();
  EXPECT_EQ(number(c.world, c.alice, c.bob_id)["verified"], true);
  EXPECT_EQ(contact(c.world, c.alice, c.bob_id)["verified"], true);
  verify(c.world, c.alice, c.bob_id, false);
  c.alice.crash();
  EXPECT_EQ(number(c.world, c.alice, c.bob_id)["verified"], false);
}

TEST(ChangedIdentity, is_not_verified_and_stands_in_the_chat_once) {
  Comparing c;
  verify(c.world, c.alice, c.bob_id);
  const std::string digits = number(c.world, c.alice, c.bob_id)["digits"];
  c.hear(7);
  c.hear(7);
  EXPECT_THAT(c.alice_sees(), ElementsAre("first", "(identity changed)"));
  const Json now = number(c.world, c.alice, c.bob_id);
  EXPECT_EQ(now["verified"], false);
  EXPECT_EQ(now["identity_changed"], true);
  EXPECT_EQ(now["digits"], digits);
  EXPECT_EQ(answer_to(c.world, c.alice, {{"type", "send"}, {"user", c.bob_id}, {"text", "no"}})["error"],
            "identity_changed");
}

TEST(ChangedIdentity, that_was_a_lie_ends_when_numbers_were_compared) {
  Comparing c;
  c.hear(7);
  const Json result = compare(c.world, c.alice, c.bob_id, c.code_of_bob());
  EXPECT_EQ(result["matches"], true);
  verify(c.world, c.alice, c.bob_id);
  EXPECT_FALSE(contact(c.world, c.alice, c.bob_id).contains("identity_changed"));
  write(c.world, c.alice, c.bob_id, {"it is you"});
  EXPECT_TRUE(await_messages(c.world, c.bob, c.alice_id, 2));
}

TEST(ChangedIdentity, that_is_accepted_lets_sending_go_on_and_is_not_verified) {
  Comparing c;
  verify(c.world, c.alice, c.bob_id);
  c.hear(7);
  const std::string digits = number(c.world, c.alice, c.bob_id)["digits"];
  EXPECT_EQ(answer_to(c.world, c.alice, {{"type", "accept_identity"}, {"user", c.bob_id}})["type"], "done");
  const Json now = number(c.world, c.alice, c.bob_id);
  EXPECT_NE(now["digits"], digits);
  EXPECT_EQ(now["verified"], false);
  EXPECT_EQ(now["identity_changed"], false);
  write(c.world, c.alice, c.bob_id, {"on"});
  EXPECT_TRUE(await_messages(c.world, c.bob, c.alice_id, 2));
  // The chat's leaves still hang on the earlier one, which is no change.
  c.world.run_for(8 * kDayMs);
  c.alice.crash();
  c.world.run_for(10'000);
  EXPECT_EQ(c.alice.warnings["identity_changed"], 1);
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, c.code_of_bob())["identity"], "theirs_differs");
  // The directory has the earlier one again: that is one.
  c.world.http_to_client = nullptr;
  find(c.world, c.alice, kBobPhone);
  EXPECT_EQ(c.alice.warnings["identity_changed"], 2);
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, c.code_of_bob())["identity"], "changed");
  EXPECT_EQ(answer_to(c.world, c.alice, {{"type", "accept_identity"}, {"user", c.bob_id}})["type"], "done");
  EXPECT_EQ(number(c.world, c.alice, c.bob_id)["digits"], digits);
  EXPECT_THAT(c.alice_sees(), ElementsAre("first", "(identity changed)", "on", "(identity changed)"));
}

TEST(ChangedIdentity, is_told_apart_by_whose_it_is) {
  Comparing c;
  c.hear(7);
  auto code = *keys::SafetyCode::parse(c.code_of_bob());
  code.by_print[0] ^= 1;
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, code.text())["identity"], "theirs_differs");
  code = *keys::SafetyCode::parse(c.code_of_bob());
  code.to_print[0] ^= 1;
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, code.text())["identity"], "mine_differs");
  keys::Identity seen{.user = *UserId::from_text(c.bob_id)};
  seen.key.fill(7);
  code.by_print = keys::fingerprint(seen);
  EXPECT_EQ(compare(c.world, c.alice, c.bob_id, code.text())["identity"], "changed");
}

TEST(ChangedIdentity, has_lines_that_are_listed_once_page_by_page) {
  Comparing c;
  for (std::uint8_t key = 1; key <= 3; ++key) {
    c.hear(key);
    answer_to(c.world, c.alice, {{"type", "accept_identity"}, {"user", c.bob_id}});
  }
  write(c.world, c.alice, c.bob_id, {"last"});
  ASSERT_TRUE(await_messages(c.world, c.bob, c.alice_id, 2));
  std::vector<std::string> seen;
  Json command = {{"type", "list_messages"}, {"conversation", conversation_of(c.alice, c.bob_id)}, {"limit", 1}};
  bool more = true;
  while (more && seen.size() < 10) {
    const Json page = answer_to(c.world, c.alice, command);
    ASSERT_EQ(page["messages"].size(), 1U);
    seen.insert(seen.begin(), page["messages"][0].value("text", "line"));
    command["before"] = page["messages"][0]["order"];
    more = page["more"];
  }
  EXPECT_THAT(seen, ElementsAre("first", "line", "line", "line", "last"));
  // An answer finds its message behind the lines.
  const Json first = chat_with(c.world, c.alice, c.bob_id).front();
  EXPECT_EQ(answer_to(c.world, c.alice,
                      {{"type", "send"}, {"user", c.bob_id}, {"text", "yes"}, {"reply_to", first["id"]}})["type"],
            "done");
}

// Ann knows Ben from a chat of two and from one of two groups.
struct Known : Friends {
  explicit Known(std::uint64_t seed) : Friends(seed) {
    found({&ben, &cleo});
    with_ben = conversation;
    const auto made = ann.ask({{"type", "create_group"}, {"name", "Without Ben"}, {"members", {id_of(cleo)}}});
    without_ben = (*made)["chat"]["conversation"];
    write(world, ann, id_of(ben), {"hello"});
    EXPECT_TRUE(await_messages(world, ben, id_of(ann), 1));
    world.run_for(5'000);
  }
  std::string with_ben, without_ben;
};

void hear_and_accept(Known& f) {
  const std::string ben = f.id_of(f.ben);
  verify(f.world, f.ann, ben);
  swap_identity(f.world, ben, 7);
  find(f.world, f.ann, kBobPhone);
  const Json changed = contact(f.world, f.ann, ben);
  EXPECT_EQ(changed["identity_changed"], true);
  EXPECT_FALSE(changed.contains("verified"));
  for (int i = 0; i < kTries && contact(f.world, f.ann, ben).contains("identity_changed"); ++i)
    answer_to(f.world, f.ann, {{"type", "accept_identity"}, {"user", ben}});
  write(f.world, f.ann, ben, {"accepted"});
  f.say_once(f.ann, "all of you");
}

TEST(ChangedIdentity, stands_once_in_every_chat_with_that_person_whenever_the_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Known f(77);
    const std::uint64_t before = f.world.boundaries;
    f.world.crash_at = crash_at == 0 ? 0 : before + crash_at;
    hear_and_accept(f);
    boundaries = f.world.boundaries - before;
    f.world.crash_at = 0;
    EXPECT_TRUE(f.await(f.ann, "Ann: all of you"));
    EXPECT_THAT(texts_with(f.world, f.ann, f.id_of(f.ben)), ElementsAre("hello", "(identity changed)", "accepted"));
    const auto group = f.seen(f.ann);
    EXPECT_EQ(std::ranges::count(group, "[identity_changed]"), 1);
    f.conversation = f.without_ben;
    EXPECT_THAT(f.seen(f.ann), Not(Contains("[identity_changed]")));
  });
}

}  // namespace
}  // namespace kith::client::test
