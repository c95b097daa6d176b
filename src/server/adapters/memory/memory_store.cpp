#include "server/adapters/memory/memory_store.h"

#include <algorithm>

namespace kith::server::adapters {

using namespace domain;  // NOLINT(google-build-using-namespace): an adapter speaks its port's language

namespace {

bool begins_with(const Bytes& id, const Bytes& prefix) {
  return id.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), id.begin());
}

std::string text_of(const Partition& p) { return std::to_string(static_cast<int>(p.kind)) + "/" + to_hex(p.id); }

}  // namespace

std::optional<LogRecord> MemoryEngine::find(const Log& log, const ClientId& client_id) {
  const auto known = log.client_ids.find(client_id);
  if (known == log.client_ids.end()) return std::nullopt;
  const auto [seq, time] = known->second;
  if (seq <= log.trimmed) return LogRecord{seq, time, client_id, {}};
  return log.records[seq.value - log.trimmed.value - 1];
}

const MemoryEngine::PartitionData& MemoryEngine::partition(const Partition& name) const {
  static const PartitionData none;
  const auto found = data_.partitions.find(name);
  return found == data_.partitions.end() ? none : found->second;
}

CommitOutcome MemoryEngine::apply(const Transaction& t, UnixMillis now) {
  const auto& before = partition(t.partition);
  for (const auto& append : t.appends) {
    const auto log = before.logs.find(append.log);
    if (log == before.logs.end()) continue;
    if (auto first = find(log->second, append.client_id)) return Duplicate{std::move(*first)};
  }
  for (const auto& expect : t.expects) {
    const auto row = before.rows.find(expect.key);
    const Version version = row == before.rows.end() ? 0 : row->second.version;
    if (version != expect.version) return Conflict{expect.key, version};
  }
  auto& partition = data_.partitions[t.partition];
  Committed committed{{}, now};
  for (const auto& append : t.appends) committed.time = std::max(committed.time, partition.logs[append.log].time);
  for (const auto& append : t.appends) {
    auto& log = partition.logs[append.log];
    log.head = log.head.next();
    log.time = committed.time;
    log.client_ids[append.client_id] = {log.head, log.time};
    log.records.push_back({log.head, log.time, append.client_id, *append.body});
    committed.seqs.push_back(log.head);
  }
  for (const auto& write : t.writes) {
    ++data_.change;
    if (write.value) {
      partition.rows[write.key] = {*write.value, data_.change};
    } else {
      partition.rows.erase(write.key);
    }
  }
  partition.change = ++data_.change;
  for (const auto& row : t.outbox) {
    ++data_.change;
    data_.outbox.emplace(data_.change, PendingOutbox{data_.change, t.partition, committed.seqs, committed.time, row});
  }
  if (on_committed) on_committed(t, committed);
  return committed;
}

CursorPosition MemoryEngine::advance(const Partition& name, const UserId& user, CursorPosition to) {
  const auto& cursors = partition(name).cursors;
  const auto known = cursors.find(user);
  const auto before = known == cursors.end() ? std::nullopt : std::optional(known->second);
  const CursorPosition from = before.value_or(CursorPosition{});
  const CursorPosition next{std::max(from.delivered, to.delivered), std::max(from.read, to.read)};
  if (next == from) return next;
  if (unflushed_) unflushed_->cursors.try_emplace({name, user}, before);
  auto& moved = data_.partitions[name];
  moved.change = ++data_.change;
  moved.cursors[user] = next;
  return next;
}

void MemoryEngine::trim(const Partition& name, const LogName& log_name, Seq upto) {
  const auto& logs = partition(name).logs;
  const auto found = logs.find(log_name);
  const Seq last = found == logs.end() ? Seq{} : std::min(upto, found->second.head);
  if (found == logs.end() || last <= found->second.trimmed) return;
  auto& log = data_.partitions[name].logs[log_name];
  const auto end = log.records.begin() + static_cast<std::ptrdiff_t>(last.value - log.trimmed.value);
  if (unflushed_) {
    auto& gone = unflushed_->trims.try_emplace({name, log_name}, log.trimmed).first->second;
    gone.records.insert(gone.records.end(), log.records.begin(), end);
  }
  log.records.erase(log.records.begin(), end);
  log.trimmed = last;
}

void MemoryEngine::outbox_done(const std::vector<std::uint64_t>& numbers) {
  for (const auto number : numbers) {
    auto gone = data_.outbox.extract(number);
    if (gone && unflushed_) unflushed_->outbox.insert(std::move(gone));
  }
}

