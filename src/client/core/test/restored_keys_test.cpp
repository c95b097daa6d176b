// A server that was restored from a backup of before an account's keys began anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/commits.h"
#include "client/core/test/devices_of.h"
#include "client/core/test/household.h"

namespace kith::client::test {
namespace {

using ::testing::UnorderedElementsAre;

struct RestoredKeys : testing::Test {
  // What the server has as Alice's list.
  [[nodiscard]] keys::FollowedList shown() const { return shown_in(h); }
  static keys::FollowedList shown_in(const Household& h) {
    const auto& server = h.world.server;
    const auto generation = from_base64url(server.generation_of(alice_of(h))).value();
    const auto list = from_base64url(server.device_list_of(alice_of(h))).value();
    return {keys::GenerationCertificate::decode(generation).value(), keys::DeviceList::decode(list).value()};
  }
  static UserId alice_of(const Household& h) { return *UserId::from_text(h.alice_id); }
  [[nodiscard]] UserId alice() const { return alice_of(h); }
  // Everybody was connected.
  void go_back_to(const keys::FollowedList& backup) {
    for (Client* client : {&h.alice, &h.phone, &h.bob}) client->set_network(false);
    // Whoever was revoked since is there again, with key packages.
    std::vector<ModelServer::ListedDevice> again;
    const auto present = h.world.server.devices_of(alice());
    for (const keys::ListedDevice& listed : backup.list.devices) {
      if (std::ranges::count(present, listed.device) == 0) again.push_back({listed.device, {}});
    }
    h.world.server.set_devices(backup, again);
    ++h.world.server.history.value[0];
    for (Client* client : {&h.alice, &h.phone, &h.bob}) client->set_network(true);
  }
  void expect_present_keys(std::uint32_t generation) {
    EXPECT_TRUE(h.world.run_until([&] { return shown().certificate.generation == generation; }, 100'000));
    EXPECT_THAT(h.world.server.devices_of(alice()),
                UnorderedElementsAre(*DeviceId::from_text(h.id_of(h.alice)), *DeviceId::from_text(h.id_of(h.phone))));
    write(h.world, h.bob, h.alice_id, {"after"});
    EXPECT_TRUE(h.world.run_until([&] { return has_text(h.world, h.phone, h.bob_id, "after"); }));
    EXPECT_TRUE(h.world.run_until([&] { return has_text(h.world, h.alice, h.bob_id, "after"); }));
  }
  static int doubts(const Client& client) {
    const auto at = client.warnings.find("device_list_refused");
    return at == client.warnings.end() ? 0 : at->second;
  }

  Household h;
};

TEST_F(RestoredKeys, are_put_there_again_without_who_was_revoked) {
  h.add_phone();
  const auto backup = shown();
  ASSERT_EQ(Household::revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1 && h.seats() == 3; }));
  go_back_to(backup);
  expect_present_keys(1);
  EXPECT_EQ(Household::generation_of(h.alice), 1U) << "these, and no others";
  EXPECT_EQ(doubts(h.alice) + doubts(h.phone) + doubts(h.bob), 0);
}

TEST_F(RestoredKeys, reach_a_device_that_was_away_when_they_began_and_had_not_read_them) {
  h.add_phone();
  const auto backup = shown();
  h.phone.set_network(false);
  ASSERT_EQ(Household::revoke(h.alice, h.tablet), "done");
  h.world.run_for(5'000);
  h.world.server.forget_mail({alice(), *DeviceId::from_text(h.id_of(h.phone))});
  go_back_to(backup);
  EXPECT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1; }, 100'000));
  expect_present_keys(1);
}

TEST_F(RestoredKeys, that_are_two_beyond_those_of_the_backup_are_put_there_as_well) {
  h.add_phone();
  const auto backup = shown();
  ASSERT_EQ(Household::revoke(h.alice, h.tablet), "done");
  ASSERT_EQ((*h.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 2; }));
  go_back_to(backup);
  expect_present_keys(2);
}

TEST_F(RestoredKeys, are_put_there_once_whenever_the_client_dies) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Household h;
        const auto backup = shown_in(h);
        ASSERT_EQ(Household::revoke(h.alice, h.tablet), "done");
        h.alice.set_network(false);
        h.world.server.set_devices(backup, {});
        ++h.world.server.history.value[0];
        h.world.boundaries = 0;
        h.world.crash_at = crash_at;
        h.alice.set_network(true);
        EXPECT_TRUE(h.world.run_until([&] { return shown_in(h).certificate.generation == 1; }, 200'000));
        boundaries = h.world.boundaries;
      },
      5);
}

