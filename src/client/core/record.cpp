#include "client/core/record_codec.h"

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
Bytes join_requests() { return joined("bj"); }
Bytes archive() { return joined("bh"); }
Bytes archive_key(std::uint32_t generation) {
  Bytes key = joined("bo");
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<std::uint8_t>(generation >> shift));
  return key;
}
Bytes creation() { return joined("br"); }
Bytes link() { return joined("bl"); }
Bytes recovery() { return joined("bv"); }
Bytes next_generation() { return joined("bn"); }
Bytes foretold(const ConversationId& conversation) { return joined("bg", conversation.view()); }
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

Bytes line(const ConversationId& conversation, std::uint64_t order, std::uint16_t place) {
  Bytes key = message(conversation, order);
  key.push_back(static_cast<std::uint8_t>(place >> 8));
  key.push_back(static_cast<std::uint8_t>(place));
  return key;
}

Bytes again(const ConversationId& conversation, std::uint64_t order) {
  return ordered(joined("a", conversation.view()), order);
}

Bytes unshown(const ConversationId& conversation, std::uint64_t order) {
  return ordered(joined("u", conversation.view()), order);
}

Bytes end_of(Bytes prefix) {
  while (!prefix.empty() && prefix.back() == 0xFF) prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace row_key

using namespace record_codec;

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
  w.opaque(v.recovery_box);
  put(w, v.promised_user);
  put(w, v.newest_generation);
  put(w, v.listed);
  put(w, v.is_list_doubtful);
  put(w, v.is_old_copy);
}

void decode(mls::Reader& r, AccountRecord& v) {
  version(r);
  const std::uint8_t stage = r.u8();
  if (stage > static_cast<std::uint8_t>(Stage::removed)) r.refuse(mls::Errc::bad_value, "stage");
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
  v.recovery_box = to_bytes(r.opaque());
  get(r, v.promised_user);
  get(r, v.newest_generation);
  get(r, v.listed);
  get(r, v.is_list_doubtful);
  get(r, v.is_old_copy);
}

static void put(mls::Writer& w, const ComingRecord& v) {
  put(w, v.device_name);
  put(w, v.by);
  w.u64(v.list_floor);
  w.u32(v.lists_signed);
  put(w, v.removes_others);
  w.opaque(v.request);
}
static void get(mls::Reader& r, ComingRecord& v) {
  get(r, v.device_name);
  get(r, v.by);
  v.list_floor = r.u64();
  v.lists_signed = r.u32();
  get(r, v.removes_others);
  v.request = to_secret(r.opaque());
}

void encode(mls::Writer& w, const NextGenerationRecord& v) {
  version(w);
  put(w, v.revoked);
  put(w, v.certificate);
  w.opaque(v.secret);
  put(w, v.list);
  put(w, v.removes_unreachable);
  put(w, v.request);
}
void decode(mls::Reader& r, NextGenerationRecord& v) {
  version(r);
  get(r, v.revoked);
  get(r, v.certificate);
  v.secret = to_secret(r.opaque());
  get(r, v.list);
  get(r, v.removes_unreachable);
  get(r, v.request);
}

void encode(mls::Writer& w, const NewDeviceRecord& v) {
  version(w);
  w.opaque(v.private_key);
  w.opaque(v.public_key);
  put(w, v.address);
  put(w, v.expires_at_ms);
  w.opaque(v.token);
  w.opaque(v.offer);
  put(w, v.coming);
}
void decode(mls::Reader& r, NewDeviceRecord& v) {
  version(r);
  v.private_key = to_secret(r.opaque());
  v.public_key = to_bytes(r.opaque());
  get(r, v.address);
  get(r, v.expires_at_ms);
  v.token = to_secret(r.opaque());
  v.offer = to_bytes(r.opaque());
  get(r, v.coming);
}

