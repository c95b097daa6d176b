#include "crypto/sodium/sodium.h"

#include <sodium.h>

#include "base/check.h"

namespace kith::crypto {
namespace {

class Sodium final : public Primitives {
 public:
  Sodium() { KITH_CHECK(sodium_init() >= 0); }

  void hash(Hash, ByteView data, ByteSpan out) const override {
    crypto_hash_sha256(out.data(), data.data(), data.size());
  }

  void hmac(Hash, ByteView key, ByteView data, ByteView more, ByteSpan out) const override {
    static constexpr std::uint8_t kNothing = 0;  // libsodium wants an address for an empty key too
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.empty() ? &kNothing : key.data(), key.size());
    crypto_auth_hmacsha256_update(&state, data.data(), data.size());
    crypto_auth_hmacsha256_update(&state, more.data(), more.size());
    crypto_auth_hmacsha256_final(&state, out.data());
    wipe(&state, sizeof state);
  }

  void seal(Aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext, ByteSpan out) const override {
    crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(), aad.data(),
                                              aad.size(), nullptr, nonce.data(), key.data());
  }

  bool open(Aead, ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext, ByteSpan out) const override {
    return crypto_aead_chacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
                                                     aad.data(), aad.size(), nonce.data(), key.data()) == 0;
  }

  bool dh(Kem, ByteView private_key, ByteView public_key, ByteSpan out) const override {
    // Refuses points of low order.
    return crypto_scalarmult(out.data(), private_key.data(), public_key.data()) == 0;
  }

  bool dh_public(Kem, ByteView private_key, ByteSpan out) const override {
    return crypto_scalarmult_base(out.data(), private_key.data()) == 0;
  }

  bool signature_public(Signature, ByteView private_key, Bytes& out) const override {
    if (private_key.size() != crypto_sign_SEEDBYTES) return false;
    SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
    out.resize(crypto_sign_PUBLICKEYBYTES);
    return crypto_sign_seed_keypair(out.data(), expanded.data(), private_key.data()) == 0;
  }

  Bytes sign(Signature, const SignatureKeyPair& key, ByteView message) const override {
    KITH_CHECK(key.private_key.size() == crypto_sign_SEEDBYTES && key.public_key.size() == crypto_sign_PUBLICKEYBYTES);
    // libsodium's secret key is the seed followed by the public key.
    SecretBytes expanded = key.private_key;
    expanded.insert(expanded.end(), key.public_key.begin(), key.public_key.end());
    Bytes out(crypto_sign_BYTES);
    crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), expanded.data());
    return out;
  }

  bool verify(Signature, ByteView public_key, ByteView message, ByteView signature) const override {
    return public_key.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature.data(), message.data(), message.size(), public_key.data()) == 0;
  }
};

}  // namespace

const Primitives& sodium_primitives() {
  static const Sodium primitives;
  return primitives;
}

void SystemEntropy::fill(ByteSpan out) {
  sodium_primitives();  // its constructor readies the generator
  randombytes_buf(out.data(), out.size());
}

}  // namespace kith::crypto
