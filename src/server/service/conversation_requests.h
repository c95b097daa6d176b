// What conversations are asked, and what they answer. Payload views of requests must live until the task has finished.
#pragma once

#include <optional>
#include <vector>

#include "keys/grounds.h"
#include "server/domain/entry.h"
#include "server/domain/ports/store.h"
#include "server/domain/receipts.h"

namespace kith::server::service {

struct AppendRequest {
  ConversationId conversation;
  ClientId client_id;
  Epoch epoch;
  ByteView payload;                                         // an MLSMessage with a PrivateMessage
  domain::EntryKind kind = domain::EntryKind::application;  // or silent
};
struct DeviceWelcome {
  domain::Caller to;
  ByteView payload;
};
struct CommitRequest {
  ConversationId conversation;
  ClientId client_id;
  Epoch epoch;  // the epoch that the commit leaves
  ByteView payload;
  ByteView group_info;
  std::vector<DeviceWelcome> welcomes;
};
struct CreateDirectRequest {
  UserId peer;
  ClientId client_id;
  ByteView founding;  // the GroupInfo of epoch 0, with its tree of one leaf
  ByteView payload;
  ByteView group_info;
  std::vector<DeviceWelcome> welcomes;
};
struct FoundGroupRequest {
  ClientId client_id;
  ByteView founding;  // the GroupInfo of epoch 0, with its tree of one leaf
  ByteView payload;
  ByteView group_info;
};
struct MarkRequest {
  ConversationId conversation;
  ByteView mark;         // keys::BrokenMark
  ByteView key_package;  // MLSMessage
};

struct Appended {
  Seq seq;
  UnixMillis time;
  bool duplicate = false;
};
// Entries' payloads point into `records`.
struct EntriesRead {
  std::vector<domain::LogRecord> records;
  std::vector<domain::Entry> entries;
  Seq head;
};
struct MailsRead {
  std::vector<domain::LogRecord> records;
  std::vector<domain::Mail> mails;
  Seq head;
};
struct HeadState {
  ConversationId conversation;
  Seq head;
  Epoch epoch;
  std::vector<domain::UserCursor> cursors;
};
struct SyncResult {
  Bytes token;
  HistoryId history_id;
  std::vector<HeadState> heads;
  Seq mailbox_head;
  bool more = false;
};
// Cursors of members, or in a larger group how many have one entry.
struct ReceiptsTold {
  std::vector<domain::UserCursor> cursors{};
  std::optional<domain::ReceiptCounts> counts{};
};
struct ChangesTold {
  keys::Grounds grounds;
  std::vector<Bytes> packages;  // MLSMessages, one for each mark, in their order
};
struct GroupRequest {
  ConversationId conversation;
  std::optional<Epoch> epoch{};  // the present one where it is not named
  std::uint32_t first_node = 0;
  ByteView proof{};  // keys::JoinProof of somebody who is not in
};
struct JoinRequest {
  ConversationId conversation;
  ByteView proof;  // keys::JoinProof
};
// What a joiner needs of an epoch: its GroupInfo, and a piece of its tree.
struct GroupState {
  Epoch epoch;
  Seq head;
  Bytes group_info;
  Bytes nodes;  // nodes of the ratchet tree as they stand in its extension, from the first one asked for
  std::uint32_t next_node = 0;  // where the next piece begins; 0: the tree ends here
};

}  // namespace kith::server::service
