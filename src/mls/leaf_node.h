// Credentials and leaf nodes (RFC 9420 sections 5.3, 7.2 and 7.3). What a credential means is the application's
// business.
#pragma once

#include "crypto/crypto.h"
#include "mls/extension.h"
#include "mls/tree_math.h"

namespace kith::mls {

namespace credential_type {
inline constexpr std::uint16_t kBasic = 1;
inline constexpr std::uint16_t kX509 = 2;
}  // namespace credential_type

struct Certificate {
  Bytes cert_data;
  friend bool operator==(const Certificate&, const Certificate&) = default;
};
void encode(Writer& w, const Certificate& v);
void decode(Reader& r, Certificate& v);

// Only the field of its type is in use.
struct Credential {
  std::uint16_t type = credential_type::kBasic;
  Bytes identity;                         // basic
  std::vector<Certificate> certificates;  // x509
  static Credential basic(Bytes identity) { return {credential_type::kBasic, std::move(identity), {}}; }
  friend bool operator==(const Credential&, const Credential&) = default;
};
void encode(Writer& w, const Credential& v);
void decode(Reader& r, Credential& v);

// One entry of the external_senders extension (section 12.1.8.1), a vector of these.
struct ExternalSender {
  Bytes signature_key;
  Credential credential;
};
void encode(Writer& w, const ExternalSender& v);
void decode(Reader& r, ExternalSender& v);

struct Capabilities {
  std::vector<std::uint16_t> versions;
  std::vector<std::uint16_t> cipher_suites;
  std::vector<std::uint16_t> extensions;
  std::vector<std::uint16_t> proposals;
  std::vector<std::uint16_t> credentials;
  [[nodiscard]] bool has_extension(std::uint16_t type) const;
  [[nodiscard]] bool has_proposal(std::uint16_t type) const;
  [[nodiscard]] bool has_credential(std::uint16_t type) const;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};
void encode(Writer& w, const Capabilities& v);
void decode(Reader& r, Capabilities& v);

// Seconds since the Unix epoch. Checked by a committer and by the server for added leaves, never by receivers.
struct Lifetime {
  std::uint64_t not_before_s = 0;
  std::uint64_t not_after_s = 0;
  [[nodiscard]] bool contains(std::uint64_t now_s) const { return not_before_s <= now_s && now_s <= not_after_s; }
  friend bool operator==(const Lifetime&, const Lifetime&) = default;
};
void encode(Writer& w, const Lifetime& v);
void decode(Reader& r, Lifetime& v);

enum class LeafNodeSource : std::uint8_t { key_package = 1, update = 2, commit = 3 };

struct LeafNode {
  Bytes encryption_key;
  Bytes signature_key;
  Credential credential;
  Capabilities capabilities;
  LeafNodeSource source = LeafNodeSource::key_package;
  Lifetime lifetime;  // source key_package
  Bytes parent_hash;  // source commit
  Extensions extensions;
  Bytes signature;
  friend bool operator==(const LeafNode&, const LeafNode&) = default;
};
void encode(Writer& w, const LeafNode& v);
void decode(Reader& r, LeafNode& v);

// Where a leaf stands: part of what an updated or committed leaf signs.
struct LeafPlace {
  ByteView group_id;
  LeafIndex index;
};

// LeafNodeTBS. The place is ignored for a leaf of a key package.
[[nodiscard]] Bytes leaf_node_tbs(const LeafNode& leaf, const LeafPlace& place);
[[nodiscard]] Result<void> verify_signature(const crypto::Suite& suite, const LeafNode& leaf, const LeafPlace& place);
void sign(const crypto::Suite& suite, LeafNode& leaf, const LeafPlace& place, const crypto::SignatureKeyPair& key);

// What can be said of a leaf by itself (RFC 9420 section 7.3): it speaks version and suite, its capabilities list its
// credential and its extensions, and its encryption key is one. Signature and lifetime are checked elsewhere.
[[nodiscard]] Result<void> check_leaf(const crypto::Suite& suite, const LeafNode& leaf);
// The leaf supports what the group requires: required_capabilities and every GroupContext extension.
[[nodiscard]] Result<void> check_supports(const LeafNode& leaf, const Extensions& group_extensions);

}  // namespace kith::mls
