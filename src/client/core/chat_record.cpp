#include <algorithm>

#include "client/core/record_codec.h"

namespace kith::client {

using namespace record_codec;

// The templates of record_codec find these by their arguments, so they are in the records' own namespace.
static void put(mls::Writer& w, const ExpectedRecord& v) {
  put(w, v.seq);
  put(w, v.time_ms);
  w.u8(v.author);
}
static void get(mls::Reader& r, ExpectedRecord& v) {
  get(r, v.seq);
  get(r, v.time_ms);
  v.author = r.u8();
}
static void put(mls::Writer& w, const FilledRecord& v) {
  put(w, v.seq);
  put(w, v.is_own);
}
static void get(mls::Reader& r, FilledRecord& v) {
  get(r, v.seq);
  get(r, v.is_own);
}
static void put(mls::Writer& w, const AnswerRecord& v) {
  put(w, v.user);
  put(w, v.device);
  put(w, v.is_done);
  put(w, v.after);
}
static void get(mls::Reader& r, AnswerRecord& v) {
  get(r, v.user);
  get(r, v.device);
  get(r, v.is_done);
  get(r, v.after);
}
static void put(mls::Writer& w, const GapRecord& v) {
  put(w, v.id);
  w.u64(v.place);
  put(w, v.after);
  put(w, v.before);
  put(w, v.since_ms);
  put(w, v.listed);
  put(w, v.is_blurred);
  put(w, v.asked);
  put(w, v.asks_again);
  put(w, v.is_overdue);
  put(w, v.is_closed);
  put(w, v.missing);
  put(w, v.filled);
  put(w, v.others);
  put(w, v.said);
}
static void get(mls::Reader& r, GapRecord& v) {
  get(r, v.id);
  v.place = r.u64();
  get(r, v.after);
  get(r, v.before);
  get(r, v.since_ms);
  get(r, v.listed);
  get(r, v.is_blurred);
  get(r, v.asked);
  get(r, v.asks_again);
  get(r, v.is_overdue);
  get(r, v.is_closed);
  get(r, v.missing);
  get(r, v.filled);
  get(r, v.others);
  get(r, v.said);
  const auto is_of_others = [&](const ExpectedRecord& e) { return e.author < v.others.size(); };
  if (!std::ranges::all_of(v.missing, is_of_others)) r.refuse(mls::Errc::bad_value, "author");
}
static void put(mls::Writer& w, const SinceRecord& v) {
  put(w, v.user);
  put(w, v.seq);
  put(w, v.is_back);
}
static void get(mls::Reader& r, SinceRecord& v) {
  get(r, v.user);
  get(r, v.seq);
  get(r, v.is_back);
}
static void put(mls::Writer& w, const WentRecord& v) {
  put(w, v.user);
  put(w, v.seq);
  put(w, v.since);
}
static void get(mls::Reader& r, WentRecord& v) {
  get(r, v.user);
  get(r, v.seq);
  get(r, v.since);
}
static void put(mls::Writer& w, const KnownRecord& v) {
  put(w, v.user);
  w.opaque(v.identity_key);
}
static void get(mls::Reader& r, KnownRecord& v) {
  get(r, v.user);
  v.identity_key = to_bytes(r.opaque());
}
static void put(mls::Writer& w, const InviteRecord& v) {
  w.raw(v.key);
  w.opaque(v.seed);
}
static void get(mls::Reader& r, InviteRecord& v) {
  const ByteView key = r.raw(v.key.size());
  if (key.size() == v.key.size()) std::ranges::copy(key, v.key.begin());
  v.seed = to_secret(r.opaque());
}
static void put(mls::Writer& w, const LinkRecord& v) {
  w.raw(v.key);
  put(w, v.by);
  put(w, v.joined);
}
static void get(mls::Reader& r, LinkRecord& v) {
  const ByteView key = r.raw(v.key.size());
  if (key.size() == v.key.size()) std::ranges::copy(key, v.key.begin());
  get(r, v.by);
  get(r, v.joined);
}
static void put(mls::Writer& w, const GroupFacts& v) {
  put(w, v.profile.name);
  put(w, v.profile.description);
  w.u8(static_cast<std::uint8_t>(v.source));
  put(w, v.named_at);
  w.u32(v.members);
  w.u8(static_cast<std::uint8_t>(v.role));
  w.u8(static_cast<std::uint8_t>(v.may_send));
  put(w, v.to_add);
  put(w, v.floor);
  put(w, v.since);
  put(w, v.went);
  put(w, v.roster);
  put(w, v.profile_due_ms);
  put(w, v.invites);
  put(w, v.links);
  put(w, v.has_requests);
  put(w, v.joining);
}
static void get(mls::Reader& r, GroupFacts& v) {
  get(r, v.profile.name);
  get(r, v.profile.description);
  v.source = profile_source(r.u8());
  get(r, v.named_at);
  v.members = r.u32();
  v.role = static_cast<keys::Role>(r.u8());
  v.may_send = static_cast<keys::Who>(r.u8());
  get(r, v.to_add);
  get(r, v.floor);
  get(r, v.since);
  get(r, v.went);
  get(r, v.roster);
  get(r, v.profile_due_ms);
  get(r, v.invites);
  get(r, v.links);
  get(r, v.has_requests);
  get(r, v.joining);
}
static void put(mls::Writer& w, const ReturnRecord& v) {
  put(w, v.user);
  put(w, v.device);
  put(w, v.at);
  put(w, v.is_unseen);
  put(w, v.is_asked);
  put(w, v.after);
}
static void get(mls::Reader& r, ReturnRecord& v) {
  get(r, v.user);
  get(r, v.device);
  get(r, v.at);
  get(r, v.is_unseen);
  get(r, v.is_asked);
  get(r, v.after);
}

static void put(mls::Writer& w, const ChangeRecord& v) {
  w.u8(static_cast<std::uint8_t>(v.kind));
  put(w, v.users);
  w.u8(v.value);
  put(w, v.text);
}
static void get(mls::Reader& r, ChangeRecord& v) {
  v.kind = static_cast<ChangeKind>(r.u8());
  if (v.kind < ChangeKind::created || v.kind > ChangeKind::generation) r.refuse(mls::Errc::bad_value, "change");
  get(r, v.users);
  v.value = r.u8();
  get(r, v.text);
}

namespace record_codec {
void put(mls::Writer& w, const LineRecord& v) {
  put(w, v.by);
  put(w, v.changes);
}
void get(mls::Reader& r, LineRecord& v) {
  get(r, v.by);
  get(r, v.changes);
}
}  // namespace record_codec

void encode(mls::Writer& w, const ChatRecord& v) {
  version(w);
  put(w, v.peer);
  put(w, v.group);
  w.u8(static_cast<std::uint8_t>(v.membership));
  put(w, v.position);
  put(w, v.history);
  w.raw(v.hash);
  put(w, v.anchored);
  put(w, v.newest);
  w.u64(v.newest_epoch);
  w.u64(v.followed_epoch);
  put(w, v.refreshed_ms);
  w.u32(v.sent_since_refresh);
  put(w, v.outlived);
  for (const Seq s : {v.head, v.read, v.told_delivered, v.told_read, v.peer_delivered, v.peer_read}) put(w, s);
  w.u32(v.unread);
  w.u32(v.unread_mentions);
  put(w, v.is_unread_old);
  w.u64(v.next_pending);
  w.u32(v.pending);
  put(w, v.has_pending);
  put(w, v.unconfirmed);
  w.u64(v.order_base);
  put(w, v.last_ms);
  encode(w, v.last);
  put(w, v.doubtful);
  put(w, v.gaps);
  put(w, v.returns);
  w.u8(static_cast<std::uint8_t>(v.alerts));
  put(w, v.muted_until_ms);
  put(w, v.read_elsewhere);
  put(w, v.archive);
  put(w, v.is_out_by_word);
  put(w, v.has_left);
  put(w, v.has_again);
  put(w, v.is_doubted);
  put(w, v.is_history_new);
}
void decode(mls::Reader& r, ChatRecord& v) {
  version(r);
  get(r, v.peer);
  get(r, v.group);
  const std::uint8_t membership = r.u8();
  if (membership > static_cast<std::uint8_t>(Membership::out)) r.refuse(mls::Errc::bad_value, "membership");
  v.membership = static_cast<Membership>(membership);
  get(r, v.position);
  get(r, v.history);
  const ByteView hash = r.raw(v.hash.size());
  if (hash.size() == v.hash.size()) std::copy(hash.begin(), hash.end(), v.hash.begin());
  get(r, v.anchored);
  get(r, v.newest);
  if (v.newest.size() > v.position.value) r.refuse(mls::Errc::bad_value, "newest");
  v.newest_epoch = r.u64();
  v.followed_epoch = r.u64();
  get(r, v.refreshed_ms);
  v.sent_since_refresh = r.u32();
  get(r, v.outlived);
  for (Seq* s : {&v.head, &v.read, &v.told_delivered, &v.told_read, &v.peer_delivered, &v.peer_read}) get(r, *s);
  v.unread = r.u32();
  v.unread_mentions = r.u32();
  get(r, v.is_unread_old);
  v.next_pending = r.u64();
  v.pending = r.u32();
  get(r, v.has_pending);
  get(r, v.unconfirmed);
  v.order_base = r.u64();
  get(r, v.last_ms);
  decode(r, v.last);
  get(r, v.doubtful);
  get(r, v.gaps);
  get(r, v.returns);
  v.alerts = static_cast<AlertLevel>(r.u8());
  if (v.alerts > AlertLevel::none) r.refuse(mls::Errc::bad_value, "alerts");
  get(r, v.muted_until_ms);
  get(r, v.read_elsewhere);
  get(r, v.archive);
  get(r, v.is_out_by_word);
  get(r, v.has_left);
  get(r, v.has_again);
  get(r, v.is_doubted);
  get(r, v.is_history_new);
}

}  // namespace kith::client
