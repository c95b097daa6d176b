#include "tests/simulation/faulty_store.h"

#include <algorithm>

namespace kith::sim {

using namespace server::domain;  // NOLINT(google-build-using-namespace): a decorator speaks its port's language

namespace {

constexpr std::int64_t kMoment_ms = 3;
constexpr std::int64_t kSlowMs = 10;  // and up to 2^kSlowPowers times as much
constexpr unsigned kSlowPowers = 9;
constexpr std::int64_t kRetry_ms = 500;

// Rows that other nodes write again without any of it being visible in the value that follows: a name or a time of day
// that is what it was, a mark more and one less. A group's row is not among them: services rest on its version moving
// with the epoch and never otherwise. Nor are device lists, and key packages, which come once and go once.
bool is_written_in_place(RowKind kind) {
  switch (kind) {
    case RowKind::account:
    case RowKind::device:
    case RowKind::refresh:
    case RowKind::registration:
    case RowKind::pin:
    case RowKind::archive_head:
    case RowKind::link:
    case RowKind::join_request:
    case RowKind::membership:
    case RowKind::notes:
      return true;
    default:
      return false;
  }
}

// Rows that come and go again: absent before and after, there for a moment between. Notes only where there is a group.
bool comes_and_goes(const Transaction& t, RowKind kind) {
  if (kind == RowKind::membership) return true;
  return kind == RowKind::notes && std::ranges::any_of(t.expects, [](const Expect& other) {
           return other.key.kind == RowKind::group && other.version != 0;
         });
}

std::vector<Expect> losable(const Transaction& t) {
  std::vector<Expect> all;
  for (const Expect& expect : t.expects) {
    if (expect.version != 0 ? is_written_in_place(expect.key.kind) : comes_and_goes(t, expect.key.kind))
      all.push_back(expect);
  }
  return all;
}

}  // namespace

template <class T, class Operation>
Task<Result<T>> FaultyStore::run(Access access, Operation operation) {
  Chance& chance = faults_.chance();
  std::int64_t before = chance.between(0, kMoment_ms);
  std::int64_t after = chance.between(0, kMoment_ms);
  if (faults_.happens(Fault::store_slow)) (chance.with(0.5) ? before : after) += chance.skewed(kSlowMs, kSlowPowers);
  co_await scheduler_.sleep_for(std::chrono::milliseconds(before));
  // As the adapters: only what writes waits in a queue that may be full.
  if (access == Access::write && faults_.happens(Fault::store_overloaded))
    co_return fail_later(Errc::overloaded, std::chrono::milliseconds(chance.between(1, kRetry_ms)));
  if (faults_.happens(Fault::store_failed)) co_return fail(Errc::internal, "the store failed, as asked for");
  Result<T> result = co_await operation();
  co_await scheduler_.sleep_for(std::chrono::milliseconds(after));
  if (faults_.happens(Fault::store_answer_lost)) co_return fail(Errc::internal, "the answer is lost, as asked for");
  co_return result;
}

// Conflicts are true. Where a row is there, somebody writes it again as it is: whoever looks sees another version, and
// the transaction fails by itself. Where there is none, it has come and gone meanwhile.
Task<Result<bool>> FaultyStore::lose_race(const Transaction& transaction, const Expect& expect) {
  auto row = co_await inner_.row(transaction.partition, expect.key);
  if (!row) co_return std::unexpected(std::move(row).error());
  const Version version = *row ? (*row)->version : 0;
  if (version != expect.version) co_return false;  // somebody was faster anyway
  if (*row) {
    Transaction faster{.partition = transaction.partition};
    faster.expects.push_back(expect);
    faster.writes.push_back({expect.key, std::move((*row)->value)});
    const auto outcome = co_await inner_.commit(std::move(faster));
    if (!outcome) co_return std::unexpected(outcome.error());
    co_return false;
  }
  // Duplicates are looked at before expectations.
  for (const auto& append : transaction.appends) {
    const auto first = co_await inner_.find(transaction.partition, append.log, append.client_id);
    if (!first) co_return std::unexpected(first.error());
    if (*first) co_return false;
  }
  co_return true;
}

Task<Result<CommitOutcome>> FaultyStore::race(Transaction transaction) {
  const auto expects = losable(transaction);
  if (!expects.empty() && faults_.happens(Fault::store_conflict)) {
    const Expect expect = faults_.chance().of(expects);
    const auto is_lost = co_await lose_race(transaction, expect);
    if (!is_lost) co_return std::unexpected(is_lost.error());
    if (*is_lost) co_return Conflict{expect.key, expect.version + 1};
  }
  co_return co_await inner_.commit(std::move(transaction));
}

Task<Result<CommitOutcome>> FaultyStore::commit(Transaction transaction) {
  return run<CommitOutcome>(Access::write, [this, t = std::move(transaction)]() mutable { return race(std::move(t)); });
}

Task<Result<std::optional<Row>>> FaultyStore::row(Partition partition, RowKey key) {
  return run<std::optional<Row>>(Access::read, [this, partition = std::move(partition), key = std::move(key)] {
    return inner_.row(partition, key);
  });
}

Task<Result<std::vector<std::optional<Row>>>> FaultyStore::rows_at(Partition partition, std::vector<RowKey> keys) {
  return run<std::vector<std::optional<Row>>>(
      Access::read,
      [this, partition = std::move(partition), keys = std::move(keys)] { return inner_.rows_at(partition, keys); });
}

Task<Result<std::vector<Row>>> FaultyStore::rows(Partition partition, RowKind kind, Bytes id_prefix, Bytes from,
                                                 std::size_t limit) {
  return run<std::vector<Row>>(
      Access::read, [this, partition = std::move(partition), kind, id_prefix = std::move(id_prefix),
                     from = std::move(from), limit] { return inner_.rows(partition, kind, id_prefix, from, limit); });
}

Task<Result<std::optional<LogRecord>>> FaultyStore::find(Partition partition, LogName log, ClientId client_id) {
  return run<std::optional<LogRecord>>(Access::read, [this, partition = std::move(partition), log = std::move(log),
                                                      client_id] { return inner_.find(partition, log, client_id); });
}

Task<Result<LogSlice>> FaultyStore::read(Partition partition, LogName log, Seq after, std::size_t limit_bytes) {
  return run<LogSlice>(Access::read, [this, partition = std::move(partition), log = std::move(log), after,
                                      limit_bytes] { return inner_.read(partition, log, after, limit_bytes); });
}

Task<Result<void>> FaultyStore::trim(Partition partition, LogName log, Seq upto) {
  return run<void>(Access::write, [this, partition = std::move(partition), log = std::move(log), upto] {
    return inner_.trim(partition, log, upto);
  });
}

Task<Result<ChangedHeads>> FaultyStore::heads_changed(UserId account, ChangeNumber since, std::size_t limit) {
  return run<ChangedHeads>(Access::read,
                           [this, account, since, limit] { return inner_.heads_changed(account, since, limit); });
}

Task<Result<CursorPosition>> FaultyStore::advance_cursor(ConversationId conversation, UserId user, CursorPosition to) {
  return run<CursorPosition>(Access::write,
                             [this, conversation, user, to] { return inner_.advance_cursor(conversation, user, to); });
}

Task<Result<std::vector<UserCursor>>> FaultyStore::cursors(ConversationId conversation) {
  return run<std::vector<UserCursor>>(Access::read, [this, conversation] { return inner_.cursors(conversation); });
}

Task<Result<CursorPosition>> FaultyStore::cursor(ConversationId conversation, UserId user) {
  return run<CursorPosition>(Access::read, [this, conversation, user] { return inner_.cursor(conversation, user); });
}

Task<Result<std::vector<PendingOutbox>>> FaultyStore::look(std::size_t limit) {
  if (limit > 0 && faults_.happens(Fault::outbox_late)) {
    Chance& chance = faults_.chance();
    limit = 1 + chance.below(limit);
    co_await scheduler_.sleep_for(std::chrono::milliseconds(chance.skewed(kSlowMs, kSlowPowers)));
  }
  co_return co_await inner_.outbox(limit);
}

Task<Result<std::vector<PendingOutbox>>> FaultyStore::outbox(std::size_t limit) {
  return run<std::vector<PendingOutbox>>(Access::read, [this, limit] { return look(limit); });
}

// Said to be gone, and there again at the next look, as after a crash.
Task<Result<void>> FaultyStore::outbox_done(std::vector<std::uint64_t> numbers) {
  return run<void>(Access::write, [this, numbers = std::move(numbers)]() -> Task<Result<void>> {
    if (faults_.happens(Fault::outbox_doubled)) co_return Result<void>{};
    co_return co_await inner_.outbox_done(numbers);
  });
}

}  // namespace kith::sim
