// A Store as the contract sees it: some adapter, with a way to close and open it again, and to pull its plug.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/domain/ports/store.h"
#include "tests/support/manual_scheduler.h"
#include "tests/support/seeded_entropy.h"

namespace kith::test {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  // Lives until the next reopen.
  virtual server::domain::Store& store() = 0;
  // Closed in order, and opened again.
  virtual void reopen() = 0;
  // The power goes, and comes back.
  virtual void lose_power() = 0;

  ManualScheduler scheduler;
  SeededEntropy entropy;
};

using MakeStore = std::function<std::unique_ptr<StoreUnderTest>()>;

std::unique_ptr<StoreUnderTest> make_memory_store();
std::unique_ptr<StoreUnderTest> make_calm_store();
// On a file system that forgets what was not synced. `small`: buffers and caches so small that everything goes to files
// soon.
std::unique_ptr<StoreUnderTest> make_rocksdb_store();
std::unique_ptr<StoreUnderTest> make_small_rocksdb_store();

}  // namespace kith::test
