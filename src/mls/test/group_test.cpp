#include <gtest/gtest.h>

#include "mls/test/people.h"

namespace kith::mls {
namespace {

using test::fails;
using test::House;
using test::state;

// Every suite of this build, with and without a restart of everybody after every step.
class GroupLife : public testing::TestWithParam<std::tuple<std::uint16_t, bool>> {
 protected:
  GroupLife() : house(crypto::Suite::find(std::get<0>(GetParam())).value()) { house.reload = std::get<1>(GetParam()); }
  House house;
};
INSTANTIATE_TEST_SUITE_P(Suites, GroupLife, testing::Combine(testing::Range<std::uint16_t>(1, 8), testing::Bool()),
                         [](const auto& info) {
                           return "suite_" + std::to_string(std::get<0>(info.param)) +
                                  (std::get<1>(info.param) ? "_restarting" : "");
                         });

TEST_P(GroupLife, a_creator_is_alone_in_epoch_zero) {
  house.found(1);
  const Group& group = *house.people[0].group;
  EXPECT_EQ(group.epoch(), 0U);
  ASSERT_EQ(group.members().size(), 1U);
  EXPECT_EQ(group.members()[0].credential, Credential::basic(to_bytes("p0")));
  EXPECT_EQ(group.members()[0].signature_key, house.people[0].key.public_key);
}

TEST_P(GroupLife, people_added_in_one_commit_all_talk) {
  for (const std::size_t count : {2U, 3U, 7U, 9U}) {
    House fresh(house.suite, count);
    fresh.reload = house.reload;
    fresh.found(count);
    ASSERT_EQ(fresh.people.size(), count);
    fresh.all_talk();
  }
}

TEST_P(GroupLife, a_joiner_takes_the_tree_from_elsewhere) {
  house.found(2);
  CommitOptions options;
  options.tree_in_welcome = false;
  house.add(1, 2, options);
  house.all_talk();
}

TEST_P(GroupLife, an_add_may_go_without_a_path) {
  house.found(3);
  CommitOptions options;
  options.path = false;
  house.add(1, 1, options);
  house.all_talk();
  house.update(3);
  house.all_talk();
}

TEST_P(GroupLife, an_update_gives_every_member_new_keys) {
  house.found(5);
  for (std::size_t i = 0; i < 5; ++i) {
    const Bytes before = house.people[i].group->own_leaf_node().encryption_key;
    house.update(i);
    EXPECT_NE(house.people[i].group->own_leaf_node().encryption_key, before);
    house.all_talk();
  }
}

TEST_P(GroupLife, a_removed_member_is_told_and_reads_nothing_more) {
  house.found(4);
  Group removed = *house.people[2].group;
  CommitOptions options;
  options.removes = {removed.own_leaf()};
  options.authenticated_data = to_bytes("why");
  auto pending = house.people[0].group->commit(options, house.entropy).value();
  const Bytes commit = pending.commit;
  house.accept(0, std::move(pending));
  ASSERT_EQ(house.people.size(), 3U);
  house.all_talk();

  const auto told = removed.process(commit);
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->next);
  ASSERT_EQ(told->effects.removed.size(), 1U);
  EXPECT_EQ(told->effects.removed[0].leaf, removed.own_leaf());
  EXPECT_EQ(told->effects.authenticated_data, to_bytes("why"));
  const auto later = house.people[0].group->protect({}, as_view("secret"), house.entropy).value();
  EXPECT_TRUE(fails(removed.unprotect(later), Errc::wrong_epoch));
}

TEST_P(GroupLife, a_freed_leaf_is_taken_again_and_the_tree_shrinks) {
  house.found(5);
  CommitOptions options;
  options.removes = {LeafIndex{1}, LeafIndex{4}};
  house.accept(0, house.people[0].group->commit(options, house.entropy).value());
  EXPECT_EQ(house.server->tree().size().leaves, 4U);
  house.add(1, 1);
  EXPECT_EQ(house.people.back().group->own_leaf(), LeafIndex{1});
  house.all_talk();
}

TEST_P(GroupLife, a_commit_changes_as_many_nodes_on_disk_as_its_path_is_long) {
  house.found(1);
  for (int i = 0; i < 31; ++i) {  // from outside, so that every leaf has a path
    const auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(true)).value();
    auto joiner = house.person("j" + std::to_string(i));
    auto pending = Group::join_external(PublicGroup::open(info, std::nullopt).value(), info,
                                        {.leaf = house.leaf(joiner)}, joiner.key, house.entropy);
    house.people[0].group = std::move(house.people[0].group->process(pending->commit)->next);
  }
  const Group& group = *house.people[0].group;
  const RatchetTree before = group.public_group().tree();
  EXPECT_EQ(group.epoch_changes(nullptr).nodes.size(), 63U);
  EXPECT_EQ(group.epoch_changes(&before).nodes.size(), 0U);
  const auto pending = group.commit({}, house.entropy).value();
  const EpochChanges changes = pending.next.epoch_changes(&before);
  EXPECT_EQ(changes.nodes.size(), 6U) << "a leaf and five nodes above it";
  const auto again = Group::restore(changes, &before, pending.next.ratchet_pieces(), house.people[0].key);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->epoch_record(), pending.next.epoch_record());
}

