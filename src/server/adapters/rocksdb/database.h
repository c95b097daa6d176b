// The RocksDB database: its column families and options, and the reads that several parts need. Thread-safe after
// open().
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>

#include "server/adapters/rocksdb/keys.h"
#include "server/adapters/rocksdb/rocksdb_engine.h"

namespace kith::server::adapters {

class Database {
 public:
  static std::expected<std::unique_ptr<Database>, std::string> open(const RocksdbOptions& options, Entropy& entropy);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // After a failed write: leaves RocksDB as it is until the process ends. Closing it then would be its undoing
  // (version 7.8 loses count of its column families where a buffer could not be switched, and aborts), and there is
  // nothing left to write.
  void abandon();

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* meta = nullptr;
  rocksdb::ColumnFamilyHandle* rows = nullptr;
  rocksdb::ColumnFamilyHandle* logs = nullptr;
  rocksdb::ColumnFamilyHandle* clients = nullptr;
  rocksdb::ColumnFamilyHandle* cursors = nullptr;
  rocksdb::ColumnFamilyHandle* outbox = nullptr;
  rocksdb::ColumnFamilyHandle* archive = nullptr;

  // Where rows of a kind are. Blocks of archives have a family of their own: they are large, so they would be carried
  // along whenever small rows are compacted.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family_of(domain::RowKind kind) const {
    return kind == domain::RowKind::archive_block ? archive : rows;
  }
  // How rows of a kind are read: blocks of archives, hardly ever twice, push nothing out of the cache.
  static rocksdb::ReadOptions reading(domain::RowKind kind, rocksdb::ReadOptions options) {
    if (kind == domain::RowKind::archive_block) options.fill_cache = false;
    return options;
  }

  [[nodiscard]] const HistoryId& history_id() const { return history_; }
  // Change numbers below this one may have been given out by an earlier life; at least one higher than all of them.
  [[nodiscard]] std::uint64_t reserved() const { return reserved_; }
  // Part of the batch that first gives out numbers from `upto` on.
  void reserve(rocksdb::WriteBatch& batch, std::uint64_t upto);

  // Each answers a status: NotFound is no failure of theirs, Incomplete means that `options` allowed no disk.
  rocksdb::Status load_log(const rocksdb::ReadOptions& options, std::string_view partition, ByteView name,
                           LogEntry& out);
  rocksdb::Status row_version(const rocksdb::ReadOptions& options, std::string_view partition,
                              const domain::RowKey& row, domain::Version& out);
  rocksdb::Status find_client(const rocksdb::ReadOptions& options, std::uint64_t log, const ClientId& client_id,
                              std::optional<domain::LogRecord>& out);
  static bool read_record(const rocksdb::Slice& key, const rocksdb::Slice& value, domain::LogRecord& out);

 private:
  Database() = default;
  rocksdb::Status start(Entropy& entropy);
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  HistoryId history_;
  std::uint64_t reserved_ = 0;
};

// An iterator over the keys that begin with `prefix`, from `first` on (not before the prefix; empty: from there on).
class PrefixScan {
 public:
  PrefixScan(rocksdb::DB& db, rocksdb::ReadOptions options, rocksdb::ColumnFamilyHandle* family, rocksdb::Slice prefix,
             rocksdb::Slice first = {});
  PrefixScan(const PrefixScan&) = delete;
  PrefixScan& operator=(const PrefixScan&) = delete;
  [[nodiscard]] rocksdb::Iterator& at() { return *iterator_; }

 private:
  std::string upper_;
  rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace kith::server::adapters
