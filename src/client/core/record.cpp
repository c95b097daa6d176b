#include "client/core/record.h"

#include <array>

namespace kith::client {

namespace row_key {
namespace {

Bytes joined(std::string_view prefix, ByteView id = {}, std::string_view kind = {}) {
  Bytes key = to_bytes(prefix);
  append(key, id);
  append(key, as_view(kind));
  return key;
}

Bytes ordered(Bytes key, std::uint64_t order) {
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<std::uint8_t>(order >> shift));
  return key;
}

}  // namespace

Bytes generation() { return joined("b!generation"); }
Bytes account() { return joined("ba"); }
Bytes tokens() { return joined("bt"); }
Bytes sync() { return joined("bs"); }
Bytes creation() { return joined("br"); }
Bytes chat(const ConversationId& conversation) { return joined("bc", conversation.view()); }
Bytes contact(const UserId& user) { return joined("bp", user.view()); }
Bytes key_package_mark(ByteView ref) { return joined("bk", ref); }
Bytes key_package(ByteView ref) { return joined("k", ref); }
Bytes group(const ConversationId& conversation) { return joined("g", conversation.view()); }
Bytes group_epoch(const ConversationId& conversation) { return joined("g", conversation.view(), "e"); }
Bytes group_node(const ConversationId& conversation, mls::NodeIndex node) {
  return ordered(joined("g", conversation.view(), "t"), node.value);
}
Bytes group_ratchet(const ConversationId& conversation, mls::NodeIndex node) {
  return ordered(joined("g", conversation.view(), "r"), node.value);
}
std::optional<mls::NodeIndex> node_of(ByteView key) {
  std::uint64_t node = 0;
  if (key.size() < sizeof node) return std::nullopt;
  for (const std::uint8_t b : key.last(sizeof node)) node = node << 8 | b;
  return node <= 0xFFFFFFFF ? std::optional(mls::NodeIndex{static_cast<std::uint32_t>(node)}) : std::nullopt;
}
Bytes group_pending(const ConversationId& conversation) { return joined("g", conversation.view(), "p"); }
Bytes outgoing(const ConversationId& conversation, std::uint64_t order) {
  return ordered(joined("g", conversation.view(), "q"), order);
}
Bytes message(const ConversationId& conversation, std::uint64_t order) {
  return ordered(joined("m", conversation.view()), order);
}

Bytes end_of(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == 0xFF) prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace row_key

namespace {

// 3: new keys in time, gaps, trees node by node, ratchets piece by piece. Nothing older is read.
constexpr std::uint8_t kVersion = 3;

void version(mls::Writer& w) { w.u8(kVersion); }
void version(mls::Reader& r) {
  if (r.u8() != kVersion) r.refuse(mls::Errc::unsupported_version, "a record of another version");
}

template <class Tag, std::size_t kSize>
void put(mls::Writer& w, const FixedId<Tag, kSize>& id) {
  w.raw(id.view());
}
template <class Tag, std::size_t kSize>
void get(mls::Reader& r, FixedId<Tag, kSize>& id) {
  if (const auto read = FixedId<Tag, kSize>::from(r.raw(kSize))) id = *read;
}
template <class Tag>
void put(mls::Writer& w, const StrongNumber<Tag>& v) {
  w.u64(v.value);
}
template <class Tag>
void get(mls::Reader& r, StrongNumber<Tag>& v) {
  v.value = r.u64();
}
void put(mls::Writer& w, const std::string& v) { w.opaque(as_view(v)); }
void get(mls::Reader& r, std::string& v) { v = as_text(r.opaque()); }
void put(mls::Writer& w, std::int64_t v) { w.u64(static_cast<std::uint64_t>(v)); }
void get(mls::Reader& r, std::int64_t& v) { v = static_cast<std::int64_t>(r.u64()); }
void put(mls::Writer& w, bool v) { w.u8(v ? 1 : 0); }
void get(mls::Reader& r, bool& v) { v = r.u8() != 0; }
void put(mls::Writer& w, const ListAge& v) {
  w.u32(v.generation);
  w.u64(v.version);
}
void get(mls::Reader& r, ListAge& v) {
  v.generation = r.u32();
  v.version = r.u64();
}

}  // namespace

void encode(mls::Writer& w, const AccountRecord& v) {
  version(w);
  w.u8(static_cast<std::uint8_t>(v.stage));
  put(w, v.address);
  put(w, v.registration);
  put(w, v.proof);
  put(w, v.resend_at_ms);
  put(w, v.user);
  put(w, v.device);
  put(w, v.name);
  w.opaque(v.recovery_key);
  w.opaque(v.leaf_key);
  w.u32(v.generation);
  w.opaque(v.generation_secret);
  w.opaque(v.credential);
  put(w, v.device_list);
}

void decode(mls::Reader& r, AccountRecord& v) {
  version(r);
  const std::uint8_t stage = r.u8();
  if (stage > static_cast<std::uint8_t>(Stage::ready)) r.refuse(mls::Errc::bad_value, "stage");
  v.stage = static_cast<Stage>(stage);
  get(r, v.address);
  get(r, v.registration);
  get(r, v.proof);
  get(r, v.resend_at_ms);
  get(r, v.user);
  get(r, v.device);
  get(r, v.name);
  v.recovery_key = to_secret(r.opaque());
  v.leaf_key = to_secret(r.opaque());
  v.generation = r.u32();
  v.generation_secret = to_secret(r.opaque());
  v.credential = to_bytes(r.opaque());
  get(r, v.device_list);
}

void encode(mls::Writer& w, const TokenRecord& v) {
  version(w);
  put(w, v.access);
  put(w, v.access_until_ms);
  w.opaque(v.refresh);
}
void decode(mls::Reader& r, TokenRecord& v) {
  version(r);
  get(r, v.access);
  get(r, v.access_until_ms);
  v.refresh = to_secret(r.opaque());
}

void encode(mls::Writer& w, const SyncRecord& v) {
  version(w);
  w.opaque(v.token);
  w.opaque(v.history ? v.history->view() : ByteView{});
  w.u32(static_cast<std::uint32_t>(v.earlier.size()));
  for (const HistoryId& history : v.earlier) put(w, history);
  put(w, v.mailbox);
}
void decode(mls::Reader& r, SyncRecord& v) {
  version(r);
  v.token = to_bytes(r.opaque());
  v.history = HistoryId::from(r.opaque());
  const std::uint32_t count = r.u32();
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) get(r, v.earlier.emplace_back());
  get(r, v.mailbox);
}

