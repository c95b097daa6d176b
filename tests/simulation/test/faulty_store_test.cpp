#include "tests/simulation/faulty_store.h"

#include <functional>
#include <set>

#include <gtest/gtest.h>

#include "server/adapters/memory/memory_store.h"
#include "server/domain/stored_group.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/seeded_entropy.h"

namespace kith::sim {
namespace {

using namespace server::domain;  // NOLINT(google-build-using-namespace): this is about the port
using server::adapters::MemoryEngine;
using server::adapters::MemoryStore;

ConversationId chat(std::uint8_t n) {
  ConversationId id;
  id.value[0] = n;
  return id;
}
UserId user(std::uint8_t n) {
  UserId id;
  id.value[0] = n;
  return id;
}
ClientId client(std::uint8_t n) {
  ClientId id;
  id.value[0] = n;
  return id;
}
Partition of_chat(std::uint8_t n) { return {PartitionKind::conversation, to_bytes(chat(n).view())}; }
Partition of_user(std::uint8_t n) { return {PartitionKind::account, to_bytes(user(n).view())}; }
SharedBytes text(std::string_view t) { return std::make_shared<const Bytes>(to_bytes(t)); }
Transaction appending(std::uint8_t n, std::uint8_t client_id) {
  return {.partition = of_chat(n), .appends = {{{}, client(client_id), text("text")}}};
}
Transaction writing(const Partition& partition, const RowKey& key, Version expected = 0) {
  return {.partition = partition, .expects = {{key, expected}}, .writes = {{key, to_bytes("value")}}};
}
Transaction sending(std::uint8_t n) { return {.partition = of_chat(n), .outbox = {{.target = of_user(n)}}}; }
const RowKey kAccount{RowKind::account, {}};
const RowKey kNotes{RowKind::notes, {}};
const RowKey kGroup{RowKind::group, {}};

Profile always(std::initializer_list<Fault> faults) {
  Profile profile{.name = "always"};
  for (const Fault fault : faults) profile.rates[static_cast<std::size_t>(fault)] = 1;
  return profile;
}

class Engine : public testing::Test {
 protected:
  template <class T>
  T ok(Task<Result<T>> task) {
    auto result = scheduler_.run(std::move(task));
    KITH_CHECK(result.has_value());
    return *std::move(result);
  }
  void done(Task<Result<void>> task) { ASSERT_TRUE(scheduler_.run(std::move(task))); }
  Committed committed(Transaction t) { return std::get<Committed>(ok(plain_.commit(std::move(t)))); }
  Version version(const Partition& partition, const RowKey& key) {
    const auto row = ok(plain_.row(partition, key));
    return row ? row->version : 0;
  }
  std::size_t length(std::uint8_t n) { return ok(plain_.read(of_chat(n), {}, {}, 1000)).records.size(); }
  Seq first_left(std::uint8_t n) {
    const auto slice = scheduler_.run(plain_.read(of_chat(n), {}, {}, 1000));
    return slice ? Seq{1} : slice.error().first_seq;
  }
  CursorPosition cursor(std::uint8_t n) { return ok(plain_.cursor(chat(n), user(n))); }

  test::ManualScheduler scheduler_;
  test::SeededEntropy entropy_;
  MemoryEngine engine_{entropy_};
  MemoryStore plain_{engine_, scheduler_};
};

class Faulty : public Engine {
 protected:
  Store& faulty(std::initializer_list<Fault> faults, std::uint64_t seed = 1) {
    faults_.emplace(always(faults), seed);
    store_.emplace(plain_, scheduler_, *faults_);
    return *store_;
  }
  Store& with(Fault fault) { return faulty({fault}); }
  CommitOutcome outcome(Transaction t) { return ok(store_->commit(std::move(t))); }

