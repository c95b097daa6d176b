// Labelled derivation and encryption (RFC 9420 sections 5.1.3 and 8).
#pragma once

#include <string_view>

#include "crypto/crypto.h"
#include "mls/proposal.h"

namespace kith::mls {

[[nodiscard]] SecretBytes expand_with_label(const crypto::Suite& suite, ByteView secret, std::string_view label,
                                            ByteView context, std::size_t size);
[[nodiscard]] SecretBytes derive_secret(const crypto::Suite& suite, ByteView secret, std::string_view label);
// Section 9: with the generation as context.
[[nodiscard]] SecretBytes derive_tree_secret(const crypto::Suite& suite, ByteView secret, std::string_view label,
                                             std::uint32_t generation, std::size_t size);

// EncryptWithLabel of one label and context to any number of keys. The context may be long: it is hashed once.
class EncryptionContext {
 public:
  EncryptionContext(const crypto::Suite& suite, std::string_view label, ByteView context);
  [[nodiscard]] Result<EncryptedPathSecret> encrypt(ByteView public_key, ByteView plaintext, Entropy& entropy) const;

 private:
  crypto::Suite suite_;
  crypto::HpkeInfo info_;
};

[[nodiscard]] Result<EncryptedPathSecret> encrypt_with_label(const crypto::Suite& suite, ByteView public_key,
                                                             std::string_view label, ByteView context,
                                                             ByteView plaintext, Entropy& entropy);
[[nodiscard]] Result<SecretBytes> decrypt_with_label(const crypto::Suite& suite, ByteView private_key,
                                                     ByteView public_key, std::string_view label, ByteView context,
                                                     const EncryptedPathSecret& ciphertext);

}  // namespace kith::mls