std::string MemoryEngine::dump() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [key, partition] : data_.partitions) {
    const std::string name = text_of(key);
    for (const auto& [row, stored] : partition.rows) {
      out += name + " row " + std::to_string(static_cast<int>(row.kind)) + "/" + to_hex(row.id) + " = " +
             to_hex(stored.value) + "\n";
    }
    for (const auto& [log_name, log] : partition.logs) {
      out += name + " log " + to_hex(log_name) + " trimmed " + std::to_string(log.trimmed.value) + "\n";
      for (const auto& record : log.records) {
        out +=
            "  " + std::to_string(record.seq.value) + " " + record.client_id.text() + " " + to_hex(record.body) + "\n";
      }
    }
    for (const auto& [user, position] : partition.cursors) {
      out += name + " cursor " + user.text() + " " + std::to_string(position.delivered.value) + " " +
             std::to_string(position.read.value) + "\n";
    }
  }
  for (const auto& [number, pending] : data_.outbox) out += "outbox to " + text_of(pending.row.target) + "\n";
  return out;
}

std::size_t MemoryEngine::partitions() const {
  const std::lock_guard lock(mutex_);
  return data_.partitions.size();
}

std::size_t MemoryEngine::outbox_size() const {
  const std::lock_guard lock(mutex_);
  return data_.outbox.size();
}

MemoryEngine::Backup MemoryEngine::backup() const {
  const std::lock_guard lock(mutex_);
  return Backup(data_);
}

void MemoryEngine::restore(const Backup& backup, HistoryId history) {
  const std::lock_guard lock(mutex_);
  const ChangeNumber change = std::max(data_.change, backup.data_.change);
  data_ = backup.data_;
  data_.change = change;
  history_ = history;
  if (unflushed_) unflushed_.emplace();
}

void MemoryEngine::flush() {
  const std::lock_guard lock(mutex_);
  unflushed_.emplace();
}

void MemoryEngine::lose_unflushed() {
  const std::lock_guard lock(mutex_);
  if (!unflushed_) return;
  for (const auto& [whose, before] : unflushed_->cursors) {
    auto& cursors = data_.partitions[whose.first].cursors;
    if (before) {
      cursors[whose.second] = *before;
    } else {
      cursors.erase(whose.second);
    }
  }
  for (auto& [name, gone] : unflushed_->trims) {
    auto& log = data_.partitions[name.first].logs[name.second];
    log.records.insert(log.records.begin(), gone.records.begin(), gone.records.end());
    log.trimmed = gone.before;
  }
  data_.outbox.merge(unflushed_->outbox);
  unflushed_.emplace();
}

// Every operation ends in a later turn, as it does where there is a disk.
template <class F>
auto MemoryStore::run(std::string_view operation, F body) -> Task<Result<decltype(body())>> {
  co_await scheduler_.yield();
  if (engine_.delay) co_await scheduler_.sleep_for(engine_.delay(operation));
  if (engine_.fail_before && engine_.fail_before(operation)) co_return fail(Errc::internal, "a failure was asked for");
  std::optional<decltype(body())> result;
  {
    const std::lock_guard lock(engine_.mutex_);
    result.emplace(body());
  }
  if (engine_.fail_after && engine_.fail_after(operation)) co_return fail(Errc::internal, "a failure was asked for");
  co_return std::move(*result);
}

Task<Result<CommitOutcome>> MemoryStore::commit(Transaction transaction) {
  co_return co_await run("commit", [&] { return engine_.apply(transaction, scheduler_.now()); });
}

Task<Result<std::optional<Row>>> MemoryStore::row(Partition partition, RowKey key) {
  co_return co_await run("row", [&]() -> std::optional<Row> {
    const auto& rows = engine_.partition(partition).rows;
    const auto found = rows.find(key);
    if (found == rows.end()) return std::nullopt;
    return Row{key, found->second.value, found->second.version};
  });
}

Task<Result<std::vector<std::optional<Row>>>> MemoryStore::rows_at(Partition partition, std::vector<RowKey> keys) {
  co_return co_await run("rows_at", [&] {
    std::vector<std::optional<Row>> result(keys.size());
    const auto& rows = engine_.partition(partition).rows;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto found = rows.find(keys[i]);
      if (found != rows.end()) result[i] = Row{keys[i], found->second.value, found->second.version};
    }
    return result;
  });
}

Task<Result<std::vector<Row>>> MemoryStore::rows(Partition partition, RowKind kind, Bytes id_prefix, Bytes from,
                                                 std::size_t limit) {
  co_return co_await run("rows", [&] {
    std::vector<Row> result;
    const auto& rows = engine_.partition(partition).rows;
    auto row = rows.lower_bound({kind, std::max(id_prefix, from)});
    for (; row != rows.end() && result.size() < limit; ++row) {
      if (row->first.kind != kind || !begins_with(row->first.id, id_prefix)) break;
      result.push_back({row->first, row->second.value, row->second.version});
    }
    return result;
  });
}