  std::optional<Faults> faults_;
  std::optional<FaultyStore> store_;
};

TEST_F(Engine, a_backup_is_unaffected_by_what_comes_after) {
  committed(appending(1, 1));
  committed(writing(of_user(1), kAccount));
  committed(sending(1));
  ok(plain_.advance_cursor(chat(1), user(1), {{1}, {1}}));
  const std::string before = engine_.dump();
  const auto backup = engine_.backup();
  committed(appending(1, 2));
  committed(appending(2, 1));
  done(plain_.trim(of_chat(1), {}, {1}));
  done(plain_.outbox_done({ok(plain_.outbox(1)).front().number}));
  ok(plain_.advance_cursor(chat(1), user(1), {{2}, {2}}));
  EXPECT_NE(engine_.dump(), before);
  EXPECT_EQ(engine_.outbox_size(), 0U);
  const HistoryId old = plain_.history_id();
  engine_.restore(backup, HistoryId{{9}});
  EXPECT_EQ(engine_.dump(), before);
  EXPECT_EQ(engine_.outbox_size(), 1U);
  EXPECT_NE(plain_.history_id(), old);
  EXPECT_EQ(committed(appending(1, 3)).seqs.front(), Seq{2});
}

TEST_F(Engine, a_restored_one_never_hands_out_a_number_that_was_handed_out_before) {
  const RowKey membership{RowKind::membership, to_bytes(chat(1).view())};
  committed(writing(of_user(1), membership));
  const auto early = engine_.backup();
  std::set<std::uint64_t> numbers;
  const auto hand_out = [&] {
    bool all_new = numbers.insert(version(of_user(1), membership)).second;
    committed(sending(1));
    all_new &= numbers.insert(ok(plain_.outbox(100)).back().number).second;
    committed(appending(1, static_cast<std::uint8_t>(numbers.size())));
    const ChangedHeads changed = ok(plain_.heads_changed(user(1), 0, 10));
    return all_new && numbers.insert(changed.heads.front().change).second && changed.upto >= *numbers.rbegin();
  };
  EXPECT_TRUE(hand_out());
  for (int i = 0; i < 3; ++i) {
    engine_.restore(early, HistoryId{{static_cast<std::uint8_t>(i)}});
    committed(writing(of_user(1), membership, version(of_user(1), membership)));
    EXPECT_TRUE(hand_out());
  }
  // Nor one that starts anew from a backup.
  const auto late = engine_.backup();
  MemoryEngine fresh(entropy_);
  fresh.restore(late, HistoryId{{9}});
  MemoryStore store(fresh, scheduler_);
  ok(store.commit(writing(of_user(2), kAccount)));
  EXPECT_GT(ok(store.row(of_user(2), kAccount))->version, *numbers.rbegin());
}

TEST_F(Engine, what_was_not_flushed_is_lost_and_what_was_is_not) {
  for (std::uint8_t i = 1; i <= 4; ++i) committed(appending(1, i));
  committed(sending(1));
  committed(sending(2));
  const auto pending = ok(plain_.outbox(10));
  ok(plain_.advance_cursor(chat(1), user(1), {{1}, {1}}));
  done(plain_.trim(of_chat(1), {}, {1}));
  done(plain_.outbox_done({pending[0].number}));
  engine_.flush();
  const std::string flushed = engine_.dump();

  ok(plain_.advance_cursor(chat(1), user(1), {{2}, {1}}));
  ok(plain_.advance_cursor(chat(1), user(1), {{3}, {3}}));
  ok(plain_.advance_cursor(chat(2), user(2), {{1}, {1}}));
  done(plain_.trim(of_chat(1), {}, {2}));
  done(plain_.trim(of_chat(1), {}, {3}));
  done(plain_.outbox_done({pending[1].number}));
  ASSERT_EQ(cursor(1), (CursorPosition{{3}, {3}}));
  ASSERT_EQ(engine_.outbox_size(), 0U);
  ASSERT_EQ(first_left(1), Seq{4});
  engine_.lose_unflushed();
  EXPECT_EQ(engine_.dump(), flushed);
  EXPECT_EQ(cursor(1), (CursorPosition{{1}, {1}}));
  EXPECT_EQ(cursor(2), CursorPosition{});
  EXPECT_EQ(first_left(1), Seq{2});
  EXPECT_EQ(ok(plain_.outbox(10)).front().number, pending[1].number);
  // And it goes on from there.
  ok(plain_.advance_cursor(chat(1), user(1), {{2}, {2}}));
  engine_.flush();
  engine_.lose_unflushed();
  EXPECT_EQ(cursor(1), (CursorPosition{{2}, {2}}));
}

TEST_F(Engine, commits_are_not_among_what_is_lost) {
  engine_.flush();
  committed(appending(1, 1));
  committed(appending(1, 2));
  done(plain_.trim(of_chat(1), {}, {1}));
  committed(appending(1, 3));
  engine_.lose_unflushed();
  EXPECT_EQ(length(1), 3U);
  EXPECT_TRUE(std::holds_alternative<Duplicate>(ok(plain_.commit(appending(1, 1)))));
  EXPECT_EQ(committed(appending(1, 4)).seqs.front(), Seq{4});
}

TEST_F(Engine, nothing_waits_for_a_flush_before_the_first_one) {
  ok(plain_.advance_cursor(chat(1), user(1), {{2}, {1}}));
  engine_.lose_unflushed();
  EXPECT_EQ(cursor(1), (CursorPosition{{2}, {1}}));
}

TEST_F(Engine, whoever_watches_sees_each_transaction_that_was_applied_once) {
  std::vector<std::pair<ClientId, Seq>> seen;
  engine_.on_committed = [&](const Transaction& t, const Committed& done) {
    seen.emplace_back(t.appends.front().client_id, done.seqs.front());
  };
  committed(appending(1, 1));
  ok(plain_.commit(appending(1, 1)));  // a duplicate
  Transaction conflicting = appending(1, 2);
  conflicting.expects.push_back({kGroup, 7});
  ok(plain_.commit(std::move(conflicting)));
  committed(appending(1, 3));
  EXPECT_EQ(seen, (std::vector<std::pair<ClientId, Seq>>{{client(1), {1}}, {client(3), {2}}}));
}

TEST_F(Engine, looking_makes_no_partitions) {
  ok(plain_.row(of_chat(1), kGroup));
  ok(plain_.read(of_chat(1), {}, {}, 1));
  ok(plain_.heads_changed(user(1), 0, 1));
  ok(plain_.cursors(chat(1)));
  ok(plain_.advance_cursor(chat(1), user(1), {}));
  done(plain_.trim(of_chat(1), {}, {1}));
  ok(plain_.commit(writing(of_chat(1), kGroup, 5)));
  EXPECT_EQ(engine_.partitions(), 0U);
  committed(appending(1, 1));
  EXPECT_EQ(engine_.partitions(), 1U);
}

TEST_F(Faulty, a_refused_operation_changes_nothing_and_says_when_to_come_back) {
  const auto refused = scheduler_.run(with(Fault::store_overloaded).commit(appending(1, 1)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_GT(refused.error().retry_after_ms, 0U);
  EXPECT_EQ(engine_.partitions(), 0U);
  // Only what writes waits in a queue.
  EXPECT_EQ(ok(store_->row(of_chat(1), kGroup)), std::nullopt);
}

TEST_F(Faulty, a_failed_operation_changes_nothing) {
  const auto failed = scheduler_.run(with(Fault::store_failed).commit(appending(1, 1)));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::internal);
  EXPECT_EQ(engine_.partitions(), 0U);
  EXPECT_FALSE(scheduler_.run(store_->row(of_chat(1), kGroup)));
}

TEST_F(Faulty, an_operation_whose_answer_is_lost_has_happened) {
  const auto lost = scheduler_.run(with(Fault::store_answer_lost).commit(appending(1, 1)));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::internal);
  EXPECT_EQ(length(1), 1U);
  const CommitOutcome again = ok(plain_.commit(appending(1, 1)));
  EXPECT_TRUE(std::holds_alternative<Duplicate>(again));
}

TEST_F(Faulty, a_slow_store_takes_up_to_seconds_and_is_right) {
  std::chrono::milliseconds longest{};
  for (std::uint8_t i = 1; i <= 100; ++i) {
    const UnixMillis before = scheduler_.now();
    faulty({Fault::store_slow}, i);
    outcome(appending(1, i));
    longest = std::max(longest, scheduler_.now() - before);
  }
  EXPECT_GT(longest, std::chrono::seconds(1));
  EXPECT_LT(longest, std::chrono::seconds(10));
  EXPECT_EQ(length(1), 100U);
}

TEST_F(Faulty, a_conflict_is_one_with_somebody_who_wrote_the_row_as_it_was) {
  committed(writing(of_user(1), kAccount));
  const Version before = version(of_user(1), kAccount);
  const std::string all = engine_.dump();
  with(Fault::store_conflict);
  const CommitOutcome lost = outcome(writing(of_user(1), kAccount, before));
  ASSERT_TRUE(std::holds_alternative<Conflict>(lost));
  const auto& conflict = std::get<Conflict>(lost);
  EXPECT_EQ(conflict.key, kAccount);
  EXPECT_GT(conflict.version, before);
  EXPECT_EQ(conflict.version, version(of_user(1), kAccount));
  EXPECT_EQ(engine_.dump(), all);
}

TEST_F(Faulty, a_row_that_comes_and_goes_conflicts_though_it_is_not_there) {
  committed({.partition = of_chat(1), .writes = {{kGroup, to_bytes("epoch 1")}}});
  Transaction t = appending(1, 1);
  t.expects = {{kGroup, version(of_chat(1), kGroup)}, {kNotes, 0}};
  with(Fault::store_conflict);
  const CommitOutcome lost = outcome(t);
  ASSERT_TRUE(std::holds_alternative<Conflict>(lost));
  EXPECT_EQ(std::get<Conflict>(lost).key, kNotes);
  EXPECT_NE(std::get<Conflict>(lost).version, 0U);
  EXPECT_EQ(length(1), 0U);
  // What is in the log is a duplicate before it is anything else.
  committed(t);
  EXPECT_TRUE(std::holds_alternative<Duplicate>(outcome(t)));
}

TEST_F(Faulty, rows_that_nobody_writes_without_changing_them_do_not_conflict) {
  committed({.partition = of_chat(1), .writes = {{kGroup, to_bytes("epoch 1")}}});
  with(Fault::store_conflict);
  EXPECT_TRUE(std::holds_alternative<Committed>(outcome(writing(of_chat(1), kGroup, version(of_chat(1), kGroup)))));
  EXPECT_TRUE(std::holds_alternative<Committed>(outcome(writing(of_user(1), kAccount))));
  Transaction founding = writing(of_chat(2), kGroup);
  founding.expects.push_back({kNotes, 0});
  EXPECT_TRUE(std::holds_alternative<Committed>(outcome(founding)));
  EXPECT_EQ(faults_->points()[static_cast<std::size_t>(Fault::store_conflict)], 0U);
}

TEST_F(Faulty, late_outbox_rows_are_shown_in_their_order_by_the_look_that_asked_for_them) {
  for (std::uint8_t i = 1; i <= 8; ++i) committed(sending(i));
  const auto all = ok(plain_.outbox(100));
  with(Fault::outbox_late);
  const UnixMillis begin = scheduler_.now();
  std::size_t fewest = 100;
  for (int look = 0; look < 50; ++look) {
    const auto shown = ok(store_->outbox(8));
    ASSERT_FALSE(shown.empty()) << "nobody would look again";
    fewest = std::min(fewest, shown.size());
    for (std::size_t i = 0; i < shown.size(); ++i) EXPECT_EQ(shown[i].number, all[i].number);
  }
  EXPECT_LT(fewest, 8U);
  EXPECT_GT(scheduler_.now() - begin, std::chrono::seconds(5));
}

TEST_F(Faulty, relayed_rows_may_be_there_again) {
  committed(sending(1));
  const auto first = ok(plain_.outbox(10));
  done(with(Fault::outbox_doubled).outbox_done({first.front().number}));
  EXPECT_EQ(engine_.outbox_size(), 1U);
  done(faulty({}).outbox_done({first.front().number}));
  EXPECT_EQ(engine_.outbox_size(), 0U);
}

// At any moment: before the inner operation, or after it, when only the answer is still to come.
TEST_F(Faulty, a_task_that_is_destroyed_does_nothing_that_it_had_not_begun) {
  bool was_before = false;
  bool was_between = false;
  for (std::uint8_t i = 1; i <= 50; ++i) {
    faulty({}, i);
    bool is_answered = false;
    {
      TaskScope node;
      const auto work = [&]() -> Task<void> {
        co_await store_->commit(appending(i, 1));
        is_answered = true;
      };
      node.spawn(work());
      scheduler_.run_for(std::chrono::milliseconds(faults_->chance().below(4)));
    }
    const std::size_t then = length(i);
    scheduler_.run_for(std::chrono::seconds(1));
    EXPECT_EQ(length(i), then);
    was_before |= then == 0;
    was_between |= then == 1 && !is_answered;
  }
  EXPECT_TRUE(was_before);
  EXPECT_TRUE(was_between);
}

TEST_F(Faulty, the_same_seed_takes_the_same_time) {
  const auto times = [&](std::uint64_t seed) {
    std::vector<std::int64_t> all;
    faulty({Fault::store_slow}, seed);
    for (std::uint8_t i = 0; i < 10; ++i) {
      const UnixMillis before = scheduler_.now();
      ok(store_->row(of_chat(1), kGroup));
      all.push_back((scheduler_.now() - before).count());
    }
    return all;
  };
  EXPECT_EQ(times(1), times(1));
  EXPECT_NE(times(1), times(2));
}

}  // namespace
}  // namespace kith::sim
