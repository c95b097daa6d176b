#include "server/domain/records.h"

#include <algorithm>

#include "server/domain/record_codec.h"

namespace kith::server::domain {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kRegistrationVersion = 2;  // the first one had no earlier promise
constexpr std::uint8_t kDeviceVersion = 2;        // the first one did not say when a device was seen
constexpr std::uint8_t kKeyPackageVersion = 2;    // the first one did not say in which history it came
// Where a mail's body keeps the seq of its commit: behind version and kind.
constexpr std::size_t kMailSeqAt = 2;
constexpr std::size_t kMailHeadBytes = kMailSeqAt + 8 + ConversationId::kSize + UserId::kSize;

UnixMillis time_of(RecordReader& r) { return {static_cast<std::int64_t>(r.u64())}; }
void put(RecordWriter& w, UnixMillis t) { w.u64(static_cast<std::uint64_t>(t.value)); }

Digest digest_of(RecordReader& r) {
  Digest digest{};
  const ByteView v = r.raw(digest.size());
  if (!v.empty()) std::memcpy(digest.data(), v.data(), v.size());
  return digest;
}

template <class T>
std::optional<T> finish(const RecordReader& r, T v) {
  if (!r.done()) return std::nullopt;
  return v;
}

void put(RecordWriter& w, const Partition& v) { w.u8(static_cast<std::uint8_t>(v.kind)).bytes(v.id); }
Partition partition_of(RecordReader& r) {
  const auto kind = static_cast<PartitionKind>(r.u8());
  return {kind, to_bytes(r.bytes())};
}

}  // namespace

Bytes encode(const AccountRecord& v) {
  RecordWriter w(kVersion);
  w.bytes(v.sealed_name).bytes(v.identity_key).bytes(v.generation);
  put(w, v.created);
  return w.raw(v.registration.view()).take();
}

template <>
std::optional<AccountRecord> decode(ByteView in) {
  RecordReader r(in, kVersion);
  AccountRecord v;
  v.sealed_name = to_bytes(r.bytes());
  v.identity_key = to_bytes(r.bytes());
  v.generation = to_bytes(r.bytes());
  v.created = time_of(r);
  v.registration = r.id<RegistrationId>();
  return finish(r, std::move(v));
}

Bytes encode(const DeviceRecord& v) {
  RecordWriter w(kDeviceVersion);
  w.bytes(v.sealed_name).bytes(v.credential).bytes(v.leaf_key);
  put(w, v.created);
  put(w, v.last_seen);
  return w.take();
}

template <>
std::optional<DeviceRecord> decode(ByteView in) {
  const bool is_first = !in.empty() && in[0] == kVersion;
  RecordReader r(in, is_first ? kVersion : kDeviceVersion);
  DeviceRecord v;
  v.sealed_name = to_bytes(r.bytes());
  v.credential = to_bytes(r.bytes());
  v.leaf_key = to_bytes(r.bytes());
  v.created = time_of(r);
  v.last_seen = is_first ? to_the_hour(v.created) : time_of(r);
  return finish(r, std::move(v));
}

Bytes encode(const KeyPackageRecord& v) {
  return RecordWriter(kKeyPackageVersion).u64(v.not_after_s).bytes(v.message).raw(v.history.view()).take();
}

template <>
std::optional<KeyPackageRecord> decode(ByteView in) {
  const bool is_first = !in.empty() && in[0] == kVersion;
  RecordReader r(in, is_first ? kVersion : kKeyPackageVersion);
  KeyPackageRecord v;
  v.not_after_s = r.u64();
  v.message = to_bytes(r.bytes());
  if (!is_first) v.history = r.id<HistoryId>();
  return finish(r, std::move(v));
}

Bytes encode(const RegistrationRecord& v) {
  RecordWriter w(kRegistrationVersion);
  w.raw(v.id.view()).bytes(v.sealed_address).raw(v.code_hash);
  put(w, v.code_expires);
  w.u32(v.attempts_left).u32(v.codes_sent);
  put(w, v.counting_since);
  put(w, v.next_send);
  w.u8(v.user ? 1 : 0);
  if (v.user) w.raw(v.user->view());
  w.raw(v.proof_hash);
  put(w, v.proof_expires);
  w.u8(v.earlier ? 1 : 0);
  if (v.earlier) {
    w.raw(v.earlier->id.view()).raw(v.earlier->user.view()).raw(v.earlier->proof_hash);
    put(w, v.earlier->proof_expires);
  }
  return w.take();
}

