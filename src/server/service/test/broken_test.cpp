// Devices that cannot follow: the marks that they leave, and how others bring them back.
#include <algorithm>

#include "server/domain/key_package.h"
#include "server/service/test/direct_chat.h"
#include "server/service/test/group_chat.h"

namespace kith::server::service::test {
namespace {

using Texts = std::vector<std::string>;

class BrokenLeaves : public GroupChat {
 public:
  // The device comes back from outside.
  mls::PendingCommit return_of(const Person& person) {
    const auto state = w_.ok(service().get_group(person.caller(), {id()}));
    const auto info = *mls::decoded_message<mls::GroupInfo>(state.group_info);
    const auto shown = *mls::PublicGroup::open(info, mls::ratchet_tree_of(state.nodes));
    mls::ExternalJoinOptions options;
    options.leaf = {.credential = mls::Credential::basic(person.credential),
                    .capabilities = mls::profile::capabilities(),
                    .lifetime = {},
                    .extensions = {}};
    options.remove = group(person).own_leaf();
    return *mls::Group::join_external(shown, info, options, person.leaf_key, w_.entropy);
  }
  static keys::FollowedList followed(const Person& user, const domain::DeviceChange& change) {
    return World::followed(user, change);
  }
};

TEST_F(BrokenLeaves, are_told_with_what_may_take_their_place_and_hold_nobody_up) {
  const auto ann_hears = w_.listen(ann_);
  const auto bob_hears = w_.listen(bob_);
  const auto second_hears = w_.listen(bobs_second_);
  const Broken second = broken(bobs_second_);
  EXPECT_EQ(mark(second), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, Texts{"changes"});
  EXPECT_EQ(*bob_hears, Texts{"changes"});
  EXPECT_TRUE(second_hears->empty()) << "it knows already";
  const Broken cleos = broken(cleo_);
  EXPECT_EQ(mark(cleos), "ok");
  auto both = std::vector{second.mark, cleos.mark};
  std::ranges::sort(both, {}, [](const keys::BrokenMark& m) { return std::pair(m.user, m.device); });
  EXPECT_EQ(marks(), both);
  EXPECT_EQ(append(ann_), "ok");
  EXPECT_EQ(append(cleo_), "ok") << "it may even follow again";
  EXPECT_EQ(commit(ann_, {}), "ok");
  EXPECT_EQ(marks(), both) << "whose leaves are as they were";
}

TEST_F(BrokenLeaves, are_taken_up_by_one_commit_of_whoever_is_in) {
  const std::vector<Broken> all{broken(bob_), broken(bobs_second_), broken(cleo_)};
  for (const Broken& one : all) ASSERT_EQ(mark(one), "ok");
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  EXPECT_EQ(commit(dan_, replacing({all[0], all[1]})), "ok");
  EXPECT_EQ(marks(), std::vector{all[2].mark});
  EXPECT_TRUE(is_noted());
  EXPECT_EQ(commit(dan_, replacing({all[2]})), "ok");
  EXPECT_TRUE(marks().empty());
  EXPECT_EQ(stored_marks(), 0U);
  EXPECT_FALSE(is_noted()) << "the last takes the row along that stood for all";
  for (const Person* device : {&bob_, &bobs_second_}) EXPECT_EQ(mails(*device), (Texts{"welcome 2", "welcome 4"}));
  for (const Person* device : {&ann_, &bob_, &bobs_second_, &cleo_, &dan_}) EXPECT_EQ(append(*device), "ok");
  EXPECT_EQ(read(cleo_, 2), "3 4 5 6 7 8 9 10 of 10") << "she was never out";
  EXPECT_TRUE(is_listed(cleo_));
}

TEST_F(BrokenLeaves, are_brought_back_as_whoever_is_added) {
  const Broken cleos = broken(cleo_);
  ASSERT_EQ(mark(cleos), "ok");
  const Doing doing = replacing({cleos});
  const auto pending = make(ann_, doing);
  const auto before = w_.dump();
  EXPECT_EQ(send(ann_, pending), "invalid_commit: a device was added without a welcome");
  Doing without = doing;
  without.grounds = {};
  EXPECT_EQ(commit(ann_, without).substr(0, 14), "invalid_commit") << "the commit shows the mark";
  EXPECT_EQ(w_.dump(), before);
  w_.scheduler.run_for(std::chrono::hours(24 * 91));
  EXPECT_EQ(send(ann_, pending, doing), "invalid_commit: payload: a leaf outside its lifetime");
  EXPECT_TRUE(marks().empty()) << "nobody could use it";
  EXPECT_EQ(stored_marks(), 1U);
  const Broken newer = broken(cleo_);
  ASSERT_EQ(mark(newer), "ok");
  EXPECT_EQ(marks(), std::vector{newer.mark});
  Person second = w_.another_device(cleo_);
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(2, {&cleo_, &second}, {&second})));
  w_.ok(w_.node->accounts.change_devices(second.caller(), w_.device_change(3, {&second}, {})));
  w_.relayed();
  EXPECT_TRUE(marks().empty()) << "its leaf has to go";
  EXPECT_EQ(commit(ann_, replacing({newer})), "invalid_commit: a leaf that no account lists");
}

