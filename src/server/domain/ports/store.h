// The Store port: partitions of rows and logs, changed one partition a transaction.
//
// A partition is a conversation, an account, an address (a keyed hash of a phone number or e-mail), or some of the
// links that new devices come over. It has rows (small records with a version) and logs (contiguous sequences from 1).
// A transaction names what it expects, what it writes and what it appends; all of it happens or none, and it is durable
// before commit() answers. What must happen in another partition is written as outbox rows in the same transaction; the
// relay (a service) carries them over at least once, under deterministic client ids, so that relaying twice changes
// nothing.
//
// An instance belongs to one Scheduler: its tasks resume on that thread. Adapters share one engine behind many
// instances.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/scheduler.h"
#include "base/task.h"
#include "server/domain/error.h"

namespace kith::server::domain {

enum class PartitionKind : std::uint8_t { conversation = 1, account = 2, address = 3, links = 4 };

struct Partition {
  PartitionKind kind{};
  Bytes id;  // 1 to 32 bytes
  friend auto operator<=>(const Partition&, const Partition&) = default;
};

// The kinds of rows, over all partitions. The number is on disk: never reuse one.
enum class RowKind : std::uint8_t {
  account = 1,            // account: profile, identity, generation certificates
  device_list = 2,        // account
  device = 3,             // account; id = device id
  refresh = 4,            // account; id = device id. In the outbox it says that this device was logged out
  key_package = 5,        // account; id = device id || key package ref
  membership = 6,         // account; id = conversation id: the conversations that sync looks at. In the outbox it says
                          // that whether the account is in is to be looked at
  registration = 7,       // address
  owner = 8,              // address: the user id behind it
  group = 9,              // conversation: epoch, members, GroupInfo's place
  group_info = 10,        // conversation
  key_package_seen = 11,  // account; id = key package ref: uploaded once, never again
  last_resort = 12,       // account; id = device id: the key package that may be claimed again
  group_leaves = 13,      // conversation; id = page number, uint32: whose leaves they are, from the 65th on, 64 a page
  tree_node = 14,         // conversation; id = node index, uint32: hash and node as they are now
  tree_key = 15,          // conversation; id = SHA-256 of a public key in the tree: the node that has it
  tree_head = 16,         // conversation: GroupContext, size and confirmation tag of this epoch
  tree_past = 17,         // conversation; id = epoch, uint64: what the commit that left it replaced, to read it by
  notes = 18,          // conversation: written whenever a noted_list, leave_note or broken_mark is, and there as long
                       // as there is any of them; its version stands for all of them
  noted_list = 19,     // conversation; id = user id: the device list that the group's leaves do not agree with yet
  list_changed = 20,   // never a row: in the outbox, to the account itself, it says that its device list changed
  leave_note = 21,     // conversation; id = user id: who left by this note, as long as there are leaves of theirs
  member_span = 22,    // conversation (a group); id = user id: the epochs that this user may read
  broken_mark = 23,    // conversation; id = user id || device id: this leaf is broken, and what may take its place
  invite_uses = 24,    // conversation (a group); id = the link's public key: how many people came by it
  join_request = 25,   // conversation (a group); id = user id: the proof of somebody who asks to come in
  link = 26,           // links; id = its name: a device on its way into an account
  archive_head = 27,   // account: where its archive ends; written by whatever changes the archive
  archive_block = 28,  // account; id = seq, uint64: one block of its archive, large, and read in order or not at all
  sealed_generation = 29,  // account: its newest generation, sealed for whoever has the recovery key
  pin = 30,                // account: its registration lock
  sealed_root = 31,        // account: likewise the one that the identity key signed, while others stand on it
};

struct RowKey {
  RowKind kind{};
  Bytes id;  // 0 to 64 bytes
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

// A row's version grows with every write of it, also over a deletion; 0 means that the row is absent. It is the store's
// change number at the write.
using Version = std::uint64_t;

using SharedBytes = std::shared_ptr<const Bytes>;

struct Row {
  RowKey key;
  Bytes value;
  Version version = 0;
};

// A log of a partition: the conversation's own (empty name) or a device's mailbox in its account (name = device id).
using LogName = Bytes;

inline constexpr Seq kEndOfLog{~std::uint64_t{0}};

struct LogRecord {
  Seq seq;
  UnixMillis time;
  ClientId client_id;
  Bytes body;
};

struct Expect {
  RowKey key;
  Version version = 0;
};

struct RowWrite {
  RowKey key;
  std::optional<Bytes> value;  // nullopt deletes
};

struct LogAppend {
  LogName log;
  ClientId client_id;
  SharedBytes body;  // shared, so that hints can be made of it without a copy
};

// Work for another partition, told in the same commit: rows to write and records to append there, without expectations.
struct OutboxRow {
  Partition target;
  std::vector<RowWrite> writes{};
  std::vector<LogAppend> appends{};
};

struct Transaction {
  Partition partition;
  std::vector<Expect> expects{};
  std::vector<RowWrite> writes{};
  // If any append's client id is in its log already, nothing is written and the answer is Duplicate: this is looked at
  // before the expectations. At most one append a log.
  std::vector<LogAppend> appends{};
  std::vector<OutboxRow> outbox{};
};

// Seqs in the order of Transaction::appends. Times in a log never go backwards.
struct Committed {
  std::vector<Seq> seqs;
  UnixMillis time;
};
struct Duplicate {
  LogRecord first;  // what is in the log under that client id; its body is empty where the record was trimmed
};
// An expectation did not hold.
struct Conflict {
  RowKey key;
  Version version = 0;  // what the row has
};
using CommitOutcome = std::variant<Committed, Duplicate, Conflict>;

struct LogSlice {
  std::vector<LogRecord> records;
  Seq head;
};

// Receipts of one user in one conversation: monotonic, written behind, not synced.
struct CursorPosition {
  Seq delivered;
  Seq read;
  friend bool operator==(const CursorPosition&, const CursorPosition&) = default;
};
struct UserCursor {
  UserId user;
  CursorPosition position;
};

// Where the store is in its own order of changes; what a sync token carries.
using ChangeNumber = std::uint64_t;

struct ChangedHead {
  ConversationId conversation;
  Seq head;
  ChangeNumber change = 0;
};
struct ChangedHeads {
  std::vector<ChangedHead> heads;  // ordered by change
  ChangeNumber upto = 0;           // everything up to here has been told
  bool more = false;
};

struct PendingOutbox {
  std::uint64_t number = 0;  // in the order of commits
  Partition source;          // the partition that was committed
  std::vector<Seq> seqs;     // Committed::seqs of that commit: what its author could not know yet
  UnixMillis time;
  OutboxRow row;
};

class Store {
 public:
  virtual ~Store() = default;

