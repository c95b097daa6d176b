// An invite link as people pass it on: what leads to a group, and the key that opens it. Where the address of a server
// stands before it, the link's fragment holds it, which no browser sends to anybody.
//
// Whoever has it can come in, or ask to: it is a secret, as long as its group has the invite.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "crypto/crypto.h"
#include "wire/content.h"

namespace kith::client {

struct InviteLink {
  static constexpr std::size_t kSeedBytes = 32;
  static constexpr std::size_t kMaxNameBytes = wire::kMaxGroupNameBytes;
  ConversationId conversation;
  SecretBytes seed;  // of the invite's signing key (Ed25519)
  std::string name;  // of the group when the link was made: its maker's word, for who has nothing else to go by

  // base64url of version (1 byte), conversation (32), seed (32) and name.
  [[nodiscard]] std::string code() const;
  // A code, or a link that ends with one: behind "#join=".
  [[nodiscard]] static std::optional<InviteLink> parse(std::string_view text);
  [[nodiscard]] crypto::SignatureKeyPair key() const;
};

}  // namespace kith::client
