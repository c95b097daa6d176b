// A thief has a device of Alice: its program begins keys of its own, takes her other devices away, and leaves something
// of no use for her recovery key. With the key she takes the account back all the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/archived.h"
#include "client/core/test/household.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

std::string told(const std::optional<Json>& answer) {
  if (!answer) return "nothing";
  return (*answer)["type"] == "done" ? "done" : (*answer)["error"].get<std::string>();
}

struct TakenBack : Household {
  TakenBack() {
    EXPECT_EQ(revoke(tablet, alice), "done");
    EXPECT_TRUE(world.run_until([&] { return alice.account["stage"] == "removed" && seats() == 2; }));
    prove(world, phone, kAlicePhone);
    leave("sealed_generation", to_base64url(Bytes(200, 1)));
  }
  // What is shown of the account has this instead; null: nothing.
  void leave(const std::string& field, const Json& instead) {
    world.http_to_client = [field, instead](ModelServer::HttpReply& reply) {
      Json body = Json::parse(reply.body, nullptr, false);
      if (!body.is_object() || !body.contains("sealed_generation")) return;
      instead.is_null() ? (void)body.erase(field) : (void)(body[field] = instead);
      reply.body = body.dump();
    };
  }
  [[nodiscard]] std::size_t listed() const { return world.server.devices_of(*UserId::from_text(alice_id)).size(); }
  void take_back() {
    recover(world, phone, alice.recovery_key, true);
    EXPECT_TRUE(world.run_until([&] { return seats() == 2 && tablet.account["stage"] == "removed"; }));
  }
};

TEST(TakenBack, the_account_is_the_owners_again_and_the_thief_is_out) {
  TakenBack h;
  EXPECT_EQ(told(h.phone.ask(recover_command(h.alice.recovery_key))), "keys_taken");
  EXPECT_EQ(h.phone.account["stage"], "account");
  EXPECT_EQ(h.listed(), 1U) << "nothing was done without the user's word";
  h.take_back();
  EXPECT_EQ(h.listed(), 1U);
  EXPECT_GT(Household::generation_of(h.phone), 400'000U) << "by the clock, above all that a server could hide";
  EXPECT_EQ((*h.phone.ask({{"type", "list_devices"}}))["keys_by_recovery_key"], true);
  write(h.world, h.phone, h.bob_id, {"it is me again"});
  ASSERT_TRUE(h.comes_to_bob("it is me again"));
  EXPECT_EQ(h.verify_alice(), "done");
  EXPECT_TRUE(h.is_verified_at_bob());
  EXPECT_EQ(h.bob.warnings["identity_changed"], 0);
  EXPECT_THAT(h.world.said, Each(HasSubstr("not those on the newest list"))) << "the thief's, until it is gone";
}

TEST(TakenBack, comes_about_once_whenever_a_client_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        TakenBack h;
        h.world.boundaries = 0;
        h.world.crash_at = crash_at;
        h.take_back();
        write(h.world, h.phone, h.bob_id, {"it is me again"});
        ASSERT_TRUE(h.comes_to_bob("it is me again"));
        EXPECT_EQ(h.listed(), 1U);
        EXPECT_GT(Household::generation_of(h.phone), 400'000U);
        EXPECT_THAT(h.world.said, Each(HasSubstr("not those on the newest list"))) << "the thief's, until it is gone";
        boundaries = h.world.boundaries;
      },
      3);
}

TEST(TakenBack, can_be_lost_and_come_back_by_what_was_left_then) {
  TakenBack h;
  h.take_back();
  h.world.http_to_client = nullptr;
  EXPECT_EQ(h.generation_for_the_recovery_key(), Household::generation_of(h.phone));
  h.phone.stop();
  Client& next = h.world.add("Alice's next phone");
  h.world.run_for(86'400'000);
  prove(h.world, next, kAlicePhone);
  recover(h.world, next, h.alice.recovery_key);
  EXPECT_EQ(h.listed(), 2U);
  EXPECT_EQ(Household::generation_of(next), Household::generation_of(h.phone));
}

