#include "keys/leave_note.h"

#include "keys/fields.h"

namespace kith::keys {
namespace {

void encode_without_signature(mls::Writer& w, const LeaveNote& note) {
  w.opaque(note.group_id);
  w.raw(note.user.view());
  w.raw(note.device.view());
  w.opaque(note.encryption_key);
}

Bytes tbs(const LeaveNote& note) {
  mls::Writer w;
  w.opaque(as_view("KithLeaveV1"));
  encode_without_signature(w, note);
  return w.bytes();
}

}  // namespace

void LeaveNote::sign(const crypto::SignatureKeyPair& leaf_key) {
  signature = to_array<64>(crypto::Suite::product().sign(leaf_key, tbs(*this)));
}

Result<void> LeaveNote::verify(ByteView leaf_signature_key) const {
  if (!crypto::Suite::product().verify(leaf_signature_key, tbs(*this), signature))
    return fail(Errc::bad_leave_note, "a leave note that its device did not sign");
  return {};
}

Bytes LeaveNote::encode() const {
  mls::Writer w;
  encode_without_signature(w, *this);
  w.raw(signature);
  return w.bytes();
}

Result<LeaveNote> LeaveNote::decode(ByteView in) {
  mls::Reader r(in);
  LeaveNote note;
  note.group_id = to_bytes(r.opaque(kMaxGroupIdBytes));
  note.user = read_id<UserId>(r);
  note.device = read_id<DeviceId>(r);
  note.encryption_key = to_bytes(r.opaque(kMaxKeyBytes));
  read_array(r, note.signature);
  KITH_TRY_VOID(finish(r, "a leave note"));
  return note;
}

}  // namespace kith::keys
