#include "server/adapters/rocksdb/batch.h"

#include <algorithm>

#include "server/domain/records.h"

namespace kith::server::adapters {

using domain::Errc;
using domain::fail;

namespace {

constexpr std::uint64_t kReserve = 1'000'000;
constexpr std::uint64_t kMaxSingleDeletes = 64;

std::unexpected<domain::Error> broken(const rocksdb::Status& status) { return fail(Errc::internal, status.ToString()); }

}  // namespace

rocksdb::Status Batch::find_duplicate(const LogEntry& log, const ClientId& client_id,
                                      std::optional<domain::LogRecord>& out) {
  if (log.number == 0) return rocksdb::Status::OK();
  if (const auto found = records_.find({log.number, client_id}); found != records_.end()) {
    const auto& record = found->second;
    out = domain::LogRecord{record.seq, record.time, client_id, *record.body};
    return rocksdb::Status::OK();
  }
  return database_.find_client({}, log.number, client_id, out);
}

rocksdb::Status Batch::find_conflict(PartitionState& partition, const domain::Transaction& t,
                                     std::optional<domain::Conflict>& out) {
  for (const auto& expect : t.expects) {
    domain::Version version = 0;
    const auto status = partitions_.version(partition, expect.key, version);
    if (!status.ok()) return status;
    if (version != expect.version) {
      out = domain::Conflict{expect.key, version};
      break;
    }
  }
  return rocksdb::Status::OK();
}

domain::Result<domain::CommitOutcome> Batch::commit(const domain::Transaction& t, UnixMillis now) {
  const auto key = partition_key(t.partition);
  auto& partition = partitions_.partition(key.text());
  std::vector<std::size_t> logs(t.appends.size());
  domain::Committed committed{{}, now};
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (auto status = partitions_.log(partition, t.appends[i].log, logs[i]); !status.ok()) return broken(status);
    const auto& entry = partition.logs[logs[i]].entry;
    std::optional<domain::LogRecord> first;
    if (auto status = find_duplicate(entry, t.appends[i].client_id, first); !status.ok()) return broken(status);
    if (first) return domain::Duplicate{std::move(*first)};
    committed.time.value = std::max(committed.time.value, entry.time);
  }
  std::optional<domain::Conflict> conflict;
  if (auto status = find_conflict(partition, t, conflict); !status.ok()) return broken(status);
  if (conflict) return std::move(*conflict);

  committed.seqs.reserve(logs.size());
  for (std::size_t i = 0; i < logs.size(); ++i) {
    append(partition, logs[i], t.appends[i], committed.time);
    committed.seqs.push_back({partition.logs[logs[i]].entry.head});
  }
  for (const auto& write : t.writes) put_row(partition, write);
  for (const auto& row : t.outbox) {
    const domain::PendingOutbox pending{++change_, t.partition, committed.seqs, committed.time, row};
    const Bytes value = domain::encode(pending);
    NumberKey number;
    number.number(pending.number);
    batch_.Put(database_.outbox, number.slice(), slice_of(value));
  }
  sync_ = true;
  return committed;
}

void Batch::append(PartitionState& partition, std::size_t log, const domain::LogAppend& append, UnixMillis time) {
  auto& named = partition.logs[log];
  auto& entry = named.entry;
  if (entry.number == 0) {
    entry.number = ++change_;
    put_log(partition, named);
  }
  entry.head += 1;
  entry.time = time.value;
  entry.change = ++change_;

  char head[kRecordHeadBytes];
  store_number(head, static_cast<std::uint64_t>(time.value));
  store_number(head + 8, entry.change);
  std::memcpy(head + 16, append.client_id.value.data(), ClientId::kSize);
  const rocksdb::Slice value[] = {{head, sizeof head}, slice_of(*append.body)};
  const auto record_key = logs_key(entry.number, entry.head);
  const rocksdb::Slice key = record_key.slice();
  batch_.Put(database_.logs, rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(value, 2));

  char position[16];
  store_number(position, entry.head);
  store_number(position + 8, static_cast<std::uint64_t>(time.value));
  batch_.Put(database_.clients, clients_key(entry.number, append.client_id).slice(), {position, sizeof position});
  records_.emplace(ClientKey{entry.number, append.client_id}, NewRecord{{entry.head}, time, append.body});
  touch(partition, log);
}

