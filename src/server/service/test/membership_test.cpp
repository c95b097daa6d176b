// Whose conversations a group is: that follows who is in now, however often, late and by whichever node the reasons to
// look are relayed.
#include "server/service/test/group_chat.h"

namespace kith::server::service::test {
namespace {

class Memberships : public GroupChat {
 public:
  Node other = w_.another_node();

  // The reason to look at whether the group is this user's comes once more, to both nodes at once.
  void relay_again(const Person& person) {
    domain::Transaction t{.partition = domain::account_partition(person.user)};
    t.outbox.push_back(
        {.target = t.partition, .writes = {{{domain::RowKind::membership, to_bytes(id().view())}, std::nullopt}}});
    w_.ok(w_.store.commit(std::move(t)));
    other.relay.kick();
    w_.relayed();
    w_.scheduler.run_ready();
  }
  void stop_relaying() {
    w_.engine.fail_before = [](std::string_view operation) { return operation == "outbox"; };
  }
  void relay() {
    w_.engine.fail_before = nullptr;
    other.relay.kick();
    w_.relayed();
    w_.scheduler.run_for(std::chrono::seconds(3));
  }
};

TEST_F(Memberships, an_old_reason_to_look_changes_nothing) {
  for (int round = 0; round < 2; ++round) {
    ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
    auto before = w_.dump();
    relay_again(dan_);
    EXPECT_EQ(w_.dump(), before);
    EXPECT_TRUE(is_listed(dan_));
    ASSERT_EQ(commit(ann_, {.removes = {&dan_}}), "ok");
    before = w_.dump();
    relay_again(dan_);
    EXPECT_EQ(w_.dump(), before);
    EXPECT_FALSE(is_listed(dan_));
  }
}

TEST_F(Memberships, what_is_relayed_after_everything_has_happened_leads_to_what_is_now) {
  for (const bool ends_in : {true, false}) {
    SCOPED_TRACE(ends_in);
    stop_relaying();
    std::vector<Doing> doings{{.adds = {&dan_}}, {.removes = {&dan_}}, {.adds = {&dan_}}};
    if (!ends_in) doings.push_back({.removes = {&dan_}});
    for (const Doing& doing : doings) ASSERT_EQ(commit(ann_, doing), "ok");
    EXPECT_FALSE(is_listed(dan_)) << "nothing was relayed yet";
    relay();
    EXPECT_EQ(is_listed(dan_), ends_in);
    EXPECT_EQ(mails(dan_), (ends_in ? std::vector<std::string>{"welcome 3", "removed 4", "welcome 5"}
                                    : std::vector<std::string>{"welcome 3", "removed 4", "welcome 5", "removed 6",
                                                               "welcome 7", "removed 8", "welcome 9", "removed 10"}));
    if (ends_in) {
      ASSERT_EQ(commit(ann_, {.removes = {&dan_}}), "ok");
      relay();
    }
  }
}

// One relay has seen that Dan is in, and is slow to write it down: by then he is out, which the other has seen to.
TEST_F(Memberships, a_relay_that_writes_what_is_over_looks_again) {
  for (const bool was_in : {false, true}) {
    SCOPED_TRACE(was_in);
    stop_relaying();
    ASSERT_EQ(commit(ann_, was_in ? Doing{.removes = {&dan_}} : Doing{.adds = {&dan_}}), "ok");
    w_.engine.fail_before = nullptr;
    int commits = 0;
    w_.engine.delay = [&](std::string_view operation) {
      return std::chrono::milliseconds(operation == "commit" && commits++ == 1 ? 500 : 0);
    };
    other.relay.kick();
    w_.scheduler.run_for(std::chrono::milliseconds(100));
    ASSERT_EQ(commits, 2) << "the mail is there, and the membership on its way";
    ASSERT_EQ(commit(ann_, was_in ? Doing{.adds = {&dan_}} : Doing{.removes = {&dan_}}), "ok");
    w_.scheduler.run_for(std::chrono::seconds(3));
    w_.engine.delay = nullptr;
    EXPECT_EQ(is_listed(dan_), was_in);
    EXPECT_TRUE(w_.ok(w_.store.outbox(10)).empty());
    if (!was_in) {
      ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
      relay();
    }
  }
}

TEST_F(Memberships, a_device_list_that_changes_while_its_user_leaves_is_nobodys_business) {
  const auto note_of_cleo = note(cleo_);
  ASSERT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  Person second = w_.another_device(cleo_);
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(2, {&cleo_, &second}, {&second})));
  relay_again(cleo_);
  EXPECT_TRUE(w_.ok(service().changes(ann_.caller(), id())).grounds.lists.empty());
  ASSERT_EQ(commit(ann_, taking({&cleo_}, {note_of_cleo})), "ok");
  ASSERT_EQ(commit(ann_, {.adds = {&cleo_}}), "ok");
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.lists.size(), 1U)
      << "and it is again when she is back";
}

TEST_F(Memberships, a_note_of_devices_goes_when_its_user_leaves) {
  Person second = w_.another_device(cleo_);
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(2, {&cleo_, &second}, {&second})));
  w_.relayed();
  ASSERT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds.lists.size(), 1U);
  const auto note_of_cleo = note(cleo_);
  ASSERT_EQ(leave(cleo_, note_of_cleo), "ok");
  w_.relayed();
  EXPECT_EQ(w_.ok(service().changes(ann_.caller(), id())).grounds,
            (keys::Grounds{.lists = {}, .leaving = {note_of_cleo}}));
  EXPECT_EQ(append(ann_), "commit_first: a device has to go first") << "the other note is still there";
}

TEST_F(Memberships, receipts_are_told_of_those_who_are_in_and_of_nobody_else) {
  const auto told_by = [&](Node& node, const Person& to) {
    std::set<UserId> users;
    const auto sync = w_.ok(node.conversations.sync(to.caller(), {}));
    EXPECT_EQ(sync.heads.size(), 1U);
    for (const auto& head : sync.heads) {
      for (const auto& cursor : head.cursors) users.insert(cursor.user);
    }
    return users;
  };
  using Users = std::set<UserId>;
  const auto reads = [&](const Person& person) { w_.ok(service().set_cursor(person.caller(), id(), {{1}, {1}})); };
  for (const Person* person : {&ann_, &bob_, &cleo_}) reads(*person);
  EXPECT_EQ(told_by(other, ann_), (Users{ann_.user, bob_.user, cleo_.user}));
  ASSERT_EQ(commit(ann_, {.adds = {&dan_}}), "ok");
  reads(dan_);
  EXPECT_EQ(told_by(other, ann_), (Users{ann_.user, bob_.user, cleo_.user, dan_.user}))
      << "of whom this node had not heard";
  ASSERT_EQ(commit(ann_, {.removes = {&dan_}}), "ok");
  EXPECT_EQ(told_by(*w_.node, ann_), (Users{ann_.user, bob_.user, cleo_.user}));
  ASSERT_EQ(leave(cleo_), "ok");
  w_.relayed();
  EXPECT_EQ(told_by(*w_.node, ann_), (Users{ann_.user, bob_.user}));
}

}  // namespace
}  // namespace kith::server::service::test
