#include "mls/key_derivation.h"

#include <string>

namespace kith::mls {
namespace {

std::string labelled(std::string_view label) { return "MLS 1.0 " + std::string(label); }

// EncryptContext
SecretBytes encrypt_context(std::string_view label, ByteView context) {
  Writer w;
  w.opaque(as_view(labelled(label)));
  w.opaque(context);
  return std::move(w).take_secret();
}

}  // namespace

SecretBytes expand_with_label(const crypto::Suite& suite, ByteView secret, std::string_view label, ByteView context,
                              std::size_t size) {
  // KDFLabel
  Writer w;
  w.u16(static_cast<std::uint16_t>(size));
  w.opaque(as_view(labelled(label)));
  w.opaque(context);
  return suite.expand(secret, w.view(), size);
}

SecretBytes derive_secret(const crypto::Suite& suite, ByteView secret, std::string_view label) {
  return expand_with_label(suite, secret, label, {}, suite.hash_size());
}

SecretBytes derive_tree_secret(const crypto::Suite& suite, ByteView secret, std::string_view label,
                               std::uint32_t generation, std::size_t size) {
  Writer context;
  context.u32(generation);
  return expand_with_label(suite, secret, label, context.view(), size);
}

Result<EncryptedPathSecret> encrypt_with_label(const crypto::Suite& suite, ByteView public_key, std::string_view label,
                                               ByteView context, ByteView plaintext, Entropy& entropy) {
  return EncryptionContext(suite, label, context).encrypt(public_key, plaintext, entropy);
}

EncryptionContext::EncryptionContext(const crypto::Suite& suite, std::string_view label, ByteView context)
    : suite_(suite), info_(suite.hpke_info(encrypt_context(label, context))) {}

Result<EncryptedPathSecret> EncryptionContext::encrypt(ByteView public_key, ByteView plaintext,
                                                       Entropy& entropy) const {
  auto sealed = suite_.hpke_seal(public_key, info_, {}, plaintext, entropy);
  if (!sealed) return fail(Errc::bad_key, "nothing can be encrypted to this key");
  return EncryptedPathSecret{std::move(sealed->kem_output), std::move(sealed->ciphertext)};
}

Result<SecretBytes> decrypt_with_label(const crypto::Suite& suite, ByteView private_key, ByteView public_key,
                                       std::string_view label, ByteView context,
                                       const EncryptedPathSecret& ciphertext) {
  auto opened = suite.hpke_open(private_key, public_key, ciphertext.kem_output, encrypt_context(label, context), {},
                                ciphertext.ciphertext);
  if (!opened) return fail(Errc::decryption_failed, "a secret does not open: " + std::string(label));
  return *std::move(opened);
}

}  // namespace kith::mls
