// Devices of an account come and go, and every conversation hears of it: who is revoked is out before anything else.
#include "server/service/test/direct_chat.h"

namespace kith::server::service::test {
namespace {

class DeviceChanges : public DirectChat {
 public:
  Person another_device(const Person& of) { return w_.another_device(of); }
  domain::DeviceChange change(std::uint64_t version, const std::vector<const Person*>& listed,
                              const std::vector<Person*>& added = {}) {
    return w_.device_change(version, listed, added);
  }
  AccountService& accounts() { return w_.node->accounts; }
  static keys::FollowedList followed(const Person& user, const domain::DeviceChange& change) {
    return World::followed(user, change);
  }
  // A member's commit that brings the group in line with the list.
  std::string follow(const Person& by, const mls::Group& group, const keys::FollowedList& list,
                     const std::vector<mls::LeafIndex>& removes, const std::vector<Person*>& adds = {},
                     std::optional<mls::Group>* next = nullptr) {
    mls::CommitOptions options{.removes = removes, .tree_in_welcome = false};
    options.authenticated_data = keys::AuthenticatedData{.conversation = id(),
                                                         .history_id = {},
                                                         .client_id = {},
                                                         .last_seq = {},
                                                         .extra = keys::Grounds{.lists = {list}}.encode()}
                                     .encode();
    for (Person* device : adds) options.adds.push_back(package_of(*device));
    const auto pending = *group.commit(options, w_.entropy);
    auto request = commit_request(pending, static_cast<std::uint8_t>(100 + followed_++));
    for (const Person* device : adds) request.welcomes.push_back({device->caller(), pending.welcome});
    const auto answer = w_.run(service().commit(by.caller(), request));
    if (next != nullptr) *next = pending.next;
    return answer ? "ok" : std::string(domain::name_of(answer.error().code)) + ": " + answer.error().detail;
  }

