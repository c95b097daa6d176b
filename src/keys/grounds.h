// What a commit rests on beside the group itself: the device lists that it follows, the notes of those who leave, the
// marks of broken leaves that it replaces, and the proofs of those who come in by a link. A commit carries them in its
// authenticated data (AuthenticatedData::extra), so that every member can check them and a server can neither add a
// ghost nor take anybody away.
#pragma once

#include <vector>

#include "keys/broken_mark.h"
#include "keys/followed_list.h"
#include "keys/invite.h"
#include "keys/leave_note.h"

namespace kith::keys {

struct Grounds {
  static constexpr std::size_t kMaxLeaving = 64;
  static constexpr std::size_t kMaxBroken = 64;
  static constexpr std::size_t kMaxJoins = 64;
  std::vector<FollowedList> lists{};  // at most kMaxFollowedLists
  std::vector<LeaveNote> leaving{};
  std::vector<BrokenMark> broken{};
  std::vector<JoinProof> joins{};

  // Nothing is written as no bytes.
  [[nodiscard]] Bytes encode() const;
  // Errors: malformed. Nothing in it is verified.
  static Result<Grounds> decode(ByteView in);
  // Of a commit's authenticated data; nothing where they are not ours to read.
  static Result<Grounds> of(ByteView authenticated_data);
  friend bool operator==(const Grounds&, const Grounds&) = default;
};

}  // namespace kith::keys
