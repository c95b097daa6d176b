// Whole paths, with the store failing at every step in turn: before the step happened, and after it happened but before
// the answer. Whoever asks again gets there, nothing is doubled, and what failed before it happened has changed
// nothing.
#include <functional>

#include "keys/conversation.h"
#include "server/service/test/group_chat.h"
#include "server/service/test/link_stage.h"

namespace kith::server::service::test {
namespace {

enum class Moment { before, after };

class StoreFailures : public testing::TestWithParam<Moment> {
 public:
  // The n-th operation from now on fails, once. Answers how many there were, as long as the world is not healed.
  static std::shared_ptr<const std::size_t> fail_at(World& w, std::size_t n, Moment moment) {
    auto counter = std::make_shared<std::size_t>(0);
    auto hook = [counter, n](std::string_view) { return ++*counter == n; };
    (moment == Moment::before ? w.engine.fail_before : w.engine.fail_after) = hook;
    return counter;
  }
  static std::size_t count(World& w, const std::function<void()>& path) {
    auto counter = std::make_shared<std::size_t>(0);
    w.engine.fail_before = [counter](std::string_view) {
      ++*counter;
      return false;
    };
    path();
    w.engine.fail_before = nullptr;
    return *counter;
  }
  static void heal(World& w) {
    w.engine.fail_before = nullptr;
    w.engine.fail_after = nullptr;
  }
};

TEST_P(StoreFailures, an_account_is_created_once_however_often_it_is_asked_for) {
  std::size_t steps = 0;
  {
    World w;
    auto ann = w.new_person("+4911");
    const auto account = w.account_of(ann);
    steps = count(w, [&] { w.ok(w.node->accounts.create(account)); });
  }
  ASSERT_GE(steps, 4U);
  for (std::size_t n = 1; n <= steps; ++n) {
    SCOPED_TRACE(n);
    World w;
    auto ann = w.new_person("+4911");
    const auto account = w.account_of(ann);
    fail_at(w, n, GetParam());
    (void)w.run(w.node->accounts.create(account));
    heal(w);
    const auto grant = w.ok(w.node->accounts.create(account));
    const auto signature = w.sign_refresh(ann, grant.refresh_token);
    EXPECT_EQ(
        w.error(w.node->accounts.refresh(ann.caller(), grant.refresh_token, {signature.begin(), signature.end()})),
        "ok");
    w.scheduler.run_for(std::chrono::seconds(2));
    EXPECT_EQ(w.ok(w.node->accounts.find(ann.caller(), {.phone = "+4911", .region = {}, .email = {}})).profile.user,
              ann.user);
    EXPECT_EQ(w.ok(w.node->key_packages.available(ann.caller())), 3U);
    EXPECT_TRUE(w.ok(w.store.outbox(10)).empty());
  }
}

TEST_P(StoreFailures, a_conversation_begins_once_and_its_welcome_arrives_once) {
  const auto path = [](World& w, Person& ann, const Person& bob, const Beginning& beginning) {
    (void)w.run(w.node->conversations.create_direct(ann.caller(), beginning.request(bob.user)));
    w.relayed();
  };
  std::size_t steps = 0;
  {
    World w;
    auto ann = w.register_person("+4911");
    const auto bob = w.register_person("+4922");
    const auto beginning = w.begin_direct(ann, bob);
    steps = count(w, [&] { path(w, ann, bob, beginning); });
  }
  ASSERT_GE(steps, 8U);
  for (std::size_t n = 1; n <= steps; ++n) {
    SCOPED_TRACE(n);
    World w;
    auto ann = w.register_person("+4911");
    const auto bob = w.register_person("+4922");
    const auto beginning = w.begin_direct(ann, bob);
    fail_at(w, n, GetParam());
    path(w, ann, bob, beginning);
    heal(w);
    path(w, ann, bob, beginning);
    w.scheduler.run_for(std::chrono::seconds(2));
    EXPECT_EQ(w.ok(w.node->conversations.read(ann.caller(), beginning.id, {}, 1 << 20)).entries.size(), 1U);
    const auto mails = w.ok(w.node->conversations.read_mailbox(bob.caller(), {}, 1 << 20));
    ASSERT_EQ(mails.mails.size(), 1U);
    EXPECT_EQ(mails.mails[0].conversation_seq, Seq{1});
    EXPECT_EQ(w.ok(w.node->conversations.sync(bob.caller(), {})).heads.size(), 1U);
    EXPECT_TRUE(w.ok(w.store.outbox(10)).empty());
  }
}

TEST_P(StoreFailures, a_message_is_appended_once_and_a_failed_call_before_it_changed_nothing) {
  for (std::size_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    World w;
    auto ann = w.register_person("+4911");
    const auto bob = w.register_person("+4922");
    auto group = w.start_direct(ann, bob);
    const auto id = keys::direct_conversation(ann.user, bob.user);
    w.restart();
    w.relayed();
    const auto payload = w.message(group, "text");
    const auto request = w.request(group, id, 2, payload);
    const auto before = w.dump();
    fail_at(w, n, GetParam());
    const auto first = w.run(w.node->conversations.append(ann.caller(), request));
    heal(w);
    if (!first && GetParam() == Moment::before) EXPECT_EQ(w.dump(), before);
    const auto again = w.ok(w.node->conversations.append(ann.caller(), request));
    EXPECT_EQ(again.seq, Seq{2});
    EXPECT_EQ(w.ok(w.node->conversations.read(ann.caller(), id, {}, 1 << 20)).entries.size(), 2U);
    if (first) {
      EXPECT_GE(n, 3U);  // load and commit failed in turn
      break;
    }
  }
}

// A group at a place of its own, for each step anew.
struct Stage final : GroupChat {
  void TestBody() override {}
  // Until the store answers again, and everything is relayed.
  void settle() {
    StoreFailures::heal(w_);
    w_.scheduler.run_for(std::chrono::seconds(2));
    w_.relayed();
    EXPECT_TRUE(w_.ok(w_.store.outbox(10)).empty());
  }
};

TEST_P(StoreFailures, who_leaves_has_left_once_and_a_failed_call_before_it_changed_nothing) {
  for (std::size_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    Stage stage;
    stage.w_.restart();
    stage.w_.relayed();
    const auto note = stage.note(stage.bob_);
    const Bytes bytes = note.encode();
    const auto leave = [&] { return stage.service().leave(stage.bob_.caller(), stage.id(), bytes); };
    const auto before = stage.w_.dump();
    const auto steps = fail_at(stage.w_, n, GetParam());
    const auto first = stage.w_.run(leave());
    if (!first && GetParam() == Moment::before) EXPECT_EQ(stage.w_.dump(), before);
    stage.w_.relayed();
    stage.settle();
    EXPECT_EQ(told(stage.w_.run(leave())), "ok");
    stage.settle();
    for (const Person* device : {&stage.bob_, &stage.bobs_second_})
      EXPECT_EQ(stage.mails(*device), (std::vector<std::string>{"welcome 2", "removed 0"}));
    EXPECT_FALSE(stage.is_listed(stage.bob_));
    EXPECT_EQ(stage.read(stage.bob_, 2), "of 2");
    EXPECT_EQ(stage.append(stage.ann_), "commit_first: a device has to go first");
    EXPECT_EQ(stage.commit(stage.ann_, stage.taking({&stage.bob_, &stage.bobs_second_}, {note})), "ok");
    if (*steps < n) {
      EXPECT_GE(n, 16U);  // its own steps and those of the relay have failed in turn
      break;
    }
  }
}

TEST_P(StoreFailures, who_is_removed_is_out_once_and_a_failed_call_before_it_changed_nothing) {
  for (std::size_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    Stage stage;
    stage.w_.restart();
    stage.w_.relayed();
    const auto pending = stage.make(stage.bob_, {.removes = {&stage.cleo_}});
    const auto request = stage.request(pending);
    const auto before = stage.w_.dump();
    const auto steps = fail_at(stage.w_, n, GetParam());
    const auto first = stage.w_.run(stage.service().commit(stage.bob_.caller(), request));
    if (!first && GetParam() == Moment::before) EXPECT_EQ(stage.w_.dump(), before);
    stage.w_.relayed();
    stage.settle();
    EXPECT_EQ(told(stage.w_.run(stage.service().commit(stage.bob_.caller(), request))), "ok");
    stage.settle();
    EXPECT_EQ(stage.mails(stage.cleo_), (std::vector<std::string>{"welcome 2", "removed 3"}));
    EXPECT_FALSE(stage.is_listed(stage.cleo_));
    EXPECT_EQ(stage.read(stage.cleo_, 2), "3 of 3");
    EXPECT_EQ(stage.read(stage.ann_, 2), "3 of 3");
    if (*steps < n) {
      EXPECT_GE(n, 16U);
      break;
    }
  }
}

TEST_P(StoreFailures, a_broken_leaf_is_marked_and_replaced_once_and_a_failed_call_before_it_changed_nothing) {
  for (std::size_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    Stage stage;
    stage.w_.restart();
    stage.w_.relayed();
    const auto broken = stage.broken(stage.cleo_);
    const auto before = stage.w_.dump();
    auto steps = fail_at(stage.w_, n, GetParam());
    const auto marked = stage.mark(broken);
    if (marked != "ok" && GetParam() == Moment::before) EXPECT_EQ(stage.w_.dump(), before);
    stage.settle();
    EXPECT_EQ(stage.mark(broken), "ok");
    bool is_through = *steps < n;
    const auto doing = stage.replacing({broken});
    const auto pending = stage.make(stage.ann_, doing);
    const auto request = stage.request(pending, doing);
    const auto commit = [&] { return told(stage.w_.run(stage.service().commit(stage.ann_.caller(), request))); };
    const auto with_mark = stage.w_.dump();
    steps = fail_at(stage.w_, n, GetParam());
    const auto committed = commit();
    if (committed != "ok" && GetParam() == Moment::before) EXPECT_EQ(stage.w_.dump(), with_mark);
    stage.w_.relayed();
    stage.settle();
    EXPECT_EQ(commit(), "ok");
    stage.settle();
    EXPECT_TRUE(stage.w_.ok(stage.service().changes(stage.ann_.caller(), stage.id())).packages.empty());
    EXPECT_EQ(stage.mails(stage.cleo_), (std::vector<std::string>{"welcome 2", "welcome 3"}));
    EXPECT_EQ(stage.read(stage.cleo_, 2), "3 of 3");
    is_through = is_through && *steps < n;
    if (is_through) {
      EXPECT_GE(n, 14U);
      break;
    }
  }
}

TEST_P(StoreFailures, a_device_comes_over_a_link_once_and_a_failed_call_before_it_changed_nothing) {
  // Each of its four writers with the store failing at its n-th step, and asked again.
  bool is_through = false;
  for (std::size_t n = 1; !is_through; ++n) {
    SCOPED_TRACE(n);
    LinkStage stage;
    World& w = stage.w_;
    Person tablet = w.another_device(stage.ann_);
    const auto coming = stage.comes(2, {&stage.ann_, &tablet}, tablet);
    is_through = true;
    const auto twice = [&](const std::function<std::string()>& ask) {
      const auto before = w.dump();
      const auto steps = fail_at(w, n, GetParam());
      const auto first = ask();
      heal(w);
      const bool is_nothing_done = first != "ok" && GetParam() == Moment::before;
      // The link may have been noted whose device did not come in yet.
      if (is_nothing_done && n < 6) EXPECT_EQ(w.dump(), before);
      is_through = is_through && *steps < n;
      EXPECT_EQ(ask(), "ok");
    };
    twice([&] { return stage.offer(); });
    twice([&] { return stage.claim(stage.ann_); });
    twice([&] { return stage.finish(stage.ann_); });
    twice([&] { return w.error(stage.add(coming)); });
    EXPECT_TRUE(stage.is_in(tablet, w.ok(stage.add(coming))));
    w.scheduler.run_for(std::chrono::seconds(2));
    w.relayed();
    EXPECT_EQ(w.ok(w.node->accounts.devices(stage.ann_.user)).devices.size(), 2U);
    EXPECT_EQ(w.ok(w.node->key_packages.available(tablet.caller())), 2U);
    EXPECT_TRUE(w.ok(w.store.outbox(10)).empty());
    if (is_through) EXPECT_GE(n, 7U);
  }
}

TEST_P(StoreFailures, a_registration_is_confirmed_however_often_the_store_fails) {
  for (std::size_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    World w;
    const auto begun = w.ok(w.node->registrations.begin({.phone = "+4911", .region = {}, .email = {}}, "::1"));
    const auto code = w.sender.codes["+4911"];
    fail_at(w, n, GetParam());
    const auto first = w.run(w.node->registrations.confirm(begun.registration, code, "::1"));
    heal(w);
    EXPECT_EQ(w.error(w.node->registrations.confirm(begun.registration, code, "::1")), "ok");
    if (first) {
      EXPECT_GE(n, 3U);
      break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Moments, StoreFailures, testing::Values(Moment::before, Moment::after), [](const auto& info) {
  return info.param == Moment::before ? "before_the_step" : "after_the_step";
});

}  // namespace
}  // namespace kith::server::service::test
