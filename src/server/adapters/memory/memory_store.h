// The Store in memory: for tests, the simulator and trials. Everything is "durable" at once; what a crash would lose
// are the cursors, if the test says so.
//
// One MemoryEngine is the data; each MemoryStore is the view of one Scheduler. The engine is locked, so that several
// threads may share it.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "base/entropy.h"
#include "base/scheduler.h"
#include "server/domain/ports/store.h"

namespace kith::server::adapters {

class MemoryEngine {
 public:
  explicit MemoryEngine(Entropy& entropy) { entropy.fill(history_.value); }

  // Called before each operation of the port; true makes it fail with `internal` and change nothing. After `commit`s
  // that must have happened although the answer was lost, see fail_after.
  std::function<bool(std::string_view operation)> fail_before;
  // The same, after the operation has changed the data: the caller gets `internal` and cannot know.
  std::function<bool(std::string_view operation)> fail_after;
  // How long an operation takes before it happens: nothing, unless set.
  std::function<std::chrono::milliseconds(std::string_view operation)> delay;

  // Everything in it as text, ordered: to compare before and after. Change numbers are left out.
  [[nodiscard]] std::string dump() const;
  // What a crash leaves behind: cursors go back to where they were last flushed (never, here: they vanish).
  void lose_cursors();

 private:
  friend class MemoryStore;
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

  domain::CommitOutcome apply(const domain::Transaction& transaction, UnixMillis now);
  static std::optional<domain::LogRecord> find(const Log& log, const ClientId& client_id);

  mutable std::mutex mutex_;
  HistoryId history_;
  domain::ChangeNumber change_ = 0;
  std::map<domain::Partition, PartitionData> partitions_;
  std::map<std::uint64_t, domain::PendingOutbox> outbox_;
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
