// Frames of the WebSocket as plain values. The only room that sees FlatBuffers' types; everybody else reads these
// structs. The contract is schema/wire.fbs; each struct here is its table of the same name.
//
// Decoding verifies the whole buffer first (offsets, sizes, depth), then every id's size, so that a Frame that came out
// of decode() needs no further shape checks. Payload views point into the decoded buffer, which must outlive the Frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace kith::wire {

inline constexpr std::size_t kMaxFrameBytes = 1 << 20;
inline constexpr std::uint16_t kProtocolVersion = 1;

enum class Errc : std::uint8_t { malformed, too_large };
template <class T>
using Result = ResultOf<T, Errc>;

enum class EntryKind : std::uint8_t { unknown = 0, application = 1, commit = 2, silent = 3 };
enum class MailKind : std::uint8_t { unknown = 0, welcome = 1, removed = 2, declined = 3, generation = 4 };

// Numbers are on the wire: schema/wire.fbs.
enum class ErrorCode : std::uint16_t {
  internal = 0,
  malformed,
  unauthenticated,
  unsupported_version,
  too_large,
  not_member,
  not_found,
  stale_epoch,
  conversation_exists,
  invalid_commit,
  invalid_argument,
  rate_limited,
  overloaded,
  trimmed,
  commit_first,
  client_id_reused,
  not_allowed,
  group_full,
  last_owner,
  invite_revoked,
  invite_expired,
  invite_used_up,
  archive_moved,
  archive_full,
  stale_generation,
};

// SHA-256 of something.
using Hash = FixedId<struct HashTag, 32>;

struct Entry {
  Seq seq;
  std::int64_t time_ms = 0;
  UserId sender_user;
  DeviceId sender_device;
  ClientId client_id;
  EntryKind kind = EntryKind::unknown;
  Epoch epoch;
  ByteView payload;
};
struct Mail {
  Seq seq;
  std::int64_t time_ms = 0;
  MailKind kind = MailKind::unknown;
  ConversationId conversation;
  Seq conversation_seq;
  UserId sender_user;
  ByteView payload;
};
struct DeviceWelcome {
  UserId user;
  DeviceId device;
  ByteView payload;
};
struct Cursor {
  UserId user;
  Seq delivered;
  Seq read;
};
struct Head {
  ConversationId conversation;
  Seq head_seq;
  Epoch epoch;
  std::vector<Cursor> cursors;
};

struct Hello {
  std::string token;
  std::uint16_t version = kProtocolVersion;
};
struct Ping {};
struct Sync {
  ByteView token;
};
struct Append {
  ConversationId conversation;
  ClientId client_id;
  Epoch epoch;
  ByteView payload;
  bool silent = false;  // EntryKind::silent instead of application
};
struct Commit {
  ConversationId conversation;
  ClientId client_id;
  Epoch epoch;
  ByteView payload;
  ByteView group_info;
  std::vector<DeviceWelcome> welcomes;
};
struct CreateDirect {
  UserId peer;
  ClientId client_id;
  ByteView payload;
  ByteView group_info;
  std::vector<DeviceWelcome> welcomes;
  ByteView founding;
};
struct Read {
  ConversationId conversation;
  Seq after_seq;
  std::uint32_t limit_bytes = 262144;
};
struct ReadMailbox {
  Seq after_seq;
  std::uint32_t limit_bytes = 262144;
};
struct TrimMailbox {
  Seq up_to_seq;
};
struct SetCursor {
  ConversationId conversation;
  Seq delivered;
  Seq read;
};
struct GetGroup {
  ConversationId conversation;
  Epoch epoch{};  // 0: the present one
  std::uint32_t first_node = 0;
  ByteView proof{};  // keys::JoinProof, encoded, of somebody who is not in
};

struct ConfirmGroup {
  ConversationId conversation;
  Epoch epoch;
  ByteView group_info;
};
struct GetChanges {
  ConversationId conversation;
};
struct FoundGroup {
  ClientId client_id;
  ByteView payload;
  ByteView group_info;
  ByteView founding;
};
struct MarkBroken {
  ConversationId conversation;
  ByteView mark;         // keys::BrokenMark, encoded
  ByteView key_package;  // MLSMessage
};
struct Leave {
  ConversationId conversation;
  ByteView note;  // keys::LeaveNote, encoded
};
struct GetReceipts {
  ConversationId conversation;
  bool watch = false;
  Seq seq{};  // of a group that is counted
};

