// The Store in memory: for tests, the simulator and trials. Everything is "durable" at once, unless somebody says when
// things are flushed: see flush().
//
// One MemoryEngine is the data; each MemoryStore is the view of one Scheduler. The engine is locked, so that several
// threads may share it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/entropy.h"
#include "base/scheduler.h"
#include "server/domain/ports/store.h"

namespace kith::server::adapters {

class MemoryEngine {
  struct StoredRow {
    Bytes value;
    domain::Version version = 0;
  };
  struct Log {
    std::vector<domain::LogRecord> records;  // those behind `trimmed`
    Seq trimmed;
    Seq head;
    UnixMillis time;
    std::map<ClientId, std::pair<Seq, UnixMillis>> client_ids;
  };
  struct PartitionData {
    std::map<domain::RowKey, StoredRow> rows;
    std::map<domain::LogName, Log> logs;
    std::map<UserId, domain::CursorPosition> cursors;
    domain::ChangeNumber change = 0;
  };
  struct Data {
    domain::ChangeNumber change = 0;
    std::map<domain::Partition, PartitionData> partitions;
    std::map<std::uint64_t, domain::PendingOutbox> outbox;
  };

 public:
  // Everything that was in the store at a moment, as a value.
  class Backup {
    friend class MemoryEngine;
    explicit Backup(Data data) : data_(std::move(data)) {}
    Data data_;
  };

  explicit MemoryEngine(Entropy& entropy) { entropy.fill(history_.value); }

  // Called before each operation of the port; true makes it fail with `internal` and change nothing. After `commit`s
  // that must have happened although the answer was lost, see fail_after.
  std::function<bool(std::string_view operation)> fail_before;
  // The same, after the operation has changed the data: the caller gets `internal` and cannot know.
  std::function<bool(std::string_view operation)> fail_after;
  // How long an operation takes before it happens: nothing, unless set.
  std::function<std::chrono::milliseconds(std::string_view operation)> delay;

  // Called under the lock, right after a transaction was applied: not for one that was in the log already or conflicts.
  // It must not ask the engine for anything.
  std::function<void(const domain::Transaction&, const domain::Committed&)> on_committed;

  // Everything in it as text, ordered: to compare before and after. Change numbers are left out.
  [[nodiscard]] std::string dump() const;
  [[nodiscard]] std::size_t partitions() const;
  [[nodiscard]] std::size_t outbox_size() const;

  [[nodiscard]] Backup backup() const;
  // The store is as it was then, in a new history. Change numbers go on behind all that were given out, here or in the
  // backup: versions that somebody still knows, and ids made of them, never come to stand for something else. To be
  // called while nobody uses the store.
  void restore(const Backup& backup, HistoryId history);

  // What the port does not promise to be durable at once (cursors, trims, and that outbox rows are gone) is so from now
  // on; what comes after waits for the next flush, and is remembered until then. Before the first one nothing waits.
  void flush();
  // What a crash leaves behind: of all this, what was flushed.
  void lose_unflushed();

 private:
  friend class MemoryStore;
  // As it was at the last flush, where that is not how it is.
  struct Unflushed {
    struct Trimmed {
      Seq before;
      std::vector<domain::LogRecord> records;
    };
    std::map<std::pair<domain::Partition, UserId>, std::optional<domain::CursorPosition>> cursors;
    std::map<std::pair<domain::Partition, domain::LogName>, Trimmed> trims;
    std::map<std::uint64_t, domain::PendingOutbox> outbox;
  };

  // An empty one where there is none.
  [[nodiscard]] const PartitionData& partition(const domain::Partition& name) const;
  domain::CommitOutcome apply(const domain::Transaction& transaction, UnixMillis now);
  domain::CursorPosition advance(const domain::Partition& name, const UserId& user, domain::CursorPosition to);
  void trim(const domain::Partition& name, const domain::LogName& log, Seq upto);
  void outbox_done(const std::vector<std::uint64_t>& numbers);
  static std::optional<domain::LogRecord> find(const Log& log, const ClientId& client_id);

  mutable std::mutex mutex_;
  HistoryId history_;
  Data data_;
  std::optional<Unflushed> unflushed_;  // nothing before the first flush
};

class MemoryStore final : public domain::Store {
 public:
  MemoryStore(MemoryEngine& engine, Scheduler& scheduler) : engine_(engine), scheduler_(scheduler) {}

  HistoryId history_id() const override { return engine_.history_; }
  Task<domain::Result<domain::CommitOutcome>> commit(domain::Transaction transaction) override;
  Task<domain::Result<std::optional<domain::Row>>> row(domain::Partition partition, domain::RowKey key) override;
  Task<domain::Result<std::vector<std::optional<domain::Row>>>> rows_at(domain::Partition partition,
                                                                        std::vector<domain::RowKey> keys) override;
  Task<domain::Result<std::vector<domain::Row>>> rows(domain::Partition partition, domain::RowKind kind,
                                                      Bytes id_prefix, Bytes from, std::size_t limit) override;
  Task<domain::Result<std::optional<domain::LogRecord>>> find(domain::Partition partition, domain::LogName log,
                                                              ClientId client_id) override;
  Task<domain::Result<domain::LogSlice>> read(domain::Partition partition, domain::LogName log, Seq after,
                                              std::size_t limit_bytes) override;
  Task<domain::Result<void>> trim(domain::Partition partition, domain::LogName log, Seq upto) override;
  Task<domain::Result<domain::ChangedHeads>> heads_changed(UserId account, domain::ChangeNumber since,
                                                           std::size_t limit) override;
  Task<domain::Result<domain::CursorPosition>> advance_cursor(ConversationId conversation, UserId user,
                                                              domain::CursorPosition to) override;
  Task<domain::Result<std::vector<domain::UserCursor>>> cursors(ConversationId conversation) override;
  Task<domain::Result<domain::CursorPosition>> cursor(ConversationId conversation, UserId user) override;
  Task<domain::Result<std::vector<domain::PendingOutbox>>> outbox(std::size_t limit) override;
  Task<domain::Result<void>> outbox_done(std::vector<std::uint64_t> numbers) override;

 private:
  template <class F>
  auto run(std::string_view operation, F body) -> Task<domain::Result<decltype(body())>>;

  MemoryEngine& engine_;
  Scheduler& scheduler_;
};

}  // namespace kith::server::adapters
