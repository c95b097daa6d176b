// Who may do what to whom in a group, with those who try more.
#include "keys/role_rules.h"

#include <gtest/gtest.h>

#include "keys/group_rules.h"
#include "keys/test/people.h"
#include "tests/support/seeded_entropy.h"

namespace kith::keys {
namespace {

using kith::test::SeededEntropy;
using test::Device;
using test::User;

// Ann owns a group, Bob is admin, Cleo and Dan are members; Cleo has two devices, Eve is not in.
class Roles : public testing::Test {
 protected:
  struct Person {
    Person(std::uint8_t number, Entropy& entropy) : user(number, entropy), device(user, number, entropy) {}
    User user;
    Device device;
    mls::KeyPackageSecrets secrets{};
  };
  mls::VerifiedKeyPackage package(const Device& device, mls::KeyPackageSecrets& secrets) {
    secrets = mls::create_key_package(crypto::Suite::product(), device.leaf, device.key, false, entropy);
    return *mls::VerifiedKeyPackage::verify(secrets.key_package, crypto::Suite::product(), std::nullopt);
  }
  Roles() {
    auto founded = *mls::Group::create(
        crypto::Suite::product(),
        {.group_id = group_id(conversation, 0), .leaf = ann.device.leaf, .extensions = group_extensions(policy)},
        ann.device.key, entropy);
    mls::KeyPackageSecrets second;
    mls::CommitOptions options;
    for (Person* person : {&bob, &cleo, &dan}) options.adds.push_back(package(person->device, person->secrets));
    options.adds.push_back(package(cleos_second, second));
    const auto pending = *founded.commit(options, entropy);
    group.emplace(&ann, pending.next);
    for (Person* person : {&bob, &cleo, &dan})
      group.emplace(person, *mls::Group::join(pending.welcome, person->secrets, person->device.key, {}));
  }

  // What the rules say of a commit that this person makes.
  std::string verdict(const Person& by, const mls::CommitOptions& options) {
    const auto pending = group.at(&by).commit(options, entropy);
    return pending ? verdict(*pending) : mls::name(pending.error().code);
  }
  std::string verdict(const mls::PendingCommit& pending) {
    const auto message = *mls::decoded_message<mls::PublicMessage>(pending.commit);
    if (const auto allowed = check_proposals(message.content, GroupKind::group); !allowed)
      return allowed.error().detail;
    const auto& next = pending.next.public_group();
    const auto checked =
        check_change(group.at(&ann).public_group(), next, pending.effects, GroupKind::group, *seats_of(next));
    return checked ? "fine" : checked.error().detail;
  }
  std::string removing(const Person& by, const std::vector<std::uint32_t>& leaves,
                       const std::optional<GroupPolicy>& after = {}, const std::vector<LeaveNote>& notes = {}) {
    mls::CommitOptions options;
    for (const std::uint32_t leaf : leaves) options.removes.push_back({leaf});
    if (after) options.extensions = group_extensions(*after);
    options.authenticated_data = AuthenticatedData{.conversation = conversation,
                                                   .history_id = {},
                                                   .client_id = {},
                                                   .last_seq = {},
                                                   .extra = Grounds{.lists = {}, .leaving = notes}.encode()}
                                     .encode();
    return verdict(by, options);
  }
  std::string changing(const Person& by, const GroupPolicy& after) {
    return verdict(by, {.extensions = group_extensions(after)});
  }
  std::string adding_eve(const Person& by) {
    mls::KeyPackageSecrets secrets;
    mls::CommitOptions options;
    options.adds.push_back(package(eve.device, secrets));
    return verdict(by, options);
  }
  // Everybody follows a commit that changes the policy.
  void change_policy(const GroupPolicy& after) {
    policy = after;
    const auto pending = *group.at(&ann).commit({.extensions = group_extensions(policy)}, entropy);
    ASSERT_EQ(verdict(pending), "fine");
    for (Person* person : {&bob, &cleo, &dan}) {
      auto& theirs = group.at(person);
      theirs = *theirs.process(pending.commit)->next;
    }
    group.at(&ann) = pending.next;
  }
  static Invite invite(const crypto::SignatureKeyPair& key) {
    Invite invite;
    invite.key = to_array<32>(key.public_key);
    return invite;
  }
  JoinProof proof(const Person& of, const crypto::SignatureKeyPair& by) {
    JoinProof proof{.group_id = group_id(conversation, 0), .user = of.user.id};
    proof.identity_key = to_array<32>(of.user.identity.public_key);
    proof.sign(by);
    return proof;
  }
  Bytes resting_on(const std::vector<JoinProof>& proofs) {
    return AuthenticatedData{.conversation = conversation,
                             .history_id = {},
                             .client_id = {},
                             .last_seq = {},
                             .extra = Grounds{.joins = proofs}.encode()}
        .encode();
  }
  std::string coming_in(const Device& device, const std::vector<JoinProof>& proofs) {
    const auto info = *mls::decoded_message<mls::GroupInfo>(group.at(&ann).group_info(true));
    return verdict(*mls::Group::join_external(
        *mls::PublicGroup::open(info, std::nullopt), info,
        {.leaf = device.leaf, .remove = {}, .authenticated_data = resting_on(proofs)}, device.key, entropy));
  }
  LeaveNote note(const Person& person) {
    const auto& mine = group.at(&person);
    LeaveNote note{.group_id = group_id(conversation, 0),
                   .user = person.user.id,
                   .device = person.device.id,
                   .encryption_key = mine.public_group().member(mine.own_leaf())->encryption_key};
    note.sign(person.device.key);
    return note;
  }
  [[nodiscard]] GroupPolicy with(void (*change)(GroupPolicy&)) const {
    GroupPolicy changed = policy;
    change(changed);
    return changed;
  }

