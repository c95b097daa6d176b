// What Kith lets groups be and commits do, with the forgers that try the rest.
#include "keys/group_rules.h"

#include <gtest/gtest.h>

#include "keys/recovery_key.h"
#include "mls/group.h"
#include "mls/profile.h"
#include "tests/support/seeded_entropy.h"

namespace kith::keys {
namespace {

using kith::test::SeededEntropy;

// A user with one identity and any number of devices.
struct User {
  User(std::uint8_t number, Entropy& entropy)
      : id{{number}},
        identity(RecoveryKey::generate(entropy).identity_key()),
        generation(AccountGeneration::generate(0, entropy)) {}
  UserId id;
  crypto::SignatureKeyPair identity;
  AccountGeneration generation;
};

struct Device {
  Device(const User& user, std::uint8_t number, Entropy& entropy)
      : key(crypto::Suite::product().generate_signature_key(entropy)) {
    const auto certificate = GenerationCertificate::sign(user.id, user.generation, user.identity);
    leaf = {.credential = mls::Credential::basic(
                DeviceCredential::make(user.id, DeviceId{{number}}, user.identity.public_key, certificate,
                                       user.generation, crypto::Suite::product().id(), key.public_key)
                    .encode()),
            .capabilities = mls::profile::capabilities(),
            .lifetime = mls::profile::lifetime(1'800'000'000),
            .extensions = {}};
  }
  crypto::SignatureKeyPair key;
  mls::LeafParameters leaf;
};

class GroupRules : public testing::Test {
 protected:
  mls::Group found(const Device& by) {
    return *mls::Group::create(
        crypto::Suite::product(),
        {.group_id = to_bytes("group"), .leaf = by.leaf, .extensions = {mls::profile::required_capabilities()}}, by.key,
        entropy);
  }
  mls::VerifiedKeyPackage package(const Device& device) {
    auto made = mls::create_key_package(crypto::Suite::product(), device.leaf, device.key, false, entropy);
    return *mls::VerifiedKeyPackage::verify(std::move(made.key_package), crypto::Suite::product(), std::nullopt);
  }
  mls::PendingCommit add(const mls::Group& group, const std::vector<const Device*>& devices) {
    mls::CommitOptions options;
    for (const auto* device : devices) options.adds.push_back(package(*device));
    return *group.commit(options, entropy);
  }
  mls::PendingCommit come_from_outside(const mls::Group& group, const Device& device,
                                       std::optional<mls::LeafIndex> remove) {
    const auto info = *mls::decoded_message<mls::GroupInfo>(group.group_info(true));
    return *mls::Group::join_external(*mls::PublicGroup::open(info, std::nullopt), info,
                                      {.leaf = device.leaf, .remove = remove}, device.key, entropy);
  }
  // Of a commit that leaves `direct`.
  std::string verdict(const mls::PendingCommit& pending, GroupKind kind) const {
    const auto message = *mls::decoded_message<mls::PublicMessage>(pending.commit);
    if (const auto allowed = check_proposals(message.content, kind); !allowed) return allowed.error().detail;
    const auto& next = pending.next.public_group();
    const auto seats = seats_of(next);
    if (!seats) return seats.error().detail;
    const auto followed = seats_after(*seats_of(direct.public_group()), next, pending.effects);
    EXPECT_TRUE(followed && *followed == *seats);
    const auto checked = check_change(next, pending.effects, kind, *seats);
    return checked ? "fine" : checked.error().detail;
  }
  static std::string verdict(const mls::Group& group) {
    const auto checked = check_members(group.public_group());
    return checked ? "fine" : checked.error().detail;
  }

