#include "crypto/openssl/openssl.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/check.h"
#include "crypto/openssl/keys.h"

namespace kith::crypto {
namespace {

using namespace openssl;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;

const EVP_MD* digest(Hash hash) {
  switch (hash) {
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

const EVP_CIPHER* cipher(Aead aead) {
  switch (aead) {
    case Aead::aes128gcm:
      return EVP_aes_128_gcm();
    case Aead::aes256gcm:
      return EVP_aes_256_gcm();
    case Aead::chacha20poly1305:
      return EVP_chacha20_poly1305();
  }
  return nullptr;
}

// What ECDSA signs is a hash; EdDSA hashes by itself.
const EVP_MD* signed_digest(Signature scheme) {
  switch (scheme) {
    case Signature::ecdsa_p256:
      return EVP_sha256();
    case Signature::ecdsa_p384:
      return EVP_sha384();
    case Signature::ecdsa_p521:
      return EVP_sha512();
    case Signature::ed25519:
    case Signature::ed448:
      break;
  }
  return nullptr;
}

// OpenSSL takes null for "no such argument" rather than for "empty".
const std::uint8_t* data_of(ByteView v) {
  static constexpr std::uint8_t kNothing = 0;
  return v.empty() ? &kNothing : v.data();
}

constexpr int kTagSize = 16;

class OpenSsl final : public Primitives {
 public:
  void hash(Hash hash, ByteView data, ByteSpan out) const override {
    KITH_CHECK(EVP_Digest(data_of(data), data.size(), out.data(), nullptr, digest(hash), nullptr) == 1);
  }

  void hmac(Hash hash, ByteView key, ByteView data, ByteView more, ByteSpan out) const override {
    SecretBytes all = to_secret(data);
    all.insert(all.end(), more.begin(), more.end());
    KITH_CHECK(HMAC(digest(hash), data_of(key), static_cast<int>(key.size()), data_of(all), all.size(), out.data(),
                    nullptr) != nullptr);
  }

  void seal(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext, ByteSpan out) const override {
    const CipherContext context(EVP_CIPHER_CTX_new());
    int n = 0;
    const int size = static_cast<int>(plaintext.size());
    KITH_CHECK(EVP_EncryptInit_ex2(context.get(), cipher(aead), key.data(), nonce.data(), nullptr) == 1);
    KITH_CHECK(EVP_EncryptUpdate(context.get(), nullptr, &n, data_of(aad), static_cast<int>(aad.size())) == 1);
    KITH_CHECK(EVP_EncryptUpdate(context.get(), out.data(), &n, data_of(plaintext), size) == 1);
    KITH_CHECK(EVP_EncryptFinal_ex(context.get(), out.data() + size, &n) == 1);
    KITH_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, out.data() + size) == 1);
  }

  bool open(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext, ByteSpan out) const override {
    const CipherContext context(EVP_CIPHER_CTX_new());
    int n = 0;
    const int size = static_cast<int>(ciphertext.size()) - kTagSize;
    std::uint8_t nothing = 0;
    std::uint8_t* to = out.empty() ? &nothing : out.data();
    Bytes tag(ciphertext.end() - kTagSize, ciphertext.end());
    return EVP_DecryptInit_ex2(context.get(), cipher(aead), key.data(), nonce.data(), nullptr) == 1 &&
           EVP_DecryptUpdate(context.get(), nullptr, &n, data_of(aad), static_cast<int>(aad.size())) == 1 &&
           EVP_DecryptUpdate(context.get(), to, &n, ciphertext.data(), size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
           EVP_DecryptFinal_ex(context.get(), to + size, &n) == 1;
  }

  bool dh(Kem kem, ByteView private_bytes, ByteView public_bytes, ByteSpan out) const override {
    const PKey mine = private_key(curve_of(kem), private_bytes);
    const PKey theirs = public_key(curve_of(kem), public_bytes);
    if (!mine || !theirs) return false;
    const PKeyContext context(EVP_PKEY_CTX_new(mine.get(), nullptr));
    std::size_t size = out.size();
    // Refuses points of low order, as libsodium does.
    return EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
           EVP_PKEY_derive(context.get(), out.data(), &size) == 1 && size == out.size();
  }

  bool dh_public(Kem kem, ByteView private_bytes, ByteSpan out) const override {
    const Bytes half = public_half(curve_of(kem), private_bytes);
    if (half.size() != out.size()) return false;
    std::ranges::copy(half, out.begin());
    return true;
  }

  bool is_point(Kem kem, ByteView public_bytes) const override {
    return public_key(curve_of(kem), public_bytes) != nullptr;
  }

  bool signature_public(Signature scheme, ByteView private_bytes, Bytes& out) const override {
    out = public_half(curve_of(scheme), private_bytes);
    return !out.empty();
  }

  Bytes sign(Signature scheme, const SignatureKeyPair& pair, ByteView message) const override {
    const PKey key = private_key(curve_of(scheme), pair.private_key);
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    KITH_CHECK(key && EVP_DigestSignInit(context.get(), nullptr, signed_digest(scheme), nullptr, key.get()) == 1);
    KITH_CHECK(EVP_DigestSign(context.get(), nullptr, &size, data_of(message), message.size()) == 1);
    Bytes out(size);
    KITH_CHECK(EVP_DigestSign(context.get(), out.data(), &size, data_of(message), message.size()) == 1);
    out.resize(size);
    return out;
  }

  bool verify(Signature scheme, ByteView public_bytes, ByteView message, ByteView signature) const override {
    const PKey key = public_key(curve_of(scheme), public_bytes);
    const DigestContext context(EVP_MD_CTX_new());
    return key && EVP_DigestVerifyInit(context.get(), nullptr, signed_digest(scheme), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message), message.size()) == 1;
  }
};

}  // namespace

const Primitives& openssl_primitives() {
  static const OpenSsl primitives;
  return primitives;
}

}  // namespace kith::crypto
