// A mark of a broken leaf and a commit at once: one of them waits before each of its steps in turn, until the other is
// through.
#include <functional>

#include "server/service/test/group_chat.h"

namespace kith::server::service::test {
namespace {

class Meeting final : public GroupChat {
 public:
  void TestBody() override {}
  Task<void> mark_now(const Broken& broken) {
    const Bytes bytes = broken.mark.encode();
    marked = told(co_await service().mark_broken(broken.device->caller(), {id(), bytes, broken.key_package}));
  }
  Task<void> commit_now(const Person& by, const CommitRequest& request) {
    committed = told(co_await service().commit(by.caller(), request));
  }
  Task<void> leave_now(const Person& by, const Bytes& bytes) {
    left = told(co_await service().leave(by.caller(), id(), bytes));
  }
  // `first` waits before its n-th step. False where it has fewer.
  bool meet(std::size_t n, Task<void> first, Task<void> second) {
    std::size_t steps = 0;
    w_.engine.delay = [&](std::string_view) { return std::chrono::milliseconds(++steps == n ? 100 : 0); };
    TaskScope scope;
    scope.spawn(std::move(first));
    w_.scheduler.run_for(std::chrono::milliseconds(10));
    const bool has_waited = steps >= n;
    scope.spawn(std::move(second));
    w_.scheduler.run_for(std::chrono::seconds(1));
    w_.engine.delay = nullptr;
    return has_waited;
  }
  std::string marked;
  std::string committed;
  std::string left;
};

// Until the meeting says that it came to the end.
void at_each_step(const std::function<bool(Meeting&, std::size_t)>& meets) {
  for (std::size_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    Meeting meeting;
    if (meets(meeting, n)) continue;
    EXPECT_GE(n, 6U);
    break;
  }
}

TEST(BrokenRaces, a_leaf_that_gets_new_keys_meanwhile_is_not_marked) {
  at_each_step([](Meeting& m, std::size_t n) {
    const auto pending = m.make(m.cleo_, {});
    const auto request = m.request(pending);
    const Broken broken = m.broken(m.cleo_);
    const bool has_waited = m.meet(n, m.mark_now(broken), m.commit_now(m.cleo_, request));
    EXPECT_EQ(m.committed, "ok");
    EXPECT_EQ(m.marked, has_waited ? "invalid_argument: mark: of another leaf" : "ok");
    EXPECT_TRUE(m.marks().empty());
    EXPECT_FALSE(m.is_noted());
    return has_waited;
  });
}

TEST(BrokenRaces, who_leaves_meanwhile_marks_nothing) {
  at_each_step([](Meeting& m, std::size_t n) {
    const Bytes note = m.note(m.bobs_second_).encode();
    const Broken broken = m.broken(m.bob_);
    const bool has_waited = m.meet(n, m.mark_now(broken), m.leave_now(m.bobs_second_, note));
    EXPECT_EQ(m.left, "ok");
    EXPECT_EQ(m.marked, has_waited ? "not_member: " : "ok");
    EXPECT_EQ(m.stored_marks(), has_waited ? 0U : 1U);
    return has_waited;
  });
}

TEST(BrokenRaces, a_leaf_is_marked_while_others_commit) {
  at_each_step([](Meeting& m, std::size_t n) {
    const auto pending = m.make(m.ann_, {});
    const auto request = m.request(pending);
    const Broken broken = m.broken(m.cleo_);
    const bool has_waited = m.meet(n, m.mark_now(broken), m.commit_now(m.ann_, request));
    EXPECT_EQ(m.committed, "ok");
    EXPECT_EQ(m.marked, "ok");
    EXPECT_EQ(m.marks(), std::vector{broken.mark});
    return has_waited;
  });
}

TEST(BrokenRaces, a_mark_that_comes_while_its_device_commits_does_not_outlive_the_commit) {
  at_each_step([](Meeting& m, std::size_t n) {
    const auto pending = m.make(m.cleo_, {});
    const auto request = m.request(pending);
    const Broken broken = m.broken(m.cleo_);
    const bool has_waited = m.meet(n, m.commit_now(m.cleo_, request), m.mark_now(broken));
    EXPECT_EQ(m.committed, "ok");
    EXPECT_TRUE(m.marks().empty());
    EXPECT_EQ(m.stored_marks(), 0U);
    EXPECT_FALSE(m.is_noted());
    return has_waited;
  });
}

TEST(BrokenRaces, a_mark_that_comes_while_the_last_other_one_goes_stays_and_is_told) {
  at_each_step([](Meeting& m, std::size_t n) {
    const Broken bobs = m.broken(m.bob_);
    EXPECT_EQ(m.mark(bobs), "ok");
    const Doing doing = m.replacing({bobs});
    const auto pending = m.make(m.ann_, doing);
    const auto request = m.request(pending, doing);
    const Broken broken = m.broken(m.cleo_);
    const bool has_waited = m.meet(n, m.commit_now(m.ann_, request), m.mark_now(broken));
    EXPECT_EQ(m.marked, "ok");
    EXPECT_EQ(m.committed, "ok");
    EXPECT_TRUE(m.is_noted());
    EXPECT_EQ(m.marks(), std::vector{broken.mark});
    return has_waited;
  });
}

// A note of a device list is let go of, with the row that stands for all notes, unless somebody marks a leaf.
TEST(BrokenRaces, a_mark_that_comes_while_the_last_note_is_let_go_of_stays_and_is_told) {
  at_each_step([](Meeting& m, std::size_t n) {
    Person second = m.w_.another_device(m.cleo_);
    const auto listed = [&](std::uint64_t version, const std::vector<const Person*>& devices,
                            const std::vector<Person*>& added) {
      m.w_.ok(m.w_.node->accounts.change_devices(m.cleo_.caller(), m.w_.device_change(version, devices, added)));
    };
    listed(2, {&m.cleo_, &second}, {&second});
    m.w_.relayed();
    m.w_.engine.fail_before = [](std::string_view operation) { return operation == "outbox"; };
    listed(3, {&m.cleo_}, {});
    m.w_.scheduler.run_ready();
    m.w_.engine.fail_before = nullptr;
    const Broken broken = m.broken(m.bob_);
    const auto relaying = [&]() -> Task<void> { co_await m.w_.node->relay.drain(); };
    const bool has_waited = m.meet(n, relaying(), m.mark_now(broken));
    m.w_.scheduler.run_for(std::chrono::seconds(3));
    EXPECT_EQ(m.marked, "ok");
    EXPECT_EQ(m.w_.ok(m.service().changes(m.ann_.caller(), m.id())).grounds,
              (keys::Grounds{.lists = {}, .leaving = {}, .broken = {broken.mark}}));
    return has_waited;
  });
}

}  // namespace
}  // namespace kith::server::service::test
