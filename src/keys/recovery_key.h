// The recovery key: 128 random bits that a person keeps on paper, and from which the identity key is derived.
//
// As text: Crockford's base32 in seven groups of four characters, 128 bits and 12 bits of a checksum. A device wipes
// key and identity seed after use.
#pragma once

#include <array>
#include <string>

#include "crypto/crypto.h"
#include "keys/result.h"

namespace kith::keys {

class RecoveryKey {
 public:
  static constexpr std::size_t kSizeBytes = 16;

  static RecoveryKey generate(Entropy& entropy);
  // Takes lower case, spaces and dashes anywhere, O for 0, I and L for 1.
  static Result<RecoveryKey> parse(std::string_view text);

  // "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX"
  [[nodiscard]] std::string text() const;
  // Ed25519; the seed is HKDF-SHA256 of the key under "kith identity v1".
  [[nodiscard]] crypto::SignatureKeyPair identity_key() const;
  [[nodiscard]] ByteView view() const { return bytes_; }

 private:
  explicit RecoveryKey(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes bytes_;
};

}  // namespace kith::keys
