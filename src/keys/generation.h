// An account generation: the secret that an account's devices share, and the certificate that vouches for it. Revoking
// a device starts the next one.
//
// The identity key signs generations. Without the recovery key at hand the generation before vouches for the next one:
// everybody who follows sees that it did, since whoever had that secret could have done so, a stolen device too. What
// the identity key signed later ends every generation that stands on what it signed before.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

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
  // Whether this secret is the certificate's.
  [[nodiscard]] bool is_of(const struct GenerationCertificate& certificate) const;

 private:
  AccountGeneration(std::uint32_t number, SecretBytes secret);
  std::uint32_t number_;
  SecretBytes secret_;
  crypto::SignatureKeyPair device_signing_key_;
  SecretBytes archive_key_;
};

// "The device-signing key of this user's generation n is k". The identity key signs it under "KithGenerationV1", or the
// device-signing key of generation n - 1 does under "KithNextGenerationV1". As decoded: unverified.
struct GenerationCertificate {
  static constexpr std::size_t kMaxEarlier = 16;
  // A generation that the next one stands on.
  struct Earlier {
    PublicKey device_signing_key{};
    SignatureBytes signature{};
    friend bool operator==(const Earlier&, const Earlier&) = default;
  };

  UserId user;
  std::uint32_t generation = 0;
  PublicKey device_signing_key{};
  SignatureBytes signature{};
  // Generations n - 1, n - 2, ... down to the one that the identity key signed; none, where it signed this one.
  std::vector<Earlier> earlier{};

  static GenerationCertificate sign(const UserId& user, const AccountGeneration& generation,
                                    const crypto::SignatureKeyPair& identity_key);
  // The certificate of the generation behind this one, which is `by`'s. Errors: recovery_key_needed, where too many
  // already stand on one another.
  [[nodiscard]] Result<GenerationCertificate> next(const AccountGeneration& generation,
                                                   const AccountGeneration& by) const;
  [[nodiscard]] Result<void> verify(ByteView identity_key) const;
  // The generation that the identity key signed, on which this one stands; it may be this one.
  [[nodiscard]] std::uint32_t root() const { return generation - static_cast<std::uint32_t>(earlier.size()); }
  [[nodiscard]] bool is_signed_by_identity() const { return earlier.empty(); }
  // Both verified, of one user: whether this is `before`, or what came of it: stands on it, or on something that the
  // identity key signed later than what `before` stands on. Of two that stand on one another's neighbours neither
  // follows: somebody made two generations of one number.
  [[nodiscard]] bool follows(const GenerationCertificate& before) const;
  // Whether `other` follows this one and is another one.
  [[nodiscard]] bool is_ended_by(const GenerationCertificate& other) const;
  // 116 bytes, and 96 for each earlier one.
  [[nodiscard]] Bytes encode() const;
  static Result<GenerationCertificate> decode(ByteView in);
  friend bool operator==(const GenerationCertificate&, const GenerationCertificate&) = default;
};

}  // namespace kith::keys