void encode(mls::Writer& w, const KeyPackageMark& v) {
  version(w);
  put(w, v.last_resort);
  put(w, v.created_ms);
}
void decode(mls::Reader& r, KeyPackageMark& v) {
  version(r);
  get(r, v.last_resort);
  get(r, v.created_ms);
}

void encode(mls::Writer& w, const ContactRecord& v) {
  version(w);
  put(w, v.user);
  put(w, v.name);
  put(w, v.address);
  w.opaque(v.identity_key);
  put(w, v.identity_changed);
  put(w, v.device_list);
}
void decode(mls::Reader& r, ContactRecord& v) {
  version(r);
  get(r, v.user);
  get(r, v.name);
  get(r, v.address);
  v.identity_key = to_bytes(r.opaque());
  get(r, v.identity_changed);
  get(r, v.device_list);
}

void encode(mls::Writer& w, const MessageRecord& v) {
  version(w);
  put(w, v.id);
  put(w, v.seq);
  w.u64(v.order);
  put(w, v.sender);
  put(w, v.sent_ms);
  put(w, v.time_ms);
  put(w, v.text.has_value());
  put(w, v.text.value_or(std::string{}));
  w.opaque(v.unknown);
}
void decode(mls::Reader& r, MessageRecord& v) {
  version(r);
  get(r, v.id);
  get(r, v.seq);
  v.order = r.u64();
  get(r, v.sender);
  get(r, v.sent_ms);
  get(r, v.time_ms);
  bool has_text = false;
  get(r, has_text);
  std::string text;
  get(r, text);
  if (has_text) v.text = std::move(text);
  v.unknown = to_bytes(r.opaque());
}

void encode(mls::Writer& w, const OutgoingRecord& v) {
  version(w);
  put(w, v.id);
  w.u64(v.order);
  put(w, v.sent_ms);
  put(w, v.text);
  put(w, v.failure);
  put(w, v.failure_text);
  put(w, v.epoch);
  w.opaque(v.sealed);
  w.u8(static_cast<std::uint8_t>(v.kind));
  put(w, v.after);
  put(w, v.before);
}
void decode(mls::Reader& r, OutgoingRecord& v) {
  version(r);
  get(r, v.id);
  v.order = r.u64();
  get(r, v.sent_ms);
  get(r, v.text);
  get(r, v.failure);
  get(r, v.failure_text);
  get(r, v.epoch);
  v.sealed = to_bytes(r.opaque());
  v.kind = static_cast<OutgoingKind>(r.u8());
  if (v.kind > OutgoingKind::again) r.refuse(mls::Errc::bad_value, "kind");
  get(r, v.after);
  get(r, v.before);
}

