#include "keys/conversation.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "keys/fields.h"

namespace kith::keys {

ConversationId direct_conversation(const UserId& a, const UserId& b) {
  mls::Writer w;
  w.raw(as_view("kith direct v1"));
  w.raw(std::min(a, b).view());
  w.raw(std::max(a, b).view());
  return {crypto::sha256(w.view())};
}

ConversationId group_conversation(const UserId& creator, const ClientId& first_commit) {
  mls::Writer w;
  w.raw(as_view("kith group conversation v1"));
  w.raw(creator.view());
  w.raw(first_commit.view());
  return {crypto::sha256(w.view())};
}

Bytes group_id(const ConversationId& conversation, std::uint32_t incarnation) {
  mls::Writer w;
  w.raw(as_view("kith group v1"));
  w.raw(conversation.view());
  w.u32(incarnation);
  return to_bytes(crypto::sha256(w.view()));
}

Bytes log_step(const EntryFacts& entry, ByteView payload) {
  mls::Writer w;
  w.u64(entry.seq.value);
  w.u64(entry.time_ms);
  w.raw(entry.sender_user.view());
  w.raw(entry.sender_device.view());
  w.raw(entry.client_id.view());
  w.u8(entry.kind);
  w.u64(entry.epoch.value);
  w.raw(crypto::sha256(payload));
  return w.bytes();
}

LogHash next_log_hash(const LogHash& before, ByteView step) {
  mls::Writer w;
  w.raw(before);
  w.raw(step);
  return crypto::sha256(w.view());
}

LogHash next_log_hash(const LogHash& before, const EntryFacts& entry, ByteView payload) {
  return next_log_hash(before, log_step(entry, payload));
}

Bytes AuthenticatedData::encode() const {
  mls::Writer w;
  w.u8(kVersion);
  w.raw(conversation.view());
  w.raw(history_id.view());
  w.raw(client_id.view());
  w.u8(kind);
  w.u64(last_seq.value);
  w.raw(last_hash);
  w.opaque(extra);
  return w.bytes();
}

Result<AuthenticatedData> AuthenticatedData::decode(ByteView in) {
  mls::Reader r(in);
  AuthenticatedData d;
  const bool known = r.u8() == kVersion;
  d.conversation = read_id<ConversationId>(r);
  d.history_id = read_id<HistoryId>(r);
  d.client_id = read_id<ClientId>(r);
  d.kind = r.u8();
  d.last_seq = {r.u64()};
  read_array(r, d.last_hash);
  d.extra = to_bytes(r.opaque());
  KITH_TRY_VOID(finish(r, "authenticated data"));
  if (!known) return fail(Errc::malformed, "authenticated data of an unknown version");
  return d;
}

}  // namespace kith::keys