// A leaf under keys that the server does not know it would not take.
TEST_F(RestoredKeys, are_there_before_a_leaf_is_put_under_them) {
  const auto backup = shown();
  ASSERT_EQ((*h.alice.ask({{"type", "rotate_keys"}}))["type"], "done");
  for (Client* client : {&h.alice, &h.tablet, &h.bob}) client->set_network(false);
  ASSERT_EQ(h.leaf_generation(h.alice), 0U);
  h.world.server.set_devices(backup, {});
  ++h.world.server.history.value[0];
  h.world.run_for(Commits::kSoonMs);
  const Epoch before = h.conversation().epoch;
  h.alice.set_network(true);
  ASSERT_TRUE(h.world.run_until([&] { return h.conversation().epoch > before; }));
  EXPECT_EQ(shown().certificate.generation, 1U);
  EXPECT_TRUE(h.world.run_until([&] { return h.leaf_generation(h.alice) == 1; }));
}

// The secret of before is the thief's as well.
TEST_F(RestoredKeys, go_to_nobody_whom_a_revoked_device_has_written_onto_a_list_of_before) {
  h.add_phone();
  const DevicesOf thief(h.tablet);
  auto backup = shown();
  ASSERT_EQ(Household::revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1; }));
  for (keys::ListedDevice& listed : backup.list.devices) {
    if (listed.device.text() == h.id_of(h.phone))
      listed.leaf_signature_key = crypto::Suite::product().signature_key_from(thief.record.leaf_key).value().public_key;
  }
  backup.list.sign(thief.generation);
  go_back_to(backup);
  ASSERT_TRUE(h.world.run_until([&] { return shown().certificate.generation == 1; }, 100'000));
  EXPECT_THAT(h.world.server.devices_of(alice()), UnorderedElementsAre(*DeviceId::from_text(h.id_of(h.alice))));
}

// The backup knows fewer devices under the same keys: who came since has to come again.
TEST_F(RestoredKeys, that_are_the_same_make_no_older_list_a_lie) {
  const auto backup = shown();
  h.add_phone();
  write(h.world, h.bob, h.alice_id, {"to three"});
  ASSERT_TRUE(h.comes_to_bob("to three"));
  for (Client* client : {&h.alice, &h.tablet, &h.bob}) client->set_network(false);
  h.phone.stop();
  h.world.server.set_devices(backup, {});
  ++h.world.server.history.value[0];
  for (Client* client : {&h.alice, &h.tablet, &h.bob}) client->set_network(true);
  ASSERT_TRUE(h.world.run_until([&] { return h.alice.warnings["history_changed"] == 1; }));
  EXPECT_EQ((*h.alice.ask({{"type", "list_devices"}}))["devices"].size(), 2U);
  EXPECT_TRUE(h.world.run_until([&] { return h.seats() == 3; })) << "without the phone";
  write(h.world, h.bob, h.alice_id, {"to two"});
  EXPECT_TRUE(h.comes_to_bob("to two"));
  EXPECT_EQ(doubts(h.alice) + doubts(h.tablet) + doubts(h.bob), 0);
}

// Bob has seen the first of the two, and would follow no second one of its number.
TEST_F(RestoredKeys, that_the_recovery_key_began_are_followed_by_those_that_it_begins_soon_after) {
  const auto backup = shown();
  const std::string sealed = h.world.server.sealed_generation_of(alice());
  prove(h.world, h.phone, kAlicePhone);
  recover(h.world, h.phone, h.alice.recovery_key, true);
  ASSERT_TRUE(h.world.run_until([&] { return h.seats() == 2; }));
  write(h.world, h.phone, h.bob_id, {"by the phone"});
  ASSERT_TRUE(h.comes_to_bob("by the phone"));
  const keys::GenerationCertificate first = shown().certificate;
  for (Client* client : {&h.alice, &h.tablet, &h.phone}) client->stop();
  go_back_to(backup);
  h.world.http_to_client = [sealed](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || !body.contains("sealed_generation")) return;
    body["sealed_generation"] = sealed;
    reply.body = body.dump();
  };
  h.world.run_for(1'000);
  Client& next = h.world.add("Alice's next phone");
  prove(h.world, next, kAlicePhone);
  recover(h.world, next, h.alice.recovery_key, true);
  EXPECT_TRUE(shown().certificate.follows(first));
  ASSERT_TRUE(h.world.run_until([&] {
    const auto seats = keys::seats_of(*h.conversation().group).value();
    return std::ranges::any_of(seats, [&](const keys::Seat& seat) { return seat.device.text() == h.id_of(next); });
  }));
  write(h.world, next, h.bob_id, {"by the next one"});
  EXPECT_TRUE(h.comes_to_bob("by the next one"));
}

// Without another history an old list is what a server shows that lies.
TEST_F(RestoredKeys, are_not_handed_out_again_to_a_server_that_only_shows_an_old_list) {
  h.add_phone();
  const auto backup = shown();
  ASSERT_EQ(Household::revoke(h.alice, h.tablet), "done");
  ASSERT_TRUE(h.world.run_until([&] { return Household::generation_of(h.phone) == 1; }));
  h.world.run_for(5'000);
  h.world.server.set_devices(backup, {});
  h.alice.crash();
  h.world.run_for(30'000);
  EXPECT_EQ((*h.alice.ask({{"type", "rotate_keys"}}))["error"], "forged_certificate");
  EXPECT_EQ(shown().certificate.generation, 0U);
}

}  // namespace
}  // namespace kith::client::test
