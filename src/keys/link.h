// Linking a new device: the code on its screen, what it offers under that code, and what a device of the account hands
// over for it (docs/protocol.md, "Linking").
//
// The code is a secret between two screens. It is a hash of the new device's ephemeral key, the account's address and
// the end of its life; everything that passes through the server is sealed under it, that key included. So a server
// can neither put another key in its place nor hand over an account of its own, and the code of one account is of no
// use to another. Who sees the code while it lives, and has an account that the server takes for this one, could take
// it up first: the server lets only the account of this address do so.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "keys/archive_block.h"
#include "keys/generation.h"

namespace kith::keys {

// 120 bits.
class LinkCode {
 public:
  static constexpr std::size_t kSizeBytes = 15;
  using Name = std::array<std::uint8_t, 16>;

  // `key`: the new device's X25519 public key. `address`: of the account, as the server understands it.
  static LinkCode make(ByteView key, std::string_view address, std::int64_t expires_at_ms);
  // As text() or qr_text() gave it, spelled as people do. Errors: link_code_length, link_code_character.
  static Result<LinkCode> parse(std::string_view text);

  // "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX"
  [[nodiscard]] std::string text() const;
  // The same for a QR code, in its alphanumeric characters.
  [[nodiscard]] std::string qr_text() const;
  // Under which the server keeps what is offered. It tells nothing of the code.
  [[nodiscard]] Name name() const;
  // Four digits that both devices show, for people to see that they look at the same two.
  [[nodiscard]] std::string confirmation() const;
  // 32 bytes.
  [[nodiscard]] SecretBytes derive(std::string_view label) const;
  // In constant time.
  [[nodiscard]] bool operator==(const LinkCode& other) const { return crypto::equal(bits_, other.bits_); }

 private:
  explicit LinkCode(SecretBytes bits) : bits_(std::move(bits)) {}
  SecretBytes bits_;
};

// What the new device leaves at the server, sealed under its code.
struct LinkOffer {
  static constexpr std::size_t kMaxDeviceNameBytes = 128;
  static constexpr std::int64_t kMaxLifeMs = 15 * 60'000;  // ten minutes, and what clocks may differ
  PublicKey key{};                                         // X25519
  std::int64_t expires_at_ms = 0;
  std::string device_name;

  [[nodiscard]] Bytes seal(const LinkCode& code, Entropy& entropy) const;
  // Errors: link_forged, where it was not sealed under this code.
  static Result<LinkOffer> open(const LinkCode& code, ByteView sealed);
  // Whether the code is of this offer, to an account of this address, now. Errors: link_foreign, link_expired.
  [[nodiscard]] Result<void> check(const LinkCode& code, std::string_view address, std::int64_t now_ms) const;
};

// Somebody whom the account knows: a new device does not take the server's word for who that is.
struct KnownPerson {
  static constexpr std::size_t kMaxTextBytes = 256;
  UserId user;
  PublicKey identity_key{};  // pinned
  bool is_verified = false;  // by safety numbers
  std::string name;
  std::string address;
  friend bool operator==(const KnownPerson&, const KnownPerson&) = default;
};

// A group that the account is in: what it is called, until somebody in it says so.
struct KnownGroup {
  static constexpr std::size_t kMaxNameBytes = 256;
  ConversationId conversation;
  std::string name;
  friend bool operator==(const KnownGroup&, const KnownGroup&) = default;
};

// What the new device gets: the account.
struct LinkedAccount {
  static constexpr std::size_t kMaxPeople = 1'000;
  static constexpr std::size_t kMaxGroups = 256;
  UserId user;
  PublicKey identity_key{};
  PublicKey recovery_box{};  // X25519, of the recovery key
  GenerationCertificate certificate;
  SecretBytes generation_secret;
  std::string address;
  std::string name;
  DeviceId by;                     // which hands it over
  std::uint64_t list_version = 0;  // of the newest device list of this generation that it has seen
  std::vector<KnownPerson> people;
  std::vector<KnownGroup> groups;
  HistoryId history{};  // of the server, in which the next two count
  Seq archive_seq{};    // where the account's archive ends, as far as it has read: no server shows the new device less
  ArchiveChain archive_chain = kEmptyArchive;

  // To the offer's key, by HPKE with the code in its info. Errors: link_forged (a key that nobody can have).
  [[nodiscard]] Result<Bytes> seal(const LinkCode& code, const LinkOffer& offer, Entropy& entropy) const;
  // What is in there hangs together: the certificate is of this user and generation secret, by this identity key.
  // Errors: link_forged.
  static Result<LinkedAccount> open(const LinkCode& code, const crypto::KemKeyPair& key, ByteView sealed);
};

}  // namespace kith::keys