TEST_F(BrokenLeaves, marked_again_are_marked_once_and_the_newer_mark_counts) {
  const Broken first = broken(cleo_);
  ASSERT_EQ(mark(first), "ok");
  const auto ann_hears = w_.listen(ann_);
  const auto noted = [&] { return w_.ok(w_.store.row(domain::partition_of(id()), domain::notes_row()))->version; };
  const auto before = noted();
  EXPECT_EQ(mark(first), "ok");
  EXPECT_EQ(noted(), before) << "nothing that others' messages would have to wait for";
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, Texts{"changes"}) << "the answer may have been lost, and the hint with it";
  const Broken second = broken(cleo_);
  EXPECT_EQ(mark(second), "ok");
  EXPECT_EQ(marks(), std::vector{second.mark});
  ASSERT_EQ(commit(ann_, replacing({second})), "ok");
  EXPECT_EQ(mark(second), "invalid_argument: mark: of another leaf");
  EXPECT_TRUE(marks().empty());
}

TEST_F(BrokenLeaves, are_so_no_more_when_their_device_is_back_by_itself) {
  const Broken bobs = broken(bob_);
  const Broken cleos = broken(cleo_);
  ASSERT_EQ(mark(bobs), "ok");
  ASSERT_EQ(mark(cleos), "ok");
  ASSERT_EQ(send(cleo_, return_of(cleo_)), "ok");
  EXPECT_EQ(marks(), std::vector{bobs.mark});
  EXPECT_EQ(stored_marks(), 1U);
  EXPECT_EQ(append(cleo_), "ok");
  ASSERT_EQ(commit(bob_, {}), "ok") << "he can follow after all, and his leaf has new keys";
  EXPECT_TRUE(marks().empty());
  EXPECT_EQ(stored_marks(), 0U);
  EXPECT_FALSE(is_noted());
}

TEST_F(BrokenLeaves, are_replaced_under_the_certificate_that_they_have) {
  const auto newer = keys::AccountGeneration::generate(1, w_.entropy);
  const auto certificate = keys::GenerationCertificate::sign(cleo_.user, newer, cleo_.identity);
  Person renewed = cleo_;
  renewed.credential = keys::DeviceCredential::make(cleo_.user, cleo_.device, cleo_.identity.public_key, certificate,
                                                    newer, 3, cleo_.leaf_key.public_key)
                           .encode();
  EXPECT_EQ(send(renewed, return_of(renewed)), "invalid_commit: a leaf of a generation that is not its account's");
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.begin_generation(2, {&cleo_}, newer, certificate)));
  ASSERT_EQ(send(renewed, return_of(renewed)), "ok");
  EXPECT_EQ(mark(broken(cleo_)), "invalid_argument: key_package: under another certificate than the leaf");
  EXPECT_EQ(send(cleo_, return_of(cleo_)),
            "invalid_commit: payload: a device comes back under a generation that is over");
}

