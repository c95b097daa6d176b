// Leaving a group: the note that says so, what it changes at once, and what is left for others to do.
#include <algorithm>
#include <functional>

#include "server/service/test/group_chat.h"

namespace kith::server::service::test {
namespace {

using domain::EntryKind;
using Leaving = GroupChat;
using Texts = std::vector<std::string>;

TEST_F(Leaving, is_at_once_for_who_leaves_and_tells_its_own_devices_and_the_others) {
  ASSERT_EQ(append(bob_), "ok");
  auto bobs = group(bob_);
  const auto ann_hears = w_.listen(ann_);
  const auto bob_hears = w_.listen(bobs_second_);
  const auto note_of_bob = note(bob_);
  EXPECT_EQ(leave(bob_, note_of_bob), "ok");
  w_.relayed();
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, Texts{"changes"});
  EXPECT_EQ(*bob_hears, Texts{"mail 2"});
  for (const Person* device : {&bob_, &bobs_second_}) EXPECT_EQ(mails(*device), (Texts{"welcome 2", "removed 0"}));
  EXPECT_FALSE(is_listed(bob_));
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.leaving, std::vector{note_of_bob});

  // Neither device does anything any more, though both have leaves.
  const auto before = w_.dump();
  EXPECT_EQ(append_in(bob_, bobs).substr(0, 10), "not_member");
  EXPECT_EQ(append_in(bobs_second_, group(bobs_second_), EntryKind::silent).substr(0, 10), "not_member");
  EXPECT_EQ(commit(bob_, {}), "not_member: ");
  EXPECT_EQ(w_.error(service().confirm(bob_.caller(), id(), Epoch{2}, group(bob_).group_info(false))), "not_member");
  EXPECT_EQ(w_.error(service().get_group(bob_.caller(), {id(), Epoch{2}})), "not_member");
  EXPECT_EQ(w_.error(service().changes(bob_.caller(), id())), "not_member");
  EXPECT_EQ(read(bob_, 2), "3 of 3");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Leaving, holds_up_what_others_send_until_somebody_has_taken_the_leaves_away) {
  const auto note_of_bob = note(bob_);
  ASSERT_EQ(leave(bob_, note_of_bob), "ok");
  w_.relayed();
  const auto before = w_.dump();
  EXPECT_EQ(append(cleo_), "commit_first: a device has to go first");
  EXPECT_EQ(append(cleo_, EntryKind::silent), "commit_first: a device has to go first");
  EXPECT_EQ(commit(cleo_, {}), "commit_first: a device has to go first");
  Doing forgetful = taking({&bob_, &bobs_second_}, {note_of_bob});
  const auto without = std::exchange(forgetful.policy, std::nullopt);
  EXPECT_EQ(commit(cleo_, forgetful), "not_allowed: a member changes the policy") << "the role goes with its admin";
  EXPECT_EQ(commit(ann_, forgetful), "invalid_commit: payload: a role for somebody who is not in the group");
  EXPECT_EQ(w_.dump(), before);

  const auto ann_hears = w_.listen(ann_);
  const auto bob_hears = w_.listen(bob_);
  forgetful.policy = without;
  EXPECT_EQ(commit(cleo_, forgetful), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, Texts{"entry 3"});
  EXPECT_TRUE(bob_hears->empty()) << "he knows already";
  EXPECT_EQ(mails(bob_), (Texts{"welcome 2", "removed 0"}));
  EXPECT_EQ(read(bob_, 2), "3 of 3") << "of the epoch in which he left, this was the last";
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds, keys::Grounds{});
  EXPECT_EQ(append(cleo_), "ok");
  EXPECT_EQ(append(ann_), "ok");
  EXPECT_EQ(read(bob_, 2), "3 of 3");
}

TEST_F(Leaving, twice_is_once) {
  const auto note_of_cleo = note(cleo_);
  ASSERT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  const auto before = w_.dump();
  EXPECT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  EXPECT_EQ(w_.dump(), before);
  ASSERT_EQ(commit(ann_, taking({&cleo_}, {note_of_cleo})), "ok");
  const auto gone = w_.dump();
  EXPECT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  EXPECT_EQ(w_.dump(), gone);
}