  SeededEntropy entropy{7};
  User ann{1, entropy}, bob{2, entropy}, eve{3, entropy};
  Device anns{ann, 1, entropy}, anns_second{ann, 11, entropy}, bobs{bob, 2, entropy}, bobs_second{bob, 22, entropy},
      eves{eve, 3, entropy};
  mls::Group direct = add(found(anns), {&bobs, &bobs_second}).next;
};

TEST_F(GroupRules, members_are_told_in_the_order_of_their_leaves) {
  const auto devices = *check_members(direct.public_group());
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].user, ann.id);
  EXPECT_EQ(devices[2].device, DeviceId{{22}});
}

TEST_F(GroupRules, members_may_add_remove_and_refresh) {
  EXPECT_EQ(verdict(*direct.commit({}, entropy), GroupKind::direct), "fine");
  EXPECT_EQ(verdict(add(direct, {&anns_second}), GroupKind::direct), "fine");
  EXPECT_EQ(verdict(*direct.commit({.removes = {mls::LeafIndex{2}}}, entropy), GroupKind::direct), "fine");
  EXPECT_EQ(verdict(*direct.commit({.removes = {mls::LeafIndex{1}, mls::LeafIndex{2}}}, entropy), GroupKind::group),
            "fine");
}

TEST_F(GroupRules, nobodys_last_device_leaves_a_direct_conversation) {
  EXPECT_EQ(verdict(*direct.commit({.removes = {mls::LeafIndex{1}, mls::LeafIndex{2}}}, entropy), GroupKind::direct),
            "a direct conversation keeps its two users");
}

TEST_F(GroupRules, only_groups_change_their_extensions_and_nobody_uses_the_rest) {
  const std::string unused = "a proposal that is not used here";
  const mls::CommitOptions extensions{.extensions = direct.extensions()};
  EXPECT_EQ(verdict(*direct.commit(extensions, entropy), GroupKind::direct), unused);
  EXPECT_EQ(verdict(*direct.commit(extensions, entropy), GroupKind::group), "fine");
  const mls::ReInit reinit{.group_id = to_bytes("x"), .version = mls::kVersion, .suite = 3, .extensions = {}};
  EXPECT_EQ(verdict(*direct.commit({.reinit = reinit}, entropy), GroupKind::group), unused);
  const mls::Psk psk{.id = {.psk_nonce = Bytes(32)}, .secret = SecretBytes(32)};
  EXPECT_EQ(verdict(*direct.commit({.psks = {psk}}, entropy), GroupKind::group), unused);
  const auto proposed = *direct.propose(mls::Remove{{2}}, {}, entropy);
  EXPECT_EQ(verdict(*direct.commit({.by_reference = {proposed.cached}}, entropy), GroupKind::group), unused);
}

TEST_F(GroupRules, who_comes_from_outside_takes_only_its_own_users_place) {
  EXPECT_EQ(verdict(come_from_outside(direct, anns_second, {}), GroupKind::direct), "fine");
  EXPECT_EQ(verdict(come_from_outside(direct, bobs_second, mls::LeafIndex{2}), GroupKind::direct), "fine");
  const Device bobs_third(bob, 33, entropy);
  EXPECT_EQ(verdict(come_from_outside(direct, bobs_third, mls::LeafIndex{1}), GroupKind::direct), "fine")
      << "of an old device of the same user";
  EXPECT_EQ(verdict(come_from_outside(direct, bobs_third, mls::LeafIndex{0}), GroupKind::group),
            "an external commit that removes somebody else");
}

TEST_F(GroupRules, a_committer_stays_who_it_was) {
  const auto as = [&](const Device& other) {
    mls::CommitOptions options;
    options.new_leaf = other.leaf;
    options.new_signature_key = other.key;
    return verdict(*direct.commit(options, entropy), GroupKind::group);
  };
  const std::string another = "a committer that calls itself another";
  EXPECT_EQ(as(anns_second), another);
  EXPECT_EQ(as(eves), another);
  EXPECT_EQ(as(Device(ann, 1, entropy)), "fine") << "a new key of the same device";
  const User impostor(1, entropy);
  EXPECT_EQ(as(Device(impostor, 1, entropy)), another);
}

TEST_F(GroupRules, one_user_has_one_identity_and_one_device_one_leaf) {
  const User impostor(1, entropy);
  const Device ghost(impostor, 9, entropy);
  const std::string two = "a device of one user hangs on another identity";
  EXPECT_EQ(verdict(add(direct, {&ghost}), GroupKind::group), two);
  EXPECT_EQ(verdict(come_from_outside(direct, ghost, {}), GroupKind::group), two);
  EXPECT_EQ(verdict(add(direct, {&ghost}).next), two);
  const Device again(ann, 1, entropy);
  EXPECT_EQ(verdict(add(direct, {&again}), GroupKind::group), "one device with two leaves");
  EXPECT_EQ(verdict(add(direct, {&again}).next), "one device with two leaves");
}

TEST_F(GroupRules, a_leaf_that_its_user_did_not_certify_is_refused) {
  Device forged(eve, 3, entropy);
  forged.leaf.credential = anns_second.leaf.credential;  // with eve's key below it
  EXPECT_NE(verdict(add(direct, {&forged}), GroupKind::group), "fine");
  EXPECT_NE(verdict(add(direct, {&forged}).next), "fine");
  EXPECT_NE(verdict(come_from_outside(direct, forged, {}), GroupKind::group), "fine");
}

}  // namespace
}  // namespace kith::keys
