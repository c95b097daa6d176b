#include "keys/broken_mark.h"

#include "keys/fields.h"

namespace kith::keys {
namespace {

void encode_without_signature(mls::Writer& w, const BrokenMark& mark) {
  w.opaque(mark.group_id);
  w.raw(mark.user.view());
  w.raw(mark.device.view());
  w.opaque(mark.encryption_key);
  w.opaque(mark.replacement);
}

Bytes tbs(const BrokenMark& mark) {
  mls::Writer w;
  w.opaque(as_view("KithBrokenV1"));
  encode_without_signature(w, mark);
  return w.bytes();
}

}  // namespace

void BrokenMark::sign(const crypto::SignatureKeyPair& leaf_key) {
  signature = to_array<64>(crypto::Suite::product().sign(leaf_key, tbs(*this)));
}

Result<void> BrokenMark::verify(ByteView leaf_signature_key) const {
  if (!crypto::Suite::product().verify(leaf_signature_key, tbs(*this), signature))
    return fail(Errc::bad_broken_mark, "a mark of a broken leaf that its device did not sign");
  return {};
}

Bytes BrokenMark::encode() const {
  mls::Writer w;
  encode_without_signature(w, *this);
  w.raw(signature);
  return w.bytes();
}

Result<BrokenMark> BrokenMark::decode(ByteView in) {
  mls::Reader r(in);
  BrokenMark mark;
  mark.group_id = to_bytes(r.opaque(kMaxGroupIdBytes));
  mark.user = read_id<UserId>(r);
  mark.device = read_id<DeviceId>(r);
  mark.encryption_key = to_bytes(r.opaque(kMaxKeyBytes));
  mark.replacement = to_bytes(r.opaque(kMaxKeyBytes));
  read_array(r, mark.signature);
  KITH_TRY_VOID(finish(r, "a mark of a broken leaf"));
  return mark;
}

}  // namespace kith::keys