 private:
  int followed_ = 0;
};

TEST_F(DeviceChanges, a_new_device_can_be_added_to_what_its_user_is_in) {
  const auto group = w_.start_direct(ann_, bob_);
  const auto hears = w_.listen(ann_);
  Person second = another_device(bob_);
  const auto grown = change(2, {&bob_, &second}, {&second});
  w_.ok(accounts().change_devices(bob_.caller(), grown));
  w_.relayed();
  w_.scheduler.run_ready();
  EXPECT_EQ(*hears, std::vector<std::string>{"changes"});
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.lists, std::vector{followed(bob_, grown)});
  EXPECT_EQ(w_.error(service().changes(eve_.caller(), id())), "not_member");
  EXPECT_EQ(w_.ok(w_.node->key_packages.claim(ann_.caller(), bob_.user)).size(), 2U);
  // Nobody has to wait for it.
  std::optional<mls::Group> next = group;
  ASSERT_TRUE(append(ann_, *next, 2, "hello"));
  EXPECT_EQ(follow(ann_, group, followed(bob_, grown), {}, {&second}, &next), "ok");
  EXPECT_TRUE(w_.ok(service().changes(ann_.caller(), id())).grounds.lists.empty());
  ASSERT_TRUE(append(ann_, *next, 3, "hello both"));
  w_.relayed();
  EXPECT_EQ(w_.ok(service().read_mailbox(second.caller(), {}, 1 << 20)).mails.size(), 1U);
}

TEST_F(DeviceChanges, a_welcome_for_a_device_of_the_committers_own_user_reaches_that_device_alone) {
  const auto group = w_.start_direct(ann_, bob_);
  Person second = another_device(ann_);
  const auto grown = change(2, {&ann_, &second}, {&second});
  w_.ok(accounts().change_devices(ann_.caller(), grown));
  w_.relayed();
  const auto with_welcomes = [&](const std::vector<const Person*>& to) {
    mls::CommitOptions options{.adds = {package_of(second)}, .tree_in_welcome = false};
    const keys::Grounds grounds{.lists = {followed(ann_, grown)}};
    options.authenticated_data =
        keys::AuthenticatedData{
            .conversation = id(), .history_id = {}, .client_id = {}, .last_seq = {}, .extra = grounds.encode()}
            .encode();
    const auto pending = *group.commit(options, w_.entropy);
    auto request = commit_request(pending, 50);
    for (const Person* device : to) request.welcomes.push_back({device->caller(), pending.welcome});
    return told(w_.run(service().commit(ann_.caller(), request)));
  };
  const auto before = w_.dump();
  EXPECT_EQ(with_welcomes({&ann_}), "invalid_commit: a welcome for a device that was not added");
  EXPECT_EQ(with_welcomes({&second, &ann_}), "invalid_commit: a welcome for a device that was not added");
  EXPECT_EQ(with_welcomes({}), "invalid_commit: a device was added without a welcome");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(with_welcomes({&second}), "ok");
  w_.relayed();
  EXPECT_TRUE(w_.ok(service().read_mailbox(ann_.caller(), {}, 1 << 20)).mails.empty());
  EXPECT_EQ(w_.ok(service().read_mailbox(second.caller(), {}, 1 << 20)).mails.size(), 1U);
  auto joined = join(second);
  EXPECT_TRUE(append(second, joined, 51, "from the second"));
}

TEST_F(DeviceChanges, a_revoked_device_is_logged_out_at_once_and_its_leaf_goes_before_anything_is_sent) {
  auto group = w_.start_direct(ann_, bob_);
  Person second = another_device(bob_);
  const auto grown = change(2, {&bob_, &second}, {&second});
  w_.ok(accounts().change_devices(bob_.caller(), grown));
  w_.relayed();
  std::optional<mls::Group> next;
  ASSERT_EQ(follow(ann_, group, followed(bob_, grown), {}, {&second}, &next), "ok");
  group = *next;
  const auto in_time = w_.message(group, "in time");
  const auto in_time_request = w_.request(group, id(), 3, in_time);
  w_.ok(service().append(ann_.caller(), in_time_request));

  const auto its_sockets = w_.listen(second);
  const auto shrunk = change(3, {&bob_});
  w_.ok(accounts().change_devices(bob_.caller(), shrunk));
  w_.scheduler.run_ready();
  EXPECT_EQ(its_sockets->front(), "logged out");
  EXPECT_EQ(w_.error(accounts().check_access(second.caller())), "unauthenticated");
  w_.relayed();
  EXPECT_EQ(append(ann_, group, 4, "too early").error().code, Errc::commit_first);
  EXPECT_TRUE(w_.ok(service().append(ann_.caller(), in_time_request)).duplicate);
  // Nor does another commit help, nor one that follows the old list.
  const auto before = w_.dump();
  EXPECT_EQ(outcome(ann_, group, {}), "commit_first: a device has to go first");
  EXPECT_EQ(follow(ann_, group, followed(bob_, grown), {mls::LeafIndex{2}}),
            "invalid_commit: device lists: not the one of now");
  EXPECT_EQ(outcome(ann_, group, {.removes = {mls::LeafIndex{2}}}).substr(0, 14), "invalid_commit");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(follow(ann_, group, followed(bob_, shrunk), {mls::LeafIndex{2}}, {}, &next), "ok");
  EXPECT_TRUE(append(ann_, *next, 4, "now"));
  // What it certifies for itself afterwards does not bring it back.
  const auto again = external_commit(second, bob_);
  EXPECT_EQ(w_.error(service().commit(second.caller(), commit_request(again, 9))), "invalid_commit");
}

TEST_F(DeviceChanges, who_begins_a_conversation_is_told_of_devices_that_were_left_out) {
  Person second = another_device(ann_);
  const auto grown = change(2, {&ann_, &second}, {&second});
  w_.ok(accounts().change_devices(ann_.caller(), grown));
  const auto group = w_.start_direct(ann_, bob_);
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.lists, std::vector{followed(ann_, grown)});
  EXPECT_EQ(follow(ann_, group, followed(ann_, grown), {}, {&second}), "ok");
  EXPECT_TRUE(w_.ok(service().changes(ann_.caller(), id())).grounds.lists.empty());
}

// Both are written to one row.
TEST_F(DeviceChanges, a_name_that_is_given_at_the_same_moment_is_no_other_version_of_the_list) {
  Person second = another_device(ann_);
  const auto grown = change(2, {&ann_, &second}, {&second});
  std::vector<std::string> answers;
  const auto grow = [&]() -> Task<void> {
    const auto answer = co_await accounts().change_devices(ann_.caller(), grown);
    answers.push_back(answer ? "grown" : std::string(domain::name_of(answer.error().code)));
  };
  const auto name = [&]() -> Task<void> {
    const auto answer = co_await accounts().set_name(ann_.caller(), "Ann B.");
    answers.push_back(answer ? "named" : std::string(domain::name_of(answer.error().code)));
  };
  TaskScope both;
  both.spawn(grow());
  both.spawn(name());
  w_.scheduler.run_for(std::chrono::seconds(2));
  std::ranges::sort(answers);
  EXPECT_EQ(answers, (std::vector<std::string>{"grown", "named"}));
  EXPECT_EQ(w_.ok(accounts().devices(ann_.user)).devices.size(), 2U);
  EXPECT_EQ(w_.ok(accounts().profile(ann_.user)).name, "Ann B.");
}

