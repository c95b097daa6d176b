#include "server/adapters/rocksdb/partition_cache.h"

#include <algorithm>

namespace kith::server::adapters {

PartitionState& PartitionCache::partition(std::string_view key) {
  if (const auto found = known_.find(key); found != known_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return *found->second;
  }
  order_.push_front({std::string(key), {}, {}});
  known_.emplace(order_.front().key, order_.begin());
  return order_.front();
}

rocksdb::Status PartitionCache::log(PartitionState& partition, ByteView name, std::size_t& index) {
  for (index = 0; index < partition.logs.size(); ++index) {
    if (same_bytes(partition.logs[index].name, name)) return rocksdb::Status::OK();
  }
  LogEntry entry;
  const auto status = database_.load_log({}, partition.key, name, entry);
  if (!status.ok()) return status;
  partition.logs.push_back({to_bytes(name), entry});
  if (partition.logs.size() > kMaxLogs) grown_.push_back(&partition);
  return status;
}

rocksdb::Status PartitionCache::version(PartitionState& partition, const domain::RowKey& row, domain::Version& out) {
  for (const auto& [key, version] : partition.rows) {
    if (key == row) {
      out = version;
      return rocksdb::Status::OK();
    }
  }
  const auto status = database_.row_version({}, partition.key, row, out);
  if (status.ok()) remember(partition, row, out);
  return status;
}

void PartitionCache::set_version(PartitionState& partition, const domain::RowKey& row, domain::Version version) {
  for (auto& [key, known] : partition.rows) {
    if (key == row) {
      known = version;
      return;
    }
  }
  remember(partition, row, version);
}

void PartitionCache::remember(PartitionState& partition, const domain::RowKey& row, domain::Version version) {
  partition.rows.emplace_back(row, version);
  if (partition.rows.size() == kMaxRows + 1) grown_.push_back(&partition);
}

void PartitionCache::trim() {
  for (auto* partition : grown_) {
    partition->rows.clear();
    partition->logs.clear();
  }
  grown_.clear();
  while (order_.size() > max_) {
    known_.erase(order_.back().key);
    order_.pop_back();
  }
}

void PartitionCache::clear() {
  grown_.clear();
  known_.clear();
  order_.clear();
}

}  // namespace kith::server::adapters
