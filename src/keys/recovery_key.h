// The recovery key: 128 random bits that a person keeps on paper, and from which the identity key is derived.
//
// As text: Crockford's base32 in seven groups of four characters, 128 bits and 12 bits of a checksum. A device wipes
// key, identity seed and box key after use; it keeps the public halves, so that every new generation can be sealed for
// whoever has the key (handed_generation.h).
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
  // X25519: what the account's devices seal for whoever has this key. Derived by RFC 9180's DeriveKeyPair from
  // HKDF-SHA256 of the key under "kith recovery box v1".
  [[nodiscard]] crypto::KemKeyPair box_key() const;
  [[nodiscard]] ByteView view() const { return bytes_; }

 private:
  explicit RecoveryKey(SecretBytes bytes) : bytes_(std::move(bytes)) {}
  SecretBytes bytes_;
};

}  // namespace kith::keys
