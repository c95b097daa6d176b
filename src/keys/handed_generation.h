// A generation on its way to those who were not there when it began: to each of the account's other devices, under a
// key package of theirs, and to whoever has the recovery key, under its box key.
//
// Everybody can seal to a public key. What makes it the account's is that the secret is the certificate's, and that
// the certificate holds down from the identity key; what is old the receiver has to tell by what it knows.
#pragma once

#include <optional>

#include "keys/archive_block.h"
#include "keys/generation.h"

namespace kith::keys {

// Where the account's archive ended when this was sealed, as far as the device that did had read: no server shows
// whoever comes by it less.
struct ArchiveEnd {
  HistoryId history{};  // of the server
  Seq seq{};
  ArchiveChain chain = kEmptyArchive;
  std::uint32_t generation = 0;  // one of before, and of the newest block that is, ...
  SecretBytes key{};             // ... and its archive key; empty: there is none
  friend bool operator==(const ArchiveEnd&, const ArchiveEnd&) = default;
};

struct HandedGeneration {
  // Whom it is for: it is of no use to anybody else.
  struct To {
    UserId user;
    std::optional<DeviceId> device{};  // none: whoever has the recovery key
  };

  GenerationCertificate certificate;
  SecretBytes secret;
  ArchiveEnd archive{};

  // `key`: X25519, of a key package of the device, or the recovery key's box key. Errors: bad_handed_generation, where
  // nobody can have this key.
  [[nodiscard]] Result<Bytes> seal(ByteView key, const To& to, Entropy& entropy) const;
  // Verified down from this identity key, and of `to.user`. Errors: bad_handed_generation, malformed.
  static Result<HandedGeneration> open(const crypto::KemKeyPair& key, const To& to, ByteView identity_key,
                                       ByteView sealed);
};

// As it lies in a device's mailbox: `sealed` to the init key of this key package of the device.
struct GenerationMail {
  Bytes key_package;  // KeyPackageRef
  Bytes sealed;

  [[nodiscard]] Bytes encode() const;
  // Errors: malformed.
  static Result<GenerationMail> decode(ByteView in);
  friend bool operator==(const GenerationMail&, const GenerationMail&) = default;
};

// "This new device, with this leaf key, has the recovery key": signed by the identity key under "KithRecoveryV1", for
// one registration.
struct RecoveryStatement {
  Bytes registration;
  UserId user;
  DeviceId device;
  Bytes leaf_signature_key;

  [[nodiscard]] SignatureBytes sign(const crypto::SignatureKeyPair& identity_key) const;
  // Errors: bad_recovery_statement.
  [[nodiscard]] Result<void> verify(ByteView identity_key, const SignatureBytes& signature) const;
};

}  // namespace kith::keys
