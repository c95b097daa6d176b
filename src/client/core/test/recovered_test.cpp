// Recovery and generations together: whatever became of the account's keys, the recovery key brings the newest ones,
// the device that it brings is one like all others, and what a device kept of its recovery is of no use once it is
// revoked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/test/household.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string told(const std::optional<Json>& answer) {
  if (!answer) return "nothing";
  return (*answer)["type"] == "done" ? "done" : (*answer)["error"].get<std::string>();
}

struct Recovered : Household {
  // A device of Alice comes back with her recovery key, while `seats` devices stay in the chat.
  void come_back(Client& device) {
    prove(world, device, kAlicePhone);
    recover(world, device, alice.recovery_key);
    const DeviceId id = *DeviceId::from_text(id_of(device));
    EXPECT_TRUE(world.run_until([&] { return sits(id); }));
    world.run_for(5'000);
  }
  bool sits(const DeviceId& device) {
    return std::ranges::count(keys::seats_of(*conversation().group).value(), device, &keys::Seat::device) > 0;
  }
  std::size_t listed() { return world.server.devices_of(*UserId::from_text(alice_id)).size(); }
  static bool is_signed_by_identity(Client& device) {
    return (*device.ask({{"type", "list_devices"}}))["keys_by_recovery_key"];
  }
  void expect_a_talk(Client& device) {
    write(world, device, bob_id, {"from the new phone"});
    ASSERT_TRUE(comes_to_bob("from the new phone"));
    write(world, bob, alice_id, {"to the new phone"});
    bool has_come = false;
    for (int tries = 0; tries < 100 && !has_come; ++tries) {
      has_come = has_text(world, device, bob_id, "to the new phone");
      world.run_for(500);
    }
    EXPECT_TRUE(has_come);
  }
};

TEST(Recovered, a_device_has_the_newest_keys_though_they_were_made_without_the_recovery_key) {
  Recovered h;
  EXPECT_EQ(h.verify_alice(), "done");
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  ASSERT_TRUE(h.comes_to_bob("(new keys)"));
  h.alice.stop();
  h.come_back(h.phone);
  EXPECT_EQ(Household::generation_of(h.phone), 1U);
  EXPECT_EQ(h.leaf_generation(h.phone), 1U);
  EXPECT_EQ(stored_account(h.phone).generation_secret, stored_account(h.alice).generation_secret);
  EXPECT_FALSE(Recovered::is_signed_by_identity(h.phone));
  EXPECT_FALSE(h.phone.account.contains("awaits_keys"));
  h.expect_a_talk(h.phone);
  EXPECT_THAT(h.bob_sees(), ElementsAre("first", "second", "(new keys)", "from the new phone", "to the new phone"))
      << "it is told once";

  // What the recovery key signs now ends what stands on the earlier ones, and takes the lost device away.
  ASSERT_EQ(h.revoke(h.phone, h.alice, h.alice.recovery_key), "done");
  EXPECT_TRUE(Recovered::is_signed_by_identity(h.phone));
  EXPECT_EQ(h.generation_for_the_recovery_key(), 2U);
  EXPECT_EQ(h.verify_alice(), "done");
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  write(h.world, h.phone, h.bob_id, {"the other one is out"});
  ASSERT_TRUE(h.comes_to_bob("the other one is out"));
  EXPECT_TRUE(h.is_verified_at_bob());
  h.alice.start();
  EXPECT_TRUE(h.world.run_until([&] { return h.alice.account["stage"] == "removed"; }));
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Recovered, a_device_opens_what_the_recovery_key_began_and_is_handed_what_begins_next) {
  Recovered h;
  ASSERT_EQ(told(h.alice.ask({{"type", "rotate_keys"}, {"recovery_key", h.alice.recovery_key}})), "done");
  h.come_back(h.phone);
  EXPECT_EQ(Household::generation_of(h.phone), 1U);
  EXPECT_TRUE(Recovered::is_signed_by_identity(h.phone));
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 2; }));
  ASSERT_EQ(told(h.phone.ask({{"type", "rotate_keys"}})), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.alice) == 3; }));
  EXPECT_EQ(stored_account(h.phone).generation_secret, stored_account(h.alice).generation_secret);
  EXPECT_EQ(h.generation_for_the_recovery_key(), 3U);
  h.expect_a_talk(h.phone);
  EXPECT_THAT(h.world.said, IsEmpty());
}

