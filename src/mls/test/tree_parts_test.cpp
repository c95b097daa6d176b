// A tree of which only some nodes are here: commits are judged as on the whole one, few nodes are read and written, and
// older epochs can be read.
#include <gtest/gtest.h>

#include <bit>

#include "mls/test/people.h"

namespace kith::mls {
namespace {

using test::House;
using test::TreeOnDisk;

PublicMessage message_of(const PendingCommit& pending) {
  return decoded_message<PublicMessage>(pending.commit).value();
}

// Everybody has committed once, so that no node is blank.
House full_house(std::size_t count) {
  House house(crypto::Suite::product());
  house.found(count);
  for (std::size_t i = 0; i < count; ++i) house.update(i);
  return house;
}

TEST(TreeParts, what_is_stored_is_the_tree_with_its_hashes_and_the_holder_of_each_key) {
  House house = full_house(9);
  house.disk->expect_holds(house.server->tree());
}

TEST(TreeParts, a_commit_reads_and_writes_a_path_and_not_the_tree) {
  for (const std::size_t count : {8U, 32U, 64U}) {
    House house(crypto::Suite::product());
    house.found(count);
    for (std::size_t i = 0; i < count; ++i) {
      auto pending = house.people[i].group->commit({}, house.entropy);
      house.accept(i, *std::move(pending));
    }
    house.update(count / 2);
    const auto depth = static_cast<std::size_t>(std::bit_width(count) - 1);
    EXPECT_LE(house.disk->looked_up, 2 * depth + 2) << count;
    EXPECT_EQ(house.disk->written, depth + 1) << count;
    house.add(0, 1);  // the tree doubles
    EXPECT_LE(house.disk->looked_up, 2 * (2 * depth + 4)) << count;
    EXPECT_LE(house.disk->written, 2 * (depth + 2)) << count;
  }
}

TEST(TreeParts, every_epoch_can_be_read_as_it_was) {
  House house(crypto::Suite::product());
  house.found(3);
  std::map<std::uint64_t, Bytes> trees;
  const auto note = [&] { trees[house.server->epoch()] = house.server->tree().encode(); };
  note();
  house.update(1);
  note();
  house.add(2, 6);  // grows
  note();
  house.update(8);
  note();
  for (std::uint32_t i = 8; i > 2; --i) {  // and shrinks
    auto pending = house.people[0].group->commit({.removes = {{i}}}, house.entropy);
    house.accept(0, *std::move(pending));
    note();
  }
  house.add(1, 4);
  note();
  for (const auto& [epoch, tree] : trees) EXPECT_EQ(house.disk->tree_of(epoch), tree) << epoch;
}

TEST(TreeParts, a_key_that_somebody_has_whose_node_was_not_read_is_found) {
  House house = full_house(16);
  // Somebody far away in the tree, whose path the commit does not touch, invites a stranger under the signature key of
  // the first.
  test::Person twin = house.person("twin");
  twin.key = house.people[1].key;
  CommitOptions options;
  options.adds.push_back(house.verified(house.key_package(twin)));
  const auto honest = house.people[14].group->commit(options, house.entropy);
  ASSERT_FALSE(honest);  // our own library does not make such a commit
  EXPECT_EQ(honest.error().code, Errc::duplicate_key);
  // So let the tree on disk say that the newcomer's key is taken.
  const test::Person guest = house.person("guest");
  options.adds = {house.verified(house.key_package(guest))};
  const auto pending = house.people[14].group->commit(options, house.entropy);
  ASSERT_TRUE(house.disk->judge(message_of(*pending), {}).staged);
  house.disk->keys[name_of_key(KeyUse::signature, guest.key.public_key)] = to_node(LeafIndex{1});
  const auto refused = house.disk->judge(message_of(*pending), {}).staged;
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::duplicate_key);
  // Not where the one who has it goes with this very commit.
  options.removes = {{1}};
  const auto replaced = house.people[14].group->commit(options, house.entropy);
  EXPECT_TRUE(house.disk->judge(message_of(*replaced), {}).staged);
}

TEST(TreeParts, what_is_judged_is_refused_for_the_same_reason_as_on_the_whole_tree) {
  House house = full_house(9);
  auto pending = house.people[3].group->commit({.removes = {{5}}}, house.entropy);
  PublicMessage message = message_of(*pending);
  const auto both = [&](const PublicMessage& m) {
    const auto whole = TreeOnDisk::judge(*house.server, m, {});
    const auto parts = house.disk->judge(m, {}).staged;
    ASSERT_FALSE(whole);
    ASSERT_FALSE(parts);
    EXPECT_EQ(whole.error().code, parts.error().code);
  };
  const auto resign = [&](PublicMessage m) {
    AuthenticatedContent content = m.authenticated();
    sign(house.suite, content, house.server->context(), house.people[3].key);
    content.auth.confirmation_tag = m.auth.confirmation_tag;
    m.auth = content.auth;
    return m;
  };
  PublicMessage forged = message;
  forged.auth.signature[3] ^= 1;
  both(forged);
  for (const std::uint32_t removed : {3U, 20U, 12U}) {  // itself, beyond the tree, a blank one
    forged = message;
    auto& commit = std::get<Commit>(forged.content.content);
    std::get<Remove>(std::get<Proposal>(commit.proposals[0])).removed = {removed};
    both(resign(forged));
  }
  forged = message;
  std::get<Commit>(forged.content.content).path->nodes.pop_back();
  both(resign(forged));
  forged = message;
  std::get<Commit>(forged.content.content).path->nodes[0].encrypted_path_secrets.pop_back();
  both(resign(forged));
  EXPECT_TRUE(house.disk->judge(resign(message), {}).staged);
}

TEST(TreeParts, a_disk_that_lies_is_told_from_a_bad_commit) {
  House house = full_house(4);
  const auto pending = house.people[2].group->commit({}, house.entropy);
  const auto parts = std::make_shared<TreeParts>();
  const PublicGroup group = PublicGroup::restore(house.disk->head, house.disk->leaves, parts).value();
  parts->put(to_node(LeafIndex{2}), StoredNode{Bytes(32, 1), Bytes(5, 7)});
  EXPECT_FALSE(group.verify(message_of(*pending).authenticated()));
  EXPECT_TRUE(parts->is_broken());
}

}  // namespace
}  // namespace kith::mls
