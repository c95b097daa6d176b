// One write of the sequencer: everything that it found in its queue, decided in order, written and synced together, and
// shown to readers afterwards. A request that fails its checks leaves nothing in the batch.
#pragma once

#include <unordered_map>

#include <rocksdb/write_batch.h>

#include "server/adapters/rocksdb/log_directory.h"
#include "server/adapters/rocksdb/partition_cache.h"

namespace kith::server::adapters {

class Batch {
 public:
  Batch(Database& database, LogDirectory& directory, CursorTable& cursors, std::size_t cached_partitions)
      : database_(database),
        directory_(directory),
        cursors_(cursors),
        partitions_(database, cached_partitions),
        change_(database.reserved()) {}

  domain::Result<domain::CommitOutcome> commit(const domain::Transaction& transaction, UnixMillis now);
  domain::Result<domain::CursorPosition> advance(const ConversationId& conversation, const UserId& user,
                                                 domain::CursorPosition to);
  domain::Result<void> trim(const domain::Partition& partition, ByteView log, Seq upto);
  void outbox_done(const std::vector<std::uint64_t>& numbers);

  [[nodiscard]] std::size_t size_bytes() const { return batch_.GetDataSize(); }
  // Writes, synced where somebody was promised that it lasts, and shows it to readers. After a failure nothing was
  // shown, and nothing may be decided any more.
  rocksdb::Status write();

 private:
  struct ClientKey {
    std::uint64_t log = 0;
    ClientId client_id;
    friend bool operator==(const ClientKey&, const ClientKey&) = default;
  };
  struct ClientKeyHash {
    std::size_t operator()(const ClientKey& key) const noexcept {
      return std::hash<ClientId>{}(key.client_id) ^ key.log;
    }
  };
  struct NewRecord {
    Seq seq;
    UnixMillis time;
    domain::SharedBytes body;
  };
  struct Touched {
    PartitionState* partition;
    std::size_t log;
  };
  struct MovedCursor {
    ConversationId conversation;
    StoredCursor cursor;
  };

  rocksdb::Status find_duplicate(const LogEntry& log, const ClientId& client_id, std::optional<domain::LogRecord>& out);
  rocksdb::Status find_conflict(PartitionState& partition, const domain::Transaction& t,
                                std::optional<domain::Conflict>& out);
  void append(PartitionState& partition, std::size_t log, const domain::LogAppend& append, UnixMillis time);
  void put_row(PartitionState& partition, const domain::RowWrite& write);
  void put_log(const PartitionState& partition, const NamedLog& log);
  void touch(PartitionState& partition, std::size_t log);
  void publish();

  Database& database_;
  LogDirectory& directory_;
  CursorTable& cursors_;
  PartitionCache partitions_;
  std::uint64_t change_;
  std::uint64_t reserved_ = 0;

  std::uint64_t number_ = 1;  // of this batch
  rocksdb::WriteBatch batch_;
  bool sync_ = false;
  std::unordered_map<ClientKey, NewRecord, ClientKeyHash> records_;
  std::vector<Touched> touched_;
  std::unordered_map<std::string, MovedCursor> moved_;  // by the key in the database
};

}  // namespace kith::server::adapters
