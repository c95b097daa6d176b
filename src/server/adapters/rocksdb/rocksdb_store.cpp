#include "server/adapters/rocksdb/rocksdb_store.h"

#include <algorithm>

#include "server/domain/records.h"

namespace kith::server::adapters {

using domain::Errc;
using domain::fail;
using rocksdb::ReadOptions;
using rocksdb::Status;

namespace {

constexpr std::chrono::milliseconds kRetryWrite{200};
constexpr std::size_t kMostGathered = 256;  // in one turn: then the sequencer may begin
constexpr std::size_t kRequestBytes = 512;  // what a request weighs beside its contents

template <class T, class Apply>
struct Written final : WriteRequest {
  explicit Written(Apply f) : run(std::move(f)) {}
  void apply(Batch& batch) override { result.emplace(run(batch)); }
  void failed() override { result.emplace(fail(Errc::internal, "the disk has failed")); }
  void finish() override { answer.set(std::move(*result)); }
  Apply run;
  std::optional<domain::Result<T>> result;
  OneShot<domain::Result<T>> answer;
};

template <class T, class Read>
struct ReadFromDisk final : ReadRequest {
  explicit ReadFromDisk(Read f) : run(std::move(f)) {}
  void read() override { status = run(ReadOptions{}, value); }
  void finish() override {
    if (status.ok()) {
      answer.set(std::move(value));
    } else {
      answer.set(fail(Errc::internal, status.ToString()));
    }
  }
  Read run;
  T value{};
  Status status;
  OneShot<domain::Result<T>> answer;
};

std::size_t size_of(const domain::Transaction& t) {
  std::size_t size = kRequestBytes;
  const auto add = [&size](const std::vector<domain::RowWrite>& writes, const std::vector<domain::LogAppend>& appends) {
    for (const auto& write : writes) size += 128 + (write.value ? write.value->size() : 0);
    for (const auto& append : appends) size += 128 + append.body->size();
  };
  add(t.writes, t.appends);
  for (const auto& row : t.outbox) add(row.writes, row.appends);
  return size;
}

void check_partition(const domain::Partition& p) { KITH_CHECK(!p.id.empty() && p.id.size() <= kMaxPartitionBytes); }
void check_row(const domain::RowKey& row) { KITH_CHECK(row.id.size() <= kMaxRowIdBytes); }

void check(const domain::Transaction& t) {
  check_partition(t.partition);
  for (const auto& expect : t.expects) check_row(expect.key);
  for (const auto& write : t.writes) check_row(write.key);
  for (std::size_t i = 0; i < t.appends.size(); ++i) {
    KITH_CHECK(t.appends[i].log.size() <= kMaxRowIdBytes);
    for (std::size_t k = 0; k < i; ++k) KITH_CHECK(t.appends[k].log != t.appends[i].log);
  }
}

bool read_row(const rocksdb::Slice& value, domain::RowKey key, domain::Row& out) {
  if (value.size() < 8) return false;
  out.key = std::move(key);
  out.version = load_number(value.data());
  out.value = to_bytes(view_of(value).subspan(8));
  return true;
}

}  // namespace

RocksdbStore::RocksdbStore(std::shared_ptr<Core> core, Scheduler& scheduler)
    : core_(std::move(core)),
      scheduler_(scheduler),
      mailbox_(std::make_shared<Mailbox>(scheduler)),
      gathered_(std::make_shared<std::vector<std::unique_ptr<WriteRequest>>>()) {}

RocksdbStore::~RocksdbStore() { mailbox_->close(); }

template <class T, class Apply>
Task<domain::Result<T>> RocksdbStore::write(std::size_t size_bytes, Apply apply) {
  auto request = std::make_unique<Written<T, Apply>>(std::move(apply));
  const auto answer = request->answer;
  request->from = mailbox_;
  request->size_bytes = size_bytes;
  if (!core_->sequencer.admit(size_bytes)) co_return domain::fail_later(Errc::overloaded, kRetryWrite);
  hand_over(std::move(request));
  co_return co_await answer;
}

void RocksdbStore::hand_over(std::unique_ptr<WriteRequest> request) {
  gathered_->push_back(std::move(request));
  if (gathered_->size() == 1) {
    scheduler_.post([core = core_, gathered = gathered_] { core->sequencer.submit(*gathered); });
  } else if (gathered_->size() >= kMostGathered) {
    core_->sequencer.submit(*gathered_);
  }
}

template <class T, class Read>
Task<domain::Result<T>> RocksdbStore::read_with(Read read) {
  ReadOptions in_memory;
  in_memory.read_tier = rocksdb::kBlockCacheTier;
  {
    T value{};
    const Status status = read(in_memory, value);
    if (status.ok()) co_return value;
    if (!status.IsIncomplete()) co_return fail(Errc::internal, status.ToString());
  }
  auto request = std::make_unique<ReadFromDisk<T, Read>>(std::move(read));
  const auto answer = request->answer;
  request->from = mailbox_;
  core_->pool.submit(std::move(request));
  co_return co_await answer;
}

Task<domain::Result<domain::CommitOutcome>> RocksdbStore::commit(domain::Transaction transaction) {
  check(transaction);
  const auto size = size_of(transaction);
  const auto now = scheduler_.now();
  return write<domain::CommitOutcome>(size,
                                      [t = std::move(transaction), now](Batch& batch) { return batch.commit(t, now); });
}

Task<domain::Result<std::optional<domain::Row>>> RocksdbStore::row(domain::Partition partition, domain::RowKey key) {
  check_partition(partition);
  check_row(key);
  return read_with<std::optional<domain::Row>>(
      [&database = *core_->database, at = partition_key(partition), key = std::move(key)](
          const ReadOptions& options, std::optional<domain::Row>& out) -> Status {
        rocksdb::PinnableSlice value;
        auto status = database.db().Get(Database::reading(key.kind, options), database.family_of(key.kind),
                                        rows_key(at.text(), key).slice(), &value);
        out.reset();
        if (status.IsNotFound()) return Status::OK();
        if (status.ok() && !read_row(value, key, out.emplace())) return Status::Corruption("a row");
        return status;
      });
}

// By the form of MultiGet that is documented to see one moment, and that keeps to the memory where it is told to. The
// batched form of version 7.8 reads data blocks from the disk under kBlockCacheTier, and may answer an absent key with
// an empty value there.
Task<domain::Result<std::vector<std::optional<domain::Row>>>> RocksdbStore::rows_at(domain::Partition partition,
                                                                                    std::vector<domain::RowKey> keys) {
  using Found = std::vector<std::optional<domain::Row>>;
  check_partition(partition);
  for (const auto& key : keys) check_row(key);
  return read_with<Found>([&database = *core_->database, at = partition_key(partition), keys = std::move(keys)](
                              ReadOptions options, Found& out) -> Status {
    std::vector<RowsKey> places;
    places.reserve(keys.size());
    for (const auto& key : keys) places.push_back(rows_key(at.text(), key));
    std::vector<rocksdb::Slice> slices;
    slices.reserve(keys.size());
    for (const auto& place : places) slices.push_back(place.slice());
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    families.reserve(keys.size());
    for (const auto& key : keys) {
      families.push_back(database.family_of(key.kind));
      options = Database::reading(key.kind, options);
    }
    std::vector<std::string> values;
    const auto statuses = database.db().MultiGet(options, families, slices, &values);
    out.assign(keys.size(), std::nullopt);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].IsNotFound()) continue;
      if (!statuses[i].ok()) return statuses[i];
      if (!read_row(values[i], keys[i], out[i].emplace())) return Status::Corruption("a row");
    }
    return Status::OK();
  });
}