  // Names this life of the store; a restore from backup gives a new one.
  virtual HistoryId history_id() const = 0;

  // Errors: overloaded (too much is waiting already, nothing was written); internal (the disk failed: whether it was
  // written is unknown, and asking again under the same client ids tells).
  virtual Task<Result<CommitOutcome>> commit(Transaction transaction) = 0;

  virtual Task<Result<std::optional<Row>>> row(Partition partition, RowKey key) = 0;
  // As row(), for many keys of one partition: answers in the order of the keys, absent ones empty, and a key that is
  // asked for twice is answered twice. All are from one moment, so that no transaction is seen in half. O(keys).
  virtual Task<Result<std::vector<std::optional<Row>>>> rows_at(Partition partition, std::vector<RowKey> keys) = 0;
  // The rows of a kind whose ids begin with `id_prefix` (empty: all) and are not before `from` (empty: from the first),
  // in the order of their ids, at most `limit`. `from` need not be the id of a row, nor begin with the prefix.
  virtual Task<Result<std::vector<Row>>> rows(Partition partition, RowKind kind, Bytes id_prefix, Bytes from,
                                              std::size_t limit) = 0;

  // What is in a log under a client id: as in Duplicate.
  virtual Task<Result<std::optional<LogRecord>>> find(Partition partition, LogName log, ClientId client_id) = 0;

  // Records behind `after`, in order, at most `limit_bytes` of bodies (but at least one record where there is one). A
  // log that is not there is empty. `after` = kEndOfLog asks for the head alone. Errors: trimmed, with first_seq, where
  // records behind `after` are gone.
  virtual Task<Result<LogSlice>> read(Partition partition, LogName log, Seq after, std::size_t limit_bytes) = 0;
  // Forgets a log's records up to and with `upto`; its client ids stay known. Lazily, and not synced.
  virtual Task<Result<void>> trim(Partition partition, LogName log, Seq upto) = 0;

  // The conversations with a membership row in `account` whose log, cursors or membership changed after `since`:
  // O(memberships), in memory as far as cached. 1,000 unchanged ones take a few milliseconds.
  virtual Task<Result<ChangedHeads>> heads_changed(UserId account, ChangeNumber since, std::size_t limit) = 0;

  // Moves a cursor forward, never back; answers where it is now. Durable within about a second of normal running; a
  // crash may forget the last ones.
  virtual Task<Result<CursorPosition>> advance_cursor(ConversationId conversation, UserId user, CursorPosition to) = 0;
  virtual Task<Result<std::vector<UserCursor>>> cursors(ConversationId conversation) = 0;
  // One user's, at the beginning where it never moved. As dear as a row, however many there are.
  virtual Task<Result<CursorPosition>> cursor(ConversationId conversation, UserId user) = 0;

  // The relay's side of the outbox: oldest first, and gone once relayed.
  virtual Task<Result<std::vector<PendingOutbox>>> outbox(std::size_t limit) = 0;
  virtual Task<Result<void>> outbox_done(std::vector<std::uint64_t> numbers) = 0;
};

}  // namespace kith::server::domain
