// RocksDB on a disk that forgets what was not synced, killed at every write in turn: what commit() answered is there
// afterwards, whole and in order, and the store goes on.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include "server/adapters/rocksdb/rocksdb_engine.h"
#include "server/domain/conversation.h"
#include "tests/support/forgetful_file_system.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/seeded_entropy.h"
#include "tests/support/temporary_directory.h"

namespace kith::test {
namespace {

using namespace server::domain;  // NOLINT(google-build-using-namespace): this is about the port
using server::adapters::RocksdbEngine;
using server::adapters::RocksdbOptions;

constexpr std::size_t kCommits = 16;
constexpr std::size_t kAtOnce = 4;

ConversationId chat_of(std::size_t i) {
  ConversationId id;
  id.value[31] = static_cast<std::uint8_t>(1 + i % 3);
  return id;
}
ClientId client_of(std::size_t i) {
  ClientId id;
  id.value[0] = static_cast<std::uint8_t>(i + 1);
  return id;
}
// Large enough that buffers fill and files are written while the script runs.
Bytes text_of(std::size_t i) { return Bytes(9000, static_cast<std::uint8_t>(i)); }
RowKey row_of(std::size_t i) { return {RowKind::group, Bytes{static_cast<std::uint8_t>(i)}}; }

class PowerLoss : public testing::Test {
 protected:
  PowerLoss() : files_(std::make_shared<ForgetfulFileSystem>()), env_(rocksdb::NewCompositeEnv(files_)) {
    options_.env = env_.get();
    options_.write_buffer_bytes = 64 * 1024;
    options_.block_cache_bytes = 64 * 1024;
    options_.cursor_flush = std::chrono::milliseconds(0);
  }

  Task<void> one(Store& store, std::size_t i) {
    Transaction t{.partition = partition_of(chat_of(i))};
    t.writes.push_back({row_of(i), text_of(i)});
    t.appends.push_back({{}, client_of(i), std::make_shared<const Bytes>(text_of(i))});
    t.outbox.push_back({.target = account_partition(UserId{})});
    const auto outcome = co_await store.commit(std::move(t));
    if (outcome && std::holds_alternative<Committed>(*outcome))
      answered_.emplace_back(i, std::get<Committed>(*outcome).seqs[0]);
    (void)co_await store.advance_cursor(chat_of(i), UserId{}, {{i}, {i}});
    --running_;
  }

  // Runs until the end or the loss of power. What was answered is in answered_.
  void script() {
    answered_.clear();
    auto engine = RocksdbEngine::open(options_, entropy_);
    if (!engine) return;
    const auto store = (*engine)->store(scheduler_);
    TaskScope scope;
    for (std::size_t i = 0; i < kCommits; i += kAtOnce) {
      running_ = kAtOnce;
      for (std::size_t k = 0; k < kAtOnce; ++k) scope.spawn(one(*store, i + k));
      while (running_ > 0) {
        if (!scheduler_.run_ready()) KITH_CHECK(scheduler_.wait());
      }
    }
  }

  void check_all_answered_is_there(Store& store) {
    for (const auto& [i, seq] : answered_) {
      const auto partition = partition_of(chat_of(i));
      const auto found = scheduler_.run(store.find(partition, {}, client_of(i)));
      ASSERT_TRUE(found && *found) << i;
      EXPECT_EQ((*found)->seq, seq);
      EXPECT_EQ((*found)->body, text_of(i));
      const auto row = scheduler_.run(store.row(partition, row_of(i)));
      ASSERT_TRUE(row && *row) << i;
      EXPECT_EQ((*row)->value, text_of(i));
    }
    const auto outbox = scheduler_.run(store.outbox(1000));
    ASSERT_TRUE(outbox);
    EXPECT_GE(outbox->size(), answered_.size());
  }

  void check_logs_are_whole_and_go_on(Store& store) {
    for (std::size_t chat = 0; chat < 3; ++chat) {
      const auto partition = partition_of(chat_of(chat));
      const auto slice = scheduler_.run(store.read(partition, {}, {}, 10'000'000));
      ASSERT_TRUE(slice);
      EXPECT_EQ(slice->head, Seq{slice->records.size()});
      for (std::size_t i = 0; i < slice->records.size(); ++i) EXPECT_EQ(slice->records[i].seq, Seq{i + 1});
      const auto next = scheduler_.run(store.commit(
          {.partition = partition, .appends = {{{}, client_of(200), std::make_shared<const Bytes>(text_of(0))}}}));
      ASSERT_TRUE(next && std::holds_alternative<Committed>(*next));
      EXPECT_EQ(std::get<Committed>(*next).seqs[0], slice->head.next());
    }
  }

  std::shared_ptr<ForgetfulFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  RocksdbOptions options_;
  ManualScheduler scheduler_;
  SeededEntropy entropy_;
  std::vector<std::pair<std::size_t, Seq>> answered_;
  std::size_t running_ = 0;
};

TEST_F(PowerLoss, at_any_write_takes_nothing_that_was_answered) {
  std::size_t writes = 0;
  {
    const TemporaryDirectory directory;
    options_.path = directory.path();
    script();
    ASSERT_EQ(answered_.size(), kCommits);
    writes = files_->writes();
    files_->power_loss();
  }
  ASSERT_GT(writes, 40U);
  std::size_t partly = 0;
  for (std::size_t k = 1; k <= writes + 5; ++k) {
    SCOPED_TRACE(k);
    const TemporaryDirectory directory;
    options_.path = directory.path();
    files_->fail_after(k);
    script();
    files_->power_loss();
    if (!answered_.empty() && answered_.size() < kCommits) ++partly;
    auto engine = RocksdbEngine::open(options_, entropy_);
    ASSERT_TRUE(engine) << engine.error();
    {
      const auto store = (*engine)->store(scheduler_);
      check_all_answered_is_there(*store);
      check_logs_are_whole_and_go_on(*store);
    }
    engine->reset();
    files_->power_loss();
    if (HasFatalFailure()) return;
  }
  // The interesting moments were among them.
  EXPECT_GT(partly, 10U);
}

TEST_F(PowerLoss, after_a_failed_write_nothing_is_promised_any_more) {
  const TemporaryDirectory directory;
  options_.path = directory.path();
  std::atomic<int> failures = 0;
  options_.on_failure = [&failures](const std::string& why) {
    EXPECT_FALSE(why.empty());
    ++failures;
  };
  auto engine = RocksdbEngine::open(options_, entropy_);
  ASSERT_TRUE(engine);
  {
    const auto store = (*engine)->store(scheduler_);
    const auto write = [&](std::size_t i) {
      return scheduler_.run(
          store->commit({.partition = partition_of(chat_of(0)),
                         .appends = {{{}, client_of(i), std::make_shared<const Bytes>(text_of(i))}}}));
    };
    EXPECT_TRUE(write(1));
    EXPECT_TRUE((*engine)->healthy());
    files_->fail_after(1);
    const auto failed = write(2);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::internal);
    EXPECT_FALSE((*engine)->healthy());
    EXPECT_FALSE(write(3));
    EXPECT_EQ(failures, 1) << "told once";
    // Readers still see what is durable, and only that.
    EXPECT_EQ(scheduler_.run(store->read(partition_of(chat_of(0)), {}, kEndOfLog, 0))->head, Seq{1});
  }
  engine->reset();
  files_->power_loss();
}

}  // namespace
}  // namespace kith::test
