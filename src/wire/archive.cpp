#include "wire/archive.h"

#include "wire/archive_generated.h"
#include "wire/content.h"

namespace kith::wire {
namespace {

namespace table = ::kith::wire::archive_fb;
using Builder = flatbuffers::FlatBufferBuilder;
template <class T>
using Offset = flatbuffers::Offset<T>;
using ByteVector = flatbuffers::Vector<std::uint8_t>;
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

// ---- to bytes ----

Offset<ByteVector> put(Builder& b, ByteView bytes) {
  return bytes.empty() ? Offset<ByteVector>() : b.CreateVector(bytes.data(), bytes.size());
}
template <class Tag, std::size_t kSize>
Offset<ByteVector> put(Builder& b, const FixedId<Tag, kSize>& id) {
  return put(b, id.view());
}
Offset<ByteVector> put(Builder& b, const std::optional<UserId>& user) {
  return user ? put(b, *user) : Offset<ByteVector>();
}
Offset<flatbuffers::String> put(Builder& b, const std::string& text) {
  return text.empty() ? Offset<flatbuffers::String>() : b.CreateString(text);
}
std::uint64_t number(std::int64_t ms) { return static_cast<std::uint64_t>(ms); }

Offset<table::Change> put(Builder& b, const ArchivedChange& change) {
  Bytes users;
  for (const UserId& user : change.users) append(users, user.view());
  const auto all = put(b, ByteView(users));
  return table::CreateChange(b, change.kind, all, change.value, put(b, change.text));
}

Offset<table::Message> put(Builder& b, const ArchivedMessage& v);
Offset<table::Span> put(Builder& b, const ArchivedSpan& v);
Offset<table::ChatSettings> put(Builder& b, const ArchivedChat& v);
Offset<table::Person> put(Builder& b, const ArchivedPerson& v);

// Nothing where there is nothing.
template <class Table, class T>
Offset<flatbuffers::Vector<Offset<Table>>> put_all(Builder& b, const std::vector<T>& list) {
  std::vector<Offset<Table>> all;
  all.reserve(list.size());
  for (const T& v : list) all.push_back(put(b, v));
  return all.empty() ? Offset<flatbuffers::Vector<Offset<Table>>>() : b.CreateVector(all);
}

Offset<table::Message> put(Builder& b, const ArchivedMessage& v) {
  const auto client_id = put(b, v.client_id);
  const auto sender = put(b, v.sender);
  const auto content = put(b, ByteView(v.content));
  const auto first_id = v.first_id ? put(b, *v.first_id) : Offset<ByteVector>();
  const auto changes = put_all<table::Change>(b, v.changes);
  return table::CreateMessage(b, client_id, v.seq.value, sender, number(v.sent_ms), number(v.time_ms), content,
                              v.first_seq.value, first_id, changes);
}

Offset<table::Span> put(Builder& b, const ArchivedSpan& v) {
  const auto conversation = put(b, v.conversation);
  const auto history = put(b, v.history);
  const auto peer = put(b, v.peer);
  const auto name = put(b, v.name);
  return table::CreateSpan(b, conversation, history, v.from.value, v.to.value, peer, name,
                           put_all<table::Message>(b, v.messages));
}

Offset<table::ChatSettings> put(Builder& b, const ArchivedChat& v) {
  const auto conversation = put(b, v.conversation);
  return table::CreateChatSettings(b, conversation, number(v.at_ms), number(v.muted_until_ms), v.alerts, v.is_pinned,
                                   v.is_put_away, put(b, v.peer));
}

Offset<table::Person> put(Builder& b, const ArchivedPerson& v) {
  const auto user = put(b, v.user);
  const auto key = put(b, ByteView(v.identity_key));
  const auto name = put(b, v.name);
  return table::CreatePerson(b, user, key, v.is_verified, name, put(b, v.address), number(v.at_ms));
}

// ---- and back ----

std::int64_t milliseconds(std::uint64_t ms) { return static_cast<std::int64_t>(ms & ~kSign); }

ByteView bytes_of(const ByteVector* bytes) {
  return bytes == nullptr ? ByteView() : ByteView(bytes->data(), bytes->size());
}

template <class Id>
Result<void> get(const ByteVector* bytes, Id& id, const char* what) {
  const auto read = Id::from(bytes_of(bytes));
  if (!read) return fail(Errc::malformed, what);
  id = *read;
  return {};
}

Result<void> get(const ByteVector* bytes, std::optional<UserId>& user) {
  if (bytes == nullptr) return {};
  return get(bytes, user.emplace(), "the peer");
}

Result<void> get(const flatbuffers::String* from, std::string& text) {
  if (from != nullptr) text = from->str();
  if (!is_utf8(text)) return fail(Errc::malformed, "a text that is not UTF-8");
  return {};
}

Result<ArchivedChange> get(const table::Change& from) {
  ArchivedChange out{.kind = from.kind(), .value = from.value()};
  const ByteView users = bytes_of(from.users());
  if (users.size() % UserId::kSize != 0) return fail(Errc::malformed, "users");
  for (std::size_t at = 0; at < users.size(); at += UserId::kSize)
    out.users.push_back(*UserId::from(users.subspan(at, UserId::kSize)));
  KITH_TRY_VOID(get(from.text(), out.text));
  return out;
}

Result<ArchivedMessage> get(const table::Message& from) {
  ArchivedMessage out{.client_id = {},
                      .seq = {from.seq()},
                      .sender = {},
                      .sent_ms = milliseconds(from.sent_ms()),
                      .time_ms = milliseconds(from.time_ms()),
                      .content = to_bytes(bytes_of(from.content())),
                      .first_seq = {from.first_seq()}};
  KITH_TRY_VOID(get(from.client_id(), out.client_id, "a message's name"));
  KITH_TRY_VOID(get(from.sender(), out.sender, "a sender"));
  if (out.first_seq.value > 0 || from.first_id() != nullptr)
    KITH_TRY_VOID(get(from.first_id(), out.first_id.emplace(), "a message's first name"));
  if (from.changes() == nullptr) return out;
  for (const auto* change : *from.changes()) {
    KITH_TRY(auto read, get(*change));
    out.changes.push_back(std::move(read));
  }
  return out;
}

Result<ArchivedSpan> get(const table::Span& from) {
  ArchivedSpan out{.conversation = {}, .history = {}, .from = {from.from_seq()}, .to = {from.to_seq()}};
  KITH_TRY_VOID(get(from.conversation(), out.conversation, "a conversation"));
  KITH_TRY_VOID(get(from.history(), out.history, "a history"));
  KITH_TRY_VOID(get(from.peer(), out.peer));
  KITH_TRY_VOID(get(from.name(), out.name));
  if (out.from.value == 0 || out.to < out.from || out.to.value == ~std::uint64_t{0})
    return fail(Errc::malformed, "a span that is none");
  if (from.messages() == nullptr) return out;
  Seq least = out.from;
  for (const auto* message : *from.messages()) {
    KITH_TRY(auto read, get(*message));
    if (read.seq < least || read.seq > out.to) return fail(Errc::malformed, "a message out of its place");
    least = read.seq.next();
    out.messages.push_back(std::move(read));
  }
  return out;
}

Result<ArchivedChat> get(const table::ChatSettings& from) {
  ArchivedChat out{.conversation = {},
                   .at_ms = milliseconds(from.at_ms()),
                   .muted_until_ms = milliseconds(from.muted_until_ms()),
                   .alerts = from.alerts(),
                   .is_pinned = from.is_pinned(),
                   .is_put_away = from.is_put_away()};
  KITH_TRY_VOID(get(from.conversation(), out.conversation, "a conversation"));
  KITH_TRY_VOID(get(from.peer(), out.peer));
  return out;
}

Result<ArchivedPerson> get(const table::Person& from) {
  ArchivedPerson out{.user = {},
                     .identity_key = to_bytes(bytes_of(from.identity_key())),
                     .is_verified = from.is_verified(),
                     .at_ms = milliseconds(from.at_ms())};
  KITH_TRY_VOID(get(from.user(), out.user, "a person"));
  if (out.identity_key.size() != ArchivedPerson::kIdentityBytes) return fail(Errc::malformed, "an identity key");
  KITH_TRY_VOID(get(from.name(), out.name));
  KITH_TRY_VOID(get(from.address(), out.address));
  return out;
}

template <class Table, class T>
Result<void> get_all(const flatbuffers::Vector<Offset<Table>>* from, std::vector<T>& out) {
  if (from == nullptr) return {};
  for (const auto* each : *from) {
    KITH_TRY(auto read, get(*each));
    out.push_back(std::move(read));
  }
  return {};
}

}  // namespace

SecretBytes encode_archive(const ArchiveContent& content) {
  Builder b(1024);
  const auto spans = put_all<table::Span>(b, content.spans);
  const auto chats = put_all<table::ChatSettings>(b, content.chats);
  const auto people = put_all<table::Person>(b, content.people);
  Offset<table::AccountSettings> account;
  if (content.account)
    account = table::CreateAccountSettings(b, number(content.account->at_ms), content.account->is_on);
  Offset<table::Former> former;
  if (content.former) {
    const auto key = put(b, ByteView(content.former->archive_key));
    former = table::CreateFormer(b, content.former->generation, key);
  }
  b.Finish(table::CreateArchive(b, 1, spans, chats, people, account, former, content.can_be_erased));
  SecretBytes out = to_secret(ByteView(b.GetBufferPointer(), b.GetSize()));
  wipe(b.GetBufferPointer(), b.GetSize());
  return out;
}

Result<ArchiveContent> decode_archive(ByteView bytes) {
  // Read in place, and so as it needs to be aligned.
  const SecretBytes aligned = to_secret(bytes);
  constexpr auto kMaxDepth = 8;
  constexpr auto kMaxTables = 1 << 18;
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), kMaxDepth, kMaxTables);
  if (!table::VerifyArchiveBuffer(verifier)) return fail(Errc::malformed, "not an Archive");
  const table::Archive& from = *table::GetArchive(aligned.data());
  ArchiveContent out;
  KITH_TRY_VOID(get_all(from.spans(), out.spans));
  KITH_TRY_VOID(get_all(from.chats(), out.chats));
  KITH_TRY_VOID(get_all(from.people(), out.people));
  if (const auto* account = from.account())
    out.account = ArchivedAccount{milliseconds(account->at_ms()), account->is_on()};
  if (const auto* former = from.former()) {
    out.former = FormerKey{former->generation(), to_secret(bytes_of(former->archive_key()))};
    if (out.former->archive_key.size() != FormerKey::kKeyBytes) return fail(Errc::malformed, "a former key");
  }
  out.can_be_erased = from.can_be_erased();
  return out;
}

}  // namespace kith::wire
