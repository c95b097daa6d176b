#include <flatbuffers/flatbuffers.h>

#include "wire/frame.h"
#include "wire/wire_generated.h"

namespace kith::wire {
namespace {

namespace table = ::kith::wire::fb;

// Deep enough for Frame -> SyncOk -> Head -> Cursor, with room to grow; many tables, since a page has many entries.
constexpr flatbuffers::uoffset_t kMaxDepth = 8;
constexpr flatbuffers::uoffset_t kMaxTables = 65536;

// Collects the first thing that is wrong, so that each table reads in one expression.
class Reader {
 public:
  template <class Id>
  Id id(const flatbuffers::Vector<std::uint8_t>* v, const char* name) {
    if (v != nullptr) {
      if (const auto found = Id::from({v->data(), v->size()})) return *found;
    }
    wrong(name);
    return {};
  }

  ByteView bytes(const flatbuffers::Vector<std::uint8_t>* v) {
    return v == nullptr ? ByteView{} : ByteView{v->data(), v->size()};
  }

  std::string text(const flatbuffers::String* s) { return s == nullptr ? std::string() : s->str(); }

  std::int64_t time(std::uint64_t ms, const char* name) {
    if (ms > std::uint64_t{1} << 62) wrong(name);
    return static_cast<std::int64_t>(ms);
  }

  template <class Out, class T>
  std::vector<Out> all(const flatbuffers::Vector<flatbuffers::Offset<T>>* v) {
    std::vector<Out> out;
    if (v == nullptr) return out;
    out.reserve(v->size());
    for (const T* item : *v) out.push_back(read(*item));
    return out;
  }

  Entry read(const table::Entry& e) {
    return {{e.seq()},
            time(e.time_ms(), "entry.time_ms"),
            id<UserId>(e.sender_user(), "entry.sender_user"),
            id<DeviceId>(e.sender_device(), "entry.sender_device"),
            id<ClientId>(e.client_id(), "entry.client_id"),
            static_cast<EntryKind>(e.kind()),
            {e.epoch()},
            bytes(e.payload())};
  }
  Mail read(const table::Mail& m) {
    return {{m.seq()},
            time(m.time_ms(), "mail.time_ms"),
            static_cast<MailKind>(m.kind()),
            id<ConversationId>(m.conversation(), "mail.conversation"),
            {m.conversation_seq()},
            id<UserId>(m.sender_user(), "mail.sender_user"),
            bytes(m.payload())};
  }
  Cursor read(const table::Cursor& c) { return {id<UserId>(c.user(), "cursor.user"), {c.delivered()}, {c.read()}}; }
  DeviceWelcome read(const table::DeviceWelcome& w) {
    return {id<UserId>(w.user(), "welcome.user"), id<DeviceId>(w.device(), "welcome.device"), bytes(w.payload())};
  }
  ByteView read(const table::KeyPackage& k) { return bytes(k.payload()); }
  Head read(const table::Head& h) {
    return {id<ConversationId>(h.conversation(), "head.conversation"),
            {h.head_seq()},
            {h.epoch()},
            all<Cursor>(h.cursors())};
  }

  ArchiveBlock hinted(const table::ArchiveBlock& b) {
    ArchiveBlock block{{b.seq()}, time(b.time_ms(), "block.time_ms"), bytes(b.payload())};
    if (b.erased() != nullptr) block.erased = id<Hash>(b.erased(), "block.erased");
    if (block.erased && !block.payload.empty()) wrong("block.payload");
    return block;
  }
  // Whoever appends says something: no block is without a payload that is not erased.
  ArchiveBlock read(const table::ArchiveBlock& b) {
    const ArchiveBlock block = hinted(b);
    if (block.payload.empty() && !block.erased) wrong("block.payload");
    return block;
  }
  static std::vector<Seq> seqs(const flatbuffers::Vector<std::uint64_t>* v) {
    std::vector<Seq> out;
    if (v == nullptr) return out;
    out.reserve(v->size());
    for (const std::uint64_t seq : *v) out.push_back({seq});
    return out;
  }

  // Requests first, then responses, then hints: a union member that none of them knows is wrong.
  Body read_request(const table::Frame& f);

  void wrong(const char* name) {
    if (wrong_ == nullptr) wrong_ = name;
  }
  [[nodiscard]] const char* what_is_wrong() const { return wrong_; }