  SeededEntropy entropy{11};
  ConversationId conversation{{7}};
  Person ann{1, entropy}, bob{2, entropy}, cleo{3, entropy}, dan{4, entropy}, eve{5, entropy};
  Device cleos_second{cleo.user, 33, entropy};
  GroupPolicy policy{.founder = ann.user.id, .first_commit = {}, .owner = ann.user.id, .admins = {bob.user.id}};
  std::map<const Person*, mls::Group> group;  // leaves 0 to 4: Ann, Bob, Cleo, Dan, Cleo
};

constexpr const char* kNotInvited = "somebody comes in who was neither added by one who may nor invited";
const std::vector<std::uint32_t> kBobs{1}, kCleos{2, 4}, kDans{3}, kAnns{0};

TEST_F(Roles, everybody_adds_and_refreshes_where_the_policy_lets_them) {
  for (const Person* person : {&ann, &bob, &cleo}) {
    EXPECT_EQ(adding_eve(*person), "fine");
    EXPECT_EQ(verdict(*person, {}), "fine");
  }
}

TEST_F(Roles, only_admins_add_where_the_policy_says_so) {
  change_policy(with([](GroupPolicy& changed) { changed.may_add = Who::admins; }));
  EXPECT_EQ(adding_eve(bob), "fine");
  EXPECT_EQ(adding_eve(cleo), kNotInvited);
}

TEST_F(Roles, the_owner_and_admins_take_people_away_and_members_do_not) {
  EXPECT_EQ(removing(ann, kDans), "fine");
  EXPECT_EQ(removing(bob, kCleos), "fine");
  EXPECT_EQ(removing(cleo, kDans), "a member takes somebody away who did not leave");
  EXPECT_EQ(removing(bob, {2}), "a change of devices without a list that says so") << "one device of two";
}

TEST_F(Roles, the_owner_stays) {
  EXPECT_EQ(removing(bob, kAnns), "the owner is taken away");
  EXPECT_EQ(removing(cleo, kAnns, {}, {note(ann)}), "the owner is taken away");
}

TEST_F(Roles, whoever_takes_an_admin_away_takes_the_role_as_well) {
  const auto without_bob = with([](GroupPolicy& p) { p.admins.clear(); });
  EXPECT_EQ(removing(ann, kBobs), "a role for somebody who is not in the group");
  EXPECT_EQ(removing(ann, kBobs, without_bob), "fine");
  EXPECT_EQ(removing(cleo, kBobs, without_bob, {note(bob)}), "fine") << "he left";
  auto more = without_bob;
  more.set_admin(cleo.user.id, true);
  EXPECT_EQ(removing(cleo, kBobs, more, {note(bob)}), "a member changes the policy");
}

TEST_F(Roles, anybody_takes_away_who_has_left) {
  EXPECT_EQ(removing(dan, kCleos, {}, {note(cleo)}), "fine");
  EXPECT_EQ(removing(dan, kCleos, {}, {note(bob)}), "a member takes somebody away who did not leave");
}

TEST_F(Roles, a_leave_note_holds_for_the_leaf_that_signed_it_only) {
  const std::string refused = "a member takes somebody away who did not leave";
  auto other_key = note(cleo);
  other_key.encryption_key[0] ^= 1;
  other_key.sign(cleo.device.key);
  EXPECT_EQ(removing(dan, kCleos, {}, {other_key}), refused) << "of a leaf that she had before";
  auto forged = note(cleo);
  forged.sign(dan.device.key);
  EXPECT_EQ(removing(dan, kCleos, {}, {forged}), refused);
  auto elsewhere = note(cleo);
  elsewhere.group_id = group_id({{8}}, 0);
  EXPECT_EQ(removing(dan, kCleos, {}, {elsewhere}), refused) << "signed for another group";
  elsewhere.sign(cleo.device.key);
  EXPECT_EQ(removing(dan, kCleos, {}, {elsewhere}), refused) << "and well signed for that one";
  auto of_another = note(cleo);
  of_another.user = bob.user.id;
  of_another.sign(cleo.device.key);
  EXPECT_EQ(removing(dan, kBobs, {}, {of_another}), refused);
}

TEST_F(Roles, admins_change_the_policy_and_members_do_not) {
  const auto quiet = with([](GroupPolicy& p) { p.may_send = Who::admins; });
  EXPECT_EQ(changing(ann, quiet), "fine");
  EXPECT_EQ(changing(bob, quiet), "fine");
  EXPECT_EQ(changing(cleo, quiet), "a member changes the policy");
  auto promoted = policy;
  promoted.set_admin(cleo.user.id, true);
  EXPECT_EQ(changing(bob, promoted), "fine");
  EXPECT_EQ(changing(cleo, promoted), "a member changes the policy");
  auto stranger = policy;
  stranger.set_admin(eve.user.id, true);
  EXPECT_EQ(changing(bob, stranger), "a role for somebody who is not in the group");
}

TEST_F(Roles, only_the_owner_hands_the_group_over) {
  auto to_bob = policy;
  to_bob.hand_over(bob.user.id);
  EXPECT_EQ(to_bob.admins, std::vector{ann.user.id});
  EXPECT_EQ(changing(ann, to_bob), "fine");
  EXPECT_EQ(changing(bob, to_bob), "the group is handed over by another than its owner");
  EXPECT_EQ(changing(cleo, to_bob), "a member changes the policy");
  auto to_eve = policy;
  to_eve.hand_over(eve.user.id);
  EXPECT_EQ(changing(ann, to_eve), "a role for somebody who is not in the group");
}

TEST_F(Roles, how_a_group_began_never_changes) {
  EXPECT_EQ(changing(ann, with([](GroupPolicy& p) { p.founder.value[0] ^= 1; })), "a group that began otherwise");
  EXPECT_EQ(changing(ann, with([](GroupPolicy& p) { p.first_commit.value[0] ^= 1; })), "a group that began otherwise");
}

// He revoked the device that is in the group, and has none that could be added.
TEST_F(Roles, who_revoked_all_devices_in_the_group_is_taken_away_by_anybody) {
  const Device elsewhere(dan.user, 44, entropy);
  dan.user.lists({&elsewhere});
  const auto by_list = [&](const std::vector<std::uint32_t>& leaves, const User& whose) {
    mls::CommitOptions options;
    for (const std::uint32_t leaf : leaves) options.removes.push_back({leaf});
    options.authenticated_data = AuthenticatedData{.conversation = conversation,
                                                   .history_id = {},
                                                   .client_id = {},
                                                   .last_seq = {},
                                                   .extra = Grounds{.lists = {whose.followed()}}.encode()}
                                     .encode();
    return verdict(cleo, options);
  };
  EXPECT_EQ(by_list(kDans, dan.user), "fine");
  dan.user.lists({&dan.device, &elsewhere});
  EXPECT_EQ(by_list(kDans, dan.user), "a member takes somebody away who did not leave");
  ann.user.lists({});
  EXPECT_EQ(by_list(kAnns, ann.user), "the owner is taken away");
}

// A chain of its own under Dan's name, as whoever runs the server could make it.
TEST_F(Roles, nobody_takes_a_place_under_a_name_with_an_identity_of_its_own) {
  const User impostor(4, entropy);
  const Device same(impostor, 4, entropy), other(impostor, 44, entropy);
  const auto info = *mls::decoded_message<mls::GroupInfo>(group.at(&ann).group_info(true));
  const auto come = [&](const Device& device) {
    return verdict(*mls::Group::join_external(
        *mls::PublicGroup::open(info, std::nullopt), info,
        {.leaf = device.leaf, .remove = mls::LeafIndex{3}, .authenticated_data = {}}, device.key, entropy));
  };
  EXPECT_EQ(come(same), "a device of one user hangs on another identity");
  EXPECT_EQ(come(other), "a device of one user hangs on another identity");
  EXPECT_EQ(come(Device(dan.user, 4, entropy)), "a device comes back with another key");
  EXPECT_EQ(come(dan.device), "fine");
  mls::KeyPackageSecrets secrets;
  mls::CommitOptions options{.adds = {package(other, secrets)}, .removes = {mls::LeafIndex{3}}};
  EXPECT_EQ(verdict(bob, options), "a device of one user hangs on another identity");
}

TEST_F(Roles, nothing_but_the_policy_changes) {
  const mls::CommitOptions without{.extensions = mls::Extensions{policy.extension()}};
  EXPECT_EQ(verdict(ann, without), "another extension than the policy is changed");
  const mls::CommitOptions none{.extensions = mls::Extensions{mls::profile::required_capabilities()}};
  EXPECT_EQ(verdict(ann, none), "a group without a policy");
  auto garbled = group_extensions(policy);
  garbled[1].data[0] = 9;
  EXPECT_EQ(verdict(ann, {.extensions = garbled}), "a group's policy of an unknown version");
}

TEST_F(Roles, nobody_comes_in_from_outside_who_is_not_in) {
  const auto info = *mls::decoded_message<mls::GroupInfo>(group.at(&ann).group_info(true));
  const auto come = [&](const Device& device, std::optional<mls::LeafIndex> remove) {
    return verdict(*mls::Group::join_external(*mls::PublicGroup::open(info, std::nullopt), info,
                                              {.leaf = device.leaf, .remove = remove, .authenticated_data = {}},
                                              device.key, entropy));
  };
  EXPECT_EQ(come(eve.device, {}), kNotInvited);
  EXPECT_EQ(come(dan.device, mls::LeafIndex{3}), "fine");
}

TEST_F(Roles, whoever_has_an_invite_comes_in_and_nobody_by_the_invite_of_somebody_else) {
  const auto link = crypto::Suite::product().generate_signature_key(entropy);
  const auto other_link = crypto::Suite::product().generate_signature_key(entropy);
  const JoinProof eves = proof(eve, link);
  EXPECT_EQ(coming_in(eve.device, {eves}), kNotInvited) << "a link that the policy does not know";
  GroupPolicy inviting = policy;
  inviting.add_invite(invite(link));
  change_policy(inviting);
  EXPECT_EQ(coming_in(eve.device, {eves}), "fine");
  EXPECT_EQ(coming_in(eve.device, {}), kNotInvited);
  EXPECT_EQ(coming_in(eve.device, {proof(dan, link)}), kNotInvited) << "another's proof";
  EXPECT_EQ(coming_in(eve.device, {proof(eve, other_link)}), kNotInvited);
  for (auto spoil : {+[](JoinProof& p) { p.signature[0] ^= 1; }, +[](JoinProof& p) { p.identity_key[0] ^= 1; },
                     +[](JoinProof& p) { p.group_id[0] ^= 1; }, +[](JoinProof& p) { p.invite[0] ^= 1; }}) {
    JoinProof spoilt = eves;
    spoil(spoilt);
    EXPECT_EQ(coming_in(eve.device, {spoilt}), kNotInvited);
  }
  JoinProof elsewhere = eves;
  elsewhere.group_id = group_id({{8}}, 0);
  elsewhere.sign(link);
  EXPECT_EQ(coming_in(eve.device, {elsewhere}), kNotInvited) << "an invite to another group";
  const User impostor(5, entropy);
  EXPECT_EQ(coming_in(Device(impostor, 5, entropy), {eves}), kNotInvited) << "another identity under Eve's name";

  inviting.invites.front().needs_approval = true;
  change_policy(inviting);
  EXPECT_EQ(coming_in(eve.device, {eves}), kNotInvited) << "somebody has to answer";
  inviting.invites.clear();
  change_policy(inviting);
  EXPECT_EQ(coming_in(eve.device, {eves}), kNotInvited) << "revoked";
}

TEST_F(Roles, a_member_that_may_not_add_brings_in_who_has_an_invite) {
  const auto link = crypto::Suite::product().generate_signature_key(entropy);
  GroupPolicy inviting = with([](GroupPolicy& changed) { changed.may_add = Who::admins; });
  inviting.add_invite(invite(link));
  change_policy(inviting);
  const auto adding = [&](const std::vector<JoinProof>& proofs) {
    mls::KeyPackageSecrets secrets;
    return verdict(cleo, {.adds = {package(eve.device, secrets)}, .authenticated_data = resting_on(proofs)});
  };
  EXPECT_EQ(adding({}), kNotInvited);
  EXPECT_EQ(adding({proof(eve, link)}), "fine");
  EXPECT_EQ(adding({proof(dan, link)}), kNotInvited);
}

TEST_F(Roles, members_make_and_revoke_no_invites) {
  GroupPolicy inviting = policy;
  inviting.add_invite(invite(crypto::Suite::product().generate_signature_key(entropy)));
  EXPECT_EQ(changing(cleo, inviting), "a member changes the policy");
  EXPECT_EQ(changing(bob, inviting), "fine");
}

TEST(GroupPolicy, comes_out_as_it_went_in_and_nothing_else_is_one) {
  GroupPolicy policy{.founder = {{8}},
                     .first_commit = {{9}},
                     .owner = {{1}},
                     .admins = {{{2}}, {{3}}},
                     .may_send = Who::admins,
                     .may_add = Who::admins};
  policy.add_invite({.key = {7}, .expires_s = 1'900'000'000, .max_uses = 5});
  policy.add_invite({.key = {3}, .needs_approval = true});
  policy.rest = to_bytes("what comes later");
  const auto extensions = group_extensions(policy);
  EXPECT_EQ(*policy_of(extensions), policy);
  const auto with = [&](auto change) {
    GroupPolicy changed = policy;
    change(changed);
    return policy_of({changed.extension()}).has_value();
  };
  EXPECT_FALSE(with([](auto& p) { p.admins = {{{3}}, {{2}}}; }));
  EXPECT_FALSE(with([](auto& p) { p.admins = {{{2}}, {{2}}}; }));
  EXPECT_FALSE(with([](auto& p) { p.admins = {p.owner}; }));
  EXPECT_FALSE(with([](auto& p) { std::swap(p.invites[0], p.invites[1]); }));
  EXPECT_FALSE(with([](auto& p) { p.invites[0] = p.invites[1]; }));
  EXPECT_FALSE(with([](auto& p) {
    for (std::uint8_t i = 0; i < GroupPolicy::kMaxInvites; ++i) p.add_invite({.key = {9, i}});
  }));
  EXPECT_FALSE(with([](auto& p) { p.may_edit = static_cast<Who>(3); }));
  EXPECT_FALSE(with([](auto& p) { p.rest.resize(GroupPolicy::kMaxRestBytes + 1); }));
  EXPECT_FALSE(with([](auto& p) {
    p.admins.clear();
    for (std::uint16_t i = 0; i <= GroupPolicy::kMaxAdmins; ++i)
      p.admins.push_back({{9, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}});
  }));
  const Bytes& data = extensions[1].data;
  for (std::size_t size = 0; size < data.size(); ++size)
    EXPECT_FALSE(policy_of({{extensions[1].type, to_bytes(ByteView(data).first(size))}})) << size;
  EXPECT_FALSE(policy_of({}));
}

// Whoever commits it: Dan's leaf, for the key package that he made.
TEST_F(Roles, a_broken_leaf_is_replaced_where_its_device_asked_for_it) {
  mls::KeyPackageSecrets fresh;
  const auto dans_next = package(dan.device, fresh);
  const auto& mine = group.at(&dan);
  BrokenMark mark{.group_id = group_id(conversation, 0),
                  .user = dan.user.id,
                  .device = dan.device.id,
                  .encryption_key = mine.public_group().member(mine.own_leaf())->encryption_key,
                  .replacement = fresh.key_package.leaf.encryption_key};
  mark.sign(dan.device.key);
  const auto replacing = [&](const Person& by, const std::vector<BrokenMark>& marks) {
    mls::CommitOptions options{.adds = {dans_next}, .removes = {mls::LeafIndex{3}}};
    const Grounds grounds{.lists = {}, .leaving = {}, .broken = marks};
    options.authenticated_data =
        AuthenticatedData{
            .conversation = conversation, .history_id = {}, .client_id = {}, .last_seq = {}, .extra = grounds.encode()}
            .encode();
    return verdict(by, options);
  };
  EXPECT_EQ(replacing(cleo, {mark}), "fine");
  const std::string refused = "a leaf of somebody else is replaced that is not marked as broken";
  EXPECT_EQ(replacing(ann, {}), refused);
  const auto with = [&](auto change, bool signs) {
    BrokenMark other = mark;
    change(other);
    if (signs) other.sign(dan.device.key);
    return replacing(cleo, {other});
  };
  EXPECT_EQ(with([](auto& m) { m.signature[0] ^= 1; }, false), refused);
  EXPECT_EQ(with([](auto& m) { m.encryption_key[0] ^= 1; }, true), refused) << "an old mark";
  EXPECT_EQ(with([](auto& m) { m.replacement[0] ^= 1; }, true), refused) << "for another key package";
  EXPECT_EQ(with([](auto& m) { m.group_id[0] ^= 1; }, true), refused);
  EXPECT_EQ(with([&](auto& m) { m.device = cleo.device.id; }, true), refused);
  // Cleo marks with her own leaf, which goes as well.
  auto hers = mark;
  hers.encryption_key = group.at(&ann).public_group().member({2})->encryption_key;
  hers.sign(cleo.device.key);
  mls::CommitOptions both{.adds = {dans_next}, .removes = {mls::LeafIndex{2}, mls::LeafIndex{4}, mls::LeafIndex{3}}};
  const Grounds grounds{.lists = {}, .leaving = {}, .broken = {hers}};
  both.authenticated_data =
      AuthenticatedData{
          .conversation = conversation, .history_id = {}, .client_id = {}, .last_seq = {}, .extra = grounds.encode()}
          .encode();
  EXPECT_EQ(verdict(bob, both), refused);
}

TEST(Grounds, come_out_as_they_went_in) {
  SeededEntropy entropy(3);
  const User ann(1, entropy);
  LeaveNote note{.group_id = Bytes(32, 1), .user = {{2}}, .device = {{3}}, .encryption_key = Bytes(32, 4)};
  const BrokenMark mark{.group_id = Bytes(32, 1),
                        .user = {{2}},
                        .device = {{3}},
                        .encryption_key = Bytes(32, 4),
                        .replacement = Bytes(32, 5)};
  const Grounds grounds{.lists = {ann.followed()}, .leaving = {note, note}, .broken = {mark}};
  const Bytes bytes = grounds.encode();
  EXPECT_EQ(*Grounds::decode(bytes), grounds);
  EXPECT_EQ(*Grounds::decode({}), Grounds{});
  EXPECT_TRUE(Grounds{}.encode().empty());
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_FALSE(Grounds::decode(ByteView(bytes).first(size))) << size;
  EXPECT_FALSE(Grounds::decode(Grounds{.lists = {}, .leaving = std::vector(Grounds::kMaxLeaving + 1, note)}.encode()));
  const auto marks = std::vector(Grounds::kMaxBroken + 1, mark);
  EXPECT_FALSE(Grounds::decode(Grounds{.lists = {}, .leaving = {}, .broken = marks}.encode()));
}

}  // namespace
}  // namespace kith::keys
