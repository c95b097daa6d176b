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

}  // namespace
}  // namespace kith::server::adapters