TEST_F(Leaving, takes_a_note_of_this_group_device_and_leaf_that_it_signed) {
  const auto before = w_.dump();
  const auto attempt = [&](const std::function<void(keys::LeaveNote&)>& spoil, const Person& signer) {
    auto spoiled = note(cleo_);
    spoil(spoiled);
    spoiled.sign(signer.leaf_key);
    return leave(cleo_, spoiled);
  };
  EXPECT_EQ(attempt([](auto& n) { n.group_id[0] ^= 1; }, cleo_), "invalid_argument: note: of another group");
  EXPECT_EQ(attempt([&](auto& n) { n.user = ann_.user; }, cleo_), "invalid_argument: note: another device's");
  EXPECT_EQ(attempt([&](auto& n) { n.device = ann_.device; }, cleo_), "invalid_argument: note: another device's");
  EXPECT_EQ(attempt([](auto& n) { n.encryption_key[0] ^= 1; }, cleo_), "invalid_argument: note: of another leaf");
  EXPECT_EQ(attempt([](auto&) {}, ann_), "invalid_argument: note: not signed by the device");
  auto unsigned_note = note(cleo_);
  unsigned_note.signature[0] ^= 1;
  EXPECT_EQ(leave(cleo_, unsigned_note), "invalid_argument: note: not signed by the device");
  EXPECT_EQ(leave(bobs_second_, note(bob_)), "invalid_argument: note: another device's");
  EXPECT_EQ(w_.error(service().leave(cleo_.caller(), id(), as_view("no note"))), "invalid_argument");
  EXPECT_EQ(leave(dan_, note(cleo_)), "not_member: ");
  EXPECT_EQ(w_.error(service().leave(cleo_.caller(), ConversationId{}, {})), "not_member");
  Person leafless = w_.another_device(cleo_);
  EXPECT_EQ(leave(leafless, note(cleo_)), "not_member: ");
  // Of the leaf of now, not of one before.
  const auto old = note(cleo_);
  EXPECT_EQ(w_.dump(), before);
  ASSERT_EQ(commit(cleo_, {}), "ok");
  EXPECT_EQ(leave(cleo_, old), "invalid_argument: note: of another leaf");
  EXPECT_EQ(leave(cleo_), "ok");
}

TEST_F(Leaving, is_for_groups) {
  w_.start_direct(dan_, cleo_);
  const Bytes bytes = note(cleo_).encode();
  EXPECT_EQ(told(w_.run(service().leave(cleo_.caller(), keys::direct_conversation(dan_.user, cleo_.user), bytes))),
            "invalid_argument: conversation: not a group");
}

TEST_F(Leaving, is_not_for_an_owner_before_the_group_is_handed_over) {
  const auto before = w_.dump();
  EXPECT_EQ(leave(ann_), "last_owner: an owner hands the group over before leaving");
  EXPECT_EQ(w_.dump(), before);
  policy_.hand_over(cleo_.user);
  ASSERT_EQ(commit(ann_, {.policy = policy_}), "ok");
  EXPECT_EQ(leave(ann_), "ok");
}

TEST_F(Leaving, an_owner_who_is_alone_may) {
  policy_.forget(bob_.user);
  ASSERT_EQ(commit(ann_, {.removes = {&bob_, &bobs_second_, &cleo_}, .policy = policy_}), "ok");
  EXPECT_EQ(leave(ann_), "ok");
  w_.relayed();
  EXPECT_FALSE(is_listed(ann_));
  EXPECT_EQ(read(ann_), "1 2 3 of 3");
}

