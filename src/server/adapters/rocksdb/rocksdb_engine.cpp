#include "server/adapters/rocksdb/rocksdb_engine.h"

#include "server/adapters/rocksdb/rocksdb_store.h"

namespace kith::server::adapters {

RocksdbEngine::RocksdbEngine(std::shared_ptr<Core> core) : core_(std::move(core)) {}
RocksdbEngine::~RocksdbEngine() = default;

std::expected<std::unique_ptr<RocksdbEngine>, std::string> RocksdbEngine::open(const RocksdbOptions& options,
                                                                               Entropy& entropy) {
  auto database = Database::open(options, entropy);
  if (!database) return std::unexpected(std::move(database).error());
  return std::unique_ptr<RocksdbEngine>(new RocksdbEngine(std::make_shared<Core>(options, std::move(*database))));
}

std::unique_ptr<domain::Store> RocksdbEngine::store(Scheduler& scheduler) {
  return std::make_unique<RocksdbStore>(core_, scheduler);
}

bool RocksdbEngine::healthy() const { return core_->sequencer.healthy(); }

RocksdbEngine::Statistics RocksdbEngine::statistics() const { return core_->sequencer.statistics(); }

}  // namespace kith::server::adapters
