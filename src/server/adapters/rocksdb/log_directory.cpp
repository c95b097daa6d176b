#include "server/adapters/rocksdb/log_directory.h"

#include <algorithm>

namespace kith::server::adapters {
namespace {

std::optional<ConversationId> conversation_of(std::string_view partition, ByteView name) {
  if (!name.empty() ||
      static_cast<std::uint8_t>(partition.front()) != static_cast<std::uint8_t>(domain::PartitionKind::conversation)) {
    return std::nullopt;
  }
  return ConversationId::from(as_view(partition.substr(2)));
}

}  // namespace

LogDirectory::Key LogDirectory::key_of(std::string_view partition, ByteView name) {
  Key key;
  key.raw(as_view(partition)).raw(name);
  return key;
}

rocksdb::Status LogDirectory::lookup(const rocksdb::ReadOptions& options, std::string_view partition, ByteView name,
                                     LogEntry& out) {
  const Key key = key_of(partition, name);
  Shard& shard = shard_of(key);
  std::uint64_t changes = 0;
  {
    const std::lock_guard lock(shard.mutex);
    changes = shard.changes;
    if (const auto found = shard.slots.find(key.text()); found != shard.slots.end()) {
      shard.order.splice(shard.order.begin(), shard.order, found->second);
      out = found->second->entry;
      return rocksdb::Status::OK();
    }
  }
  const auto status = load(options, partition, name, out);
  if (!status.ok()) return status;
  const std::lock_guard lock(shard.mutex);
  if (shard.changes == changes) put(shard, key, out);
  return status;
}

// Cursors that are not yet in the database first: they may get there while we look.
rocksdb::Status LogDirectory::load(const rocksdb::ReadOptions& options, std::string_view partition, ByteView name,
                                   LogEntry& out) {
  const auto conversation = conversation_of(partition, name);
  std::vector<StoredCursor> cursors;
  if (conversation) {
    const auto status = cursors_.read(options, database_, *conversation, cursors);
    if (!status.ok()) return status;
  }
  const auto status = database_.load_log(options, partition, name, out);
  for (const auto& cursor : cursors) out.change = std::max(out.change, cursor.change);
  return status;
}

void LogDirectory::put(Shard& shard, const Key& key, const LogEntry& entry) const {
  if (const auto found = shard.slots.find(key.text()); found != shard.slots.end()) {
    auto& known = found->second->entry;
    const auto change = std::max(known.change, entry.change);
    known = entry;
    known.change = change;
    return;
  }
  if (shard.slots.size() >= max_in_shard_) {
    shard.slots.erase(shard.order.back().key);
    shard.order.pop_back();
  }
  shard.order.push_front({std::string(key.text()), entry});
  shard.slots.emplace(shard.order.front().key, shard.order.begin());
}

void LogDirectory::publish(std::string_view partition, ByteView name, const LogEntry& entry) {
  const Key key = key_of(partition, name);
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  ++shard.changes;
  // Only where it is known, or new: an entry without its cursors' changes must not stand for one with them.
  const auto found = shard.slots.find(key.text());
  if (found != shard.slots.end() || entry.head == 1) put(shard, key, entry);
}

void LogDirectory::publish_change(std::string_view partition, std::uint64_t change) {
  const Key key = key_of(partition, {});
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  ++shard.changes;
  if (const auto found = shard.slots.find(key.text()); found != shard.slots.end()) found->second->entry.change = change;
}

}  // namespace kith::server::adapters