TEST_P(GroupLife, an_external_commit_joins_and_may_replace_its_own_old_leaf) {
  house.found(3);
  for (const bool resync : {false, true}) {
    const auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(true)).value();
    auto opened = PublicGroup::open(info, std::nullopt);
    ASSERT_TRUE(opened) << opened.error().detail;
    auto joiner = resync ? house.people[2] : house.person("joiner");
    ExternalJoinOptions options{.leaf = house.leaf(joiner), .remove = {}, .authenticated_data = to_bytes("back")};
    if (resync) options.remove = house.people[2].group->own_leaf();
    auto pending = Group::join_external(*opened, info, options, joiner.key, house.entropy);
    ASSERT_TRUE(pending) << pending.error().detail;
    EXPECT_TRUE(pending->effects.external);
    if (resync) house.people.erase(house.people.begin() + 2);
    house.people.push_back(joiner);
    house.people.back().group.reset();
    house.accept(house.people.size() - 1, *std::move(pending));
    EXPECT_EQ(house.people.size(), 4U);
    house.all_talk();
    house.update(1);
    house.all_talk();
  }
}

TEST_P(GroupLife, an_external_commit_joins_a_group_that_never_moved) {
  house.found(1);
  const auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(true)).value();
  const auto joiner = house.person("joiner");
  auto pending = Group::join_external(PublicGroup::open(info, std::nullopt).value(), info, {.leaf = house.leaf(joiner)},
                                      joiner.key, house.entropy);
  ASSERT_TRUE(pending);
  house.people.push_back(joiner);
  house.accept(1, *std::move(pending));
  house.all_talk();
}

TEST_P(GroupLife, the_loser_of_a_race_applies_the_winner_and_tries_again) {
  house.found(4);
  auto winner = house.people[1].group->commit({}, house.entropy).value();
  auto loser = house.people[2].group->commit({}, house.entropy).value();
  const Bytes lost = loser.commit;
  house.accept(1, std::move(winner));
  EXPECT_TRUE(fails(house.people[0].group->process(lost), Errc::wrong_epoch));
  house.update(2);
  house.all_talk();
}

TEST_P(GroupLife, a_pending_commit_survives_a_restart) {
  house.found(3);
  auto pending = house.people[0].group->commit({}, house.entropy).value();
  pending.next =
      Group::restore(pending.next.epoch_record(), pending.next.ratchet_pieces(), house.people[0].key).value();
  house.accept(0, std::move(pending));
  house.all_talk();
}

TEST_P(GroupLife, extensions_of_the_group_change_for_all) {
  house.found(3);
  CommitOptions options;
  options.extensions = house.people[0].group->extensions();
  set_extension(*options.extensions, profile::kPolicyExtension, to_bytes("owner p0"));
  auto pending = house.people[0].group->commit(options, house.entropy).value();
  EXPECT_TRUE(pending.effects.extensions_changed);
  house.accept(0, std::move(pending));
  for (const auto& p : house.people) {
    const Bytes* policy = find_extension(p.group->extensions(), profile::kPolicyExtension);
    ASSERT_NE(policy, nullptr);
    EXPECT_EQ(*policy, to_bytes("owner p0"));
  }
  house.all_talk();
  options.extensions->push_back({0xF999, {}});
  EXPECT_TRUE(fails(house.people[0].group->commit(options, house.entropy), Errc::unsupported_capability));
}

