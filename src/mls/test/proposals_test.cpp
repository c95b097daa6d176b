// Proposals in messages of their own, PSKs, and groups that end, begin anew or branch off.
#include <gtest/gtest.h>

#include "mls/test/people.h"

namespace kith::mls {
namespace {

using test::fails;
using test::House;
using test::Person;

// As PublicMessages and as PrivateMessages.
class Proposals : public testing::TestWithParam<bool> {
 protected:
  Proposals() {
    house.reload = true;
    house.found(5);
  }
  ProposeOptions how() const { return {.authenticated_data = to_bytes("why"), .as_private_message = GetParam()}; }
  Group& group(std::size_t i) { return *house.people[i].group; }
  // Everybody but its sender hears of it; all remember it alike.
  void hear(std::size_t by, const Proposed& proposed) {
    for (std::size_t i = 0; i < house.people.size(); ++i) {
      if (i == by) continue;
      const auto heard = group(i).process_proposal(proposed.message);
      ASSERT_TRUE(heard) << heard.error().detail;
      EXPECT_EQ(heard->ref, proposed.cached.ref);
      EXPECT_EQ(heard->sender, Sender::member(group(by).own_leaf()));
    }
    cached.push_back(proposed.cached);
  }
  PendingCommit commit(std::size_t by, CommitOptions options = {}) {
    options.by_reference = cached;
    auto pending =
        GetParam() ? group(by).commit_privately(options, house.entropy) : group(by).commit(options, house.entropy);
    EXPECT_TRUE(pending) << pending.error().detail;
    return *std::move(pending);
  }

