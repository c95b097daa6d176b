// What the sequencer knows of partitions: ends of logs and versions of rows, as assigned, which is ahead of what is
// durable. Its own thread only. Bounded; trimmed between batches, because what a batch has changed is nowhere else
// until it is written.
#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "server/adapters/rocksdb/database.h"

namespace kith::server::adapters {

struct NamedLog {
  Bytes name;
  LogEntry entry;
  std::uint64_t touched = 0;  // the batch that last changed it
};

struct PartitionState {
  std::string key;
  std::vector<NamedLog> logs;
  std::vector<std::pair<domain::RowKey, domain::Version>> rows;
};

class PartitionCache {
 public:
  PartitionCache(Database& database, std::size_t max_partitions) : database_(database), max_(max_partitions) {}

  // References stay good until trim() or clear().
  PartitionState& partition(std::string_view key);
  // The index in `partition.logs`.
  rocksdb::Status log(PartitionState& partition, ByteView name, std::size_t& index);
  rocksdb::Status version(PartitionState& partition, const domain::RowKey& row, domain::Version& out);
  void set_version(PartitionState& partition, const domain::RowKey& row, domain::Version version);

  void trim();
  void clear();

 private:
  void remember(PartitionState& partition, const domain::RowKey& row, domain::Version version);
  static constexpr std::size_t kMaxRows = 16;  // of one partition, between batches
  static constexpr std::size_t kMaxLogs = 64;

  Database& database_;
  std::size_t max_;
  std::list<PartitionState> order_;  // most recently used first
  std::unordered_map<std::string_view, std::list<PartitionState>::iterator> known_;
  std::vector<PartitionState*> grown_;
};

}  // namespace kith::server::adapters
