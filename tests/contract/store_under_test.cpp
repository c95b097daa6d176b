#include "tests/contract/store_under_test.h"

#include <filesystem>

#include <rocksdb/env.h>

#include "server/adapters/memory/memory_store.h"
#include "server/adapters/rocksdb/rocksdb_engine.h"
#include "tests/simulation/faulty_store.h"
#include "tests/support/forgetful_file_system.h"
#include "tests/support/temporary_directory.h"

namespace kith::test {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  MemoryUnderTest() : engine_(entropy), store_(engine_, scheduler) { engine_.flush(); }
  server::domain::Store& store() override { return store_; }
  void reopen() override {}
  void lose_power() override { engine_.lose_unflushed(); }

 private:
  server::adapters::MemoryEngine engine_;
  server::adapters::MemoryStore store_;
};

// The simulator's, when nothing goes wrong.
class CalmUnderTest final : public StoreUnderTest {
 public:
  CalmUnderTest() : engine_(entropy), store_(inner_, scheduler, faults_) { engine_.flush(); }
  server::domain::Store& store() override { return store_; }
  void reopen() override {}
  void lose_power() override { engine_.lose_unflushed(); }

 private:
  server::adapters::MemoryEngine engine_;
  server::adapters::MemoryStore inner_{engine_, scheduler};
  sim::Faults faults_{{.name = "calm"}, 1};
  sim::FaultyStore store_;
};

class RocksdbUnderTest final : public StoreUnderTest {
 public:
  explicit RocksdbUnderTest(bool small)
      : files_(std::make_shared<ForgetfulFileSystem>()), env_(rocksdb::NewCompositeEnv(files_)) {
    options_.path = directory_.path() + "/store";
    options_.env = env_.get();
    if (small) {
      options_.block_cache_bytes = 64 * 1024;
      options_.write_buffer_bytes = 256 * 1024;
      options_.cached_partitions = 2;
    }
    open();
  }
  server::domain::Store& store() override { return *store_; }
  void reopen() override {
    close();
    open();
  }
  void lose_power() override {
    files_->fail_after(1);
    close();
    files_->power_loss();
    open();
  }

 private:
  void close() {
    store_.reset();
    engine_.reset();
  }
  void open() {
    auto engine = server::adapters::RocksdbEngine::open(options_, entropy);
    KITH_CHECK(engine.has_value());
    engine_ = std::move(*engine);
    store_ = engine_->store(scheduler);
  }

  TemporaryDirectory directory_;
  std::shared_ptr<ForgetfulFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  server::adapters::RocksdbOptions options_;
  std::unique_ptr<server::adapters::RocksdbEngine> engine_;
  std::unique_ptr<server::domain::Store> store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_memory_store() { return std::make_unique<MemoryUnderTest>(); }
std::unique_ptr<StoreUnderTest> make_calm_store() { return std::make_unique<CalmUnderTest>(); }
std::unique_ptr<StoreUnderTest> make_rocksdb_store() { return std::make_unique<RocksdbUnderTest>(false); }
std::unique_ptr<StoreUnderTest> make_small_rocksdb_store() { return std::make_unique<RocksdbUnderTest>(true); }

}  // namespace kith::test
