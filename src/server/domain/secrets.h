// What the server's one secret is for: keyed hashes (addresses, codes, refresh tokens) and sealing of personal fields
// at rest. A stolen database without the secret names nobody; a stolen secret without the database likewise. Losing the
// secret loses every address.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/entropy.h"
#include "base/ids.h"
#include "server/domain/address.h"

namespace kith::server::domain {

using AddressHash = FixedId<struct AddressHashTag, 32>;
// Leads to an address without naming it: the address hash, then 16 random bytes. Opaque to clients.
using RegistrationId = FixedId<struct RegistrationTag, 48>;
using Digest = std::array<std::uint8_t, 32>;

AddressHash address_of(const RegistrationId& id);

class ServerSecrets {
 public:
  static constexpr std::size_t kMasterBytes = 32;
  // Derives every key from the master secret (HKDF-SHA256), which it does not keep. `master` has kMasterBytes.
  explicit ServerSecrets(ByteView master);

  [[nodiscard]] AddressHash hash_address(const Address& address) const;
  [[nodiscard]] Digest hash_code(const RegistrationId& registration, std::string_view code) const;
  [[nodiscard]] Digest hash_token(ByteView token) const;
  // Of what a PIN was stretched to (ports/pin_stretcher.h): another one in each account.
  [[nodiscard]] Digest hash_pin(const UserId& user, ByteView stretched) const;
  // The refresh token that follows another one: always the same, so that asking twice loses nothing.
  [[nodiscard]] SecretBytes successor(const UserId& user, const DeviceId& device, ByteView token) const;

  // Seals a field under its place (which row of which partition): the bytes cannot be moved elsewhere.
  [[nodiscard]] Bytes seal(ByteView place, ByteView plaintext, Entropy& entropy) const;
  // Nothing where the bytes were not sealed with this secret for this place.
  [[nodiscard]] std::optional<SecretBytes> open(ByteView place, ByteView sealed) const;

 private:
  [[nodiscard]] Digest mac(ByteView key, ByteView data) const;
  SecretBytes address_key_, code_key_, token_key_, successor_key_, field_key_, pin_key_;
};

}  // namespace kith::server::domain
