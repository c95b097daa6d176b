// A member's word that it leaves a group: signed by one of the user's devices, given to the server, and carried by the
// commit that takes the user's leaves away, so that members need not believe the server.
//
// It names the keys of that device's leaf, which nobody who comes back has again: an old note takes nobody out of a
// group that it has joined anew.
#pragma once

#include "keys/device.h"

namespace kith::keys {

struct LeaveNote {
  static constexpr std::size_t kMaxKeyBytes = 256;
  static constexpr std::size_t kMaxGroupIdBytes = 255;
  Bytes group_id;  // MLS
  UserId user;
  DeviceId device;
  Bytes encryption_key;  // of the device's leaf
  SignatureBytes signature{};

  void sign(const crypto::SignatureKeyPair& leaf_key);
  // By the leaf's signature key, under "KithLeaveV1". Errors: bad_leave_note.
  [[nodiscard]] Result<void> verify(ByteView leaf_signature_key) const;
  [[nodiscard]] Bytes encode() const;
  static Result<LeaveNote> decode(ByteView in);
  friend bool operator==(const LeaveNote&, const LeaveNote&) = default;
};

}  // namespace kith::keys
