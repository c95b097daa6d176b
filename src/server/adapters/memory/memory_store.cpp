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

CommitOutcome MemoryEngine::apply(const Transaction& t, UnixMillis now) {
  auto& partition = partitions_[t.partition];
  for (const auto& append : t.appends) {
    const auto log = partition.logs.find(append.log);
    if (log == partition.logs.end()) continue;
    if (auto first = find(log->second, append.client_id)) return Duplicate{std::move(*first)};
  }
  for (const auto& expect : t.expects) {
    const auto row = partition.rows.find(expect.key);
    const Version version = row == partition.rows.end() ? 0 : row->second.version;
    if (version != expect.version) return Conflict{expect.key, version};
  }
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
    ++change_;
    if (write.value) {
      partition.rows[write.key] = {*write.value, change_};
    } else {
      partition.rows.erase(write.key);
    }
  }
  partition.change = ++change_;
  for (const auto& row : t.outbox) {
    ++change_;
    outbox_.emplace(change_, PendingOutbox{change_, t.partition, committed.seqs, committed.time, row});
  }
  return committed;
}

std::string MemoryEngine::dump() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [key, partition] : partitions_) {
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
  for (const auto& [number, pending] : outbox_) out += "outbox to " + text_of(pending.row.target) + "\n";
  return out;
}

void MemoryEngine::lose_cursors() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, partition] : partitions_) partition.cursors.clear();
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
    const auto& rows = engine_.partitions_[partition].rows;
    const auto found = rows.find(key);
    if (found == rows.end()) return std::nullopt;
    return Row{key, found->second.value, found->second.version};
  });
}

Task<Result<std::vector<std::optional<Row>>>> MemoryStore::rows_at(Partition partition, std::vector<RowKey> keys) {
  co_return co_await run("rows_at", [&] {
    std::vector<std::optional<Row>> result(keys.size());
    const auto& rows = engine_.partitions_[partition].rows;
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
    const auto& rows = engine_.partitions_[partition].rows;
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
    const auto& logs = engine_.partitions_[partition].logs;
    const auto found = logs.find(log);
    if (found == logs.end()) return std::nullopt;
    return MemoryEngine::find(found->second, client_id);
  });
}

Task<Result<LogSlice>> MemoryStore::read(Partition partition, LogName log, Seq after, std::size_t limit_bytes) {
  auto result = co_await run("read", [&]() -> Result<LogSlice> {
    const auto& logs = engine_.partitions_[partition].logs;
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
    auto& logs = engine_.partitions_[partition].logs;
    const auto found = logs.find(log);
    if (found == logs.end()) return true;
    auto& stored = found->second;
    const Seq last = std::min(upto, stored.head);
    if (last <= stored.trimmed) return true;
    stored.records.erase(stored.records.begin(),
                         stored.records.begin() + static_cast<std::ptrdiff_t>(last.value - stored.trimmed.value));
    stored.trimmed = last;
    return true;
  });
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return Result<void>{};
}

Task<Result<ChangedHeads>> MemoryStore::heads_changed(UserId account, ChangeNumber since, std::size_t limit) {
  co_return co_await run("heads_changed", [&] {
    ChangedHeads changed{{}, engine_.change_, false};
    const auto& rows = engine_.partitions_[{PartitionKind::account, to_bytes(account.view())}].rows;
    for (auto row = rows.lower_bound({RowKind::membership, {}}); row != rows.end(); ++row) {
      if (row->first.kind != RowKind::membership) break;
      const auto& conversation = engine_.partitions_[{PartitionKind::conversation, row->first.id}];
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
    auto& partition = engine_.partitions_[{PartitionKind::conversation, to_bytes(conversation.view())}];
    auto& position = partition.cursors[user];
    const CursorPosition next{std::max(position.delivered, to.delivered), std::max(position.read, to.read)};
    if (next != position) partition.change = ++engine_.change_;
    position = next;
    return position;
  });
}

Task<Result<std::vector<UserCursor>>> MemoryStore::cursors(ConversationId conversation) {
  co_return co_await run("cursors", [&] {
    std::vector<UserCursor> result;
    for (const auto& [user, position] :
         engine_.partitions_[{PartitionKind::conversation, to_bytes(conversation.view())}].cursors) {
      result.push_back({user, position});
    }
    return result;
  });
}

Task<Result<CursorPosition>> MemoryStore::cursor(ConversationId conversation, UserId user) {
  co_return co_await run("cursor", [&] {
    const auto& known = engine_.partitions_[{PartitionKind::conversation, to_bytes(conversation.view())}].cursors;
    const auto found = known.find(user);
    return found == known.end() ? CursorPosition{} : found->second;
  });
}

Task<Result<std::vector<PendingOutbox>>> MemoryStore::outbox(std::size_t limit) {
  co_return co_await run("outbox", [&] {
    std::vector<PendingOutbox> result;
    for (const auto& [number, pending] : engine_.outbox_) {
      if (result.size() == limit) break;
      result.push_back(pending);
    }
    return result;
  });
}

Task<Result<void>> MemoryStore::outbox_done(std::vector<std::uint64_t> numbers) {
  auto result = co_await run("outbox_done", [&] {
    for (const auto number : numbers) engine_.outbox_.erase(number);
    return true;
  });
  if (!result) co_return std::unexpected(std::move(result).error());
  co_return Result<void>{};
}

}  // namespace kith::server::adapters
