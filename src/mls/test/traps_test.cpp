// What implementers of RFC 9420 get wrong, by name.
#include <gtest/gtest.h>

#include "mls/labels.h"
#include "mls/test/people.h"

namespace kith::mls {
namespace {

using test::fails;
using test::House;
using test::Person;

class Traps : public testing::Test {
 protected:
  Traps() { house.found(4); }
  Group& group(std::size_t i) { return *house.people[i].group; }
  PendingCommit from_outside(const Person& joiner) {
    const auto info = decoded_message<GroupInfo>(group(0).group_info(true)).value();
    return Group::join_external(PublicGroup::open(info, std::nullopt).value(), info, {.leaf = house.leaf(joiner)},
                                joiner.key, house.entropy)
        .value();
  }
  // The same commit, changed and signed again with this key.
  Bytes signed_again(const Bytes& commit, const crypto::SignatureKeyPair& key,
                     const std::function<void(PublicMessage&)>& change) {
    auto message = decoded_message<PublicMessage>(commit).value();
    change(message);
    AuthenticatedContent content = message.authenticated();
    sign(house.suite, content, group(0).public_group().context(), key);
    message.auth = content.auth;
    return encoded_message(message);
  }
  static Commit& commit_of(PublicMessage& m) { return std::get<Commit>(m.content.content); }
  Errc refused(const Bytes& commit) {
    const auto before = test::state(group(1));
    const auto staged = group(1).process(commit);
    EXPECT_FALSE(staged);
    EXPECT_EQ(test::state(group(1)), before);
    return staged ? Errc::bad_value : staged.error().code;
  }