TEST(Recovered, keys_that_begin_while_a_device_comes_in_cost_it_the_recovery_key_once_more) {
  Recovered h;
  prove(h.world, h.phone, kAlicePhone);
  bool is_overtaken = false;
  h.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    if (is_overtaken || !reply.body.contains("sealed_generation")) return;
    is_overtaken = true;
    h.alice.tell({{"type", "rotate_keys"}});
    EXPECT_TRUE(h.world.run_until([&] { return Household::generation_of(h.alice) == 1; }));
  };
  const auto answer = h.phone.ask(recover_command(h.alice.recovery_key));
  EXPECT_TRUE(is_overtaken);
  ASSERT_EQ(told(answer), "recovery_refused");
  EXPECT_EQ((*answer)["message"],
            "The account was not recovered: another device has changed the account's keys meanwhile.");
  EXPECT_EQ(h.phone.account["stage"], "account");
  EXPECT_EQ(h.listed(), 2U);
  recover(h.world, h.phone, h.alice.recovery_key);
  EXPECT_EQ(Household::generation_of(h.phone), 1U);
  EXPECT_EQ(h.listed(), 3U);
}

TEST(Recovered, a_device_that_was_revoked_does_not_come_back_by_what_it_kept_of_its_recovery) {
  Recovered h;
  prove(h.world, h.phone, kAlicePhone);
  // The registration and its proof, the identity key's word for this device, its keys, and the request that it made.
  std::map<Bytes, Bytes> kept;
  h.world.on_written = [&](Client& client, const Batch&) {
    if (&client == &h.phone && client.rows.contains(row_key::recovery())) kept = client.rows;
  };
  recover(h.world, h.phone, h.alice.recovery_key);
  h.world.on_written = nullptr;
  ASSERT_FALSE(kept.empty());
  const DeviceId id = *DeviceId::from_text(Household::id_of(h.phone));
  ASSERT_TRUE(h.world.run_until([&] { return h.sits(id); }));
  ASSERT_EQ(h.revoke(h.alice, h.phone), "done");
  ASSERT_TRUE(h.world.run_until([&] { return !h.sits(id) && h.phone.account["stage"] == "removed"; }));

  h.phone.stop();
  h.phone.rows = kept;
  h.phone.start();
  ASSERT_TRUE(h.world.run_until([&] { return h.phone.account["is_recovering"] == false; }));
  EXPECT_EQ(h.phone.account["stage"], "account");
  EXPECT_EQ(h.phone.warnings["recovery_refused"], 1);
  EXPECT_EQ(h.listed(), 2U);
  EXPECT_FALSE(h.sits(id));
}

TEST(Recovered, a_device_is_told_that_a_person_is_not_verified_any_more) {
  Recovered h;
  EXPECT_EQ(h.verify_alice(), "done");
  h.world.run_for(30'000);  // Bob's archive has it
  ASSERT_EQ(h.revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.comes_to_bob("(new keys)"));
  h.world.run_for(30'000);
  Client& bobs = h.world.add("Bob's phone");
  prove(h.world, bobs, kBobPhone);
  recover(h.world, bobs, h.bob.recovery_key);
  const auto knows_alice = [&] {
    const auto answer = bobs.ask({{"type", "list_contacts"}});
    return answer && !(*answer)["contacts"].empty() && (*answer)["contacts"][0]["name"] == "Alice";
  };
  ASSERT_TRUE(h.world.run_until(knows_alice));
  h.world.run_for(30'000);
  EXPECT_FALSE((*bobs.ask({{"type", "list_contacts"}}))["contacts"].at(0).value("verified", false));
  EXPECT_FALSE(h.is_verified_at_bob());
}

}  // namespace
}  // namespace kith::client::test
