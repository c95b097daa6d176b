// Alice with more devices than one, who talks with Bob.
#pragma once

#include <gtest/gtest.h>

#include "client/core/test/friends.h"
#include "client/core/test/linked.h"
#include "keys/handed_generation.h"
#include "keys/recovery_key.h"

namespace kith::client::test {

struct Household : Acquainted {
  Household() { add(tablet); }
  void add(Client& device) {
    const std::size_t before = seats();
    link(world, alice, device, kAlicePhone);
    EXPECT_TRUE(world.run_until([&] { return seats() == before + 1; }));
    world.run_for(5'000);
  }
  void add_phone() { add(phone); }

  // Devices that sit in the group, of both.
  std::size_t seats() { return keys::seats_of(*conversation().group).value().size(); }
  static std::string id_of(const Client& device) { return device.account["device"]; }
  // "done", or the error's name.
  static std::string revoke(Client& by, const Client& device, const std::string& recovery_key = {}) {
    Json command = {{"type", "revoke_device"}, {"device", id_of(device)}};
    if (!recovery_key.empty()) command["recovery_key"] = recovery_key;
    const auto answer = by.ask(command);
    if (!answer) return "nothing";
    return (*answer)["type"] == "done" ? "done" : (*answer)["error"].get<std::string>();
  }
  // Until it is so, crashes notwithstanding.
  void revoke_surely(Client& by, const Client& device) {
    const auto id = *DeviceId::from_text(id_of(device));
    const auto user = *UserId::from_text(alice_id);
    for (int tries = 0; tries < 50 && std::ranges::count(world.server.devices_of(user), id) > 0; ++tries) {
      world.run_until([&] { return by.is_running() && !by.account.is_null(); });
      revoke(by, device);
      world.run_for(500);
    }
  }
  static std::uint32_t generation_of(const Client& device) { return stored_account(device).generation; }
  // That a device's leaf stands under.
  std::uint32_t leaf_generation(const Client& device) {
    const auto leaf = stored_group(device, id()).own_leaf_node();
    return keys::DeviceCredential::decode(leaf.credential.identity).value().generation.generation;
  }
  // Which one the server keeps for whoever has Alice's recovery key.
  std::uint32_t generation_for_the_recovery_key() {
    const auto key = keys::RecoveryKey::parse(alice.recovery_key).value();
    const auto user = *UserId::from_text(alice_id);
    const auto sealed = from_base64url(world.server.sealed_generation_of(user)).value_or(Bytes{});
    const auto handed =
        keys::HandedGeneration::open(key.box_key(), {.user = user}, key.identity_key().public_key, sealed);
    return handed ? handed->certificate.generation : 0;
  }

  std::string verify_alice() {
    return (*bob.ask({{"type", "set_verified"}, {"user", alice_id}, {"verified", true}}))["type"];
  }
  bool is_verified_at_bob() {
    const Json contacts = (*bob.ask({{"type", "list_contacts"}}))["contacts"];
    return contacts.at(0).value("verified", false);
  }
  std::vector<std::string> bob_sees() { return texts_with(world, bob, alice_id); }
  bool comes_to_bob(const std::string& text) {
    for (int tries = 0; tries < 100; ++tries) {
      if (has_text(world, bob, alice_id, text)) return true;
      world.run_for(500);
    }
    return false;
  }

  Client& tablet = world.add("Alice's tablet");
  Client& phone = world.add("Alice's phone");
};

}  // namespace kith::client::test