// The same way for whoever knows that all devices are lost.
TEST(TakenBack, other_devices_may_go_though_nothing_was_taken) {
  Household h;
  prove(h.world, h.phone, kAlicePhone);
  recover(h.world, h.phone, h.alice.recovery_key, true);
  EXPECT_TRUE(h.world.run_until([&] { return h.tablet.account["stage"] == "removed"; }));
  EXPECT_TRUE(h.world.run_until([&] { return h.alice.account["stage"] == "removed"; }));
  EXPECT_TRUE(h.world.run_until([&] { return h.seats() == 2; })) << h.seats();
  EXPECT_GT(Household::generation_of(h.phone), 400'000U);
  EXPECT_TRUE(await_history(h.world, h.phone));
  EXPECT_THAT(texts_with(h.world, h.phone, h.bob_id), Contains("second")) << "its history is of before";
}

TEST(TakenBack, nothing_is_where_the_server_shows_nothing_that_the_key_signed_for) {
  for (const Json& left : {Json(), Json(to_base64url(Bytes(200, 1))), Json("")}) {
    TakenBack h;
    const auto user = *UserId::from_text(h.alice_id);
    const std::string sealed = h.world.server.sealed_generation_of(user);
    h.leave("sealed_root", left);
    // Else the newest would do.
    auto junk = std::move(h.world.http_to_client);
    h.world.http_to_client = [&](ModelServer::HttpReply& reply) {
      junk(reply);
      const auto at = reply.body.find(sealed);
      if (at != std::string::npos) reply.body.replace(at, 4, "AAAA");
    };
    EXPECT_EQ(told(h.phone.ask(recover_command(h.alice.recovery_key, true))), "recovery_refused");
    EXPECT_EQ(h.phone.account["stage"], "account");
    EXPECT_EQ(h.listed(), 1U);
    h.world.http_to_client = nullptr;
    recover(h.world, h.phone, h.alice.recovery_key);
  }
}

TEST(TakenBack, nothing_is_under_a_generation_that_is_not_the_accounts) {
  TakenBack h;
  const auto bobs = h.world.server.generation_of(*UserId::from_text(h.bob_id));
  h.leave("generation", bobs);
  EXPECT_EQ(told(h.phone.ask(recover_command(h.alice.recovery_key, true))), "recovery_refused");
  h.leave("generation", Json());
  EXPECT_EQ(told(h.phone.ask(recover_command(h.alice.recovery_key, true))), "recovery_refused");
  EXPECT_EQ(h.listed(), 1U);
}

// What the thief left can be opened, and lies about the archive: the key takes the account back all the same, by what
// it signed for itself.
TEST(TakenBack, what_the_thief_says_of_the_archive_is_not_believed) {
  TakenBack h;
  const auto key = keys::RecoveryKey::parse(h.alice.recovery_key).value();
  const auto user = *UserId::from_text(h.alice_id);
  const AccountRecord thief = stored_account(h.tablet);
  kith::test::SeededEntropy entropy{7};
  const keys::HandedGeneration lies{
      .certificate = keys::DeviceCredential::decode(thief.credential)->generation,
      .secret = thief.generation_secret,
      .archive = {
          .history = h.world.server.history, .seq = {1U << 30}, .generation = 0, .key = to_secret(Bytes(32, 9))}};
  h.leave("sealed_generation", to_base64url(lies.seal(key.box_key().public_key, {.user = user}, entropy).value()));
  h.take_back();
  h.world.http_to_client = nullptr;
  EXPECT_TRUE(await_history(h.world, h.phone));
  EXPECT_EQ(h.phone.warnings["archive_truncated"], 0);
  EXPECT_EQ(h.phone.warnings["archive_unreadable"], 0);
  EXPECT_THAT(texts_with(h.world, h.phone, h.bob_id), Contains("second"));
}

// In groups as well, where whoever has no leaf is out: the others bring the new device in by the commit that takes the
// old ones away, where it was not faster itself.
TEST(TakenBack, the_person_stays_in_its_groups) {
  for (const bool is_slow : {false, true}) {
    Friends f;
    f.found({&f.ben, &f.cleo});
    f.ben.stop();  // not the owner, who stays in any case
    f.world.run_for(86'400'000);
    Client& phone = f.world.add("Ben's phone");
    prove(f.world, phone, f.ben.account["address"]);
    f.world.to_client = [&](Client& client, wire::Frame& frame) {
      return !is_slow || &client != &phone || !std::holds_alternative<wire::SyncOk>(frame.body);
    };
    phone.tell(recover_command(f.ben.recovery_key, true));
    ASSERT_TRUE(f.world.run_until([&] { return phone.account["stage"] == "ready"; }));
    f.world.run_for(30'000);
    f.world.to_client = nullptr;
    if (is_slow) phone.crash();
    ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3 && phone.is_running(); }));
    EXPECT_EQ(f.say(f.ann, "welcome back"), "done");
    ASSERT_TRUE(f.await(phone, "Ann: welcome back")) << is_slow;
    EXPECT_EQ(f.say(phone, "here I am"), "done");
    ASSERT_TRUE(f.await(f.cleo, "Ben: here I am"));
    EXPECT_EQ(f.roster(phone), f.roster(f.ann));
  }
}

