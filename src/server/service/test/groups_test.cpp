// Groups at the server: how they begin, who may do what in them, and who reads what of them.
#include <algorithm>

#include "mls/profile.h"
#include "server/domain/founding.h"
#include "server/service/test/group_chat.h"

namespace kith::server::service::test {
namespace {

using domain::EntryKind;
class Groups : public GroupChat {
 public:
  static mls::LeafParameters leaf_of(const Person& person) {
    mls::LeafParameters leaf;
    leaf.credential = mls::Credential::basic(person.credential);
    leaf.capabilities = mls::profile::capabilities();
    return leaf;
  }
  // What the account of a person with one device says.
  static domain::ListedUser listed(const Person& person) {
    keys::DeviceList list;
    list.user = person.user;
    list.devices = {{person.device, person.leaf_key.public_key}};
    return {to_bytes(person.identity.public_key), {person.certificate, list}};
  }
};
using Texts = std::vector<std::string>;

TEST_F(Groups, a_group_begins_with_its_owner_alone_under_an_id_that_is_the_founders) {
  EXPECT_EQ(read(ann_), "1 2 of 2");
  EXPECT_TRUE(is_listed(ann_));
  EXPECT_TRUE(mails(ann_).empty());
  // Another founder's group of the same client id is another one.
  const auto dans = founding(dan_, keys::group_extensions(keys::GroupPolicy::founded(dan_.user, client_id(1))));
  EXPECT_EQ(w_.error(service().create_group(dan_.caller(), dans.request())), "ok");
  EXPECT_EQ(read(ann_), "1 2 of 2");
}

TEST_F(Groups, a_founding_that_is_repeated_gets_its_first_answer) {
  const auto dans = founding(dan_, keys::group_extensions(keys::GroupPolicy::founded(dan_.user, client_id(1))));
  const auto first = w_.ok(service().create_group(dan_.caller(), dans.request()));
  w_.relayed();
  const auto before = w_.dump();
  const auto again = w_.ok(service().create_group(dan_.caller(), dans.request()));
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.seq, first.seq);
  w_.relayed();
  EXPECT_EQ(w_.dump(), before);
  // Another one cannot have its place.
  const auto other = founding(dan_, keys::group_extensions(keys::GroupPolicy::founded(dan_.user, client_id(1))));
  EXPECT_EQ(w_.error(service().create_group(dan_.caller(), other.request())), "conversation_exists");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Groups, a_founding_that_does_not_hold_is_refused_and_changes_nothing) {
  const auto before = w_.dump();
  const auto attempt = [&](const Person& by, const FoundGroupRequest& request) {
    return told(w_.run(service().create_group(by.caller(), request)));
  };
  const auto with = [&](const mls::Extensions& extensions) {
    const auto made = founding(dan_, extensions);
    return attempt(dan_, made.request());
  };
  const auto good = keys::GroupPolicy::founded(dan_.user, client_id(1));
  const auto made = founding(dan_, keys::group_extensions(good));
  EXPECT_EQ(attempt(dan_, made.request(2)), "invalid_commit: founding: of another group or epoch");
  EXPECT_EQ(attempt(ann_, made.request()), "conversation_exists: another group was founded under this client id");
  EXPECT_EQ(attempt(bob_, made.request()), "invalid_commit: founding: of another group or epoch");
  EXPECT_EQ(with({mls::profile::required_capabilities()}), "invalid_commit: founding: a group without a policy");
  EXPECT_EQ(with({good.extension(), mls::profile::required_capabilities()}),
            "invalid_commit: founding: other extensions than a group has");
  EXPECT_EQ(with({good.extension()}), "invalid_commit: founding: other extensions than a group has");
  const auto otherwise = [&](auto change) {
    keys::GroupPolicy policy = good;
    change(policy);
    return with(keys::group_extensions(policy));
  };
  const std::string role = "invalid_commit: founding: a role for another than the founder";
  EXPECT_EQ(otherwise([&](auto& p) { p.owner = ann_.user; }), role);
  EXPECT_EQ(otherwise([&](auto& p) { p.admins = {ann_.user}; }), role);
  const std::string another = "invalid_commit: founding: the policy of another group";
  EXPECT_EQ(otherwise([&](auto& p) { p.founder = ann_.user; }), another);
  EXPECT_EQ(otherwise([&](auto& p) { p.first_commit = client_id(2); }), another);
  const auto crowded = founding(dan_, keys::group_extensions(good), {.adds = {&cleo_}});
  EXPECT_EQ(attempt(dan_, crowded.request()), "invalid_commit: a device was added without a welcome");
  const domain::DirectoryOf directory{{dan_.user, listed(dan_)}, {cleo_.user, listed(cleo_)}};
  const auto& [info, commit] = crowded;
  const auto judged = domain::accept_group(keys::group_conversation(dan_.user, client_id(1)), info,
                                           {dan_.caller(),
                                            Epoch{0},
                                            commit.commit,
                                            commit.group_info,
                                            {{cleo_.caller(), commit.welcome}},
                                            domain::ReadCommit::of(commit.commit)},
                                           {directory, w_.scheduler.now()});
  EXPECT_EQ(told(judged), "invalid_commit: a first commit that adds somebody");
  const auto outside = *mls::decoded_message<mls::GroupInfo>(made.founding);
  const auto returned =
      *mls::Group::join_external(*mls::PublicGroup::open(outside, std::nullopt), outside,
                                 {.leaf = leaf_of(dan_), .remove = mls::LeafIndex{0}}, dan_.leaf_key, w_.entropy);
  EXPECT_EQ(attempt(dan_, {client_id(1), made.founding, returned.commit, returned.group_info}),
            "invalid_commit: a first commit from outside");
  const Bytes large(domain::kMaxFoundingBytes + 1);
  auto request = made.request();
  request.founding = large;
  EXPECT_EQ(attempt(dan_, request), "too_large: founding");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(dan_, made.request()), "ok");
}

