#include "mls/group_context.h"

#include "mls/labels.h"

namespace kith::mls {

void encode(Writer& w, const GroupContext& v) {
  w.u16(v.version);
  w.u16(v.suite);
  w.opaque(v.group_id);
  w.u64(v.epoch);
  w.opaque(v.tree_hash);
  w.opaque(v.confirmed_transcript_hash);
  encode(w, v.extensions);
}
void decode(Reader& r, GroupContext& v) {
  v.version = r.u16();
  v.suite = r.u16();
  decode(r, v.group_id);
  v.epoch = r.u64();
  decode(r, v.tree_hash);
  decode(r, v.confirmed_transcript_hash);
  decode(r, v.extensions);
}

namespace {

void encode_without_signature(Writer& w, const GroupInfo& v) {
  encode(w, v.group_context);
  encode(w, v.extensions);
  w.opaque(v.confirmation_tag);
  w.u32(v.signer.value);
}

}  // namespace

void encode(Writer& w, const GroupInfo& v) {
  encode_without_signature(w, v);
  w.opaque(v.signature);
}
void decode(Reader& r, GroupInfo& v) {
  decode(r, v.group_context);
  decode(r, v.extensions);
  decode(r, v.confirmation_tag);
  v.signer = {r.u32()};
  decode(r, v.signature);
}

Bytes group_info_tbs(const GroupInfo& v) {
  Writer w;
  encode_without_signature(w, v);
  return w.bytes();
}

void sign(const crypto::Suite& suite, GroupInfo& v, const crypto::SignatureKeyPair& key) {
  v.signature = sign_with_label(suite, key, "GroupInfoTBS", group_info_tbs(v));
}

Result<void> verify_signature(const crypto::Suite& suite, const GroupInfo& v, ByteView signer_key) {
  return verify_with_label(suite, signer_key, "GroupInfoTBS", group_info_tbs(v), v.signature);
}

void encode(Writer& w, const EncryptedGroupSecrets& v) {
  w.opaque(v.new_member);
  encode(w, v.encrypted_group_secrets);
}
void decode(Reader& r, EncryptedGroupSecrets& v) {
  decode(r, v.new_member);
  decode(r, v.encrypted_group_secrets);
}

void encode(Writer& w, const Welcome& v) {
  w.u16(v.suite);
  encode(w, v.secrets);
  w.opaque(v.encrypted_group_info);
}
void decode(Reader& r, Welcome& v) {
  v.suite = r.u16();
  decode(r, v.secrets);
  decode(r, v.encrypted_group_info);
}

}  // namespace kith::mls