TEST_F(Leaving, a_member_takes_away_those_who_said_so_and_nobody_else) {
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  const auto note_of_dan = note(dan_);
  ASSERT_EQ(leave(dan_, note_of_dan), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(commit(cleo_, {.removes = {&dan_}}), "not_allowed: a member takes somebody away who did not leave")
      << "the commit shows the note, for members do not believe the server";
  EXPECT_EQ(
      commit(cleo_, {.removes = {&dan_, &bob_, &bobs_second_}, .grounds = {.lists = {}, .leaving = {note_of_dan}}}),
      "not_allowed: a member takes somebody away who did not leave");
  w_.relayed();
  EXPECT_EQ(commit(cleo_, taking({&dan_}, {note_of_dan})), "ok");
}

TEST_F(Leaving, of_more_than_one_commit_can_name_some_go_before_the_others) {
  const auto note_of_bob = note(bob_);
  const auto note_of_cleo = note(cleo_);
  ASSERT_EQ(leave(bob_, note_of_bob), "ok");
  ASSERT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.leaving.size(), 2U);
  EXPECT_EQ(commit(ann_, {}), "commit_first: a device has to go first");
  EXPECT_EQ(commit(ann_, taking({&bob_, &bobs_second_}, {note_of_bob})), "ok");
  EXPECT_EQ(append(ann_), "commit_first: a device has to go first");
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.leaving, std::vector{note_of_cleo});
  EXPECT_EQ(read(cleo_, 2), "3 of 3");
  EXPECT_EQ(commit(ann_, taking({&cleo_}, {note_of_cleo})), "ok");
  EXPECT_EQ(read(cleo_, 2), "3 of 3") << "no epoch that began after she left";
  EXPECT_EQ(append(ann_), "ok");
}

TEST_F(Leaving, nobody_is_left_the_group_who_leaves_it) {
  const auto note_of_bob = note(bob_);
  const auto note_of_cleo = note(cleo_);
  ASSERT_EQ(leave(bob_, note_of_bob), "ok");
  ASSERT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  Doing handing_over = taking({&bob_, &bobs_second_}, {note_of_bob});
  handing_over.policy->hand_over(cleo_.user);
  EXPECT_EQ(commit(ann_, handing_over), "commit_first: a device has to go first");
}

TEST_F(Leaving, of_delisted_devices_some_go_before_the_others_too) {
  Person second = w_.another_device(cleo_);
  Person third = w_.another_device(cleo_);
  const auto followed = [&](const domain::DeviceChange& change) {
    return keys::Grounds{.lists = {World::followed(cleo_, change)}, .leaving = {}};
  };
  const auto grown = w_.device_change(2, {&cleo_, &second, &third}, {&second, &third});
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), grown));
  ASSERT_EQ(commit(ann_, {.adds = {&second, &third}, .grounds = followed(grown)}), "ok");
  const auto shrunk = w_.device_change(3, {&cleo_}, {});
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), shrunk));
  w_.relayed();
  EXPECT_EQ(commit(ann_, {}), "commit_first: a device has to go first");
  EXPECT_EQ(commit(ann_, {.removes = {&second}, .grounds = followed(shrunk)}), "ok");
  EXPECT_EQ(append(ann_), "commit_first: a device has to go first");
  EXPECT_EQ(commit(ann_, {.removes = {&third}, .grounds = followed(shrunk)}), "ok");
  EXPECT_EQ(append(ann_), "ok");
  EXPECT_EQ(append(cleo_), "ok") << "she herself stays";
  EXPECT_EQ(read(cleo_, 2), "3 4 5 6 7 of 7");
  EXPECT_EQ(mails(cleo_), Texts{"welcome 2"});
  EXPECT_EQ(mails(second), Texts{"welcome 3"});
}