Task<domain::Result<std::vector<domain::Row>>> RocksdbStore::rows(domain::Partition partition, domain::RowKind kind,
                                                                  Bytes id_prefix, Bytes from, std::size_t limit) {
  check_partition(partition);
  KITH_CHECK(id_prefix.size() <= kMaxRowIdBytes && from.size() <= kMaxRowIdBytes);
  return read_with<std::vector<domain::Row>>(
      [&database = *core_->database, at = partition_key(partition), kind, id_prefix = std::move(id_prefix),
       from = std::move(from), limit](const ReadOptions& options, std::vector<domain::Row>& out) -> Status {
        out.clear();
        const auto id_at = at.text().size() + 1;
        const auto prefix = rows_key(at.text(), static_cast<std::uint8_t>(kind), id_prefix);
        const auto first = rows_key(at.text(), static_cast<std::uint8_t>(kind), std::max(id_prefix, from));
        PrefixScan scan(database.db(), Database::reading(kind, options), database.family_of(kind), prefix.slice(),
                        first.slice());
        for (auto& row = scan.at(); row.Valid() && out.size() < limit; row.Next()) {
          domain::RowKey key{kind, to_bytes(view_of(row.key()).subspan(id_at))};
          if (!read_row(row.value(), std::move(key), out.emplace_back())) return Status::Corruption("a row");
        }
        return scan.at().status();
      });
}