TEST_P(GroupLife, a_member_changes_its_signature_key) {
  house.found(3);
  CommitOptions options;
  options.new_signature_key = house.suite.generate_signature_key(house.entropy);
  auto pending = house.people[1].group->commit(options, house.entropy).value();
  ASSERT_TRUE(pending.effects.committer_before);
  EXPECT_EQ(pending.effects.committer_before->signature_key, house.people[1].key.public_key);
  house.people[1].key = *options.new_signature_key;
  house.accept(1, std::move(pending));
  house.all_talk();
  house.update(1);
  house.all_talk();
}

TEST_P(GroupLife, random_operations_keep_everybody_in_agreement) {
  house.found(3);
  std::mt19937 random(std::get<0>(GetParam()));
  for (int step = 0; step < 40; ++step) {
    const auto any = [&] { return static_cast<std::size_t>(random() % house.people.size()); };
    switch (random() % 4) {
      case 0:
        house.add(any(), 1 + random() % 3);
        break;
      case 1:
        if (house.people.size() > 2) {
          const auto by = any();
          const auto victim = (by + 1) % house.people.size();
          CommitOptions options;
          options.removes = {house.people[victim].group->own_leaf()};
          house.accept(by, house.people[by].group->commit(options, house.entropy).value());
        }
        break;
      default:
        house.update(any());
    }
    ASSERT_FALSE(HasFatalFailure());
    if (step % 8 == 7) house.all_talk();
  }
  const auto verified =
      house.server->tree().verify(house.server->context().group_id, house.server->context().extensions);
  EXPECT_TRUE(verified) << verified.error().detail;
}

class GroupRules : public testing::Test {
 protected:
  House house{crypto::Suite::product()};
};

TEST_F(GroupRules, exported_secrets_agree_and_depend_on_their_label) {
  house.found(2);
  const Group& a = *house.people[0].group;
  const Group& b = *house.people[1].group;
  EXPECT_EQ(a.export_secret("one", as_view("x"), 16), b.export_secret("one", as_view("x"), 16));
  EXPECT_NE(a.export_secret("one", as_view("x"), 16), a.export_secret("two", as_view("x"), 16));
  EXPECT_EQ(a.external_pub(), b.external_pub());
}

TEST_F(GroupRules, messages_open_in_any_order_and_each_once) {
  house.found(2);
  std::vector<Bytes> sealed;
  for (int i = 0; i < 20; ++i)
    sealed.push_back(house.people[0].group->protect({}, Bytes(1, static_cast<std::uint8_t>(i)), house.entropy).value());
  Group& reader = *house.people[1].group;
  for (const int i : {3, 19, 0, 7, 18, 1}) {
    const auto opened = reader.unprotect(sealed[static_cast<std::size_t>(i)]);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->data[0], i);
    EXPECT_TRUE(fails(reader.unprotect(sealed[static_cast<std::size_t>(i)]), Errc::generation_used));
    House::restart(house.people[1]);
  }
}

TEST_F(GroupRules, a_message_too_far_ahead_is_refused_and_changes_nothing) {
  house.found(2);
  Bytes last;
  for (std::uint32_t i = 0; i <= kMaxGenerationSkip + 1; ++i)
    last = house.people[0].group->protect({}, as_view("x"), house.entropy).value();
  Group& reader = *house.people[1].group;
  const auto before = state(reader);
  EXPECT_TRUE(fails(reader.unprotect(last), Errc::generation_too_far));
  EXPECT_EQ(state(reader), before);
}

TEST_F(GroupRules, as_many_skipped_messages_as_allowed_still_open) {
  house.found(2);
  std::vector<Bytes> sealed;
  for (std::uint32_t i = 0; i <= kMaxGenerationSkip; ++i)
    sealed.push_back(house.people[0].group->protect({}, as_view("x"), house.entropy).value());
  Group& reader = *house.people[1].group;
  EXPECT_TRUE(reader.unprotect(sealed.back()));
  EXPECT_TRUE(reader.unprotect(sealed.front()));
}

