// What Kith lets groups be and commits do, with the forgers that try the rest.
#include "keys/group_rules.h"

#include <gtest/gtest.h>

#include "keys/group_policy.h"
#include "keys/test/people.h"
#include "tests/support/seeded_entropy.h"

namespace kith::keys {
namespace {

using kith::test::SeededEntropy;
using test::Device;
using test::User;

class GroupRules : public testing::Test {
 protected:
  mls::Group found(const Device& by) {
    return *mls::Group::create(crypto::Suite::product(),
                               {.group_id = to_bytes("group"),
                                .leaf = by.leaf,
                                .extensions = group_extensions(GroupPolicy::founded(ann.id, {}))},
                               by.key, entropy);
  }
  mls::VerifiedKeyPackage package(const Device& device) {
    auto made = mls::create_key_package(crypto::Suite::product(), device.leaf, device.key, false, entropy);
    return *mls::VerifiedKeyPackage::verify(std::move(made.key_package), crypto::Suite::product(), std::nullopt);
  }
  // What a commit carries that follows these users' lists, as they are now.
  static Bytes following(const std::vector<const User*>& users) {
    std::vector<FollowedList> lists;
    for (const User* user : users) lists.push_back(user->followed());
    return AuthenticatedData{.conversation = {},
                             .history_id = {},
                             .client_id = {},
                             .last_seq = {},
                             .extra = Grounds{.lists = lists}.encode()}
        .encode();
  }
  mls::PendingCommit add(const mls::Group& group, const std::vector<const Device*>& devices,
                         const std::vector<const User*>& lists = {}) {
    mls::CommitOptions options;
    if (!lists.empty()) options.authenticated_data = following(lists);
    for (const auto* device : devices) options.adds.push_back(package(*device));
    return *group.commit(options, entropy);
  }
  mls::PendingCommit come_from_outside(const mls::Group& group, const Device& device,
                                       std::optional<mls::LeafIndex> remove,
                                       const std::vector<const User*>& lists = {}) {
    const auto info = *mls::decoded_message<mls::GroupInfo>(group.group_info(true));
    return *mls::Group::join_external(
        *mls::PublicGroup::open(info, std::nullopt), info,
        {.leaf = device.leaf, .remove = remove, .authenticated_data = lists.empty() ? Bytes{} : following(lists)},
        device.key, entropy);
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
    const auto checked = check_change(direct.public_group(), next, pending.effects, kind, *seats);
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
  GroupRules() {
    ann.lists({&anns});
    bob.lists({&bobs, &bobs_second});
  }
};

TEST_F(GroupRules, members_are_told_in_the_order_of_their_leaves) {
  const auto devices = *check_members(direct.public_group());
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].user, ann.id);
  EXPECT_EQ(devices[2].device, DeviceId{{22}});
}

TEST_F(GroupRules, members_may_add_remove_and_refresh) {
  EXPECT_EQ(verdict(*direct.commit({}, entropy), GroupKind::direct), "fine");
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
  EXPECT_EQ(verdict(come_from_outside(direct, bobs_second, mls::LeafIndex{2}), GroupKind::direct), "fine");
  const Device bobs_third(bob, 33, entropy);
  bob.lists({&bobs_second, &bobs_third});
  EXPECT_EQ(verdict(come_from_outside(direct, bobs_third, mls::LeafIndex{1}, {&bob}), GroupKind::direct), "fine")
      << "of a device that its user lists no more";
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

TEST_F(GroupRules, devices_of_who_is_in_come_and_go_as_the_carried_list_says) {
  const std::string no_list = "a change of devices without a list that says so";
  const std::string not_listed = "a new device that is not on its user's list";
  const std::string listed = "a device is removed that its user lists";
  const auto without = [&](std::uint32_t leaf, const std::vector<const User*>& lists) {
    mls::CommitOptions options{.removes = {mls::LeafIndex{leaf}}};
    if (!lists.empty()) options.authenticated_data = following(lists);
    return verdict(*direct.commit(options, entropy), GroupKind::direct);
  };
  EXPECT_NE(verdict(add(direct, {&anns_second}), GroupKind::direct), "fine");
  EXPECT_EQ(verdict(add(direct, {&anns_second}, {&bob}), GroupKind::direct), no_list);
  EXPECT_EQ(verdict(add(direct, {&anns_second}, {&ann}), GroupKind::direct), not_listed);
  EXPECT_EQ(verdict(come_from_outside(direct, anns_second, {}, {&ann}), GroupKind::direct), not_listed);
  EXPECT_NE(without(2, {}), "fine");
  EXPECT_EQ(without(2, {&bob}), listed);

  ann.lists({&anns, &anns_second});
  bob.lists({&bobs});
  EXPECT_EQ(verdict(add(direct, {&anns_second}, {&ann}), GroupKind::direct), "fine");
  EXPECT_EQ(verdict(come_from_outside(direct, anns_second, {}, {&ann}), GroupKind::direct), "fine");
  EXPECT_EQ(without(2, {&bob}), "fine");
  // Somebody else's key under the listed name.
  const Device other(ann, 11, entropy);
  EXPECT_EQ(verdict(add(direct, {&other}, {&ann}), GroupKind::direct), not_listed);
}

TEST_F(GroupRules, nobody_replaces_anothers_device_unasked_and_a_newcomer_brings_what_it_has) {
  mls::CommitOptions options{.removes = {mls::LeafIndex{2}}};
  options.adds.push_back(package(bobs_second));
  EXPECT_EQ(verdict(*direct.commit(options, entropy), GroupKind::direct),
            "a leaf of somebody else is replaced that is not marked as broken");
  EXPECT_EQ(verdict(add(direct, {&eves}), GroupKind::group), "fine");
}

TEST_F(GroupRules, a_list_that_does_not_hold_or_is_over_justifies_nothing) {
  ann.lists({&anns, &anns_second});
  const auto with = [&](const User& by, const UserId& named) {
    FollowedList followed = by.followed();
    followed.certificate.user = named;
    followed.list.user = named;
    const Bytes extra = Grounds{.lists = {followed}}.encode();
    mls::CommitOptions options;
    options.adds.push_back(package(anns_second));
    options.authenticated_data =
        AuthenticatedData{.conversation = {}, .history_id = {}, .client_id = {}, .last_seq = {}, .extra = extra}
            .encode();
    return verdict(*direct.commit(options, entropy), GroupKind::direct);
  };
  EXPECT_EQ(with(ann, ann.id), "fine");
  User impostor(1, entropy);
  impostor.lists({&anns, &anns_second});
  EXPECT_NE(with(impostor, ann.id), "fine");
  EXPECT_NE(with(bob, ann.id), "fine");
  // Ann is in her next generation: what the last one signed is over.
  User next = ann;
  next.generation = AccountGeneration::generate(1, entropy);
  const Device renewed(next, 1, entropy);
  mls::CommitOptions options;
  options.new_leaf = renewed.leaf;
  options.new_signature_key = renewed.key;
  direct = direct.commit(options, entropy)->next;
  EXPECT_EQ(with(ann, ann.id), "a device list of a generation that is over");
}

TEST_F(GroupRules, lists_are_read_back_and_what_is_none_is_refused) {
  const std::vector<FollowedList> lists{ann.followed(), bob.followed()};
  const Bytes bytes = encode(lists);
  EXPECT_EQ(*decode_followed_lists(bytes), lists);
  EXPECT_TRUE(decode_followed_lists({})->empty());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto part = decode_followed_lists(ByteView(bytes).first(size));
    EXPECT_TRUE(!part || part->size() < 2) << size;
  }
  EXPECT_FALSE(decode_followed_lists(encode(std::vector(kMaxFollowedLists + 1, ann.followed()))));
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
