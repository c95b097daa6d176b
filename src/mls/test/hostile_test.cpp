// What an outsider or a member with bad intentions sends: refused, with the state as it was.
#include <gtest/gtest.h>

#include <algorithm>

#include "mls/test/people.h"
#include "tests/support/forger/forgeries.h"
#include "tests/support/insider.h"

namespace kith::mls {
namespace {

using kith::test::MemberSecret;
using kith::test::ratchets_of;
using kith::test::secret_of;
using test::House;
using test::state;

class Hostile : public testing::Test {
 protected:
  Hostile() { house.found(4); }
  House house{crypto::Suite::product()};
  Group& reader() { return *house.people[1].group; }

  template <class F>
  void every_damage(const Bytes& message, F&& refused) {
    kith::test::for_each_damage(
        message, [&](const Bytes& damaged, const std::string& how) { EXPECT_TRUE(refused(damaged)) << how; });
  }
};

TEST_F(Hostile, no_damaged_commit_is_applied) {
  CommitOptions options;
  options.removes = {LeafIndex{3}};
  const auto pending = house.people[0].group->commit(options, house.entropy).value();
  const auto before = state(reader());
  every_damage(pending.commit, [&](const Bytes& damaged) { return !reader().process(damaged); });
  EXPECT_EQ(state(reader()), before);
  EXPECT_TRUE(reader().process(pending.commit));
}

TEST_F(Hostile, no_damaged_message_is_opened_and_the_right_one_still_is) {
  const auto sealed = house.people[0].group->protect(as_view("aad"), as_view("hello"), house.entropy).value();
  const auto before = state(reader());
  every_damage(sealed, [&](const Bytes& damaged) { return !reader().unprotect(damaged); });
  EXPECT_EQ(state(reader()), before);
  EXPECT_TRUE(reader().unprotect(sealed));
}

TEST_F(Hostile, no_damaged_welcome_lets_anyone_in) {
  const auto guest = house.person("guest");
  const auto kp = house.key_package(guest);
  CommitOptions options;
  options.adds = {house.verified(kp)};
  options.tree_in_welcome = false;
  const auto pending = house.people[0].group->commit(options, house.entropy).value();
  const Bytes tree = pending.next.public_group().tree().encode();
  every_damage(pending.welcome,
               [&](const Bytes& damaged) { return !Group::join(damaged, kp, guest.key, {.tree = tree}); });
  EXPECT_TRUE(Group::join(pending.welcome, kp, guest.key, {.tree = tree}));
  every_damage(tree,
               [&](const Bytes& damaged) { return !Group::join(pending.welcome, kp, guest.key, {.tree = damaged}); });
}

TEST_F(Hostile, no_damaged_group_info_opens) {
  const auto message = house.people[0].group->group_info(true);
  every_damage(message, [&](const Bytes& damaged) {
    const auto info = decoded_message<GroupInfo>(damaged);
    return !info || !PublicGroup::open(*info, std::nullopt);
  });
}

TEST_F(Hostile, no_damaged_key_package_is_believed) {
  const auto message = encoded_message(house.key_package(house.person("guest")).key_package);
  every_damage(message, [&](const Bytes& damaged) {
    return !VerifiedKeyPackage::verify_message(damaged, house.suite, test::kNow);
  });
}

TEST_F(Hostile, no_damaged_external_commit_is_applied) {
  const auto joiner = house.person("joiner");
  const auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(false)).value();
  const auto pending =
      Group::join_external(*house.server, info, {.leaf = house.leaf(joiner)}, joiner.key, house.entropy).value();
  const auto before = state(reader());
  every_damage(pending.commit, [&](const Bytes& damaged) { return !reader().process(damaged); });
  EXPECT_EQ(state(reader()), before);
  EXPECT_TRUE(reader().process(pending.commit));
}

// A member's own forgeries: decode a good commit, let `forge` change it, sign and tag it again with the member's keys.
class Insider : public Hostile {
 protected:
  template <class F>
  Result<StagedCommit> forged(const CommitOptions& options, F&& forge) {
    const Group& author = *house.people[0].group;
    const auto pending = author.commit(options, house.entropy).value();
    const auto message = decoded_message<PublicMessage>(pending.commit).value();
    AuthenticatedContent content = message.authenticated();
    forge(content);
    sign(house.suite, content, author.public_group().context(), house.people[0].key);
    return reader().process(encoded_message(protect_public(house.suite, content, author.public_group().context(),
                                                           secret_of(author, MemberSecret::membership_key))));
  }
  static Commit& commit_of(AuthenticatedContent& c) { return std::get<Commit>(c.content.content); }
  void expect(const Result<StagedCommit>& result, Errc code) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << name(result.error().code) << ": " << result.error().detail;
    EXPECT_EQ(state(reader()), before_);
  }
  void SetUp() override { before_ = state(reader()); }
  std::pair<SecretBytes, SecretBytes> before_;
};