TEST_F(Groups, everybody_adds_or_only_admins_as_the_policy_says) {
  Person eve = w_.register_person("+4955");
  EXPECT_EQ(commit(cleo_, {.adds = {&dan_}}), "ok");
  EXPECT_EQ(mails(dan_), Texts{"welcome 3"});
  EXPECT_TRUE(is_listed(dan_));
  policy_.may_add = keys::Who::admins;
  ASSERT_EQ(commit(bob_, {.policy = policy_}), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(commit(cleo_, {.adds = {&eve}}),
            "not_allowed: somebody comes in who was neither added by one who may nor invited");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(commit(bob_, {.adds = {&eve}}), "ok");
}

TEST_F(Groups, the_owner_and_admins_take_people_away_and_nobody_the_owner) {
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(commit(cleo_, {.removes = {&dan_}}), "not_allowed: a member takes somebody away who did not leave");
  EXPECT_EQ(commit(bob_, {.removes = {&ann_}}), "not_allowed: the owner is taken away");
  EXPECT_EQ(commit(ann_, {.removes = {&bob_, &bobs_second_}}),
            "invalid_commit: payload: a role for somebody who is not in the group");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(commit(bob_, {.removes = {&dan_}}), "ok");
  policy_.forget(bob_.user);
  EXPECT_EQ(commit(ann_, {.removes = {&bob_, &bobs_second_}, .policy = policy_}), "ok");
  EXPECT_EQ(mails(bob_).back(), "removed 5");
  EXPECT_EQ(mails(bobs_second_).back(), "removed 5");
  EXPECT_FALSE(is_listed(bob_));
}

TEST_F(Groups, of_two_admins_who_take_each_other_away_one_stays) {
  policy_.set_admin(cleo_.user, true);
  ASSERT_EQ(commit(ann_, {.policy = policy_}), "ok");
  keys::GroupPolicy without_bob = policy_;
  without_bob.forget(bob_.user);
  keys::GroupPolicy without_cleo = policy_;
  without_cleo.forget(cleo_.user);
  const auto by_cleo = make(cleo_, {.removes = {&bob_, &bobs_second_}, .policy = without_bob});
  const auto by_bob = make(bob_, {.removes = {&cleo_}, .policy = without_cleo});
  std::vector<std::string> answers;
  const auto attempt = [&](const Person& by, const mls::PendingCommit& pending) -> Task<void> {
    const auto requested = request(pending);
    answers.push_back(told(co_await service().commit(by.caller(), requested)));
  };
  TaskScope scope;
  scope.spawn(attempt(cleo_, by_cleo));
  scope.spawn(attempt(bob_, by_bob));
  w_.scheduler.run_ready();
  EXPECT_EQ(answers, (Texts{"ok", "not_member: "}));
  EXPECT_EQ(read(ann_), "1 2 3 4 of 4");
}

TEST_F(Groups, roles_are_given_by_admins_and_the_group_handed_over_by_its_owner) {
  keys::GroupPolicy promoted = policy_;
  promoted.set_admin(cleo_.user, true);
  keys::GroupPolicy taken = policy_;
  taken.hand_over(bob_.user);
  const auto before = w_.dump();
  EXPECT_EQ(commit(cleo_, {.policy = promoted}), "not_allowed: a member changes the policy");
  EXPECT_EQ(commit(bob_, {.policy = taken}), "not_allowed: the group is handed over by another than its owner");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(commit(bob_, {.policy = promoted}), "ok");
  promoted.hand_over(cleo_.user);
  EXPECT_EQ(commit(ann_, {.policy = promoted}), "ok");
  promoted.forget(ann_.user);
  EXPECT_EQ(commit(cleo_, {.removes = {&ann_}, .policy = promoted}), "ok");
  EXPECT_EQ(read(ann_, 4), "5 of 5");
}

TEST_F(Groups, where_only_admins_send_members_still_say_what_is_not_shown) {
  const Bytes early = w_.message(group(cleo_), "early");
  const AppendRequest sent{id(), client_id(200), Epoch{group(cleo_).epoch()}, early};
  w_.ok(service().append(cleo_.caller(), sent));
  policy_.may_send = keys::Who::admins;
  ASSERT_EQ(commit(bob_, {.policy = policy_}), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(append(cleo_), "not_allowed: only admins send here");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_TRUE(w_.ok(service().append(cleo_.caller(), sent)).duplicate) << "it was taken when it was allowed";
  EXPECT_EQ(append(cleo_, EntryKind::silent), "ok");
  EXPECT_EQ(append(bob_), "ok");
  EXPECT_EQ(append(ann_), "ok");
  const auto entries = w_.ok(service().read(ann_.caller(), id(), Seq{4}, 1 << 20));
  ASSERT_EQ(entries.entries.size(), 3U);
  EXPECT_EQ(entries.entries[0].kind, EntryKind::silent);
  EXPECT_EQ(entries.entries[1].kind, EntryKind::application);
  // Who is made an admin sends at once, whatever another node remembers.
  Node other = w_.another_node();
  const auto silent = w_.message(group(cleo_), "so that it is remembered");
  w_.ok(other.conversations.append(cleo_.caller(),
                                   {id(), client_id(201), Epoch{group(cleo_).epoch()}, silent, EntryKind::silent}));
  policy_.set_admin(cleo_.user, true);
  ASSERT_EQ(commit(bob_, {.policy = policy_}), "ok");
  const auto shown = w_.message(group(cleo_), "by an admin");
  EXPECT_EQ(
      w_.error(other.conversations.append(cleo_.caller(), {id(), client_id(202), Epoch{group(cleo_).epoch()}, shown})),
      "ok");
}

TEST_F(Groups, who_is_removed_reads_up_to_that_and_does_nothing_more) {
  ASSERT_EQ(append(cleo_), "ok");
  auto before_it = group(cleo_);
  const auto pending = make(cleo_, {});
  const auto hears = w_.listen(cleo_);
  w_.scheduler.run_ready();
  hears->clear();
  ASSERT_EQ(commit(bob_, {.removes = {&cleo_}}), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*hears, (Texts{"entry 4", "mail 2"}));
  EXPECT_EQ(mails(cleo_), (Texts{"welcome 2", "removed 4"}));
  EXPECT_FALSE(is_listed(cleo_));
  ASSERT_EQ(append(ann_), "ok");
  ASSERT_EQ(append(bob_), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(hears->size(), 2U) << "nothing of what came after it";

  EXPECT_EQ(read(ann_, 2), "3 4 5 6 of 6");
  EXPECT_EQ(read(cleo_, 2), "3 4 of 4");
  EXPECT_EQ(read(cleo_, 2, 1), "3 of 4");
  EXPECT_EQ(read(cleo_, 4), "of 4");
  EXPECT_EQ(read(cleo_, 5), "of 4");
  const auto stored = w_.dump();
  EXPECT_EQ(append_in(cleo_, before_it).substr(0, 10), "not_member");
  EXPECT_EQ(send(cleo_, pending), "not_member: ");
  EXPECT_EQ(w_.error(service().get_group(cleo_.caller(), {id(), Epoch{2}})), "not_member");
  EXPECT_EQ(w_.error(service().changes(cleo_.caller(), id())), "not_member");
  EXPECT_EQ(w_.error(service().set_cursor(cleo_.caller(), id(), {{1}, {1}})), "not_member");
  EXPECT_EQ(w_.error(service().confirm(cleo_.caller(), id(), Epoch{3}, {})), "not_member");
  EXPECT_EQ(w_.dump(), stored);
}

TEST_F(Groups, a_node_that_did_not_see_a_removal_reads_nothing_out_either) {
  Node other = w_.another_node();
  ASSERT_EQ(w_.ok(other.conversations.read(cleo_.caller(), id(), Seq{2}, 1 << 20)).entries.size(), 0U);
  ASSERT_EQ(commit(bob_, {.removes = {&cleo_}}), "ok");
  ASSERT_EQ(append(ann_), "ok");
  const auto read = w_.ok(other.conversations.read(cleo_.caller(), id(), Seq{2}, 1 << 20));
  ASSERT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.head, Seq{3});
}

class Reader final : public GroupChat {
 public:
  void TestBody() override {}
  Task<void> read_on() { answer = co_await service().read(cleo_.caller(), id(), Seq{2}, 1 << 20); }
  std::optional<Result<EntriesRead>> answer;
};

// The read waits before each of its steps in turn.
TEST(GroupReads, who_is_taken_out_meanwhile_is_told_of_no_more_than_it_is_shown) {
  for (std::size_t n = 1; n <= 4; ++n) {
    SCOPED_TRACE(n);
    Reader r;
    std::size_t steps = 0;
    r.w_.engine.delay = [&](std::string_view) { return std::chrono::milliseconds(++steps == n ? 100 : 0); };
    TaskScope scope;
    scope.spawn(r.read_on());
    r.w_.scheduler.run_for(std::chrono::milliseconds(10));
    EXPECT_EQ(r.commit(r.bob_, {.removes = {&r.cleo_}}), "ok");
    r.w_.scheduler.run_for(std::chrono::seconds(1));
    ASSERT_TRUE(r.answer && *r.answer);
    EXPECT_EQ((*r.answer)->head.value, 2 + (*r.answer)->entries.size());
  }
}

TEST_F(Groups, who_joins_reads_from_there_on) {
  ASSERT_EQ(append(ann_), "ok");
  EXPECT_EQ(read(dan_), "not_member");
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  EXPECT_EQ(read(dan_), "trimmed 5") << "nothing is there yet";
  EXPECT_EQ(read(dan_, 4), "of 4");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(append(ann_), "ok");
  for (std::uint64_t after = 0; after < 4; ++after) EXPECT_EQ(read(dan_, after), "trimmed 5");
  EXPECT_EQ(read(dan_, 4), "5 6 7 of 7");
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{3}})), "ok");
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{2}})), "trimmed");
  ASSERT_EQ(commit(ann_, {}), "ok");
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{3}})), "ok") << "where the Welcome leads";
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{2}})), "trimmed");
}

