// What justifies that devices of a user who is in a group already come or go: the user's signed device list, with the
// certificate of the generation that signed it. A commit carries the lists that it follows in its authenticated data
// (AuthenticatedData::extra), so that every member can check them and a server can add no ghost.
#pragma once

#include <vector>

#include "keys/device.h"

namespace kith::keys {

struct FollowedList {
  GenerationCertificate certificate;
  DeviceList list;

  // Both signatures, down from this identity key. Errors: those of the two.
  [[nodiscard]] Result<void> verify(ByteView identity_key) const;
  friend bool operator==(const FollowedList&, const FollowedList&) = default;
};

inline constexpr std::size_t kMaxFollowedLists = 64;  // of one commit

// Nothing is written as no bytes. Errors of decoding: malformed.
[[nodiscard]] Bytes encode(const std::vector<FollowedList>& lists);
[[nodiscard]] Result<std::vector<FollowedList>> decode_followed_lists(ByteView in);

}  // namespace kith::keys
