#include "server/adapters/rocksdb/cursor_table.h"

#include <algorithm>

#include <rocksdb/write_batch.h>

namespace kith::server::adapters {
namespace {

constexpr std::size_t kCursorBytes = 24;

bool read_cursor(const rocksdb::Slice& value, StoredCursor& out) {
  if (value.size() != kCursorBytes) return false;
  out.position = {{load_number(value.data())}, {load_number(value.data() + 8)}};
  out.change = load_number(value.data() + 16);
  return true;
}

}  // namespace

// What is in memory is newer than what is in the database, and is looked at first: it may go there meanwhile.
rocksdb::Status CursorTable::read(const rocksdb::ReadOptions& options, Database& database,
                                  const ConversationId& conversation, std::vector<StoredCursor>& out) const {
  out.clear();
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = moved_.find(conversation); found != moved_.end()) out = found->second;
  }
  PrefixScan scan(database.db(), options, database.cursors, slice_of(conversation.view()));
  for (auto& at = scan.at(); at.Valid(); at.Next()) {
    const auto user = UserId::from(view_of(at.key()).subspan(ConversationId::kSize));
    StoredCursor cursor;
    if (!user || !read_cursor(at.value(), cursor)) return rocksdb::Status::Corruption("a cursor");
    cursor.user = *user;
    const auto newer = std::ranges::find(out, *user, &StoredCursor::user);
    if (newer == out.end()) out.push_back(cursor);
  }
  std::ranges::sort(out, {}, &StoredCursor::user);
  return scan.at().status();
}

rocksdb::Status CursorTable::read(const rocksdb::ReadOptions& options, Database& database,
                                  const ConversationId& conversation, const UserId& user, StoredCursor& out) const {
  out = {.user = user, .position = {}};
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = moved_.find(conversation); found != moved_.end()) {
      const auto mine = std::ranges::find(found->second, user, &StoredCursor::user);
      if (mine != found->second.end()) {
        out = *mine;
        return rocksdb::Status::OK();
      }
    }
  }
  rocksdb::PinnableSlice value;
  auto status = database.db().Get(options, database.cursors, cursors_key(conversation, user).slice(), &value);
  if (status.IsNotFound()) return rocksdb::Status::OK();
  if (status.ok() && !read_cursor(value, out)) return rocksdb::Status::Corruption("a cursor");
  return status;
}

void CursorTable::move(const ConversationId& conversation, const StoredCursor& cursor) {
  const std::lock_guard lock(mutex_);
  auto& users = moved_[conversation];
  const auto mine = std::ranges::find(users, cursor.user, &StoredCursor::user);
  if (mine == users.end()) {
    users.push_back(cursor);
  } else {
    *mine = cursor;
  }
}

bool CursorTable::empty() const {
  const std::lock_guard lock(mutex_);
  return moved_.empty();
}

void CursorTable::put_all(Database& database, rocksdb::WriteBatch& batch) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [conversation, users] : moved_) {
    for (const auto& cursor : users) {
      char value[kCursorBytes];
      store_number(value, cursor.position.delivered.value);
      store_number(value + 8, cursor.position.read.value);
      store_number(value + 16, cursor.change);
      batch.Put(database.cursors, cursors_key(conversation, cursor.user).slice(), {value, sizeof value});
    }
  }
}

void CursorTable::forget() {
  const std::lock_guard lock(mutex_);
  moved_.clear();
}

}  // namespace kith::server::adapters