TEST_F(Insider, the_forger_itself_works) {
  // Signed again, the confirmation tag no longer fits: everything before it held.
  expect(forged({}, [](AuthenticatedContent& c) { c.content.authenticated_data = to_bytes("x"); }),
         Errc::bad_confirmation_tag);
  EXPECT_TRUE(forged({}, [](AuthenticatedContent&) {}));
}

TEST_F(Insider, a_wrong_confirmation_tag_is_refused) {
  expect(forged({}, [](AuthenticatedContent& c) { c.auth.confirmation_tag[0] ^= 1; }), Errc::bad_confirmation_tag);
}

TEST_F(Insider, a_commit_in_another_members_name_is_refused) {
  expect(forged({}, [](AuthenticatedContent& c) { c.content.sender.index = 2; }), Errc::bad_signature);
  expect(forged({}, [](AuthenticatedContent& c) { c.content.sender.index = 9; }), Errc::unknown_sender);
}

TEST_F(Insider, a_commit_of_another_group_or_epoch_is_refused) {
  expect(forged({}, [](AuthenticatedContent& c) { ++c.content.epoch; }), Errc::wrong_epoch);
  expect(forged({}, [](AuthenticatedContent& c) { c.content.group_id[0] ^= 1; }), Errc::wrong_group);
}

TEST_F(Insider, a_commit_without_its_path_is_refused) {
  expect(forged({}, [](AuthenticatedContent& c) { commit_of(c).path.reset(); }), Errc::missing_path);
}

TEST_F(Insider, a_path_of_the_wrong_shape_is_refused) {
  expect(forged({}, [](AuthenticatedContent& c) { commit_of(c).path->nodes.pop_back(); }), Errc::bad_path);
  expect(forged({}, [](AuthenticatedContent& c) { commit_of(c).path->nodes[0].encryption_key[0] ^= 1; }),
         Errc::bad_path);
  expect(forged({}, [](AuthenticatedContent& c) { commit_of(c).path->nodes[1].encrypted_path_secrets.pop_back(); }),
         Errc::bad_path);
  expect(
      forged({},
             [](AuthenticatedContent& c) { commit_of(c).path->nodes[0].encrypted_path_secrets[0].ciphertext[0] ^= 1; }),
      Errc::decryption_failed);
  expect(forged({}, [](AuthenticatedContent& c) { commit_of(c).path->leaf_node.parent_hash[0] ^= 1; }),
         Errc::bad_signature);
}

TEST_F(Insider, a_path_leaf_with_another_place_or_source_is_refused) {
  const auto resign = [&](AuthenticatedContent& c, LeafIndex place) {
    sign(house.suite, commit_of(c).path->leaf_node, {as_view("group"), place}, house.people[0].key);
  };
  expect(forged({}, [&](AuthenticatedContent& c) { resign(c, {2}); }), Errc::bad_signature);
  expect(forged({},
                [&](AuthenticatedContent& c) {
                  commit_of(c).path->leaf_node.source = LeafNodeSource::update;
                  resign(c, {0});
                }),
         Errc::bad_leaf_node);
  expect(forged({},
                [&](AuthenticatedContent& c) {
                  commit_of(c).path->leaf_node.encryption_key = house.people[0].group->own_leaf_node().encryption_key;
                  resign(c, {0});
                }),
         Errc::bad_leaf_node);
  expect(forged({},
                [&](AuthenticatedContent& c) {
                  commit_of(c).path->leaf_node.encryption_key = house.people[2].group->own_leaf_node().encryption_key;
                  resign(c, {0});
                }),
         Errc::duplicate_key);
  expect(forged({},
                [&](AuthenticatedContent& c) {
                  commit_of(c).path->leaf_node.parent_hash[0] ^= 1;
                  resign(c, {0});
                }),
         Errc::bad_path);
}

