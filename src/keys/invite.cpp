#include "keys/invite.h"

#include "keys/fields.h"

namespace kith::keys {
namespace {

void encode_without_signature(mls::Writer& w, const JoinProof& proof) {
  w.opaque(proof.group_id);
  w.raw(proof.user.view());
  w.raw(proof.identity_key);
  w.raw(proof.invite);
}

Bytes tbs(const JoinProof& proof) {
  mls::Writer w;
  w.opaque(as_view("KithJoinV1"));
  encode_without_signature(w, proof);
  return w.bytes();
}

}  // namespace

void JoinProof::sign(const crypto::SignatureKeyPair& invite_key) {
  invite = to_array<32>(invite_key.public_key);
  signature = to_array<64>(crypto::Suite::product().sign(invite_key, tbs(*this)));
}

Result<void> JoinProof::verify() const {
  if (!crypto::Suite::product().verify(invite, tbs(*this), signature))
    return fail(Errc::bad_join_proof, "a join proof that its invite did not sign");
  return {};
}

Bytes JoinProof::encode() const {
  mls::Writer w;
  encode_without_signature(w, *this);
  w.raw(signature);
  return w.bytes();
}

Result<JoinProof> JoinProof::decode(ByteView in) {
  mls::Reader r(in);
  JoinProof proof;
  proof.group_id = to_bytes(r.opaque(kMaxGroupIdBytes));
  proof.user = read_id<UserId>(r);
  read_array(r, proof.identity_key);
  read_array(r, proof.invite);
  read_array(r, proof.signature);
  KITH_TRY_VOID(finish(r, "a join proof"));
  return proof;
}

}  // namespace kith::keys