void encode(mls::Writer& w, const RecoveryRecord& v) {
  version(w);
  w.opaque(v.signature);
  put(w, v.coming);
}
void decode(mls::Reader& r, RecoveryRecord& v) {
  version(r);
  v.signature = to_bytes(r.opaque());
  get(r, v.coming);
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

static void put(mls::Writer& w, const JoinRequestRecord& v) {
  put(w, v.link);
  put(w, v.asked_ms);
  put(w, v.refusal);
}
static void get(mls::Reader& r, JoinRequestRecord& v) {
  get(r, v.link);
  get(r, v.asked_ms);
  get(r, v.refusal);
}
void encode(mls::Writer& w, const JoinRequestsRecord& v) {
  version(w);
  put(w, v.requests);
}
void decode(mls::Reader& r, JoinRequestsRecord& v) {
  version(r);
  get(r, v.requests);
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
  put(w, v.device_list);
  put(w, v.generation);
  w.opaque(v.other_key);
  w.opaque(v.former_key);
  put(w, v.verified);
  put(w, v.untold);
  put(w, v.untold_generation);
  put(w, v.said_ms);
  put(w, v.archived_ms);
}
void decode(mls::Reader& r, ContactRecord& v) {
  version(r);
  get(r, v.user);
  get(r, v.name);
  get(r, v.address);
  v.identity_key = to_bytes(r.opaque());
  get(r, v.device_list);
  get(r, v.generation);
  v.other_key = to_bytes(r.opaque());
  v.former_key = to_bytes(r.opaque());
  get(r, v.verified);
  get(r, v.untold);
  get(r, v.untold_generation);
  get(r, v.said_ms);
  get(r, v.archived_ms);
}

namespace record_codec {
void put(mls::Writer& w, const wire::ReplyTo& v) {
  put(w, v.client_id);
  put(w, v.seq);
  put(w, v.sender);
  put(w, v.excerpt);
}
void get(mls::Reader& r, wire::ReplyTo& v) {
  get(r, v.client_id);
  get(r, v.seq);
  get(r, v.sender);
  get(r, v.excerpt);
}
void put(mls::Writer& w, const wire::Mention& v) {
  put(w, v.user);
  w.u32(v.start);
  w.u32(v.length);
}
void get(mls::Reader& r, wire::Mention& v) {
  get(r, v.user);
  v.start = r.u32();
  v.length = r.u32();
}

// Of a text, which they stand in.
static void get_mentions(mls::Reader& r, std::vector<wire::Mention>& mentions, std::string_view text) {
  get(r, mentions);
  if (!wire::check_mentions(mentions, text)) r.refuse(mls::Errc::bad_value, "mentions");
}
}  // namespace record_codec

void encode(mls::Writer& w, const MessageRecord& v) {
  version(w);
  put(w, v.id);
  put(w, v.seq);
  w.u64(v.order);
  w.u16(v.place);
  put(w, v.sender);
  put(w, v.sent_ms);
  put(w, v.time_ms);
  put(w, v.text.has_value());
  put(w, v.text.value_or(std::string{}));
  w.opaque(v.unknown);
  put(w, v.is_again);
  put(w, v.first_seq);
  put(w, v.first_id);
  put(w, v.lost);
  put(w, v.line);
  put(w, v.reply);
  put(w, v.mentions);
  put(w, v.mentions_me);
}
void decode(mls::Reader& r, MessageRecord& v) {
  version(r);
  get(r, v.id);
  get(r, v.seq);
  v.order = r.u64();
  v.place = r.u16();
  get(r, v.sender);
  get(r, v.sent_ms);
  get(r, v.time_ms);
  bool has_text = false;
  get(r, has_text);
  std::string text;
  get(r, text);
  if (has_text) v.text = std::move(text);
  v.unknown = to_bytes(r.opaque());
  get(r, v.is_again);
  get(r, v.first_seq);
  get(r, v.first_id);
  get(r, v.lost);
  get(r, v.line);
  get(r, v.reply);
  get_mentions(r, v.mentions, v.text.value_or(std::string{}));
  get(r, v.mentions_me);
}

void encode(mls::Writer& w, const AgainRecord& v) {
  version(w);
  put(w, v.seq);
}
void decode(mls::Reader& r, AgainRecord& v) {
  version(r);
  get(r, v.seq);
}

void encode(mls::Writer& w, const UnshownRecord& v) {
  version(w);
  put(w, v.seq);
}
void decode(mls::Reader& r, UnshownRecord& v) {
  version(r);
  get(r, v.seq);
}

void encode(mls::Writer& w, const OutgoingRecord& v) {
  version(w);
  put(w, v.id);
  w.u64(v.order);
  put(w, v.sent_ms);
  put(w, v.text);
  put(w, v.description);
  put(w, v.failure);
  put(w, v.failure_text);
  put(w, v.epoch);
  w.opaque(v.sealed);
  w.u8(static_cast<std::uint8_t>(v.kind));
  put(w, v.after);
  put(w, v.before);
  put(w, v.unshown);
  put(w, v.reply);
  put(w, v.mentions);
  put(w, v.first_id);
  put(w, v.retold);
  put(w, v.former);
}
void decode(mls::Reader& r, OutgoingRecord& v) {
  version(r);
  get(r, v.id);
  v.order = r.u64();
  get(r, v.sent_ms);
  get(r, v.text);
  get(r, v.description);
  get(r, v.failure);
  get(r, v.failure_text);
  get(r, v.epoch);
  v.sealed = to_bytes(r.opaque());
  v.kind = static_cast<OutgoingKind>(r.u8());
  if (v.kind > OutgoingKind::retold) r.refuse(mls::Errc::bad_value, "kind");
  get(r, v.after);
  get(r, v.before);
  get(r, v.unshown);
  get(r, v.reply);
  get_mentions(r, v.mentions, v.text);
  get(r, v.first_id);
  get(r, v.retold);
  get(r, v.former);
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
  for (const auto& [user, device, ref] : v.welcomed) {
    put(w, user);
    put(w, device);
    w.opaque(ref);
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
    auto& [user, device, ref] = v.welcomed.emplace_back();
    get(r, user);
    get(r, device);
    ref = to_bytes(r.opaque());
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