// ---- history ----

struct TakenHistory : Archived {
  TakenHistory() : Archived(1, 1) {
    link(world, alice, tablet, kAlicePhone);
    EXPECT_TRUE(await_history(world, tablet));
    EXPECT_TRUE(world.run_until([&] { return keys::seats_of(*conversation().group).value().size() == 3; }));
    EXPECT_EQ(Household::revoke(tablet, alice), "done");
    EXPECT_TRUE(world.run_until([&] { return keys::seats_of(*conversation().group).value().size() == 2; }));
    write(world, tablet, bob_id, {"by the thief"});
    EXPECT_TRUE(await_messages(world, bob, alice_id, 4));
    settle(world);
    prove(world, phone, kAlicePhone);
    world.http_to_client = [](ModelServer::HttpReply& reply) {
      Json body = Json::parse(reply.body, nullptr, false);
      if (!body.is_object() || !body.contains("sealed_generation")) return;
      body["sealed_generation"] = "AAAA";
      reply.body = body.dump();
    };
    recover(world, phone, alice.recovery_key, true);
    world.http_to_client = nullptr;
  }
  std::uint32_t generation_of_block(std::size_t index) {
    return keys::ArchiveBlock::read(archive_of(world, alice).blocks.at(index).payload).value().generation;
  }
  Client& phone = world.add("Alice's phone");
};

TEST(TakenBack, what_lay_in_the_archive_before_is_there_again_and_what_the_thief_wrote_is_not) {
  TakenHistory t;
  const std::size_t blocks = archive_of(t.world, t.alice).blocks.size();
  ASSERT_EQ(t.generation_of_block(blocks - 1), 1U) << "the thief wrote under its own key";
  ASSERT_TRUE(await_history(t.world, t.phone));
  EXPECT_THAT(texts_with(t.world, t.phone, t.bob_id), Contains("bob 0"));
  EXPECT_THAT(texts_with(t.world, t.phone, t.bob_id), Not(Contains("by the thief")));
  write(t.world, t.bob, t.alice_id, {"are you back?"});
  settle(t.world);
  const std::size_t now = archive_of(t.world, t.alice).blocks.size();
  ASSERT_GT(now, blocks) << "it is written on";
  EXPECT_EQ(t.generation_of_block(now - 1), Household::generation_of(t.phone));

  // And whoever is linked then reads through to the first block.
  Client& laptop = t.world.add("Alice's laptop");
  link(t.world, t.phone, laptop, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, laptop));
  EXPECT_THAT(texts_with(t.world, laptop, t.bob_id), Contains("bob 0"));
  EXPECT_THAT(texts_with(t.world, laptop, t.bob_id), Contains("are you back?"));
  EXPECT_THAT(t.world.said, Each(HasSubstr("not those on the newest list")));
}

}  // namespace
}  // namespace kith::client::test
