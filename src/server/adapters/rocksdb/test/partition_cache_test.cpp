#include "server/adapters/rocksdb/partition_cache.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_entropy.h"
#include "tests/support/temporary_directory.h"

namespace kith::server::adapters {
namespace {

TEST(PartitionCacheTest, keeps_few_rows_of_a_partition_between_batches_however_many_one_writes) {
  const kith::test::TemporaryDirectory directory;
  kith::test::SeededEntropy entropy;
  const auto database = Database::open({.path = directory.path()}, entropy);
  ASSERT_TRUE(database);
  PartitionCache cache(**database, 10);
  const auto row = [](std::uint8_t n) { return domain::RowKey{domain::RowKind::key_package, {n}}; };
  const auto write = [&](std::uint8_t count) {
    auto& partition = cache.partition("p");
    for (std::uint8_t n = 0; n < count; ++n) cache.set_version(partition, row(n), 7);
    domain::Version version = 0;
    for (std::uint8_t n = 0; n < count; ++n) {
      EXPECT_TRUE(cache.version(partition, row(n), version).ok());
      EXPECT_EQ(version, 7U) << "within the batch all are known";
    }
    cache.trim();
  };
  write(3);
  EXPECT_EQ(cache.partition("p").rows.size(), 3U);
  write(200);
  EXPECT_EQ(cache.partition("p").rows.size(), 0U);
  write(3);
  EXPECT_EQ(cache.partition("p").rows.size(), 3U);
}

}  // namespace
}  // namespace kith::server::adapters