 private:
  Body read_archive_request(const table::Frame& f);
  Body read_response(const table::Frame& f);
  Body read_hint(const table::Frame& f);

  const char* wrong_ = nullptr;
};

Body Reader::read_request(const table::Frame& f) {
  if (const auto* m = f.body_as_Hello()) return Hello{text(m->token()), m->version()};
  if (f.body_as_Ping() != nullptr) return Ping{};
  if (const auto* m = f.body_as_Sync()) return Sync{bytes(m->token())};
  if (const auto* m = f.body_as_Append()) {
    return Append{id<ConversationId>(m->conversation(), "conversation"),
                  id<ClientId>(m->client_id(), "client_id"),
                  {m->epoch()},
                  bytes(m->payload()),
                  m->silent()};
  }
  if (const auto* m = f.body_as_Commit()) {
    return Commit{id<ConversationId>(m->conversation(), "conversation"),
                  id<ClientId>(m->client_id(), "client_id"),
                  {m->epoch()},
                  bytes(m->payload()),
                  bytes(m->group_info()),
                  all<DeviceWelcome>(m->welcomes())};
  }
  if (const auto* m = f.body_as_CreateDirect()) {
    return CreateDirect{id<UserId>(m->peer(), "peer"), id<ClientId>(m->client_id(), "client_id"), bytes(m->payload()),
                        bytes(m->group_info()),        all<DeviceWelcome>(m->welcomes()),         bytes(m->founding())};
  }
  if (const auto* m = f.body_as_Read()) {
    return Read{id<ConversationId>(m->conversation(), "conversation"), {m->after_seq()}, m->limit_bytes()};
  }
  if (const auto* m = f.body_as_ReadMailbox()) return ReadMailbox{{m->after_seq()}, m->limit_bytes()};
  if (const auto* m = f.body_as_TrimMailbox()) return TrimMailbox{{m->up_to_seq()}};
  if (const auto* m = f.body_as_SetCursor()) {
    return SetCursor{id<ConversationId>(m->conversation(), "conversation"), {m->delivered()}, {m->read()}};
  }
  if (const auto* m = f.body_as_GetGroup()) {
    return GetGroup{
        id<ConversationId>(m->conversation(), "conversation"), {m->epoch()}, m->first_node(), bytes(m->proof())};
  }
  if (const auto* m = f.body_as_ConfirmGroup()) {
    return ConfirmGroup{id<ConversationId>(m->conversation(), "conversation"), {m->epoch()}, bytes(m->group_info())};
  }
  if (const auto* m = f.body_as_GetChanges()) return GetChanges{id<ConversationId>(m->conversation(), "conversation")};
  if (const auto* m = f.body_as_FoundGroup()) {
    return FoundGroup{id<ClientId>(m->client_id(), "client_id"), bytes(m->payload()), bytes(m->group_info()),
                      bytes(m->founding())};
  }
  if (const auto* m = f.body_as_MarkBroken()) {
    return MarkBroken{id<ConversationId>(m->conversation(), "conversation"), bytes(m->mark()), bytes(m->key_package())};
  }
  if (const auto* m = f.body_as_Leave())
    return Leave{id<ConversationId>(m->conversation(), "conversation"), bytes(m->note())};
  if (const auto* m = f.body_as_GetReceipts())
    return GetReceipts{id<ConversationId>(m->conversation(), "conversation"), m->watch(), {m->seq()}};
  if (const auto* m = f.body_as_RequestJoin())
    return RequestJoin{id<ConversationId>(m->conversation(), "conversation"), bytes(m->proof())};
  if (const auto* m = f.body_as_DeclineJoin())
    return DeclineJoin{id<ConversationId>(m->conversation(), "conversation"), id<UserId>(m->user(), "user")};
  return read_archive_request(f);
}

Body Reader::read_archive_request(const table::Frame& f) {
  if (const auto* m = f.body_as_ArchiveAppend()) {
    return ArchiveAppend{id<ClientId>(m->client_id(), "client_id"),
                         {m->after_seq()},
                         id<Hash>(m->chain(), "chain"),
                         bytes(m->payload())};
  }
  if (const auto* m = f.body_as_ReadArchive())
    return ReadArchive{{m->after_seq()}, {m->before_seq()}, m->limit_bytes(), m->newest_first()};
  if (const auto* m = f.body_as_EraseArchive()) return EraseArchive{seqs(m->seqs())};
  return read_response(f);
}

Body Reader::read_response(const table::Frame& f) {
  if (const auto* m = f.body_as_Error()) {
    return Error{static_cast<ErrorCode>(m->code()),
                 text(m->detail()),
                 m->retry_after_ms(),
                 {m->epoch()},
                 {m->head_seq()},
                 {m->first_seq()}};
  }
  if (const auto* m = f.body_as_HelloOk()) {
    return HelloOk{id<HistoryId>(m->history_id(), "history_id"), time(m->time_ms(), "time_ms"),
                   id<UserId>(m->user(), "user"), id<DeviceId>(m->device(), "device")};
  }
  if (const auto* m = f.body_as_Pong()) return Pong{time(m->time_ms(), "time_ms")};
  if (f.body_as_Ok() != nullptr) return Ok{};
  if (const auto* m = f.body_as_SyncOk()) {
    return SyncOk{bytes(m->token()),
                  id<HistoryId>(m->history_id(), "history_id"),
                  all<Head>(m->heads()),
                  {m->mailbox_head()},
                  m->more(),
                  {m->archive_head()}};
  }
  if (const auto* m = f.body_as_Appended()) return Appended{{m->seq()}, time(m->time_ms(), "time_ms"), m->duplicate()};
  if (const auto* m = f.body_as_Entries()) return Entries{all<Entry>(m->entries()), {m->head_seq()}};
  if (const auto* m = f.body_as_Mails()) return Mails{all<Mail>(m->mails()), {m->head_seq()}};
  if (const auto* m = f.body_as_Changes()) return Changes{bytes(m->grounds()), all<ByteView>(m->packages())};
  if (const auto* m = f.body_as_Group())
    return Group{{m->epoch()}, {m->head_seq()}, bytes(m->group_info()), bytes(m->nodes()), m->next_node()};
  if (const auto* m = f.body_as_Receipts())
    return Receipts{all<Cursor>(m->cursors()), m->counted(), m->of(), m->delivered(), m->read()};
  if (const auto* m = f.body_as_ArchiveBlocks())
    return ArchiveBlocks{all<ArchiveBlock>(m->blocks()), {m->head_seq()}, id<Hash>(m->chain(), "chain")};
  return read_hint(f);
}

Body Reader::read_hint(const table::Frame& f) {
  if (const auto* m = f.body_as_EntryHint()) {
    if (m->entry() == nullptr) wrong("entry");
    return EntryHint{id<ConversationId>(m->conversation(), "conversation"),
                     m->entry() == nullptr ? Entry{} : read(*m->entry())};
  }
  if (const auto* m = f.body_as_MailHint()) {
    if (m->mail() == nullptr) wrong("mail");
    return MailHint{m->mail() == nullptr ? Mail{} : read(*m->mail())};
  }
  if (const auto* m = f.body_as_CursorHint()) {
    if (m->cursor() == nullptr) wrong("cursor");
    return CursorHint{id<ConversationId>(m->conversation(), "conversation"),
                      m->cursor() == nullptr ? Cursor{} : read(*m->cursor())};
  }
  if (const auto* m = f.body_as_CursorsHint())
    return CursorsHint{id<ConversationId>(m->conversation(), "conversation"), all<Cursor>(m->cursors())};
  if (const auto* m = f.body_as_ArchiveHint()) {
    if (m->block() == nullptr) wrong("block");
    return ArchiveHint{m->block() == nullptr ? ArchiveBlock{} : hinted(*m->block())};
  }
  if (const auto* m = f.body_as_Goodbye()) return Goodbye{m->reconnect_after_ms()};
  if (const auto* m = f.body_as_ChangesHint())
    return ChangesHint{id<ConversationId>(m->conversation(), "conversation")};
  if (f.body_as_Resync() == nullptr) wrong("body");
  return Resync{};
}

}  // namespace

Result<Frame> decode(ByteView bytes) {
  if (bytes.size() > kMaxFrameBytes) return fail(Errc::too_large, "a frame is at most 1 MiB");
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxDepth, kMaxTables);
  if (!table::VerifyFrameBuffer(verifier)) return fail(Errc::malformed, "not a Frame");
  const table::Frame& f = *table::GetFrame(bytes.data());
  Reader reader;
  Frame frame{f.id(), reader.read_request(f)};
  if (reader.what_is_wrong() != nullptr) {
    return fail(Errc::malformed, std::string("wrong field: ") + reader.what_is_wrong());
  }
  return frame;
}

}  // namespace kith::wire