  House house{crypto::Suite::product()};
  std::vector<CachedProposal> cached;
};
INSTANTIATE_TEST_SUITE_P(Framings, Proposals, testing::Bool(),
                         [](const auto& info) { return info.param ? "private_messages" : "public_messages"; });

TEST_P(Proposals, of_every_kind_take_effect_when_somebody_commits_them) {
  const Person guest = house.person("guest");
  const auto package = house.key_package(guest);
  hear(1, group(1).propose(Add{package.key_package}, how(), house.entropy).value());
  hear(2, group(2).propose(Remove{group(4).own_leaf()}, how(), house.entropy).value());
  const auto updated = group(3).propose_update({}, {}, how(), house.entropy).value();
  hear(3, updated.proposed);
  const auto new_key = house.suite.generate_signature_key(house.entropy);
  LeafParameters renamed = house.leaf(house.people[1]);
  renamed.credential = Credential::basic(to_bytes("renamed"));
  const auto rekeyed = group(1).propose_update(renamed, new_key, how(), house.entropy).value();
  hear(1, rekeyed.proposed);
  const PreSharedKeyId id{.psk_id = to_bytes("psk"), .psk_nonce = Bytes(32, 4)};
  hear(2, group(2).propose(PreSharedKey{id}, how(), house.entropy).value());
  Extensions extensions = group(0).extensions();
  extensions.push_back({0xF4B1, to_bytes("policy")});
  hear(0, group(0).propose(GroupContextExtensions{extensions}, how(), house.entropy).value());

  const PskLookup lookup = [&](const PreSharedKeyId& asked) -> std::optional<SecretBytes> {
    return asked == id ? std::optional(SecretBytes(32, 9)) : std::nullopt;
  };
  CommitOptions options;
  options.by_reference = cached;
  EXPECT_TRUE(fails(group(0).commit(options, house.entropy), Errc::unknown_psk));
  EXPECT_TRUE(fails(group(3).commit(options, house.entropy), Errc::invalid_proposal)) << "its own update";
  options.find_psk = lookup;
  auto pending = commit(0, options);
  EXPECT_EQ(pending.effects.updated.size(), 2U);
  const Bytes welcome = pending.welcome;
  EXPECT_TRUE(fails(group(1).process(pending.commit), Errc::unknown_proposal));
  EXPECT_TRUE(fails(group(1).process(pending.commit, {.cached = cached, .psks = lookup}), Errc::unknown_proposal))
      << "its own update's key";
  const auto before = test::state(group(3));
  EXPECT_TRUE(
      fails(group(3).process(pending.commit, {.cached = cached, .updates = {updated.update}}), Errc::unknown_psk));
  EXPECT_EQ(test::state(group(3)), before);

  house.accept(0, std::move(pending), {.cached = cached, .psks = lookup}, {{1, rekeyed.update}, {3, updated.update}});
  ASSERT_EQ(house.people.size(), 4U);
  Person joiner = guest;
  joiner.group = Group::join(welcome, package, guest.key, {.psks = lookup}).value();
  house.people.push_back(joiner);
  house.all_talk();
  EXPECT_EQ(*find_extension(group(2).extensions(), 0xF4B1), to_bytes("policy"));
  EXPECT_EQ(house.server->member(group(1).own_leaf())->credential, Credential::basic(to_bytes("renamed")));
  for (std::size_t i = 0; i < house.people.size(); ++i) house.update(i);
  house.all_talk();
}

TEST_P(Proposals, of_another_epoch_are_refused) {
  const auto proposed = group(1).propose(Remove{{2}}, how(), house.entropy).value();
  house.update(0);
  EXPECT_TRUE(fails(group(2).process_proposal(proposed.message), Errc::wrong_epoch));
  CommitOptions options;
  options.by_reference = {};
  EXPECT_TRUE(group(1).commit(options, house.entropy));
}

TEST_P(Proposals, that_are_damaged_are_refused) {
  const auto proposed = group(1).propose(Remove{{2}}, how(), house.entropy).value();
  const auto before = test::state(group(0));
  for (std::size_t i = 0; i < proposed.message.size(); ++i) {
    Bytes damaged = proposed.message;
    damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ (1U << (i % 8)));
    EXPECT_FALSE(group(0).process_proposal(damaged)) << i;
  }
  EXPECT_EQ(test::state(group(0)), before);
  EXPECT_TRUE(group(0).process_proposal(proposed.message));
}

TEST_P(Proposals, end_a_group_and_another_takes_its_place) {
  const auto next_suite = crypto::Suite::find(1).value();
  ReInit reinit{.group_id = to_bytes("anew"), .version = kVersion, .suite = 1, .extensions = {}};
  hear(2, group(2).propose(reinit, how(), house.entropy).value());
  auto pending = commit(0);
  EXPECT_EQ(pending.effects.reinit->group_id, reinit.group_id);
  EXPECT_FALSE(pending.effects.has_path);
  house.accept(0, std::move(pending), {.cached = cached});
  for (std::size_t i = 0; i < house.people.size(); ++i) {
    EXPECT_TRUE(fails(group(i).protect({}, as_view("more"), house.entropy), Errc::ended));
    EXPECT_TRUE(fails(group(i).commit({}, house.entropy), Errc::ended));
    EXPECT_TRUE(fails(group(i).propose(Remove{{1}}, how(), house.entropy), Errc::ended));
  }

  House anew(next_suite, 7);
  anew.reload = true;
  const auto succession = group(0).reinit_succession().value();
  std::vector<KeyPackageSecrets> packages;
  CommitOptions options;
  for (std::size_t i = 0; i < house.people.size(); ++i) {
    anew.people.push_back(anew.person(house.people[i].name));
    if (i == 0) continue;
    packages.push_back(anew.key_package(anew.people[i]));
    options.adds.push_back(anew.verified(packages.back()));
  }
  const auto found = [&](const Bytes& id, const Extensions& extensions) {
    return Group::create(next_suite, {.group_id = id, .leaf = anew.leaf(anew.people[0]), .extensions = extensions},
                         anew.people[0].key, anew.entropy)
        .value();
  };
  options.succeeds = &succession;
  const auto good = found(to_bytes("anew"), {}).commit(options, anew.entropy).value();
  const auto other_id = found(to_bytes("else"), {}).commit(options, anew.entropy).value();
  const auto other_extensions =
      found(to_bytes("anew"), {profile::required_capabilities()}).commit(options, anew.entropy).value();
  CommitOptions unbound = options;
  unbound.succeeds = nullptr;
  const auto bound_to_nothing = found(to_bytes("anew"), {}).commit(unbound, anew.entropy).value();

  anew.people[0].group = good.next;
  for (std::size_t i = 1; i < house.people.size(); ++i) {
    const auto expected = group(i).reinit_succession().value();
    const auto join = [&](const PendingCommit& by, const Succession* succeeds) {
      return Group::join(by.welcome, packages[i - 1], anew.people[i].key, {.succeeds = succeeds});
    };
    EXPECT_TRUE(fails(join(good, nullptr), Errc::unknown_psk));
    EXPECT_TRUE(fails(join(other_id, &expected), Errc::bad_group_info));
    EXPECT_TRUE(fails(join(other_extensions, &expected), Errc::bad_group_info));
    EXPECT_TRUE(fails(join(bound_to_nothing, &expected), Errc::invalid_proposal));
    anew.people[i].group = join(good, &expected).value();
  }
  anew.watch(good.next);
  anew.all_talk();
}

class OtherProposals : public testing::Test {
 protected:
  House house{crypto::Suite::product()};
  Group& group(std::size_t i) { return *house.people[i].group; }
};

TEST_F(OtherProposals, some_members_branch_off_into_a_group_of_their_own) {
  house.found(4);
  House branch(house.suite, 3);
  const Succession succession = group(0).branch_succession();
  for (const std::size_t i : {0U, 1U, 2U}) branch.people.push_back({house.people[i].name, house.people[i].key, {}});
  std::vector<KeyPackageSecrets> packages;
  CommitOptions options;
  options.succeeds = &succession;
  for (const std::size_t i : {1U, 2U}) {
    packages.push_back(branch.key_package(branch.people[i]));
    options.adds.push_back(branch.verified(packages.back()));
  }
  const auto pending =
      Group::create(house.suite,
                    {.group_id = to_bytes("branch"), .leaf = branch.leaf(branch.people[0]), .extensions = {}},
                    branch.people[0].key, branch.entropy)
          .value()
          .commit(options, branch.entropy)
          .value();
  branch.people[0].group = pending.next;
  for (const std::size_t i : {1U, 2U}) {
    const Succession expected = group(i).branch_succession();
    branch.people[i].group =
        Group::join(pending.welcome, packages[i - 1], branch.people[i].key, {.succeeds = &expected}).value();
  }
  branch.watch(pending.next);
  branch.all_talk();
  house.all_talk();
  // The old group moved on: whoever says so now succeeds another epoch of it.
  house.update(3);
  const Succession later = group(1).branch_succession();
  EXPECT_TRUE(fails(Group::join(pending.welcome, packages[0], branch.people[1].key, {.succeeds = &later}),
                    Errc::decryption_failed));
}

TEST_F(OtherProposals, a_psk_that_only_members_know_is_mixed_in) {
  house.found(3);
  const Psk psk{.id = {.psk_id = to_bytes("shared"), .psk_nonce = Bytes(32, 1)}, .secret = SecretBytes(32, 5)};
  CommitOptions options;
  options.psks = {psk};
  const auto pending = group(0).commit(options, house.entropy).value();
  const auto with = [&](std::uint8_t secret) {
    return group(1).process(pending.commit, {.psks = [=](const PreSharedKeyId&) { return SecretBytes(32, secret); }});
  };
  EXPECT_TRUE(fails(group(1).process(pending.commit), Errc::unknown_psk));
  EXPECT_TRUE(fails(with(6), Errc::bad_confirmation_tag));
  EXPECT_TRUE(with(5));
  options.psks = {psk, psk};
  EXPECT_TRUE(fails(group(0).commit(options, house.entropy), Errc::invalid_proposal));
  options.psks = {psk};
  options.psks[0].id.psk_nonce.pop_back();
  EXPECT_TRUE(fails(group(0).commit(options, house.entropy), Errc::invalid_proposal));
  options.psks[0].id = {.type = PskType::resumption,
                        .usage = ResumptionUsage::reinit,
                        .psk_group_id = to_bytes("group"),
                        .psk_epoch = 1,
                        .psk_nonce = Bytes(32, 1)};
  EXPECT_TRUE(fails(group(0).commit(options, house.entropy), Errc::invalid_proposal));
}

TEST_F(OtherProposals, an_external_joiner_may_bring_a_psk) {
  house.found(2);
  const Psk psk{.id = {.type = PskType::resumption,
                       .usage = ResumptionUsage::application,
                       .psk_group_id = to_bytes("group"),
                       .psk_epoch = group(0).epoch(),
                       .psk_nonce = Bytes(32, 1)},
                .secret = group(0).resumption_psk()};
  const auto info = decoded_message<GroupInfo>(group(0).group_info(true)).value();
  Person joiner = house.person("joiner");
  auto pending = Group::join_external(PublicGroup::open(info, std::nullopt).value(), info,
                                      {.leaf = house.leaf(joiner), .psks = {psk}}, joiner.key, house.entropy)
                     .value();
  house.people.push_back(joiner);
  house.accept(2, std::move(pending), {.psks = [&](const PreSharedKeyId& id) {
                 return id == psk.id ? std::optional(psk.secret) : std::nullopt;
               }});
  house.all_talk();
}

// A server or an administrator outside the group, whom the GroupContext names.
class FromOutside : public OtherProposals {
 protected:
  FromOutside() {
    house.people.push_back(house.person("p0"));
    const std::vector<ExternalSender> senders{{key.public_key, Credential::basic(to_bytes("outside"))}};
    house.people[0].group = Group::create(house.suite,
                                          {.group_id = to_bytes("group"),
                                           .leaf = house.leaf(house.people[0]),
                                           .extensions = {{extension_type::kExternalSenders, encoded(senders)}}},
                                          house.people[0].key, house.entropy)
                                .value();
    house.watch(group(0));
    house.add(0, 3);
  }
  Bytes proposed(Proposal proposal, std::uint32_t sender = 0) {
    return propose_externally(group(0).public_group().context(), house.suite, sender, std::move(proposal), key);
  }
  crypto::SignatureKeyPair key = house.suite.generate_signature_key(house.entropy);
};

TEST_F(FromOutside, a_named_sender_may_propose_and_a_member_commits_it) {
  const auto cached = group(1).process_proposal(proposed(Remove{{3}})).value();
  EXPECT_EQ(group(2).process_proposal(proposed(Remove{{3}})).value().ref, cached.ref);
  CommitOptions options;
  options.by_reference = {cached};
  house.accept(1, group(1).commit(options, house.entropy).value(), {.cached = {cached}});
  EXPECT_EQ(house.people.size(), 3U);
  house.all_talk();
}

TEST_F(FromOutside, nobody_else_may_and_not_everything) {
  EXPECT_TRUE(fails(group(1).process_proposal(proposed(Remove{{3}}, 1)), Errc::unknown_sender));
  EXPECT_TRUE(fails(group(1).process_proposal(proposed(Update{group(2).own_leaf_node()})), Errc::invalid_proposal));
  EXPECT_TRUE(fails(group(1).process_proposal(proposed(ExternalInit{Bytes(32)})), Errc::invalid_proposal));
  const auto stranger = house.suite.generate_signature_key(house.entropy);
  const auto& context = group(0).public_group().context();
  EXPECT_TRUE(fails(group(1).process_proposal(propose_externally(context, house.suite, 0, Remove{{3}}, stranger)),
                    Errc::bad_signature));
  House plain(house.suite);
  plain.found(2);
  const auto& other = plain.people[0].group->public_group().context();
  EXPECT_TRUE(
      fails(plain.people[0].group->process_proposal(propose_externally(other, house.suite, 0, Remove{{1}}, key)),
            Errc::unknown_sender));
}

TEST_F(FromOutside, somebody_asks_to_be_added_and_is) {
  Person guest = house.person("guest");
  const auto package = house.key_package(guest);
  const auto& context = group(0).public_group().context();
  const auto cached =
      group(2).process_proposal(propose_joining(context, house.suite, package.key_package, guest.key)).value();
  CommitOptions options;
  options.by_reference = {cached};
  auto pending = group(2).commit(options, house.entropy).value();
  guest.group = Group::join(pending.welcome, package, guest.key).value();
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_TRUE(group(i).process_proposal(propose_joining(context, house.suite, package.key_package, guest.key)));
  }
  house.accept(2, std::move(pending), {.cached = {cached}});
  house.people.push_back(guest);
  house.all_talk();
  // Signed by another key than the one in it.
  EXPECT_TRUE(fails(group(0).process_proposal(propose_joining(group(0).public_group().context(), house.suite,
                                                              package.key_package, house.people[1].key)),
                    Errc::bad_signature));
}