struct RequestJoin {
  ConversationId conversation;
  ByteView proof;  // keys::JoinProof, encoded
};
struct DeclineJoin {
  ConversationId conversation;
  UserId user;
};

struct ArchiveAppend {
  ClientId client_id;
  Seq after_seq;
  Hash chain;
  ByteView payload;
};
struct ReadArchive {
  Seq after_seq;
  Seq before_seq{};  // 0: no end
  std::uint32_t limit_bytes = 262144;
  bool newest_first = false;
};
struct EraseArchive {
  std::vector<Seq> seqs;
};
// Either has a payload or is erased; what is too large for a hint has neither there.
struct ArchiveBlock {
  Seq seq;
  std::int64_t time_ms = 0;
  ByteView payload;
  std::optional<Hash> erased{};  // of what the payload was
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string detail;
  std::uint32_t retry_after_ms = 0;
  Epoch epoch;
  Seq head_seq;
  Seq first_seq;
};
struct HelloOk {
  HistoryId history_id;
  std::int64_t time_ms = 0;
  UserId user;
  DeviceId device;
};
struct Pong {
  std::int64_t time_ms = 0;
};
struct Ok {};
struct SyncOk {
  ByteView token;
  HistoryId history_id;
  std::vector<Head> heads;
  Seq mailbox_head;
  bool more = false;
  Seq archive_head{};
};
struct Appended {
  Seq seq;
  std::int64_t time_ms = 0;
  bool duplicate = false;
};
struct Entries {
  std::vector<Entry> entries;
  Seq head_seq;
};
struct Mails {
  std::vector<Mail> mails;
  Seq head_seq;
};
struct Group {
  Epoch epoch;
  Seq head_seq;
  ByteView group_info;
  ByteView nodes;
  std::uint32_t next_node = 0;
};

struct Changes {
  ByteView grounds;                  // keys::Grounds, encoded
  std::vector<ByteView> packages{};  // MLSMessages, one for each mark
};

struct Receipts {
  std::vector<Cursor> cursors;
  bool counted = false;  // then numbers of people instead
  std::uint32_t of = 0;
  std::uint32_t delivered = 0;
  std::uint32_t read = 0;
};

struct ArchiveBlocks {
  std::vector<ArchiveBlock> blocks;
  Seq head_seq;
  Hash chain;
};

struct EntryHint {
  ConversationId conversation;
  Entry entry;
};
struct MailHint {
  Mail mail;
};
struct CursorHint {
  ConversationId conversation;
  Cursor cursor;
};
struct CursorsHint {
  ConversationId conversation;
  std::vector<Cursor> cursors;
};
struct ChangesHint {
  ConversationId conversation;
};
struct ArchiveHint {
  ArchiveBlock block;
};
struct Resync {};
struct Goodbye {
  std::uint32_t reconnect_after_ms = 0;
};

using Body = std::variant<Hello, Ping, Sync, Append, Commit, CreateDirect, Read, ReadMailbox, TrimMailbox, SetCursor,
                          GetGroup, Error, HelloOk, Pong, Ok, SyncOk, Appended, Entries, Mails, Group, EntryHint,
                          MailHint, CursorHint, Resync, Goodbye, GetChanges, Changes, ChangesHint, ConfirmGroup,
                          FoundGroup, Leave, MarkBroken, GetReceipts, Receipts, CursorsHint, RequestJoin, DeclineJoin,
                          ArchiveAppend, ReadArchive, EraseArchive, ArchiveBlocks, ArchiveHint>;

struct Frame {
  std::uint32_t id = 0;
  Body body;
};

// One binary message. Never fails: a frame over kMaxFrameBytes is a bug of the caller, who bounds its payloads.
Bytes encode(const Frame& frame);

// Reads one message of at most kMaxFrameBytes. Errors: too_large; malformed, with the name of the field. O(size).
Result<Frame> decode(ByteView bytes);

}  // namespace kith::wire