Task<domain::Result<std::optional<domain::LogRecord>>> RocksdbStore::find(domain::Partition partition,
                                                                          domain::LogName log, ClientId client_id) {
  check_partition(partition);
  return read_with<std::optional<domain::LogRecord>>(
      [&core = *core_, at = partition_key(partition), log = std::move(log), client_id](
          const ReadOptions& options, std::optional<domain::LogRecord>& out) -> Status {
        LogEntry entry;
        out.reset();
        auto status = core.directory.lookup(options, at.text(), log, entry);
        if (!status.ok() || entry.number == 0) return status;
        return core.database->find_client(options, entry.number, client_id, out);
      });
}

namespace {

struct SliceOrGone {
  domain::LogSlice slice;
  Seq first;  // not 0: what was asked for is trimmed
};

Status read_log(Database& database, const ReadOptions& options, const LogEntry& entry, Seq after,
                std::size_t limit_bytes, domain::LogSlice& out) {
  PrefixScan scan(database.db(), options, database.logs, LogsKey{}.number(entry.number).slice(),
                  logs_key(entry.number, after.value + 1).slice());
  auto& at = scan.at();
  std::size_t bytes = 0;
  for (; at.Valid(); at.Next()) {
    if (at.value().size() < kRecordHeadBytes) return Status::Corruption("a log's record");
    bytes += at.value().size() - kRecordHeadBytes;
    if (bytes > limit_bytes && !out.records.empty()) break;
    if (!Database::read_record(at.key(), at.value(), out.records.emplace_back()))
      return Status::Corruption("a log's record");
  }
  // The database may be a moment ahead of the directory.
  if (!out.records.empty()) out.head = std::max(out.head, out.records.back().seq);
  return at.status();
}

}  // namespace

Task<domain::Result<domain::LogSlice>> RocksdbStore::read(domain::Partition partition, domain::LogName log, Seq after,
                                                          std::size_t limit_bytes) {
  check_partition(partition);
  auto found =
      co_await read_with<SliceOrGone>([&core = *core_, at = partition_key(partition), log = std::move(log), after,
                                       limit_bytes](const ReadOptions& options, SliceOrGone& out) -> Status {
        LogEntry entry;
        out = {};
        auto status = core.directory.lookup(options, at.text(), log, entry);
        out.slice.head = {entry.head};
        if (!status.ok() || after.value >= entry.head) return status;
        if (after.value < entry.trimmed) {
          out.first = Seq{entry.trimmed}.next();
          return status;
        }
        return read_log(*core.database, options, entry, after, limit_bytes, out.slice);
      });
  if (!found) co_return std::unexpected(std::move(found).error());
  if (found->first != Seq{}) {
    auto gone = fail(Errc::trimmed);
    gone.error().first_seq = found->first;
    co_return gone;
  }
  co_return std::move(found->slice);
}

Task<domain::Result<void>> RocksdbStore::trim(domain::Partition partition, domain::LogName log, Seq upto) {
  check_partition(partition);
  return write<void>(kRequestBytes, [partition = std::move(partition), log = std::move(log), upto](Batch& batch) {
    return batch.trim(partition, log, upto);
  });
}

