#include "base/check.h"
#include "wire/frame.h"
#include "wire/wire_generated.h"

namespace kith::wire {
namespace {

// The plain structs and the tables share their names; the tables are written with this prefix here.
namespace table = ::kith::wire::fb;

using Builder = flatbuffers::FlatBufferBuilder;
using BytesOffset = flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>;

BytesOffset put(Builder& b, ByteView v) { return b.CreateVector(v.data(), v.size()); }

template <class Id>
BytesOffset put_id(Builder& b, const Id& id) {
  return put(b, id.view());
}

auto put_entry(Builder& b, const Entry& e) {
  const auto user = put_id(b, e.sender_user);
  const auto device = put_id(b, e.sender_device);
  const auto client = put_id(b, e.client_id);
  const auto payload = put(b, e.payload);
  return table::CreateEntry(b, e.seq.value, static_cast<std::uint64_t>(e.time_ms), user, device, client,
                            static_cast<table::EntryKind>(e.kind), e.epoch.value, payload);
}

auto put_mail(Builder& b, const Mail& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto user = put_id(b, m.sender_user);
  const auto payload = put(b, m.payload);
  return table::CreateMail(b, m.seq.value, static_cast<std::uint64_t>(m.time_ms), static_cast<table::MailKind>(m.kind),
                           conversation, m.conversation_seq.value, user, payload);
}

auto put_cursor(Builder& b, const Cursor& c) {
  return table::CreateCursor(b, put_id(b, c.user), c.delivered.value, c.read.value);
}

// A vector of tables, each written by `one`.
template <class T, class One>
auto put_all(Builder& b, const std::vector<T>& items, One one) {
  std::vector<decltype(one(b, items.front()))> offsets;
  offsets.reserve(items.size());
  for (const T& item : items) offsets.push_back(one(b, item));
  return b.CreateVector(offsets);
}

auto put_welcome(Builder& b, const DeviceWelcome& w) {
  const auto user = put_id(b, w.user);
  const auto device = put_id(b, w.device);
  return table::CreateDeviceWelcome(b, user, device, put(b, w.payload));
}

auto put_head(Builder& b, const Head& h) {
  const auto conversation = put_id(b, h.conversation);
  const auto cursors = put_all(b, h.cursors, put_cursor);
  return table::CreateHead(b, conversation, h.head_seq.value, h.epoch.value, cursors);
}

auto put_block(Builder& b, const ArchiveBlock& block) {
  // What is not there is not written.
  const auto payload = block.erased ? BytesOffset() : put(b, block.payload);
  const auto erased = block.erased ? put_id(b, *block.erased) : BytesOffset();
  return table::CreateArchiveBlock(b, block.seq.value, static_cast<std::uint64_t>(block.time_ms), payload, erased);
}

// One overload a body; each names its union member beside the offset.
struct Written {
  table::Body type;
  flatbuffers::Offset<void> offset;
};

Written put_body(Builder& b, const Hello& m) {
  return {table::Body::Hello, table::CreateHello(b, b.CreateString(m.token), m.version).Union()};
}
Written put_body(Builder& b, const Ping&) { return {table::Body::Ping, table::CreatePing(b).Union()}; }
Written put_body(Builder& b, const Sync& m) {
  return {table::Body::Sync, table::CreateSync(b, put(b, m.token)).Union()};
}
Written put_body(Builder& b, const Append& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto client = put_id(b, m.client_id);
  const auto payload = put(b, m.payload);
  return {table::Body::Append, table::CreateAppend(b, conversation, client, m.epoch.value, payload, m.silent).Union()};
}
Written put_body(Builder& b, const Commit& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto client = put_id(b, m.client_id);
  const auto payload = put(b, m.payload);
  const auto group_info = put(b, m.group_info);
  const auto welcomes = put_all(b, m.welcomes, put_welcome);
  return {table::Body::Commit,
          table::CreateCommit(b, conversation, client, m.epoch.value, payload, group_info, welcomes).Union()};
}
Written put_body(Builder& b, const CreateDirect& m) {
  const auto peer = put_id(b, m.peer);
  const auto client = put_id(b, m.client_id);
  const auto payload = put(b, m.payload);
  const auto group_info = put(b, m.group_info);
  const auto welcomes = put_all(b, m.welcomes, put_welcome);
  const auto founding = put(b, m.founding);
  return {table::Body::CreateDirect,
          table::CreateCreateDirect(b, peer, client, payload, group_info, welcomes, founding).Union()};
}
Written put_body(Builder& b, const Read& m) {
  return {table::Body::Read, table::CreateRead(b, put_id(b, m.conversation), m.after_seq.value, m.limit_bytes).Union()};
}
Written put_body(Builder& b, const ReadMailbox& m) {
  return {table::Body::ReadMailbox, table::CreateReadMailbox(b, m.after_seq.value, m.limit_bytes).Union()};
}
Written put_body(Builder& b, const TrimMailbox& m) {
  return {table::Body::TrimMailbox, table::CreateTrimMailbox(b, m.up_to_seq.value).Union()};
}
Written put_body(Builder& b, const SetCursor& m) {
  return {table::Body::SetCursor,
          table::CreateSetCursor(b, put_id(b, m.conversation), m.delivered.value, m.read.value).Union()};
}
Written put_body(Builder& b, const GetGroup& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto proof = m.proof.empty() ? BytesOffset() : put(b, m.proof);
  return {table::Body::GetGroup, table::CreateGetGroup(b, conversation, m.epoch.value, m.first_node, proof).Union()};
}
Written put_body(Builder& b, const ConfirmGroup& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto group_info = put(b, m.group_info);
  return {table::Body::ConfirmGroup, table::CreateConfirmGroup(b, conversation, m.epoch.value, group_info).Union()};
}
Written put_body(Builder& b, const GetChanges& m) {
  return {table::Body::GetChanges, table::CreateGetChanges(b, put_id(b, m.conversation)).Union()};
}
Written put_body(Builder& b, const FoundGroup& m) {
  const auto client = put_id(b, m.client_id);
  const auto payload = put(b, m.payload);
  const auto group_info = put(b, m.group_info);
  const auto founding = put(b, m.founding);
  return {table::Body::FoundGroup, table::CreateFoundGroup(b, client, payload, group_info, founding).Union()};
}
Written put_body(Builder& b, const MarkBroken& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto mark = put(b, m.mark);
  const auto key_package = put(b, m.key_package);
  return {table::Body::MarkBroken, table::CreateMarkBroken(b, conversation, mark, key_package).Union()};
}
Written put_body(Builder& b, const RequestJoin& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto proof = put(b, m.proof);
  return {table::Body::RequestJoin, table::CreateRequestJoin(b, conversation, proof).Union()};
}
Written put_body(Builder& b, const DeclineJoin& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto user = put_id(b, m.user);
  return {table::Body::DeclineJoin, table::CreateDeclineJoin(b, conversation, user).Union()};
}
Written put_body(Builder& b, const Leave& m) {
  const auto conversation = put_id(b, m.conversation);
  const auto note = put(b, m.note);
  return {table::Body::Leave, table::CreateLeave(b, conversation, note).Union()};
}
Written put_body(Builder& b, const GetReceipts& m) {
  return {table::Body::GetReceipts,
          table::CreateGetReceipts(b, put_id(b, m.conversation), m.watch, m.seq.value).Union()};
}
Written put_body(Builder& b, const Receipts& m) {
  return {table::Body::Receipts,
          table::CreateReceipts(b, put_all(b, m.cursors, put_cursor), m.counted, m.of, m.delivered, m.read).Union()};
}
Written put_body(Builder& b, const Changes& m) {
  const auto grounds = put(b, m.grounds);
  // Nothing is written for none.
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<table::KeyPackage>>> packages;
  const auto one = [](Builder& to, ByteView bytes) { return table::CreateKeyPackage(to, put(to, bytes)); };
  if (!m.packages.empty()) packages = put_all(b, m.packages, one);
  return {table::Body::Changes, table::CreateChanges(b, grounds, packages).Union()};
}
Written put_body(Builder& b, const ChangesHint& m) {
  return {table::Body::ChangesHint, table::CreateChangesHint(b, put_id(b, m.conversation)).Union()};
}
Written put_body(Builder& b, const ArchiveAppend& m) {
  const auto client = put_id(b, m.client_id);
  const auto chain = put_id(b, m.chain);
  const auto payload = put(b, m.payload);
  return {table::Body::ArchiveAppend, table::CreateArchiveAppend(b, client, m.after_seq.value, chain, payload).Union()};
}
Written put_body(Builder& b, const ReadArchive& m) {
  return {table::Body::ReadArchive,
          table::CreateReadArchive(b, m.after_seq.value, m.before_seq.value, m.limit_bytes, m.newest_first).Union()};
}
Written put_body(Builder& b, const EraseArchive& m) {
  std::vector<std::uint64_t> seqs;
  seqs.reserve(m.seqs.size());
  for (const Seq seq : m.seqs) seqs.push_back(seq.value);
  return {table::Body::EraseArchive, table::CreateEraseArchive(b, b.CreateVector(seqs)).Union()};
}
Written put_body(Builder& b, const ArchiveBlocks& m) {
  const auto blocks = put_all(b, m.blocks, put_block);
  const auto chain = put_id(b, m.chain);
  return {table::Body::ArchiveBlocks, table::CreateArchiveBlocks(b, blocks, m.head_seq.value, chain).Union()};
}
Written put_body(Builder& b, const ArchiveHint& m) {
  return {table::Body::ArchiveHint, table::CreateArchiveHint(b, put_block(b, m.block)).Union()};
}
Written put_body(Builder& b, const Error& m) {
  return {table::Body::Error, table::CreateError(b, static_cast<table::ErrorCode>(m.code), b.CreateString(m.detail),
                                                 m.retry_after_ms, m.epoch.value, m.head_seq.value, m.first_seq.value)
                                  .Union()};
}
Written put_body(Builder& b, const HelloOk& m) {
  const auto history = put_id(b, m.history_id);
  const auto user = put_id(b, m.user);
  const auto device = put_id(b, m.device);
  return {table::Body::HelloOk,
          table::CreateHelloOk(b, history, static_cast<std::uint64_t>(m.time_ms), user, device).Union()};
}
Written put_body(Builder& b, const Pong& m) {
  return {table::Body::Pong, table::CreatePong(b, static_cast<std::uint64_t>(m.time_ms)).Union()};
}
Written put_body(Builder& b, const Ok&) { return {table::Body::Ok, table::CreateOk(b).Union()}; }
Written put_body(Builder& b, const SyncOk& m) {
  const auto token = put(b, m.token);
  const auto history = put_id(b, m.history_id);
  const auto heads = put_all(b, m.heads, put_head);
  return {table::Body::SyncOk,
          table::CreateSyncOk(b, token, history, heads, m.mailbox_head.value, m.more, m.archive_head.value).Union()};
}
Written put_body(Builder& b, const Appended& m) {
  return {table::Body::Appended,
          table::CreateAppended(b, m.seq.value, static_cast<std::uint64_t>(m.time_ms), m.duplicate).Union()};
}
Written put_body(Builder& b, const Entries& m) {
  return {table::Body::Entries, table::CreateEntries(b, put_all(b, m.entries, put_entry), m.head_seq.value).Union()};
}
Written put_body(Builder& b, const Mails& m) {
  return {table::Body::Mails, table::CreateMails(b, put_all(b, m.mails, put_mail), m.head_seq.value).Union()};
}
Written put_body(Builder& b, const Group& m) {
  const auto group_info = put(b, m.group_info);
  const auto nodes = put(b, m.nodes);
  return {table::Body::Group,
          table::CreateGroup(b, m.epoch.value, m.head_seq.value, group_info, nodes, m.next_node).Union()};
}
Written put_body(Builder& b, const EntryHint& m) {
  const auto conversation = put_id(b, m.conversation);
  return {table::Body::EntryHint, table::CreateEntryHint(b, conversation, put_entry(b, m.entry)).Union()};
}
Written put_body(Builder& b, const MailHint& m) {
  return {table::Body::MailHint, table::CreateMailHint(b, put_mail(b, m.mail)).Union()};
}
Written put_body(Builder& b, const CursorHint& m) {
  const auto conversation = put_id(b, m.conversation);
  return {table::Body::CursorHint, table::CreateCursorHint(b, conversation, put_cursor(b, m.cursor)).Union()};
}
Written put_body(Builder& b, const CursorsHint& m) {
  const auto conversation = put_id(b, m.conversation);
  return {table::Body::CursorsHint,
          table::CreateCursorsHint(b, conversation, put_all(b, m.cursors, put_cursor)).Union()};
}
Written put_body(Builder& b, const Resync&) { return {table::Body::Resync, table::CreateResync(b).Union()}; }
Written put_body(Builder& b, const Goodbye& m) {
  return {table::Body::Goodbye, table::CreateGoodbye(b, m.reconnect_after_ms).Union()};
}

}  // namespace

Bytes encode(const Frame& frame) {
  Builder builder(512);
  const Written body = std::visit([&](const auto& m) { return put_body(builder, m); }, frame.body);
  builder.Finish(table::CreateFrame(builder, frame.id, body.type, body.offset));
  KITH_CHECK(builder.GetSize() <= kMaxFrameBytes);
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace kith::wire
