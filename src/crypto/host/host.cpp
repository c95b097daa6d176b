// Primitives by the host: in WebAssembly the JavaScript side runs libsodium (kith_host.js). Every call is given
// addresses in this module's memory; the host reads and writes there and keeps nothing.
#include "base/check.h"
#include "crypto/primitives.h"

namespace {
using u8 = std::uint8_t;
using size = std::uint32_t;
}  // namespace

extern "C" {
#define KITH_IMPORT(function) __attribute__((import_module("kith_host"), import_name(#function)))
KITH_IMPORT(random) void kith_host_random(u8* out, size n);
KITH_IMPORT(sha256) void kith_host_sha256(const u8* data, size data_size, u8* out);
KITH_IMPORT(hmac_sha256)
void kith_host_hmac_sha256(const u8* key, size key_size, const u8* data, size data_size, const u8* more, size more_size,
                           u8* out);
KITH_IMPORT(x25519) int kith_host_x25519(const u8* private_key, const u8* public_key, u8* out);
KITH_IMPORT(x25519_base) int kith_host_x25519_base(const u8* private_key, u8* out);
KITH_IMPORT(ed25519_public_key) void kith_host_ed25519_public_key(const u8* seed, u8* out);
KITH_IMPORT(ed25519_sign)
void kith_host_ed25519_sign(const u8* seed, const u8* public_key, const u8* message, size message_size, u8* out);
KITH_IMPORT(ed25519_verify)
int kith_host_ed25519_verify(const u8* public_key, const u8* message, size message_size, const u8* signature);
KITH_IMPORT(chacha20poly1305_seal)
void kith_host_chacha20poly1305_seal(const u8* key, const u8* nonce, const u8* aad, size aad_size, const u8* plaintext,
                                     size plaintext_size, u8* out);
KITH_IMPORT(chacha20poly1305_open)
int kith_host_chacha20poly1305_open(const u8* key, const u8* nonce, const u8* aad, size aad_size, const u8* ciphertext,
                                    size ciphertext_size, u8* out);
}

namespace kith::crypto {
namespace {

class Host final : public Primitives {
 public:
  void hash(Hash, ByteView data, ByteSpan out) const override {
    kith_host_sha256(data.data(), data.size(), out.data());
  }

  void hmac(Hash, ByteView key, ByteView data, ByteView more, ByteSpan out) const override {
    kith_host_hmac_sha256(key.data(), key.size(), data.data(), data.size(), more.data(), more.size(), out.data());
  }

  void seal(Aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext, ByteSpan out) const override {
    kith_host_chacha20poly1305_seal(key.data(), nonce.data(), aad.data(), aad.size(), plaintext.data(),
                                    plaintext.size(), out.data());
  }

  bool open(Aead, ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext, ByteSpan out) const override {
    return kith_host_chacha20poly1305_open(key.data(), nonce.data(), aad.data(), aad.size(), ciphertext.data(),
                                           ciphertext.size(), out.data()) == 1;
  }

  bool dh(Kem, ByteView private_key, ByteView public_key, ByteSpan out) const override {
    return kith_host_x25519(private_key.data(), public_key.data(), out.data()) == 1;
  }

  bool dh_public(Kem, ByteView private_key, ByteSpan out) const override {
    return kith_host_x25519_base(private_key.data(), out.data()) == 1;
  }

  bool signature_public(Signature, ByteView private_key, Bytes& out) const override {
    if (private_key.size() != 32) return false;
    out.resize(32);
    kith_host_ed25519_public_key(private_key.data(), out.data());
    return true;
  }

  Bytes sign(Signature, const SignatureKeyPair& key, ByteView message) const override {
    KITH_CHECK(key.private_key.size() == 32 && key.public_key.size() == 32);
    Bytes out(64);
    kith_host_ed25519_sign(key.private_key.data(), key.public_key.data(), message.data(), message.size(), out.data());
    return out;
  }

  bool verify(Signature, ByteView public_key, ByteView message, ByteView signature) const override {
    return public_key.size() == 32 && signature.size() == 64 &&
           kith_host_ed25519_verify(public_key.data(), message.data(), message.size(), signature.data()) == 1;
  }
};

}  // namespace

const Primitives* primitives_for(const SuiteParameters& suite) {
  static const Host primitives;
  return suite.id == 0x0003 ? &primitives : nullptr;
}

void SystemEntropy::fill(ByteSpan out) { kith_host_random(out.data(), out.size()); }

}  // namespace kith::crypto
