// An account generation: the secret that an account's devices share, and the certificate by which the identity key
// vouches for it. Revoking a device starts the next one.
#pragma once

#include <algorithm>
#include <array>

#include "base/ids.h"
#include "crypto/crypto.h"
#include "keys/result.h"

namespace kith::keys {

using PublicKey = std::array<std::uint8_t, 32>;       // Ed25519
using SignatureBytes = std::array<std::uint8_t, 64>;  // Ed25519

// Of the bytes of a key or a signature, which are as many: what is missing is zero.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> to_array(ByteView v) {
  std::array<std::uint8_t, kSize> out{};
  std::copy_n(v.begin(), std::min(v.size(), kSize), out.begin());
  return out;
}

// Knows the secret: devices of the account only.
class AccountGeneration {
 public:
  static constexpr std::size_t kSecretBytes = 32;

  static AccountGeneration generate(std::uint32_t number, Entropy& entropy);
  // `secret`: kSecretBytes, as secret() gave it.
  static Result<AccountGeneration> from(std::uint32_t number, ByteView secret);

  [[nodiscard]] std::uint32_t number() const { return number_; }
  [[nodiscard]] ByteView secret() const { return secret_; }
  // Ed25519: certifies devices and signs device lists.
  [[nodiscard]] const crypto::SignatureKeyPair& device_signing_key() const { return device_signing_key_; }
  // 32 bytes: seals the archive.
  [[nodiscard]] const SecretBytes& archive_key() const { return archive_key_; }

 private:
  AccountGeneration(std::uint32_t number, SecretBytes secret);
  std::uint32_t number_;
  SecretBytes secret_;
  crypto::SignatureKeyPair device_signing_key_;
  SecretBytes archive_key_;
};

// "The device-signing key of this user's generation n is k", signed by the identity key under "KithGenerationV1".
struct GenerationCertificate {
  UserId user;
  std::uint32_t generation = 0;
  PublicKey device_signing_key{};
  SignatureBytes signature{};

  static GenerationCertificate sign(const UserId& user, const AccountGeneration& generation,
                                    const crypto::SignatureKeyPair& identity_key);
  [[nodiscard]] Result<void> verify(ByteView identity_key) const;
  [[nodiscard]] Bytes encode() const;
  static Result<GenerationCertificate> decode(ByteView in);
  friend bool operator==(const GenerationCertificate&, const GenerationCertificate&) = default;
};

}  // namespace kith::keys