Task<Result<std::optional<LogRecord>>> MemoryStore::find(Partition partition, LogName log, ClientId client_id) {
  co_return co_await run("find", [&]() -> std::optional<LogRecord> {
    const auto& logs = engine_.partition(partition).logs;
    const auto found = logs.find(log);
    if (found == logs.end()) return std::nullopt;
    return MemoryEngine::find(found->second, client_id);
  });
}

Task<Result<LogSlice>> MemoryStore::read(Partition partition, LogName log, Seq after, std::size_t limit_bytes) {
  auto result = co_await run("read", [&]() -> Result<LogSlice> {
    const auto& logs = engine_.partition(partition).logs;
    const auto found = logs.find(log);
    if (found == logs.end()) return LogSlice{};
    const auto& stored = found->second;
    if (after == kEndOfLog || after >= stored.head) return LogSlice{{}, stored.head};
    if (after < stored.trimmed) {
      auto gone = fail(Errc::trimmed);
      gone.error().first_seq = stored.trimmed.next();
      return gone;
    }
    LogSlice slice{{}, stored.head};
    std::size_t bytes = 0;
    for (auto i = after.value - stored.trimmed.value; i < stored.records.size(); ++i) {
      bytes += stored.records[i].body.size();
      if (bytes > limit_bytes && !slice.records.empty()) break;
      slice.records.push_back(stored.records[i]);
    }
    return slice;
  });
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return std::move(*result);
}

Task<Result<void>> MemoryStore::trim(Partition partition, LogName log, Seq upto) {
  auto result = co_await run("trim", [&] {
    engine_.trim(partition, log, upto);
    return true;
  });
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return Result<void>{};
}

Task<Result<ChangedHeads>> MemoryStore::heads_changed(UserId account, ChangeNumber since, std::size_t limit) {
  co_return co_await run("heads_changed", [&] {
    ChangedHeads changed{{}, engine_.data_.change, false};
    const auto& rows = engine_.partition({PartitionKind::account, to_bytes(account.view())}).rows;
    for (auto row = rows.lower_bound({RowKind::membership, {}}); row != rows.end(); ++row) {
      if (row->first.kind != RowKind::membership) break;
      const auto& conversation = engine_.partition({PartitionKind::conversation, row->first.id});
      const ChangeNumber change = std::max(conversation.change, row->second.version);
      if (change <= since) continue;
      const auto log = conversation.logs.find({});
      changed.heads.push_back(
          {*ConversationId::from(row->first.id), log == conversation.logs.end() ? Seq{} : log->second.head, change});
    }
    std::ranges::sort(changed.heads, {}, &ChangedHead::change);
    if (changed.heads.size() > limit) {
      changed.heads.resize(limit);
      changed.upto = changed.heads.back().change;
      changed.more = true;
    }
    return changed;
  });
}

Task<Result<CursorPosition>> MemoryStore::advance_cursor(ConversationId conversation, UserId user, CursorPosition to) {
  co_return co_await run("advance_cursor", [&] {
    return engine_.advance({PartitionKind::conversation, to_bytes(conversation.view())}, user, to);
  });
}

Task<Result<std::vector<UserCursor>>> MemoryStore::cursors(ConversationId conversation) {
  co_return co_await run("cursors", [&] {
    std::vector<UserCursor> result;
    for (const auto& [user, position] :
         engine_.partition({PartitionKind::conversation, to_bytes(conversation.view())}).cursors) {
      result.push_back({user, position});
    }
    return result;
  });
}

Task<Result<CursorPosition>> MemoryStore::cursor(ConversationId conversation, UserId user) {
  co_return co_await run("cursor", [&] {
    const auto& known = engine_.partition({PartitionKind::conversation, to_bytes(conversation.view())}).cursors;
    const auto found = known.find(user);
    return found == known.end() ? CursorPosition{} : found->second;
  });
}

Task<Result<std::vector<PendingOutbox>>> MemoryStore::outbox(std::size_t limit) {
  co_return co_await run("outbox", [&] {
    std::vector<PendingOutbox> result;
    for (const auto& [number, pending] : engine_.data_.outbox) {
      if (result.size() == limit) break;
      result.push_back(pending);
    }
    return result;
  });
}

Task<Result<void>> MemoryStore::outbox_done(std::vector<std::uint64_t> numbers) {
  auto result = co_await run("outbox_done", [&] {
    engine_.outbox_done(numbers);
    return true;
  });
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return Result<void>{};
}

}  // namespace kith::server::adapters
