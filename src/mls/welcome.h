// What is inside a Welcome (RFC 9420 section 12.4.3.1), and the private half of key packages.
#pragma once

#include "mls/group_context.h"
#include "mls/key_derivation.h"

namespace kith::mls {

struct GroupSecrets {
  SecretBytes joiner_secret;
  std::optional<SecretBytes> path_secret;
  std::vector<PreSharedKeyId> psks;
};
void encode(Writer& w, const GroupSecrets& v);
void decode(Reader& r, GroupSecrets& v);

// What a client keeps of a key package until no Welcome can refer to it. The signature key is kept apart: it is the
// device's.
struct KeyPackageSecrets {
  Bytes ref;  // KeyPackageRef: what to look it up by
  KeyPackage key_package;
  SecretBytes init_private_key;
  SecretBytes encryption_private_key;
};
void encode(Writer& w, const KeyPackageSecrets& v);
void decode(Reader& r, KeyPackageSecrets& v);

// The leaf that a client shows: what create, join and key packages need of it.
struct LeafParameters {
  Credential credential = {};
  Capabilities capabilities = {};
  Lifetime lifetime = {};  // ignored in external commits
  Extensions extensions = {};
};

// A new key package; publish `encoded_message(result.key_package)`, keep the rest (encoded_secret).
[[nodiscard]] KeyPackageSecrets create_key_package(const crypto::Suite& suite, const LeafParameters& leaf,
                                                   const crypto::SignatureKeyPair& key, bool last_resort,
                                                   Entropy& entropy);

// The references of the key packages that a Welcome invites, to find the right secrets.
[[nodiscard]] Result<std::vector<Bytes>> invited(ByteView welcome_message);

// The same Welcome with nothing in it but what this key package opens, so that a large group's joiners need not carry
// one another's. Errors: those of decoding; not_invited.
[[nodiscard]] Result<Bytes> welcome_for(ByteView welcome_message, ByteView ref);

[[nodiscard]] Welcome seal_welcome(const crypto::Suite& suite, const GroupInfo& info, ByteView welcome_secret);
[[nodiscard]] Result<GroupSecrets> open_group_secrets(const crypto::Suite& suite, const Welcome& welcome,
                                                      const KeyPackageSecrets& mine);
[[nodiscard]] Result<GroupInfo> open_group_info(const crypto::Suite& suite, const Welcome& welcome,
                                                ByteView welcome_secret);

}  // namespace kith::mls
