// Devices of an account: the certificate that makes a leaf's signature key a device's, the credential that carries the
// whole chain in an MLS leaf, and the signed list of an account's devices.
//
// The chain: identity key -> generation certificate(s) -> device-signing key -> device certificate -> leaf signature
// key. It is complete in itself; whether the identity key is the one that the user is known by (the pin) is the
// caller's to compare.
#pragma once

#include <vector>

#include "keys/generation.h"

namespace kith::keys {

// What a device certificate says; signed by the device-signing key under "KithDeviceV1".
struct DeviceStatement {
  UserId user;
  DeviceId device;
  std::uint32_t generation = 0;
  std::uint16_t suite = 0;  // of the leaf signature key
  Bytes leaf_signature_key;
};
[[nodiscard]] SignatureBytes certify(const DeviceStatement& statement, const AccountGeneration& generation);
[[nodiscard]] Result<void> verify(const DeviceStatement& statement, ByteView device_signing_key,
                                  const SignatureBytes& signature);

// Who a verified leaf is.
struct VerifiedDevice {
  UserId user;
  DeviceId device;
  GenerationCertificate generation;
  PublicKey identity_key{};
};

// The identity of the MLS basic credential of every Kith leaf. As decoded: unverified. On the wire the generations that
// its own stands on come last.
struct DeviceCredential {
  static constexpr std::uint8_t kVersion = 1;
  UserId user;
  DeviceId device;
  PublicKey identity_key{};
  GenerationCertificate generation;
  SignatureBytes device_signature{};

  static DeviceCredential make(const UserId& user, const DeviceId& device, ByteView identity_key,
                               const GenerationCertificate& certificate, const AccountGeneration& generation,
                               std::uint16_t suite, ByteView leaf_signature_key);
  // Every signature and every repeated field of the chain, down to this leaf signature key.
  [[nodiscard]] Result<VerifiedDevice> verify(ByteView leaf_signature_key, std::uint16_t suite) const;
  [[nodiscard]] Bytes encode() const;
  static Result<DeviceCredential> decode(ByteView in);
  friend bool operator==(const DeviceCredential&, const DeviceCredential&) = default;
};
// decode and verify in one step.
[[nodiscard]] Result<VerifiedDevice> verify_credential(ByteView credential_identity, ByteView leaf_signature_key,
                                                       std::uint16_t suite);

struct ListedDevice {
  DeviceId device;
  Bytes leaf_signature_key;
  friend bool operator==(const ListedDevice&, const ListedDevice&) = default;
};

// All devices of an account, signed by the device-signing key under "KithDeviceListV1". A higher version replaces a
// lower one. Devices are in the order of their ids, none twice. As decoded: unverified.
struct DeviceList {
  static constexpr std::size_t kMaxDevices = 64;
  UserId user;
  std::uint64_t version = 0;
  std::uint32_t generation = 0;
  std::vector<ListedDevice> devices;
  SignatureBytes signature{};

  // Sorts the devices and signs.
  void sign(const AccountGeneration& by);
  // The certificate is to be verified by itself, with the identity key.
  [[nodiscard]] Result<void> verify(const GenerationCertificate& certificate) const;
  [[nodiscard]] const ListedDevice* find(const DeviceId& device) const;
  [[nodiscard]] Bytes encode() const;
  static Result<DeviceList> decode(ByteView in);
  friend bool operator==(const DeviceList&, const DeviceList&) = default;
};

}  // namespace kith::keys
