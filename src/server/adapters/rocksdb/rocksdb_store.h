// The Store instance of one Scheduler. Writes go to the sequencer, those of one turn together: a sync costs the same
// for one as for many, and a sequencer that took the first at once would sync for one. Reads are tried on this thread
// with what is in memory; what needs the disk goes to the pool.
#pragma once

#include "server/adapters/rocksdb/read_pool.h"
#include "server/adapters/rocksdb/sequencer.h"

namespace kith::server::adapters {

// What all instances share.
class RocksdbEngine::Core {
 public:
  Core(const RocksdbOptions& options, std::unique_ptr<Database> opened)
      : database(std::move(opened)),
        directory(*database, cursors, options.cached_partitions, database->reserved()),
        sequencer(*database, directory, cursors, options),
        pool(2) {}

  ~Core() {
    pool.stop();
    sequencer.stop();
    if (!sequencer.healthy()) database->abandon();
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  std::unique_ptr<Database> database;
  CursorTable cursors;
  LogDirectory directory;
  // The outbox is empty below this number.
  std::atomic<std::uint64_t> outbox_floor = 0;
  Sequencer sequencer;
  ReadPool pool;
};

class RocksdbStore final : public domain::Store {
 public:
  using Core = RocksdbEngine::Core;
  RocksdbStore(std::shared_ptr<Core> core, Scheduler& scheduler);
  ~RocksdbStore() override;
  RocksdbStore(const RocksdbStore&) = delete;
  RocksdbStore& operator=(const RocksdbStore&) = delete;

  HistoryId history_id() const override { return core_->database->history_id(); }
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
  template <class T, class Apply>
  Task<domain::Result<T>> write(std::size_t size_bytes, Apply apply);
  void hand_over(std::unique_ptr<WriteRequest> request);
  template <class T, class Read>
  Task<domain::Result<T>> read_with(Read read);

  std::shared_ptr<Core> core_;
  Scheduler& scheduler_;
  std::shared_ptr<Mailbox> mailbox_;
  // Of this turn. Shared with the turn that hands them over, which may come after the store is gone.
  std::shared_ptr<std::vector<std::unique_ptr<WriteRequest>>> gathered_;
};

}  // namespace kith::server::adapters