template <>
std::optional<RegistrationRecord> decode(ByteView in) {
  const bool is_first = !in.empty() && in[0] == kVersion;
  RecordReader r(in, is_first ? kVersion : kRegistrationVersion);
  RegistrationRecord v;
  v.id = r.id<RegistrationId>();
  v.sealed_address = to_bytes(r.bytes());
  v.code_hash = digest_of(r);
  v.code_expires = time_of(r);
  v.attempts_left = r.u32();
  v.codes_sent = r.u32();
  v.counting_since = time_of(r);
  v.next_send = time_of(r);
  if (r.u8() != 0) v.user = r.id<UserId>();
  v.proof_hash = digest_of(r);
  v.proof_expires = time_of(r);
  if (!is_first && r.u8() != 0) {
    auto& earlier = v.earlier.emplace();
    earlier.id = r.id<RegistrationId>();
    earlier.user = r.id<UserId>();
    earlier.proof_hash = digest_of(r);
    earlier.proof_expires = time_of(r);
  }
  return finish(r, std::move(v));
}

Bytes encode(const RefreshRecord& v) {
  RecordWriter w(kVersion);
  w.u8(v.logged_out ? 1 : 0).raw(v.current).u8(v.next ? 1 : 0);
  if (v.next) w.raw(*v.next);
  w.u8(static_cast<std::uint8_t>(v.retired.size()));
  for (const Digest& digest : v.retired) w.raw(digest);
  return w.take();
}

template <>
std::optional<RefreshRecord> decode(ByteView in) {
  RecordReader r(in, kVersion);
  RefreshRecord v;
  v.logged_out = r.u8() != 0;
  v.current = digest_of(r);
  if (r.u8() != 0) v.next = digest_of(r);
  for (std::size_t left = r.u8(); left > 0 && r.ok(); --left) v.retired.push_back(digest_of(r));
  return finish(r, std::move(v));
}

Bytes encode(const LinkRecord& v) {
  RecordWriter w(kVersion);
  w.raw(v.token_hash).raw(v.address.view()).bytes(v.offer);
  put(w, v.expires);
  w.u8(v.claimer ? 1 : 0);
  if (v.claimer) w.raw(v.claimer->user.view()).raw(v.claimer->device.view());
  w.bytes(v.sealed).u8(v.coming ? 1 : 0);
  if (v.coming) {
    w.raw(v.coming->device.view()).bytes(v.coming->leaf_key);
    put(w, v.coming->until);
  }
  return w.take();
}

template <>
std::optional<LinkRecord> decode(ByteView in) {
  RecordReader r(in, kVersion);
  LinkRecord v;
  v.token_hash = digest_of(r);
  v.address = r.id<AddressHash>();
  v.offer = to_bytes(r.bytes());
  v.expires = time_of(r);
  if (r.u8() != 0) {
    auto& claimer = v.claimer.emplace();
    claimer.user = r.id<UserId>();
    claimer.device = r.id<DeviceId>();
  }
  v.sealed = to_bytes(r.bytes());
  if (r.u8() != 0) {
    auto& coming = v.coming.emplace();
    coming.device = r.id<DeviceId>();
    coming.leaf_key = to_bytes(r.bytes());
    coming.until = time_of(r);
  }
  return finish(r, std::move(v));
}

Bytes encode(const PinRecord& v) {
  RecordWriter w(kVersion);
  w.u32(v.cost.passes).u32(v.cost.memory_kib).raw(v.salt).raw(v.hash).u32(v.attempts);
  put(w, v.next_attempt);
  return w.take();
}

template <>
std::optional<PinRecord> decode(ByteView in) {
  RecordReader r(in, kVersion);
  PinRecord v;
  v.cost.passes = r.u32();
  v.cost.memory_kib = r.u32();
  std::ranges::copy(r.raw(v.salt.size()), v.salt.begin());
  v.hash = digest_of(r);
  v.attempts = r.u32();
  v.next_attempt = time_of(r);
  return finish(r, v);
}

Bytes encode(const ArchiveHead& v) {
  return RecordWriter(kVersion).u64(v.seq.value).raw(v.chain).u64(v.size_bytes).take();
}

template <>
std::optional<ArchiveHead> decode(ByteView in) {
  RecordReader r(in, kVersion);
  ArchiveHead v;
  v.seq = {r.u64()};
  v.chain = digest_of(r);
  v.size_bytes = r.u64();
  return finish(r, v);
}