TEST_F(DeviceChanges, a_list_that_does_not_follow_is_refused_and_changes_nothing) {
  Person second = another_device(ann_);
  const auto good = change(2, {&ann_, &second}, {&second});
  const auto before = w_.dump();
  const auto attempt = [&](const domain::DeviceChange& c) {
    return w_.error(accounts().change_devices(ann_.caller(), c));
  };
  EXPECT_EQ(attempt(change(3, {&ann_, &second}, {&second})), "stale_device_list");
  EXPECT_EQ(attempt(change(1, {&ann_, &second}, {&second})), "stale_device_list");
  EXPECT_EQ(attempt(change(2, {&ann_, &second})), "forged_certificate");
  EXPECT_EQ(attempt(change(2, {&ann_}, {&second})), "forged_certificate");
  EXPECT_EQ(attempt(change(2, {&bob_})), "forged_certificate");
  Person other_key = ann_;
  other_key.leaf_key = crypto::Suite::product().generate_signature_key(w_.entropy);
  EXPECT_EQ(attempt(change(2, {&other_key})), "forged_certificate");
  Person foreign = another_device(bob_);
  auto forged = change(2, {&ann_, &foreign}, {&foreign});
  EXPECT_EQ(attempt(forged), "forged_certificate");
  forged = good;
  forged.device_list.back() ^= 1;
  EXPECT_EQ(attempt(forged), "forged_certificate");
  forged = good;
  forged.added[0].key_packages[0].back() ^= 1;
  EXPECT_EQ(attempt(forged), "key_package_invalid");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(change(2, {&ann_})), "invalid_argument") << "nothing changes";
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(good), "ok");
  EXPECT_EQ(attempt(good), "ok") << "a lost answer";
  EXPECT_EQ(attempt(change(2, {&second})), "stale_device_list");
  EXPECT_EQ(attempt(change(3, {&ann_})), "ok");
  Person again = another_device(ann_);
  again.device = second.device;
  again.credential =
      keys::DeviceCredential::make(ann_.user, again.device, ann_.identity.public_key, World::certificate_of(ann_, 1),
                                   World::generation_of(ann_, 1), 3, again.leaf_key.public_key)
          .encode();
  EXPECT_EQ(attempt(change(4, {&ann_, &again}, {&again})), "forged_certificate") << "an id is used once";
}

TEST_F(DeviceChanges, an_old_reason_to_look_changes_nothing) {
  const auto group = w_.start_direct(ann_, bob_);
  Person second = another_device(bob_);
  const auto grown = change(2, {&bob_, &second}, {&second});
  w_.ok(accounts().change_devices(bob_.caller(), grown));
  std::optional<mls::Group> next;
  w_.relayed();
  ASSERT_EQ(follow(ann_, group, followed(bob_, grown), {}, {&second}, &next), "ok");
  w_.relayed();
  const auto hears = w_.listen(ann_);
  const auto before = w_.dump();
  // Relayed twice, by whichever node, and late.
  Node other = w_.another_node();
  for (int i = 0; i < 2; ++i) {
    domain::Transaction t{.partition = domain::account_partition(bob_.user)};
    t.outbox.push_back({.target = t.partition,
                        .writes = {{{domain::RowKind::list_changed, {}}, grown.device_list},
                                   {{domain::RowKind::membership, to_bytes(id().view())}, Bytes{1}}}});
    w_.ok(w_.store.commit(std::move(t)));
    other.relay.kick();
    w_.relayed();
  }
  w_.scheduler.run_ready();
  EXPECT_EQ(w_.dump(), before);
  EXPECT_TRUE(hears->empty());
  EXPECT_TRUE(append(ann_, *next, 9, "nothing holds me"));
}

}  // namespace
}  // namespace kith::server::service::test