TEST_F(BrokenLeaves, of_those_who_go_are_nobodys_business) {
  const Broken bobs = broken(bob_);
  const Broken cleos = broken(cleo_);
  ASSERT_EQ(mark(bobs), "ok");
  ASSERT_EQ(mark(cleos), "ok");
  const auto note_of_bob = note(bob_);
  ASSERT_EQ(leave(bob_, note_of_bob), "ok");
  EXPECT_EQ(marks(), std::vector{cleos.mark}) << "nobody brings back who is leaving";
  ASSERT_EQ(commit(ann_, taking({&bob_, &bobs_second_}, {note_of_bob})), "ok");
  EXPECT_EQ(stored_marks(), 1U);
  EXPECT_TRUE(is_noted());
  EXPECT_EQ(append(ann_), "ok");
  ASSERT_EQ(commit(ann_, {.removes = {&cleo_}}), "ok");
  EXPECT_EQ(stored_marks(), 0U);
  EXPECT_FALSE(is_noted());
}

TEST_F(BrokenLeaves, stay_noted_when_the_notes_beside_them_go) {
  const Broken cleos = broken(cleo_);
  ASSERT_EQ(mark(cleos), "ok");
  Person second = w_.another_device(cleo_);
  const auto grown = w_.device_change(2, {&cleo_, &second}, {&second});
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), grown));
  w_.relayed();
  ASSERT_EQ(commit(ann_, {.adds = {&second}, .grounds = {.lists = {followed(cleo_, grown)}}}), "ok");
  EXPECT_EQ(marks(), std::vector{cleos.mark}) << "let go of by a commit";
  Person third = w_.another_device(cleo_);
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(3, {&cleo_, &second, &third}, {&third})));
  w_.relayed();
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(4, {&cleo_, &second}, {})));
  w_.relayed();
  const auto told = w_.ok(service().changes(ann_.caller(), id())).grounds;
  EXPECT_EQ(told, (keys::Grounds{.lists = {}, .leaving = {}, .broken = {cleos.mark}})) << "or by a list";
  EXPECT_EQ(commit(bob_, replacing({cleos})), "ok");
  EXPECT_FALSE(is_noted());
  // And the notes stay noted when the mark goes.
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(5, {&cleo_}, {})));
  w_.relayed();
  const Broken bobs = broken(bob_);
  ASSERT_EQ(mark(bobs), "ok");
  const Person& delisted = second;
  EXPECT_EQ(append(ann_), "commit_first: a device has to go first");
  EXPECT_EQ(commit(ann_, replacing({bobs})), "commit_first: a device has to go first");
  Doing all = replacing({bobs});
  all.removes = {&delisted};
  all.grounds.lists = w_.ok(service().changes(ann_.caller(), id())).grounds.lists;
  EXPECT_EQ(commit(ann_, all), "ok");
  EXPECT_FALSE(is_noted());
  EXPECT_EQ(append(ann_), "ok");
}

TEST_F(BrokenLeaves, of_one_device_that_two_members_replace_at_once_are_replaced_once) {
  const Broken cleos = broken(cleo_);
  ASSERT_EQ(mark(cleos), "ok");
  const Doing doing = replacing({cleos});
  const auto by_bob = make(bob_, doing);
  const auto request_of_bob = request(by_bob, doing);
  ASSERT_EQ(commit(ann_, doing), "ok");
  EXPECT_EQ(w_.error(service().commit(bob_.caller(), request_of_bob)), "stale_epoch");
  EXPECT_EQ(mails(cleo_), (Texts{"welcome 2", "welcome 3"}));
}

TEST_F(BrokenLeaves, of_more_than_one_commit_can_bring_back_are_told_as_many_as_it_can) {
  w_.limits.registrations_per_source_hour = 1000;
  w_.restart();
  std::vector<Person> people;
  for (std::size_t i = 0; i < keys::Grounds::kMaxBroken + 2; ++i)
    people.push_back(w_.register_person("+49" + std::to_string(100 + i), 1));
  Doing filling;
  for (Person& person : people) filling.adds.push_back(&person);
  ASSERT_EQ(commit(ann_, filling), "ok");
  std::map<Caller, Broken> all;
  for (Person& person : people) ASSERT_EQ(mark(all.emplace(person.caller(), broken(person)).first->second), "ok");
  const auto told = marks();
  ASSERT_EQ(told.size(), keys::Grounds::kMaxBroken);
  std::vector<Broken> first;
  for (const keys::BrokenMark& one : told) first.push_back(all.extract({one.user, one.device}).mapped());
  EXPECT_EQ(commit(cleo_, replacing(first)), "ok");
  EXPECT_EQ(marks(), (std::vector{all.begin()->second.mark, all.rbegin()->second.mark}));
  EXPECT_TRUE(is_noted());
}