void encode(mls::Writer& w, const ChatRecord& v) {
  version(w);
  put(w, v.peer);
  w.u8(static_cast<std::uint8_t>(v.membership));
  put(w, v.position);
  w.raw(v.hash);
  put(w, v.anchored);
  w.u64(v.newest_epoch);
  put(w, v.refreshed_ms);
  w.u32(v.sent_since_refresh);
  put(w, v.outlived);
  for (const Seq s : {v.head, v.read, v.told_delivered, v.told_read, v.peer_delivered, v.peer_read}) put(w, s);
  w.u32(v.unread);
  w.u64(v.next_pending);
  w.u32(v.pending);
  w.u64(v.order_base);
  put(w, v.last_ms);
  encode(w, v.last);
  w.u32(static_cast<std::uint32_t>(v.doubtful.size()));
  for (const UserId& user : v.doubtful) put(w, user);
  w.u32(static_cast<std::uint32_t>(v.gaps.size()));
  for (const GapRecord& gap : v.gaps) {
    for (const Seq s : {gap.after, gap.before}) put(w, s);
    w.u32(static_cast<std::uint32_t>(gap.filled.size()));
    for (const Seq s : gap.filled) put(w, s);
  }
  w.u32(static_cast<std::uint32_t>(v.returns.size()));
  for (const ReturnRecord& back : v.returns) {
    put(w, back.user);
    put(w, back.device);
    put(w, back.at);
    put(w, back.is_asked);
    put(w, back.after);
  }
}
void decode(mls::Reader& r, ChatRecord& v) {
  version(r);
  get(r, v.peer);
  const std::uint8_t membership = r.u8();
  if (membership > static_cast<std::uint8_t>(Membership::member)) r.refuse(mls::Errc::bad_value, "membership");
  v.membership = static_cast<Membership>(membership);
  get(r, v.position);
  const ByteView hash = r.raw(v.hash.size());
  if (hash.size() == v.hash.size()) std::copy(hash.begin(), hash.end(), v.hash.begin());
  get(r, v.anchored);
  v.newest_epoch = r.u64();
  get(r, v.refreshed_ms);
  v.sent_since_refresh = r.u32();
  get(r, v.outlived);
  for (Seq* s : {&v.head, &v.read, &v.told_delivered, &v.told_read, &v.peer_delivered, &v.peer_read}) get(r, *s);
  v.unread = r.u32();
  v.next_pending = r.u64();
  v.pending = r.u32();
  v.order_base = r.u64();
  get(r, v.last_ms);
  decode(r, v.last);
  const std::uint32_t doubtful = r.u32();
  for (std::uint32_t i = 0; i < doubtful && r.ok(); ++i) get(r, v.doubtful.emplace_back());
  const std::uint32_t gaps = r.u32();
  for (std::uint32_t i = 0; i < gaps && r.ok(); ++i) {
    GapRecord& gap = v.gaps.emplace_back();
    for (Seq* s : {&gap.after, &gap.before}) get(r, *s);
    const std::uint32_t filled = r.u32();
    for (std::uint32_t n = 0; n < filled && r.ok(); ++n) get(r, gap.filled.emplace_back());
  }
  const std::uint32_t returns = r.u32();
  for (std::uint32_t i = 0; i < returns && r.ok(); ++i) {
    ReturnRecord& back = v.returns.emplace_back();
    get(r, back.user);
    get(r, back.device);
    get(r, back.at);
    get(r, back.is_asked);
    get(r, back.after);
  }
}

void encode(mls::Writer& w, const PendingRecord& v) {
  version(w);
  put(w, v.external);
  put(w, v.id);
  put(w, v.epoch);
  w.opaque(v.commit);
  w.opaque(v.group_info);
  w.opaque(v.welcome);
  w.opaque(v.founding);
  w.u32(static_cast<std::uint32_t>(v.welcomed.size()));
  for (const auto& [user, device] : v.welcomed) {
    put(w, user);
    put(w, device);
  }
  w.opaque(v.next.head);
  w.u32(static_cast<std::uint32_t>(v.next.nodes.size()));
  for (const mls::NodeRecord& node : v.next.nodes) {
    w.u32(node.node.value);
    w.opaque(node.bytes);
  }
  encode(w, v.next_ratchets);
}
void decode(mls::Reader& r, PendingRecord& v) {
  version(r);
  get(r, v.external);
  get(r, v.id);
  get(r, v.epoch);
  v.commit = to_bytes(r.opaque());
  v.group_info = to_bytes(r.opaque());
  v.welcome = to_bytes(r.opaque());
  v.founding = to_bytes(r.opaque());
  const std::uint32_t count = r.u32();
  for (std::uint32_t i = 0; i < count && r.ok(); ++i) {
    auto& [user, device] = v.welcomed.emplace_back();
    get(r, user);
    get(r, device);
  }
  v.next.head = to_secret(r.opaque());
  const std::uint32_t nodes = r.u32();
  for (std::uint32_t i = 0; i < nodes && r.ok(); ++i) {
    mls::NodeRecord& node = v.next.nodes.emplace_back();
    node.node = {r.u32()};
    node.bytes = to_bytes(r.opaque());
  }
  decode(r, v.next_ratchets);
}

}  // namespace kith::client