TEST_F(Leaving, nobody_is_brought_back_before_the_leaves_are_gone) {
  const auto note_of_bob = note(bob_);
  const Broken bobs = broken(bob_);
  ASSERT_EQ(leave(bob_, note_of_bob), "ok");
  w_.relayed();
  const auto list = World::followed(bob_, w_.device_change(2, {&bob_, &bobs_second_}, {}));
  const auto before = w_.dump();
  // One leaf less has to go, and for the one that came instead nobody would have a note.
  EXPECT_EQ(commit(cleo_, {.adds = {&bob_},
                           .removes = {&bob_, &bobs_second_},
                           .grounds = {.lists = {list}, .leaving = {note_of_bob}}})
                .substr(0, 14),
            "invalid_commit");
  const auto shrunk = w_.device_change(3, {&bob_}, {});
  w_.ok(w_.node->accounts.change_devices(bob_.caller(), shrunk));
  w_.relayed();
  const auto now = World::followed(bob_, shrunk);
  Doing marked = replacing({bobs});
  marked.removes = {&bobs_second_};
  marked.grounds.lists = {now};
  marked.grounds.leaving = {note_of_bob};
  EXPECT_EQ(commit(cleo_, marked), "commit_first: a device has to go first");
  EXPECT_EQ(read(ann_), "1 2 of 2");
}

TEST_F(Leaving, an_old_note_does_not_take_away_who_came_back) {
  const auto old = note(cleo_);
  ASSERT_EQ(leave(cleo_, old), "ok");
  ASSERT_EQ(commit(bob_, taking({&cleo_}, {old})), "ok");
  ASSERT_EQ(append(bob_), "ok");
  ASSERT_EQ(commit(bob_, {.adds = {&cleo_}}), "ok");
  EXPECT_TRUE(is_listed(cleo_));
  EXPECT_EQ(read(cleo_, 2), "3 of 3");
  EXPECT_EQ(read(cleo_, 3), "trimmed 6");
  EXPECT_EQ(read(cleo_, 5), "of 5");
  const auto before = w_.dump();
  EXPECT_EQ(leave(cleo_, old), "invalid_argument: note: of another leaf");
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  EXPECT_EQ(commit(dan_, {.removes = {&cleo_}, .grounds = {.lists = {}, .leaving = {old}}}),
            "not_allowed: a member takes somebody away who did not leave");
  EXPECT_EQ(append(cleo_), "ok");
  EXPECT_EQ(leave(cleo_), "ok") << "and leaves again";
  w_.relayed();
  EXPECT_EQ(mails(cleo_), (Texts{"welcome 2", "removed 0", "welcome 5", "removed 0"}));
}

