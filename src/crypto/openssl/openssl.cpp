#include "crypto/openssl/openssl.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "base/check.h"

namespace kith::crypto {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* p) const {
    kFree(p);
  }
};
using PKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
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

  bool dh(Kem kem, ByteView private_key, ByteView public_key, ByteSpan out) const override {
    const PKey mine(EVP_PKEY_new_raw_private_key(raw_type(kem), nullptr, private_key.data(), private_key.size()));
    const PKey theirs(EVP_PKEY_new_raw_public_key(raw_type(kem), nullptr, public_key.data(), public_key.size()));
    if (!mine || !theirs) return false;
    const PKeyContext context(EVP_PKEY_CTX_new(mine.get(), nullptr));
    std::size_t size = out.size();
    // Refuses points of low order, as libsodium does.
    return EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1 &&
           EVP_PKEY_derive(context.get(), out.data(), &size) == 1 && size == out.size();
  }

  bool dh_public(Kem kem, ByteView private_key, ByteSpan out) const override {
    const PKey mine(EVP_PKEY_new_raw_private_key(raw_type(kem), nullptr, private_key.data(), private_key.size()));
    std::size_t size = out.size();
    return mine && EVP_PKEY_get_raw_public_key(mine.get(), out.data(), &size) == 1 && size == out.size();
  }

  bool signature_public(Signature scheme, ByteView private_key, Bytes& out) const override {
    const PKey key(EVP_PKEY_new_raw_private_key(raw_type(scheme), nullptr, data_of(private_key), private_key.size()));
    if (!key) return false;
    std::size_t size = 0;
    if (EVP_PKEY_get_raw_public_key(key.get(), nullptr, &size) != 1) return false;
    out.resize(size);
    return EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1;
  }

  Bytes sign(Signature scheme, const SignatureKeyPair& pair, ByteView message) const override {
    const PKey key(
        EVP_PKEY_new_raw_private_key(raw_type(scheme), nullptr, pair.private_key.data(), pair.private_key.size()));
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    KITH_CHECK(key && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
    KITH_CHECK(EVP_DigestSign(context.get(), nullptr, &size, data_of(message), message.size()) == 1);
    Bytes out(size);
    KITH_CHECK(EVP_DigestSign(context.get(), out.data(), &size, data_of(message), message.size()) == 1);
    out.resize(size);
    return out;
  }

  bool verify(Signature scheme, ByteView public_key, ByteView message, ByteView signature) const override {
    const PKey key(EVP_PKEY_new_raw_public_key(raw_type(scheme), nullptr, data_of(public_key), public_key.size()));
    const DigestContext context(EVP_MD_CTX_new());
    return key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message), message.size()) == 1;
  }

 private:
  static int raw_type(Kem kem) { return kem == Kem::x448 ? EVP_PKEY_X448 : EVP_PKEY_X25519; }
  static int raw_type(Signature scheme) { return scheme == Signature::ed448 ? EVP_PKEY_ED448 : EVP_PKEY_ED25519; }
};

}  // namespace

const Primitives& openssl_primitives() {
  static const OpenSsl primitives;
  return primitives;
}

}  // namespace kith::crypto