void Batch::put_row(PartitionState& partition, const domain::RowWrite& write) {
  const auto row_key = rows_key(partition.key, write.key);
  const rocksdb::Slice key = row_key.slice();
  const std::uint64_t version = ++change_;
  auto* family = database_.family_of(write.key.kind);
  if (write.value) {
    char head[sizeof version];
    store_number(head, version);
    const rocksdb::Slice value[] = {{head, sizeof head}, slice_of(*write.value)};
    batch_.Put(family, rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(value, 2));
  } else {
    batch_.Delete(family, key);
  }
  partitions_.set_version(partition, write.key, write.value ? version : 0);
}

void Batch::put_log(const PartitionState& partition, const NamedLog& log) {
  char value[32];
  store_number(value, log.entry.number);
  store_number(value + 8, log.entry.trimmed);
  store_number(value + 16, static_cast<std::uint64_t>(log.entry.time));
  store_number(value + 24, log.entry.change);
  batch_.Put(database_.rows, rows_key(partition.key, kLogRow, log.name).slice(), {value, sizeof value});
}

void Batch::touch(PartitionState& partition, std::size_t log) {
  auto& named = partition.logs[log];
  if (named.touched == number_) return;
  named.touched = number_;
  touched_.push_back({&partition, log});
}

domain::Result<domain::CursorPosition> Batch::advance(const ConversationId& conversation, const UserId& user,
                                                      domain::CursorPosition to) {
  StoredCursor cursor;
  const std::string key(cursors_key(conversation, user).text());
  const auto here = moved_.find(key);
  if (here != moved_.end()) {
    cursor = here->second.cursor;
  } else if (auto status = cursors_.read({}, database_, conversation, user, cursor); !status.ok()) {
    return broken(status);
  }
  const domain::CursorPosition next{std::max(cursor.position.delivered, to.delivered),
                                    std::max(cursor.position.read, to.read)};
  if (next == cursor.position) return next;
  cursor.position = next;
  cursor.change = ++change_;
  moved_.insert_or_assign(key, MovedCursor{conversation, cursor});
  return next;
}

domain::Result<void> Batch::trim(const domain::Partition& partition, ByteView log, Seq upto) {
  const auto key = partition_key(partition);
  auto& state = partitions_.partition(key.text());
  std::size_t index = 0;
  if (auto status = partitions_.log(state, log, index); !status.ok()) return broken(status);
  auto& named = state.logs[index];
  auto& entry = named.entry;
  const std::uint64_t last = std::min(upto.value, entry.head);
  if (entry.number == 0 || last <= entry.trimmed) return {};
  if (last - entry.trimmed <= kMaxSingleDeletes) {
    for (auto seq = entry.trimmed + 1; seq <= last; ++seq)
      batch_.Delete(database_.logs, logs_key(entry.number, seq).slice());
  } else {
    const auto first = logs_key(entry.number, entry.trimmed + 1);
    const auto end = logs_key(entry.number, last + 1);
    batch_.DeleteRange(database_.logs, first.slice(), end.slice());
  }
  entry.trimmed = last;
  put_log(state, named);
  touch(state, index);
  return {};
}

void Batch::outbox_done(const std::vector<std::uint64_t>& numbers) {
  for (const auto number : numbers) {
    NumberKey key;
    key.number(number);
    batch_.Delete(database_.outbox, key.slice());
  }
}

rocksdb::Status Batch::write() {
  if (change_ >= reserved_) {
    reserved_ = change_ + kReserve;
    database_.reserve(batch_, reserved_);
    sync_ = true;
  }
  rocksdb::Status status;
  if (batch_.Count() > 0) {
    rocksdb::WriteOptions options;
    options.sync = sync_;
    status = database_.db().Write(options, &batch_);
  }
  if (status.ok()) publish();
  batch_.Clear();
  sync_ = false;
  records_.clear();
  touched_.clear();
  moved_.clear();
  ++number_;
  if (status.ok()) partitions_.trim();
  return status;
}

// In this order: a reader who sees a change number finds everything that it stands for.
void Batch::publish() {
  for (const auto& [partition, log] : touched_) {
    directory_.publish(partition->key, partition->logs[log].name, partition->logs[log].entry);
  }
  for (const auto& [key_text, moved] : moved_) {
    const auto& [conversation, cursor] = moved;
    cursors_.move(conversation, cursor);
    const auto key = partition_key({domain::PartitionKind::conversation, to_bytes(conversation.view())});
    directory_.publish_change(key.text(), cursor.change);
  }
  directory_.publish_visible(change_);
}

}  // namespace kith::server::adapters