// The Welcome of then leads nowhere, which is not for want of its tree.
TEST_F(Groups, who_is_added_again_is_told_that_the_first_invitation_is_of_another_time) {
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{3}})), "ok");
  ASSERT_EQ(commit(ann_, {.removes = {&dan_}}), "ok");
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{3}})), "not_member");
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  const auto before = w_.run(service().get_group(dan_.caller(), {id(), Epoch{3}}));
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code, domain::Errc::trimmed);
  EXPECT_EQ(before.error().first_seq, Seq{6}) << "behind the commit that brought him back";
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{5}})), "ok");
  EXPECT_EQ(w_.error(service().get_group(dan_.caller(), {id(), Epoch{6}})), "not_found") << "still to come";
}

TEST_F(Groups, what_the_log_does_not_have_any_more_comes_before_what_one_may_read) {
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  for (int i = 0; i < 4; ++i) ASSERT_EQ(append(ann_), "ok");
  ASSERT_EQ(commit(ann_, {.removes = {&dan_}}), "ok");
  for (int i = 0; i < 2; ++i) ASSERT_EQ(append(ann_), "ok");
  const auto trim = [&](std::uint64_t upto) { w_.ok(w_.store.trim(domain::partition_of(id()), {}, Seq{upto})); };
  trim(1);
  EXPECT_EQ(read(dan_), "trimmed 4") << "not 2, where the log begins";
  EXPECT_EQ(read(cleo_), "trimmed 3");
  trim(5);
  EXPECT_EQ(read(dan_, 3), "trimmed 6");
  EXPECT_EQ(read(dan_, 5), "6 7 8 of 8");
  trim(9);
  EXPECT_EQ(read(dan_, 5), "trimmed 10");
  EXPECT_EQ(read(dan_, 9), "of 9") << "nothing of it is left";
}