  House house{crypto::Suite::product()};
};

// Section 6.2: new members have no membership key, so the field is not there.
TEST_F(Traps, an_external_commit_carries_no_membership_tag) {
  const Person joiner = house.person("joiner");
  const auto pending = from_outside(joiner);
  const auto message = decoded_message<PublicMessage>(pending.commit).value();
  EXPECT_TRUE(message.membership_tag.empty());
  Bytes with_tag = pending.commit;
  Writer tag;
  tag.opaque(Bytes(32));
  with_tag.insert(with_tag.end(), tag.view().begin(), tag.view().end());
  EXPECT_EQ(refused(with_tag), Errc::trailing_bytes);
  EXPECT_TRUE(group(1).process(pending.commit));
}

// Section 12.4.3.2
TEST_F(Traps, an_external_commit_has_a_path_and_is_signed_by_the_key_of_its_own_new_leaf) {
  const Person joiner = house.person("joiner");
  const auto pending = from_outside(joiner);
  EXPECT_EQ(refused(signed_again(pending.commit, joiner.key, [](PublicMessage& m) { commit_of(m).path.reset(); })),
            Errc::missing_path);
  EXPECT_EQ(refused(signed_again(pending.commit, house.people[2].key, [](PublicMessage&) {})), Errc::bad_signature);
  const auto as_member = [](PublicMessage& m) { m.content.sender = Sender::member({2}); };
  EXPECT_EQ(refused(signed_again(pending.commit, joiner.key, as_member)), Errc::bad_membership_tag);
}

TEST_F(Traps, an_external_commit_has_one_external_init_at_most_one_remove_and_nothing_else) {
  const Person joiner = house.person("joiner");
  const auto pending = from_outside(joiner);
  const auto with = [&](Proposal proposal) {
    return refused(signed_again(pending.commit, joiner.key, [&](PublicMessage& m) {
      commit_of(m).proposals.emplace_back(std::in_place_type<Proposal>, std::move(proposal));
    }));
  };
  EXPECT_EQ(with(ExternalInit{Bytes(32)}), Errc::invalid_proposal);
  EXPECT_EQ(with(Add{house.key_package(house.person("guest")).key_package}), Errc::invalid_proposal);
  EXPECT_EQ(with(GroupContextExtensions{}), Errc::invalid_proposal);
  EXPECT_EQ(with(Update{group(2).own_leaf_node()}), Errc::invalid_proposal);
  EXPECT_EQ(refused(signed_again(pending.commit, joiner.key,
                                 [](PublicMessage& m) {
                                   for (const std::uint32_t leaf : {1U, 2U})
                                     commit_of(m).proposals.emplace_back(std::in_place_type<Proposal>, Remove{{leaf}});
                                 })),
            Errc::invalid_proposal);
  EXPECT_EQ(refused(signed_again(pending.commit, joiner.key, [](PublicMessage& m) { commit_of(m).proposals.clear(); })),
            Errc::invalid_proposal);
}

// Sections 7.3 and 10.1, and the profile: members must decide alike, whatever their clocks say.
TEST_F(Traps, a_lifetime_is_looked_at_by_who_adds_and_never_by_receivers_and_joiners) {
  const Person guest = house.person("guest");
  LeafParameters old = house.leaf(guest);
  old.lifetime = {1, 2};
  const auto package = create_key_package(house.suite, old, guest.key, false, house.entropy);
  const auto checked = VerifiedKeyPackage::verify(package.key_package, house.suite, test::kNow);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Errc::expired);
  CommitOptions options;
  options.adds = {VerifiedKeyPackage::verify(package.key_package, house.suite, std::nullopt).value()};
  auto pending = group(0).commit(options, house.entropy).value();
  Person joined = guest;
  joined.group = Group::join(pending.welcome, package, guest.key).value();
  house.accept(0, std::move(pending));
  house.people.push_back(joined);
  house.all_talk();
}

// Sections 7.3 and 12.4.3.1: signature keys among leaves, encryption keys among all nodes.
TEST_F(Traps, no_key_is_in_a_tree_twice) {
  Person twin = house.person("twin");
  twin.key = house.people[2].key;
  CommitOptions options;
  options.adds = {house.verified(house.key_package(twin))};
  EXPECT_EQ(group(0).commit(options, house.entropy).error().code, Errc::duplicate_key);

  const Person guest = house.person("guest");
  auto borrowed = house.key_package(guest).key_package;
  borrowed.leaf.encryption_key = group(2).own_leaf_node().encryption_key;
  sign(house.suite, borrowed.leaf, {}, guest.key);
  borrowed.signature = sign_with_label(house.suite, guest.key, "KeyPackageTBS", key_package_tbs(borrowed));
  options.adds = {VerifiedKeyPackage::verify(borrowed, house.suite, test::kNow).value()};
  EXPECT_EQ(group(0).commit(options, house.entropy).error().code, Errc::duplicate_key);
  // And one commit does not bring the same key twice.
  const auto package = house.key_package(guest);
  options.adds = {house.verified(package), house.verified(package)};
  EXPECT_EQ(group(0).commit(options, house.entropy).error().code, Errc::duplicate_key);
}

// Section 12.4.3.1: a joiner is the leaf of its key package; another leaf of the same identity, which is the
// committer's here, is somebody else.
TEST_F(Traps, a_welcome_for_a_device_of_the_committers_own_user_makes_it_a_member_of_its_own) {
  Person& committer = house.people[1];
  Person second = house.person(committer.name);
  const auto package = house.key_package(second);
  CommitOptions options{.adds = {house.verified(package)}};
  auto pending = committer.group->commit(options, house.entropy).value();
  // Its key package, and not the committer's keys, opens the Welcome.
  EXPECT_TRUE(fails(Group::join(pending.welcome, house.key_package(second), second.key), Errc::not_invited));
  EXPECT_FALSE(Group::join(pending.welcome, package, committer.key));
  second.group = Group::join(pending.welcome, package, second.key).value();
  house.accept(1, std::move(pending));
  EXPECT_NE(second.group->own_leaf(), group(1).own_leaf());
  EXPECT_EQ(second.group->member(second.group->own_leaf())->credential.identity, to_bytes(committer.name));
  house.people.push_back(std::move(second));
  house.all_talk();
}

// Section 12.4.2: who removes somebody cannot let that one know the new secret.
TEST_F(Traps, a_path_secret_is_not_encrypted_to_who_is_added_or_removed_in_the_same_commit) {
  const Person guest = house.person("guest");
  const auto package = house.key_package(guest);
  CommitOptions options;
  options.adds = {house.verified(package)};
  options.removes = {group(3).own_leaf()};
  Group removed = group(3);
  auto pending = group(0).commit(options, house.entropy).value();
  const auto told = removed.process(pending.commit);
  ASSERT_TRUE(told);
  EXPECT_FALSE(told->next);
  Person joined = guest;
  joined.group = Group::join(pending.welcome, package, guest.key).value();
  EXPECT_EQ(joined.group->own_leaf(), LeafIndex{3}) << "in the place that was freed";
  house.accept(0, std::move(pending));
  house.people.push_back(joined);
  house.all_talk();
}

TEST_F(Traps, an_old_copy_of_a_leaf_opens_what_the_newer_one_sent_and_nothing_that_it_sent_itself) {
  Group& newer = *house.people[0].group;
  const auto before = newer.protect({}, as_view("before"), house.entropy).value();
  Group copy = newer;
  const auto later = newer.protect({}, as_view("later"), house.entropy).value();
  EXPECT_TRUE(fails(copy.unprotect_own(before), Errc::generation_used));
  EXPECT_EQ(as_text(copy.unprotect_own(later).value().data), "later");
  EXPECT_TRUE(fails(copy.unprotect_own(later), Errc::generation_used));
  EXPECT_TRUE(fails(newer.unprotect_own(later), Errc::generation_used));
  const auto others = house.people[1].group->protect({}, as_view("hello"), house.entropy).value();
  EXPECT_TRUE(fails(copy.unprotect_own(others), Errc::wrong_message));
  const auto opened = copy.unprotect(others);
  EXPECT_TRUE(opened) << opened.error().detail;
}

}  // namespace
}  // namespace kith::mls