TEST_F(GroupRules, no_generation_is_used_twice_after_a_restart) {
  house.found(2);
  const auto first = house.people[0].group->protect({}, as_view("one"), house.entropy).value();
  House::restart(house.people[0]);
  const auto second = house.people[0].group->protect({}, as_view("two"), house.entropy).value();
  EXPECT_TRUE(house.people[1].group->unprotect(first));
  EXPECT_TRUE(house.people[1].group->unprotect(second));
}

TEST_F(GroupRules, own_messages_and_own_commits_are_named_as_such) {
  house.found(2);
  Group& group = *house.people[0].group;
  const auto sealed = group.protect({}, as_view("x"), house.entropy).value();
  EXPECT_TRUE(fails(group.unprotect(sealed), Errc::own_message));
  const auto pending = group.commit({}, house.entropy).value();
  EXPECT_TRUE(fails(group.process(pending.commit), Errc::own_message));
}

TEST_F(GroupRules, a_stranger_is_refused_everywhere) {
  house.found(2);
  House other(crypto::Suite::product(), 99);
  other.found(2);
  const auto sealed = other.people[0].group->protect({}, as_view("x"), other.entropy).value();
  EXPECT_FALSE(house.people[1].group->unprotect(sealed));
  const auto commit = other.people[0].group->commit({}, other.entropy).value();
  EXPECT_TRUE(fails(house.people[1].group->process(commit.commit), Errc::bad_membership_tag));
}

TEST_F(GroupRules, nobody_joins_by_a_welcome_for_another) {
  house.found(1);
  const auto guest = house.person("guest");
  const auto other = house.person("other");
  const auto kp = house.key_package(guest);
  CommitOptions options;
  options.adds = {house.verified(kp)};
  const auto pending = house.people[0].group->commit(options, house.entropy).value();
  EXPECT_EQ(invited(pending.welcome).value(), std::vector<Bytes>{kp.ref});
  EXPECT_TRUE(fails(Group::join(pending.welcome, house.key_package(other), other.key), Errc::not_invited));
  EXPECT_TRUE(fails(Group::join(pending.welcome, kp, other.key), Errc::bad_key));
  EXPECT_TRUE(Group::join(pending.welcome, kp, guest.key));
}

TEST_F(GroupRules, a_joiner_without_the_tree_is_told_so) {
  house.found(1);
  const auto guest = house.person("guest");
  const auto kp = house.key_package(guest);
  CommitOptions options;
  options.adds = {house.verified(kp)};
  options.tree_in_welcome = false;
  const auto pending = house.people[0].group->commit(options, house.entropy).value();
  EXPECT_TRUE(fails(Group::join(pending.welcome, kp, guest.key), Errc::missing_tree));
  // But it learns which one to ask for.
  const auto info = group_info_in(pending.welcome, kp).value();
  EXPECT_EQ(info.group_context, pending.next.public_group().context());
  EXPECT_TRUE(fails(group_info_in(pending.welcome, house.key_package(guest)), Errc::not_invited));
  const Bytes old_tree = house.people[0].group->public_group().tree().encode();
  EXPECT_TRUE(fails(Group::join(pending.welcome, kp, guest.key, {.tree = old_tree}), Errc::bad_tree));
}

TEST_F(GroupRules, key_packages_are_checked_before_they_are_used) {
  const auto guest = house.person("guest");
  const auto kp = house.key_package(guest).key_package;
  const auto verify = [&](const KeyPackage& v, std::uint64_t now = test::kNow) {
    return VerifiedKeyPackage::verify(v, house.suite, now);
  };
  EXPECT_TRUE(verify(kp));
  EXPECT_TRUE(fails(verify(kp, kp.leaf.lifetime.not_after_s + 1), Errc::expired));
  EXPECT_TRUE(fails(verify(kp, kp.leaf.lifetime.not_before_s - 1), Errc::expired));
  EXPECT_TRUE(VerifiedKeyPackage::verify(kp, house.suite, std::nullopt));
  KeyPackage forged = kp;
  forged.suite = 1;
  EXPECT_TRUE(fails(verify(forged), Errc::unsupported_suite));
  forged = kp;
  forged.version = 2;
  EXPECT_TRUE(fails(verify(forged), Errc::unsupported_version));
  forged = kp;
  forged.init_key = kp.leaf.encryption_key;
  EXPECT_TRUE(fails(verify(forged), Errc::duplicate_key));
  forged = kp;
  forged.init_key[0] ^= 1;
  EXPECT_TRUE(fails(verify(forged), Errc::bad_signature));
  forged = kp;
  forged.leaf.credential.identity[0] ^= 1;
  EXPECT_TRUE(fails(verify(forged), Errc::bad_signature));
  forged = kp;
  forged.leaf.capabilities.credentials.clear();
  EXPECT_TRUE(fails(verify(forged), Errc::unsupported_capability));
}