TEST_F(Groups, who_is_added_again_reads_what_came_before_the_end_and_then_anew) {
  ASSERT_EQ(commit(bob_, {.removes = {&cleo_}}), "ok");
  ASSERT_EQ(append(ann_), "ok");
  ASSERT_EQ(commit(bob_, {.adds = {&cleo_}}), "ok");
  ASSERT_EQ(append(ann_), "ok");
  EXPECT_EQ(read(cleo_, 2), "3 of 3");
  EXPECT_EQ(read(cleo_, 3), "trimmed 6") << "what was between";
  EXPECT_EQ(read(cleo_, 5), "6 of 6");
  EXPECT_TRUE(is_listed(cleo_));
  EXPECT_EQ(append(cleo_), "ok");
  EXPECT_EQ(mails(cleo_), (Texts{"welcome 2", "removed 3", "welcome 5"}));
  // And once more.
  ASSERT_EQ(commit(bob_, {.removes = {&cleo_}}), "ok");
  ASSERT_EQ(commit(bob_, {.adds = {&cleo_}}), "ok");
  EXPECT_EQ(read(cleo_, 2), "3 of 3");
  EXPECT_EQ(read(cleo_, 4), "trimmed 10");
  EXPECT_EQ(read(cleo_, 5), "6 7 8 of 8");
  EXPECT_EQ(read(cleo_, 9), "of 9");
}

