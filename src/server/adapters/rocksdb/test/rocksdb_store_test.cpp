#include <gtest/gtest.h>
#include <rocksdb/perf_context.h>

#include "server/adapters/rocksdb/rocksdb_engine.h"
#include "server/domain/conversation.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/seeded_entropy.h"
#include "tests/support/temporary_directory.h"

namespace kith::server::adapters {
namespace {

constexpr std::uint8_t kRows = 200;

domain::RowKey row_of(std::uint8_t n) { return {domain::RowKind::tree_node, {n}}; }

TEST(RocksdbStoreTest, many_rows_that_are_not_in_memory_are_not_read_on_the_thread_that_asks) {
  const kith::test::TemporaryDirectory directory;
  kith::test::SeededEntropy entropy;
  kith::test::ManualScheduler scheduler;
  const auto partition = domain::partition_of(ConversationId{});
  {
    const auto engine = RocksdbEngine::open({.path = directory.path()}, entropy);
    ASSERT_TRUE(engine);
    const auto store = (*engine)->store(scheduler);
    domain::Transaction t{.partition = partition};
    for (std::uint8_t n = 0; n < kRows; ++n) t.writes.push_back({row_of(n), Bytes(2000, n)});
    ASSERT_TRUE(scheduler.run(store->commit(std::move(t))));
  }
  const auto engine = RocksdbEngine::open({.path = directory.path()}, entropy);
  ASSERT_TRUE(engine);
  const auto store = (*engine)->store(scheduler);
  // Brings the index into memory, whose pieces RocksDB reads on any thread (for row() too), and one block of rows.
  ASSERT_TRUE(scheduler.run(store->row(partition, row_of(0))));

  std::vector<domain::RowKey> keys;
  for (std::uint8_t n = 0; n < kRows; ++n) keys.push_back(row_of(n));
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  rocksdb::get_perf_context()->Reset();
  const auto rows = scheduler.run(store->rows_at(partition, keys));
  EXPECT_EQ(rocksdb::get_perf_context()->block_read_count, 0U) << "RocksDB counts each thread's own";
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), keys.size());
  for (std::uint8_t n = 0; n < kRows; ++n) {
    ASSERT_TRUE((*rows)[n]) << static_cast<int>(n);
    EXPECT_EQ((*rows)[n]->value, Bytes(2000, n));
  }
}

TEST(RocksdbStoreTest, blocks_of_archives_that_are_read_push_nothing_out_of_the_cache) {
  constexpr std::uint8_t kBlocks = 128;
  const kith::test::TemporaryDirectory directory;
  kith::test::SeededEntropy entropy;
  kith::test::ManualScheduler scheduler;
  const auto partition = domain::account_partition(UserId{});
  const auto block = [](std::uint8_t n) { return domain::RowKey{domain::RowKind::archive_block, {n}}; };
  const domain::RowKey small{domain::RowKind::device, {1}};
  const RocksdbOptions options{.path = directory.path(), .block_cache_bytes = std::size_t{1} << 20};
  {
    const auto engine = RocksdbEngine::open(options, entropy);
    ASSERT_TRUE(engine);
    const auto store = (*engine)->store(scheduler);
    domain::Transaction t{.partition = partition, .writes = {{small, Bytes(100, 1)}}};
    for (std::uint8_t n = 0; n < kBlocks; ++n) t.writes.push_back({block(n), Bytes(std::size_t{64} * 1024, n)});
    ASSERT_TRUE(scheduler.run(store->commit(std::move(t))));
  }
  const auto engine = RocksdbEngine::open(options, entropy);
  ASSERT_TRUE(engine);
  const auto store = (*engine)->store(scheduler);
  // What is in memory is answered at once, without a turn of the scheduler's.
  const auto is_in_memory = [&](const domain::RowKey& key) {
    bool is_answered = false;
    TaskScope scope;
    scope.spawn([](domain::Store& from, domain::Partition in, domain::RowKey at, bool& out) -> Task<void> {
      const auto row = co_await from.row(std::move(in), std::move(at));
      out = row && *row;
    }(*store, partition, key, is_answered));
    return is_answered;
  };
  ASSERT_FALSE(is_in_memory(small));
  ASSERT_TRUE(scheduler.run(store->row(partition, small)));
  ASSERT_TRUE(is_in_memory(small));
  for (std::uint8_t n = 0; n < kBlocks; ++n) {
    const auto rows = scheduler.run(store->rows_at(partition, {block(n)}));
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->at(0)->value.size(), std::size_t{64} * 1024);
    ASSERT_TRUE(scheduler.run(store->row(partition, block(n))));
    ASSERT_EQ(scheduler.run(store->rows(partition, domain::RowKind::archive_block, {}, {n}, 1))->size(), 1U);
  }
  EXPECT_TRUE(is_in_memory(small));
  EXPECT_FALSE(is_in_memory(block(kBlocks - 1)));
}

}  // namespace
}  // namespace kith::server::adapters