TEST_F(GroupRules, commits_that_break_the_rules_are_refused_by_their_author) {
  house.found(3);
  const Group& group = *house.people[0].group;
  const auto before = state(group);
  CommitOptions self;
  self.removes = {group.own_leaf()};
  EXPECT_TRUE(fails(group.commit(self, house.entropy), Errc::invalid_proposal));
  CommitOptions blank;
  blank.removes = {LeafIndex{17}};
  EXPECT_TRUE(fails(group.commit(blank, house.entropy), Errc::invalid_proposal));
  CommitOptions twice;
  twice.removes = {LeafIndex{1}, LeafIndex{1}};
  EXPECT_TRUE(fails(group.commit(twice, house.entropy), Errc::invalid_proposal));
  CommitOptions same;
  const auto guest = house.person("guest");
  same.adds = {house.verified(house.key_package(guest)), house.verified(house.key_package(guest))};
  EXPECT_TRUE(fails(group.commit(same, house.entropy), Errc::duplicate_key));
  CommitOptions member;
  member.adds = {house.verified(house.key_package(house.people[1]))};
  EXPECT_TRUE(fails(group.commit(member, house.entropy), Errc::duplicate_key));
  EXPECT_EQ(state(group), before);
}

TEST_F(GroupRules, a_group_info_with_a_foreign_or_missing_external_pub_is_refused) {
  house.found(2);
  const Group& group = *house.people[0].group;
  auto info = decoded_message<GroupInfo>(group.group_info(false)).value();
  EXPECT_TRUE(house.server->check_group_info(info));
  auto forged = info;
  forged.extensions.clear();
  sign(house.suite, forged, house.people[0].key);
  EXPECT_TRUE(fails(house.server->check_group_info(forged), Errc::bad_group_info));
  forged = info;
  forged.signer = house.people[1].group->own_leaf();
  EXPECT_TRUE(fails(house.server->check_group_info(forged), Errc::bad_signature));
  forged = info;
  ++forged.group_context.epoch;
  EXPECT_TRUE(fails(house.server->check_group_info(forged), Errc::bad_group_info));
  const auto joiner = house.person("joiner");
  forged = info;
  forged.extensions = {{extension_type::kExternalPub, encoded(Bytes(32))}};  // a point of low order
  sign(house.suite, forged, house.people[0].key);
  EXPECT_TRUE(
      fails(Group::join_external(*house.server, forged, {.leaf = house.leaf(joiner)}, joiner.key, house.entropy),
            Errc::bad_key));
}

TEST_F(GroupRules, records_of_two_groups_or_epochs_do_not_mix) {
  house.found(2);
  const Group old = *house.people[0].group;
  house.update(0);
  const Group& now = *house.people[0].group;
  const SecretBytes epoch = now.epoch_record();
  EXPECT_TRUE(Group::restore(epoch, now.ratchet_pieces(), house.people[0].key));
  EXPECT_TRUE(fails(Group::restore(epoch, old.ratchet_pieces(), house.people[0].key), Errc::bad_record));
  EXPECT_TRUE(fails(Group::restore(epoch, now.ratchet_pieces(), house.people[1].key), Errc::bad_record));
  for (std::size_t n = 0; n < epoch.size(); ++n) {
    EXPECT_FALSE(Group::restore(ByteView(epoch).first(n), now.ratchet_pieces(), house.people[0].key)) << n;
  }
}

}  // namespace
}  // namespace kith::mls