TEST_F(Groups, of_more_device_lists_than_a_commit_can_carry_those_are_told_by_which_somebody_has_to_go) {
  w_.limits.registrations_per_source_hour = 1000;
  w_.restart();
  std::vector<Person> people;
  Doing filling;
  for (std::size_t i = 0; i <= keys::kMaxFollowedLists; ++i)
    people.push_back(w_.register_person("+49" + std::to_string(100 + i), 1));
  for (Person& person : people) filling.adds.push_back(&person);
  ASSERT_EQ(commit(ann_, filling), "ok");
  const auto change = [&](std::uint64_t version, const std::vector<const Person*>& listed,
                          const std::vector<Person*>& added) {
    const auto changed = w_.device_change(version, listed, added);
    w_.ok(w_.node->accounts.change_devices(listed.front()->caller(), changed));
    w_.relayed();
    const Person& user = *listed.front();
    return keys::Grounds{.lists = {World::followed(user, changed)}, .leaving = {}};
  };
  Person& last = people.back();
  Person second = w_.another_device(last);
  ASSERT_EQ(commit(ann_, {.adds = {&second}, .grounds = change(2, {&last, &second}, {&second})}), "ok");
  for (Person& person : people) {
    if (&person == &last) break;
    Person another = w_.another_device(person);
    change(2, {&person, &another}, {&another});
  }
  const keys::Grounds shrunk = change(3, {&last}, {});
  const keys::Grounds told = w_.ok(service().changes(ann_.caller(), id())).grounds;
  EXPECT_EQ(told.lists.size(), keys::kMaxFollowedLists);
  EXPECT_EQ(told.lists.front(), shrunk.lists.front());
  EXPECT_EQ(append(ann_), "commit_first: a device has to go first");
  EXPECT_EQ(commit(ann_, {.removes = {&second}, .grounds = shrunk}), "ok");
  EXPECT_EQ(append(ann_), "ok");
}

