// What readers know of logs without asking the database: where each ends, and when it last changed. Only what is
// durable is in here: the sequencer publishes after each write. Bounded; what is not here is read from the database.
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <unordered_map>

#include "server/adapters/rocksdb/cursor_table.h"
#include "server/adapters/rocksdb/database.h"

namespace kith::server::adapters {

class LogDirectory {
 public:
  LogDirectory(Database& database, const CursorTable& cursors, std::size_t max_logs, std::uint64_t visible)
      : database_(database), cursors_(cursors), max_in_shard_(max_logs / kShards + 1), visible_(visible) {}

  // Thread-safe. A log that is not there has number 0. A conversation's own log includes its cursors in `change`.
  rocksdb::Status lookup(const rocksdb::ReadOptions& options, std::string_view partition, ByteView name, LogEntry& out);

  // The sequencer's, after the write.
  void publish(std::string_view partition, ByteView name, const LogEntry& entry);
  // Cursors moved: the conversation changed, its log did not.
  void publish_change(std::string_view partition, std::uint64_t change);
  // Everything up to this change number is published.
  void publish_visible(std::uint64_t change) { visible_.store(change, std::memory_order_release); }
  [[nodiscard]] std::uint64_t visible() const { return visible_.load(std::memory_order_acquire); }

 private:
  static constexpr std::size_t kShards = 16;
  using Key = KeyOf<2 + kMaxPartitionBytes + 1 + kMaxRowIdBytes>;
  struct Slot {
    std::string key;
    LogEntry entry;
  };
  struct Shard {
    std::mutex mutex;
    std::uint64_t changes =
        0;                  // grows with every publication: a reader that loaded meanwhile does not keep what it has
    std::list<Slot> order;  // most recently used first
    std::unordered_map<std::string_view, std::list<Slot>::iterator> slots;
  };

  static Key key_of(std::string_view partition, ByteView name);
  Shard& shard_of(const Key& key) { return shards_[std::hash<std::string_view>{}(key.text()) % kShards]; }
  void put(Shard& shard, const Key& key, const LogEntry& entry) const;
  rocksdb::Status load(const rocksdb::ReadOptions& options, std::string_view partition, ByteView name, LogEntry& out);

  Database& database_;
  const CursorTable& cursors_;
  const std::size_t max_in_shard_;
  std::atomic<std::uint64_t> visible_;
  std::array<Shard, kShards> shards_;
};

}  // namespace kith::server::adapters