TEST_F(Leaving, who_was_removed_has_left) {
  const auto late = note(cleo_);
  ASSERT_EQ(commit(ann_, {.removes = {&cleo_}}), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(leave(cleo_, late), "ok");
  w_.relayed();
  EXPECT_EQ(w_.dump(), before);
}

// A leave and a commit, both of which have read before either writes; `leave_delay` later the one, 10 ms the other.
struct Race {
  std::string left;
  std::string committed;
};
Race race(Leaving& chat, const keys::LeaveNote& note, const mls::PendingCommit& pending,
          std::chrono::milliseconds leave_delay) {
  Race answers;
  const Bytes bytes = note.encode();
  const auto requested = chat.request(pending);
  const auto leaving = [&]() -> Task<void> {
    answers.left = told(co_await chat.service().leave(chat.cleo_.caller(), chat.id(), bytes));
  };
  const auto committing = [&]() -> Task<void> {
    answers.committed = told(co_await chat.service().commit(chat.ann_.caller(), requested));
  };
  // Leaving asks for less before it writes, and so comes to that first.
  int writes = 0;
  chat.w_.engine.delay = [&](std::string_view operation) {
    if (operation != "commit") return std::chrono::milliseconds(0);
    return writes++ == 0 ? leave_delay : std::chrono::milliseconds(10);
  };
  TaskScope scope;
  scope.spawn(leaving());
  scope.spawn(committing());
  chat.w_.scheduler.run_for(std::chrono::seconds(1));
  chat.w_.engine.delay = nullptr;
  return answers;
}

TEST_F(Leaving, wins_over_a_commit_that_was_judged_before_it) {
  const auto pending = make(ann_, {});
  const auto note_of_cleo = note(cleo_);
  const Race answers = race(*this, note_of_cleo, pending, std::chrono::milliseconds(5));
  EXPECT_EQ(answers.left, "ok");
  EXPECT_EQ(answers.committed, "commit_first: a device has to go first");
  EXPECT_EQ(read(ann_, 2), "of 2");
}

TEST_F(Leaving, is_of_the_epoch_after_a_commit_that_came_in_between) {
  const auto pending = make(ann_, {});
  const auto note_of_cleo = note(cleo_);
  const Race answers = race(*this, note_of_cleo, pending, std::chrono::milliseconds(50));
  EXPECT_EQ(answers.left, "ok");
  EXPECT_EQ(answers.committed, "ok");
  for (auto& [device, group] : groups_)
    group = device == ann_.device ? pending.next : *group.process(pending.commit)->next;
  EXPECT_EQ(append(ann_), "commit_first: a device has to go first");
  ASSERT_EQ(commit(ann_, taking({&cleo_}, {note_of_cleo})), "ok");
  EXPECT_EQ(read(cleo_, 2), "3 4 of 4");
}

TEST_F(Leaving, from_two_devices_at_once_is_once) {
  std::vector<Bytes> notes;
  std::vector<std::string> answers;
  for (const Person* device : {&bob_, &bobs_second_}) notes.push_back(note(*device).encode());
  const auto leaving = [&](const Person& by, const Bytes& bytes) -> Task<void> {
    answers.push_back(told(co_await service().leave(by.caller(), id(), bytes)));
  };
  TaskScope scope;
  scope.spawn(leaving(bob_, notes[0]));
  scope.spawn(leaving(bobs_second_, notes[1]));
  w_.scheduler.run_ready();
  EXPECT_EQ(answers, (Texts{"ok", "ok"}));
  for (const Person* device : {&bob_, &bobs_second_}) EXPECT_EQ(mails(*device), (Texts{"welcome 2", "removed 0"}));
}

TEST_F(Leaving, asked_for_again_after_a_lost_answer_brings_on_what_was_to_follow) {
  const Bytes bytes = note(cleo_).encode();
  w_.engine.fail_after = [](std::string_view operation) { return operation == "commit"; };
  EXPECT_EQ(w_.error(service().leave(cleo_.caller(), id(), bytes)), "internal");
  w_.engine.fail_after = nullptr;
  EXPECT_EQ(mails(cleo_), Texts{"welcome 2"});
  EXPECT_EQ(w_.error(service().leave(cleo_.caller(), id(), bytes)), "ok");
  w_.scheduler.run_ready();
  EXPECT_EQ(mails(cleo_), (Texts{"welcome 2", "removed 0"}));
}

TEST_F(Leaving, a_node_that_did_not_see_it_neither_sends_for_nor_tells_who_left) {
  Node other = w_.another_node();
  const auto append_at_other = [&](const Person& by) {
    const Bytes payload = w_.message(group(by), "hello");
    ClientId client;
    w_.entropy.fill(client.value);
    return told(w_.run(other.conversations.append(by.caller(), {id(), client, Epoch{group(by).epoch()}, payload})));
  };
  ASSERT_EQ(append_at_other(cleo_), "ok");
  const auto note_of_cleo = note(cleo_);
  ASSERT_EQ(leave(cleo_, note_of_cleo), "ok");
  EXPECT_EQ(append_at_other(ann_), "commit_first: a device has to go first");
  EXPECT_EQ(append_at_other(cleo_).substr(0, 10), "not_member");
  EXPECT_EQ(w_.error(other.conversations.set_cursor(cleo_.caller(), id(), {{1}, {1}})), "not_member")
      << "it remembers what it has found out";
  ASSERT_EQ(commit(ann_, taking({&cleo_}, {note_of_cleo})), "ok");
  const auto hears = w_.listen(cleo_);
  ASSERT_EQ(append_at_other(ann_), "ok");
  EXPECT_TRUE(hears->empty());
}

}  // namespace
}  // namespace kith::server::service::test