TEST_F(Groups, a_group_that_is_full_takes_nobody_but_devices_of_those_who_are_in) {
  w_.limits.max_group_members = 3;
  w_.restart();
  const auto before = w_.dump();
  EXPECT_EQ(commit(ann_, {.adds = {&dan_}}), "group_full: more members than a group may have");
  EXPECT_EQ(w_.dump(), before);
  Person second = w_.another_device(cleo_);
  const auto grown = w_.device_change(2, {&cleo_, &second}, {&second});
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), grown));
  const auto followed = World::followed(cleo_, grown);
  EXPECT_EQ(commit(ann_, {.adds = {&second}, .grounds = {.lists = {followed}, .leaving = {}}}), "ok");
  EXPECT_EQ(commit(ann_, {.adds = {&dan_}, .removes = {&cleo_, &second}}), "ok") << "one for another";
  EXPECT_EQ(append(dan_), "ok");
  w_.limits.max_group_members = 2;
  w_.restart();
  EXPECT_EQ(commit(ann_, {}), "ok") << "it was larger before that was the limit";
}

TEST_F(Groups, a_commit_that_is_repeated_after_a_lost_answer_brings_on_what_was_to_follow) {
  const auto pending = make(ann_, {.removes = {&cleo_}});
  const auto requested = request(pending);
  w_.engine.fail_after = [](std::string_view operation) { return operation == "commit"; };
  EXPECT_EQ(w_.error(service().commit(ann_.caller(), requested)), "internal");
  w_.engine.fail_after = nullptr;
  EXPECT_EQ(mails(cleo_), Texts{"welcome 2"});
  EXPECT_TRUE(w_.ok(service().commit(ann_.caller(), requested)).duplicate);
  w_.scheduler.run_ready();
  EXPECT_EQ(mails(cleo_), (Texts{"welcome 2", "removed 3"}));
}

TEST_F(Groups, whoever_came_since_is_not_shown_what_is_sent_again) {
  const Bytes early = w_.message(group(ann_), "early");
  const AppendRequest sent{id(), client_id(200), Epoch{group(ann_).epoch()}, early};
  w_.ok(service().append(ann_.caller(), sent));
  const auto dan_hears = w_.listen(dan_);
  ASSERT_EQ(commit(bob_, {.adds = {&dan_}}), "ok");
  w_.scheduler.run_ready();
  dan_hears->clear();
  EXPECT_TRUE(w_.ok(service().append(ann_.caller(), sent)).duplicate);
  w_.scheduler.run_ready();
  EXPECT_TRUE(dan_hears->empty());
}

}  // namespace
}  // namespace kith::server::service::test