TEST_F(BrokenLeaves, with_key_packages_that_are_too_large_for_one_commit_are_told_one_after_the_other) {
  w_.limits.registrations_per_source_hour = 1000;
  w_.restart();
  constexpr std::size_t kFits = domain::kMaxPayloadBytes / 2 / domain::kMaxKeyPackageBytes;
  std::vector<Person> people;
  for (std::size_t i = 0; i < kFits + 5; ++i) people.push_back(w_.register_person("+49" + std::to_string(100 + i), 1));
  Doing filling;
  for (Person& person : people) filling.adds.push_back(&person);
  ASSERT_EQ(commit(ann_, filling), "ok");
  for (Person& person : people) {
    mls::LeafParameters leaf;
    leaf.credential = mls::Credential::basic(person.credential);
    leaf.capabilities = mls::profile::capabilities();
    leaf.capabilities.extensions.push_back(0xfafa);
    leaf.extensions = {{0xfafa, Bytes(domain::kMaxKeyPackageBytes - 1500)}};
    leaf.lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(w_.scheduler.now().value / 1000));
    auto large = mls::create_key_package(crypto::Suite::product(), leaf, person.leaf_key, false, w_.entropy);
    Broken one = broken(person);
    one.mark.replacement = large.key_package.leaf.encryption_key;
    one.mark.sign(person.leaf_key);
    one.key_package = mls::encoded_message(large.key_package);
    ASSERT_EQ(mark(one), "ok");
  }
  const std::size_t told = marks().size();
  EXPECT_GE(told, kFits);
  EXPECT_LT(told, people.size());
}

// Two people, of whom one cannot follow.
using BrokenDirect = DirectChat;

TEST_F(BrokenDirect, leaves_of_a_direct_conversation_are_replaced_as_well) {
  const auto anns = w_.start_direct(ann_, bob_);
  const auto bobs = join(bob_);
  const Bytes package = w_.key_package(bob_);
  keys::BrokenMark mark{.group_id = keys::group_id(id(), 0),
                        .user = bob_.user,
                        .device = bob_.device,
                        .encryption_key = bobs.own_leaf_node().encryption_key,
                        .replacement = bob_.key_packages.back().key_package.leaf.encryption_key};
  mark.sign(bob_.leaf_key);
  const Bytes bytes = mark.encode();
  EXPECT_EQ(w_.error(service().mark_broken(eve_.caller(), {id(), bytes, package})), "not_member");
  w_.ok(service().mark_broken(bob_.caller(), {id(), bytes, package}));
  const auto changes = w_.ok(service().changes(ann_.caller(), id()));
  EXPECT_EQ(changes.grounds.broken, std::vector{mark});
  EXPECT_EQ(changes.packages, std::vector<Bytes>{package});
  mls::CommitOptions options{.removes = {bobs.own_leaf()}, .tree_in_welcome = false};
  options.adds = {*mls::VerifiedKeyPackage::verify_message(package, crypto::Suite::product(), {})};
  options.authenticated_data =
      keys::AuthenticatedData{
          .conversation = id(), .history_id = {}, .client_id = {}, .last_seq = {}, .extra = changes.grounds.encode()}
          .encode();
  const auto pending = *anns.commit(options, w_.entropy);
  auto request = commit_request(pending, 5);
  request.welcomes.push_back({bob_.caller(), pending.welcome});
  w_.ok(service().commit(ann_.caller(), request));
  w_.relayed();
  EXPECT_TRUE(w_.ok(service().changes(ann_.caller(), id())).packages.empty());
  EXPECT_EQ(w_.ok(service().read_mailbox(bob_.caller(), {}, 1 << 20)).mails.size(), 2U);
  auto next =
      *mls::Group::join(pending.welcome, bob_.key_packages.back(), bob_.leaf_key, {.tree = tree_of(bob_, Epoch{2})});
  EXPECT_TRUE(append(bob_, next, 6, "here again"));
}

}  // namespace
}  // namespace kith::server::service::test
