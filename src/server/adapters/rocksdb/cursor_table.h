// Receipts that are not in the database yet. The sequencer moves them, readers see them at once, and they are written
// behind.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "server/adapters/rocksdb/database.h"

namespace kith::server::adapters {

struct StoredCursor {
  UserId user;
  domain::CursorPosition position;
  std::uint64_t change = 0;
};

class CursorTable {
 public:
  // A conversation's cursors, those in the database included. Thread-safe.
  rocksdb::Status read(const rocksdb::ReadOptions& options, Database& database, const ConversationId& conversation,
                       std::vector<StoredCursor>& out) const;
  rocksdb::Status read(const rocksdb::ReadOptions& options, Database& database, const ConversationId& conversation,
                       const UserId& user, StoredCursor& out) const;

  // The sequencer's.
  void move(const ConversationId& conversation, const StoredCursor& cursor);
  [[nodiscard]] bool empty() const;
  // Puts everything into the batch; forget() once that is written.
  void put_all(Database& database, rocksdb::WriteBatch& batch) const;
  void forget();

 private:
  mutable std::mutex mutex_;
  std::unordered_map<ConversationId, std::vector<StoredCursor>> moved_;
};

}  // namespace kith::server::adapters
