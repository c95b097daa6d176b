// Invite links, as far as a group and its members know them. The link holds a signing key; its public half stands in
// the group's policy (group_policy.h), put there by an admin's commit. Whoever has the link signs, with that key, who
// wants to come in: without such a word nobody comes who was not added by a member that may, so that a server lets
// nobody in, and a word is of no use to anybody but the user that it names.
#pragma once

#include "keys/device.h"

namespace kith::keys {

// What the policy says of a link. How often it was used and what time it is only the server looks at: members take in
// whom it let pass, as they all must decide alike.
struct Invite {
  PublicKey key{};
  std::uint64_t expires_s = 0;  // Unix time; 0: never
  std::uint32_t max_uses = 0;   // people; 0: no limit
  bool needs_approval = false;  // who has the link may ask, and a member that may add people answers
  friend bool operator==(const Invite&, const Invite&) = default;
};

// "This user, of this identity, may come into this group", signed by an invite's key under "KithJoinV1".
struct JoinProof {
  static constexpr std::size_t kMaxGroupIdBytes = 255;
  Bytes group_id;  // MLS
  UserId user;
  PublicKey identity_key{};
  PublicKey invite{};  // whose key signs
  SignatureBytes signature{};

  // Sets `invite` as well.
  void sign(const crypto::SignatureKeyPair& invite_key);
  // Errors: bad_join_proof.
  [[nodiscard]] Result<void> verify() const;
  [[nodiscard]] Bytes encode() const;
  static Result<JoinProof> decode(ByteView in);
  friend bool operator==(const JoinProof&, const JoinProof&) = default;
};

}  // namespace kith::keys
