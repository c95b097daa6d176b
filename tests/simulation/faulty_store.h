// A Store that does to one node what a store may do to it, and no more: it is slow, refuses, fails, loses answers, lets
// others be faster, and shows and forgets its outbox late. What it answers is always what the store that it stands
// before says, so that reads may be old but are never wrong.
//
// Conflicts are such as other nodes cause: somebody wrote a row as it is, which the store beneath and its observers see
// as a transaction of one write; or one that is absent came and went, which nobody sees. Only rows for which services
// may be told so have them: see losable().
//
// Each operation takes a moment before it happens and another before it is answered: a node that is killed in the
// second one has written what it never hears of. Operations that run side by side happen in any order.
#pragma once

#include "base/scheduler.h"
#include "server/domain/ports/store.h"
#include "tests/simulation/faults.h"

namespace kith::sim {

class FaultyStore final : public server::domain::Store {
 public:
  // All of them outlive it and its tasks.
  FaultyStore(server::domain::Store& inner, Scheduler& scheduler, Faults& faults)
      : inner_(inner), scheduler_(scheduler), faults_(faults) {}

  HistoryId history_id() const override { return inner_.history_id(); }
  Task<server::domain::Result<server::domain::CommitOutcome>> commit(server::domain::Transaction transaction) override;
  Task<server::domain::Result<std::optional<server::domain::Row>>> row(server::domain::Partition partition,
                                                                       server::domain::RowKey key) override;
  Task<server::domain::Result<std::vector<std::optional<server::domain::Row>>>> rows_at(
      server::domain::Partition partition, std::vector<server::domain::RowKey> keys) override;
  Task<server::domain::Result<std::vector<server::domain::Row>>> rows(server::domain::Partition partition,
                                                                      server::domain::RowKind kind, Bytes id_prefix,
                                                                      Bytes from, std::size_t limit) override;
  Task<server::domain::Result<std::optional<server::domain::LogRecord>>> find(server::domain::Partition partition,
                                                                              server::domain::LogName log,
                                                                              ClientId client_id) override;
  Task<server::domain::Result<server::domain::LogSlice>> read(server::domain::Partition partition,
                                                              server::domain::LogName log, Seq after,
                                                              std::size_t limit_bytes) override;
  Task<server::domain::Result<void>> trim(server::domain::Partition partition, server::domain::LogName log,
                                          Seq upto) override;
  Task<server::domain::Result<server::domain::ChangedHeads>> heads_changed(UserId account,
                                                                           server::domain::ChangeNumber since,
                                                                           std::size_t limit) override;
  Task<server::domain::Result<server::domain::CursorPosition>> advance_cursor(
      ConversationId conversation, UserId user, server::domain::CursorPosition to) override;
  Task<server::domain::Result<std::vector<server::domain::UserCursor>>> cursors(ConversationId conversation) override;
  Task<server::domain::Result<server::domain::CursorPosition>> cursor(ConversationId conversation,
                                                                      UserId user) override;
  // A relay that is shown nothing does not look again, and need not: so rows that are late make the look itself late,
  // and show only the first of them.
  Task<server::domain::Result<std::vector<server::domain::PendingOutbox>>> outbox(std::size_t limit) override;
  Task<server::domain::Result<void>> outbox_done(std::vector<std::uint64_t> numbers) override;

 private:
  enum class Access : std::uint8_t { read, write };
  template <class T, class Operation>
  Task<server::domain::Result<T>> run(Access access, Operation operation);
  Task<server::domain::Result<server::domain::CommitOutcome>> race(server::domain::Transaction transaction);
  Task<server::domain::Result<bool>> lose_race(const server::domain::Transaction& transaction,
                                               const server::domain::Expect& expect);
  Task<server::domain::Result<std::vector<server::domain::PendingOutbox>>> look(std::size_t limit);

  server::domain::Store& inner_;
  Scheduler& scheduler_;
  Faults& faults_;
};

}  // namespace kith::sim