Bytes encode(const ArchiveBlock& v) {
  RecordWriter w(kVersion, 2 + 8 + ClientId::kSize + 4 + v.payload.size());
  put(w, v.time);
  w.raw(v.client_id.view()).u8(v.erased ? 1 : 0);
  return v.erased ? w.raw(*v.erased).take() : w.bytes(v.payload).take();
}

template <>
std::optional<ArchiveBlock> decode(ByteView in) {
  RecordReader r(in, kVersion);
  ArchiveBlock v;
  v.time = time_of(r);
  v.client_id = r.id<ClientId>();
  if (r.u8() != 0) {
    v.erased = digest_of(r);
  } else {
    v.payload = to_bytes(r.bytes());
  }
  return finish(r, std::move(v));
}

Bytes entry_body(const Caller& sender, EntryKind kind, Epoch epoch, ByteView payload) {
  RecordWriter w(kVersion, 2 + UserId::kSize + DeviceId::kSize + 8 + payload.size());
  w.u8(static_cast<std::uint8_t>(kind)).raw(sender.user.view()).raw(sender.device.view()).u64(epoch.value).raw(payload);
  return w.take();
}

std::optional<Entry> entry_of(Seq seq, UnixMillis time, const ClientId& client_id, ByteView body) {
  RecordReader r(body, kVersion);
  Entry v{.seq = seq, .time = time, .client_id = client_id};
  v.kind = static_cast<EntryKind>(r.u8());
  v.sender.user = r.id<UserId>();
  v.sender.device = r.id<DeviceId>();
  v.epoch = {r.u64()};
  v.payload = r.rest();
  return finish(r, v);
}

Bytes mail_body(MailKind kind, const ConversationId& conversation, const UserId& sender, ByteView payload) {
  RecordWriter w(kVersion, kMailHeadBytes + payload.size());
  w.u8(static_cast<std::uint8_t>(kind)).u64(0).raw(conversation.view()).raw(sender.view()).raw(payload);
  return w.take();
}

bool place_mail(Bytes& body, Seq conversation_seq) {
  if (body.size() < kMailHeadBytes || body[0] != kVersion) return false;
  for (std::size_t i = 0; i < 8; ++i)
    body[kMailSeqAt + i] = static_cast<std::uint8_t>(conversation_seq.value >> (56 - 8 * i));
  return true;
}

std::optional<Mail> mail_of(const LogRecord& record) {
  RecordReader r(record.body, kVersion);
  Mail v{.seq = record.seq, .time = record.time};
  v.kind = static_cast<MailKind>(r.u8());
  v.conversation_seq = {r.u64()};
  v.conversation = r.id<ConversationId>();
  v.sender = r.id<UserId>();
  v.payload = r.rest();
  return finish(r, v);
}

Bytes encode(const PendingOutbox& v) {
  RecordWriter w(kVersion);
  w.u64(v.number);
  put(w, v.source);
  put(w, v.time);
  w.u32(static_cast<std::uint32_t>(v.seqs.size()));
  for (const Seq seq : v.seqs) w.u64(seq.value);
  put(w, v.row.target);
  w.u32(static_cast<std::uint32_t>(v.row.writes.size()));
  for (const RowWrite& write : v.row.writes) {
    w.u8(static_cast<std::uint8_t>(write.key.kind)).bytes(write.key.id).u8(write.value ? 1 : 0);
    if (write.value) w.bytes(*write.value);
  }
  w.u32(static_cast<std::uint32_t>(v.row.appends.size()));
  for (const LogAppend& a : v.row.appends) w.bytes(a.log).raw(a.client_id.view()).bytes(*a.body);
  return w.take();
}

template <>
std::optional<PendingOutbox> decode(ByteView in) {
  RecordReader r(in, kVersion);
  PendingOutbox v;
  v.number = r.u64();
  v.source = partition_of(r);
  v.time = time_of(r);
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) v.seqs.push_back({r.u64()});
  v.row.target = partition_of(r);
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    auto& write = v.row.writes.emplace_back();
    write.key.kind = static_cast<RowKind>(r.u8());
    write.key.id = to_bytes(r.bytes());
    if (r.u8() != 0) write.value = to_bytes(r.bytes());
  }
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    auto& a = v.row.appends.emplace_back();
    a.log = to_bytes(r.bytes());
    a.client_id = r.id<ClientId>();
    a.body = std::make_shared<const Bytes>(to_bytes(r.bytes()));
  }
  return finish(r, std::move(v));
}

}  // namespace kith::server::domain