TEST_F(Insider, proposals_that_have_no_place_are_refused) {
  const auto with = [&](Proposal p) {
    return forged(
        {}, [&](AuthenticatedContent& c) { commit_of(c).proposals.emplace_back(std::in_place_type<Proposal>, p); });
  };
  expect(with(Remove{{0}}), Errc::invalid_proposal);  // itself
  expect(with(Remove{{9}}), Errc::invalid_proposal);
  expect(with(ExternalInit{Bytes(32)}), Errc::invalid_proposal);
  expect(with(Update{house.people[0].group->own_leaf_node()}), Errc::invalid_proposal);
  expect(with(Add{house.key_package(house.people[2]).key_package}), Errc::bad_path);
  expect(with(GroupContextExtensions{{{0xF999, {}}}}), Errc::unsupported_capability);
  expect(forged({},
                [&](AuthenticatedContent& c) {
                  commit_of(c).proposals.emplace_back(std::in_place_type<ProposalRef>, Bytes(32));
                }),
         Errc::unknown_proposal);
}

TEST_F(Insider, a_message_in_another_members_name_is_refused_and_costs_that_member_nothing) {
  const Group& author = *house.people[0].group;
  AuthenticatedContent content;
  content.wire_format = WireFormat::private_message;
  content.content.group_id = author.group_id();
  content.content.epoch = author.epoch();
  content.content.sender = Sender::member({2});
  content.content.content = ApplicationData{to_secret(as_view("I never said this"))};
  sign(house.suite, content, author.public_group().context(), house.people[0].key);
  SecretTree ratchets = ratchets_of(author);
  const auto forgery =
      protect_private(house.suite, content, ratchets, secret_of(author, MemberSecret::sender_data), 0, house.entropy);
  const auto refused = reader().unprotect(encoded_message(forgery));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::bad_signature);
  EXPECT_EQ(state(reader()), before_);
  // The forger used the key that the victim's own first message uses.
  EXPECT_TRUE(reader().unprotect(house.people[2].group->protect({}, as_view("but this"), house.entropy).value()));
}

TEST_F(Insider, a_tree_with_a_key_that_no_path_explains_is_refused) {
  // A member that signs a GroupInfo can put its own key on a node; only the parent hashes below tell.
  auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(false)).value();
  const RatchetTree& tree = house.people[0].group->public_group().tree();
  ASSERT_TRUE(PublicGroup::open(info, tree.encode()));
  for (const NodeIndex n : direct_path({0}, tree.size())) {
    if (tree.is_blank(n)) continue;
    Bytes bytes = tree.encode();
    const auto& key = tree.encryption_key(n);
    const auto at = std::search(bytes.begin(), bytes.end(), key.begin(), key.end());
    ASSERT_NE(at, bytes.end());
    at[3] ^= 1;
    info.group_context.tree_hash = RatchetTree::decode(house.suite, bytes).value().hash();
    sign(house.suite, info, house.people[0].key);
    const auto opened = PublicGroup::open(info, bytes);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::bad_tree);
  }
}

TEST_F(Insider, a_tree_of_holes_is_refused_where_its_reader_sets_a_limit) {
  auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(false)).value();
  RatchetTree tree = house.people[0].group->public_group().tree();
  tree.place({100}, *tree.leaf({0}));
  const auto opened = [&](std::uint32_t max_leaves) {
    info.group_context.tree_hash = tree.hash();
    sign(house.suite, info, house.people[0].key);
    return PublicGroup::open(info, tree.encode(), max_leaves);
  };
  EXPECT_EQ(opened(100).error().code, Errc::too_long);
  EXPECT_EQ(opened(101).error().code, Errc::duplicate_key) << "looked at, and bad for another reason";
  EXPECT_TRUE(RatchetTree::decode(house.suite, tree.encode()));
}

TEST_F(Insider, a_tree_with_an_invented_leaf_is_refused) {
  auto info = decoded_message<GroupInfo>(house.people[0].group->group_info(false)).value();
  RatchetTree tree = house.people[0].group->public_group().tree();
  LeafNode leaf = *tree.leaf({0});
  leaf.credential = Credential::basic(to_bytes("ghost"));
  tree.place({0}, leaf);
  info.group_context.tree_hash = tree.hash();
  sign(house.suite, info, house.people[0].key);
  const auto opened = PublicGroup::open(info, tree.encode());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::bad_signature);
}

}  // namespace
}  // namespace kith::mls