// GREASE (RFC 9420 section 13.5): values that nobody knows, wherever a list may grow.
TEST_F(OtherProposals, what_nobody_knows_is_kept_and_does_no_harm) {
  house.found(2);
  LeafParameters leaf = house.leaf(house.person("guest"));
  for (auto* list : {&leaf.capabilities.versions, &leaf.capabilities.cipher_suites, &leaf.capabilities.extensions,
                     &leaf.capabilities.proposals, &leaf.capabilities.credentials}) {
    list->insert(list->begin(), 0x0A0A);
    list->push_back(0xEAEA);
  }
  leaf.extensions.push_back({0x0A0A, to_bytes("in the leaf")});
  Person guest = house.person("guest");
  auto package = create_key_package(house.suite, leaf, guest.key, false, house.entropy);
  package.key_package.extensions.push_back({0xEAEA, to_bytes("in the key package")});
  package.key_package.signature = {};
  const Bytes message = encoded_message(package.key_package);
  EXPECT_TRUE(fails(VerifiedKeyPackage::verify_message(message, house.suite, test::kNow), Errc::bad_signature));

  auto plain = create_key_package(house.suite, leaf, guest.key, false, house.entropy);
  CommitOptions options;
  options.adds = {house.verified(plain)};
  auto pending = group(0).commit(options, house.entropy).value();
  guest.group = Group::join(pending.welcome, plain, guest.key).value();
  house.accept(0, std::move(pending));
  house.people.push_back(guest);
  house.all_talk();
  EXPECT_EQ(*find_extension(house.server->tree().leaf(guest.group->own_leaf())->extensions, 0x0A0A),
            to_bytes("in the leaf"));
  house.update(2);
  house.all_talk();

  leaf.extensions.push_back({0x1A1A, {}});  // not listed by its own leaf
  const auto unlisted = create_key_package(house.suite, leaf, guest.key, false, house.entropy);
  EXPECT_TRUE(
      fails(VerifiedKeyPackage::verify(unlisted.key_package, house.suite, test::kNow), Errc::unsupported_capability));
}

}  // namespace
}  // namespace kith::mls