Task<domain::Result<domain::ChangedHeads>> RocksdbStore::heads_changed(UserId account, domain::ChangeNumber since,
                                                                       std::size_t limit) {
  return read_with<domain::ChangedHeads>(
      [&core = *core_, account, since, limit](const ReadOptions& options, domain::ChangedHeads& out) -> Status {
        // First, so that whatever changes from here on is told the next time.
        out = {{}, core.directory.visible(), false};
        const auto at = partition_key(domain::account_partition(account));
        const auto id_at = at.text().size() + 1;
        const auto prefix = rows_key(at.text(), static_cast<std::uint8_t>(domain::RowKind::membership), {});
        PrefixScan scan(core.database->db(), options, core.database->rows, prefix.slice());
        for (auto& row = scan.at(); row.Valid(); row.Next()) {
          const auto conversation = ConversationId::from(view_of(row.key()).subspan(id_at));
          if (!conversation || row.value().size() < 8) return Status::Corruption("a membership");
          PartitionKey key;
          key.byte(static_cast<std::uint8_t>(domain::PartitionKind::conversation))
              .byte(ConversationId::kSize)
              .raw(conversation->view());
          LogEntry entry;
          auto status = core.directory.lookup(options, key.text(), {}, entry);
          if (!status.ok()) return status;
          const auto change = std::max(entry.change, load_number(row.value().data()));
          if (change > since) out.heads.push_back({*conversation, {entry.head}, change});
        }
        std::ranges::sort(out.heads, {}, &domain::ChangedHead::change);
        if (out.heads.size() > limit) {
          out.heads.resize(limit);
          out.upto = std::min(out.upto, out.heads.back().change);
          out.more = true;
        }
        return scan.at().status();
      });
}

Task<domain::Result<domain::CursorPosition>> RocksdbStore::advance_cursor(ConversationId conversation, UserId user,
                                                                          domain::CursorPosition to) {
  return write<domain::CursorPosition>(
      kRequestBytes, [conversation, user, to](Batch& batch) { return batch.advance(conversation, user, to); });
}

Task<domain::Result<std::vector<domain::UserCursor>>> RocksdbStore::cursors(ConversationId conversation) {
  return read_with<std::vector<domain::UserCursor>>(
      [&core = *core_, conversation](const ReadOptions& options, std::vector<domain::UserCursor>& out) -> Status {
        std::vector<StoredCursor> stored;
        auto status = core.cursors.read(options, *core.database, conversation, stored);
        out.clear();
        for (const auto& cursor : stored) out.push_back({cursor.user, cursor.position});
        return status;
      });
}

Task<domain::Result<domain::CursorPosition>> RocksdbStore::cursor(ConversationId conversation, UserId user) {
  return read_with<domain::CursorPosition>(
      [&core = *core_, conversation, user](const ReadOptions& options, domain::CursorPosition& out) -> Status {
        StoredCursor stored;
        auto status = core.cursors.read(options, *core.database, conversation, user, stored);
        out = stored.position;
        return status;
      });
}

Task<domain::Result<std::vector<domain::PendingOutbox>>> RocksdbStore::outbox(std::size_t limit) {
  return read_with<std::vector<domain::PendingOutbox>>(
      [&core = *core_, limit](const ReadOptions& options, std::vector<domain::PendingOutbox>& out) -> Status {
        out.clear();
        // Deleted rows are slow to pass, and new ones come behind all that were there.
        std::uint64_t floor = core.directory.visible();
        const std::unique_ptr<rocksdb::Iterator> at(core.database->db().NewIterator(options, core.database->outbox));
        for (at->Seek(NumberKey{}.number(core.outbox_floor.load()).slice()); at->Valid() && out.size() < limit;
             at->Next()) {
          auto pending = domain::decode<domain::PendingOutbox>(view_of(at->value()));
          if (!pending) return Status::Corruption("an outbox row");
          out.push_back(std::move(*pending));
        }
        if (!at->status().ok()) return at->status();
        if (!out.empty()) floor = std::min(floor, out.front().number);
        auto known = core.outbox_floor.load();
        while (known < floor && !core.outbox_floor.compare_exchange_weak(known, floor)) {
        }
        return Status::OK();
      });
}

Task<domain::Result<void>> RocksdbStore::outbox_done(std::vector<std::uint64_t> numbers) {
  const auto size = kRequestBytes + 8 * numbers.size();
  return write<void>(size, [numbers = std::move(numbers)](Batch& batch) {
    batch.outbox_done(numbers);
    return domain::Result<void>{};
  });
}

}  // namespace kith::server::adapters
