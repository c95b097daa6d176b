// A device's word that it cannot follow its group any more, and the key of the leaf that may take the place of its own:
// given to the server, and carried by the commit that puts that leaf there, so that many who were broken at once are
// brought back by one commit of somebody else, and nobody is who did not ask.
//
// It names the keys of the leaf that is broken: once that one is gone it says nothing any more.
#pragma once

#include "keys/device.h"

namespace kith::keys {

struct BrokenMark {
  static constexpr std::size_t kMaxGroupIdBytes = 255;
  static constexpr std::size_t kMaxKeyBytes = 256;
  Bytes group_id;  // MLS
  UserId user;
  DeviceId device;
  Bytes encryption_key;  // of the device's leaf
  Bytes replacement;     // of the leaf in the key package that is to take its place
  SignatureBytes signature{};

  void sign(const crypto::SignatureKeyPair& leaf_key);
  // By the leaf's signature key, under "KithBrokenV1". Errors: bad_broken_mark.
  [[nodiscard]] Result<void> verify(ByteView leaf_signature_key) const;
  [[nodiscard]] Bytes encode() const;
  static Result<BrokenMark> decode(ByteView in);
  friend bool operator==(const BrokenMark&, const BrokenMark&) = default;
};

}  // namespace kith::keys
