#include <algorithm>

#include "base/check.h"
#include "crypto/primitives.h"

namespace kith::crypto {
namespace {

// What the KEMs, AEADs, hashes and signature schemes of a suite say of sizes (RFC 9180 section 7).
struct KemSizes {
  std::size_t private_size;
  std::size_t public_size;
};
constexpr KemSizes sizes_of(Kem kem) {
  switch (kem) {
    case Kem::p256:
      return {32, 65};
    case Kem::p384:
      return {48, 97};
    case Kem::p521:
      return {66, 133};
    case Kem::x25519:
      return {32, 32};
    case Kem::x448:
      return {56, 56};
  }
  return {};
}
constexpr std::size_t size_of(Hash hash) { return hash == Hash::sha256 ? 32 : hash == Hash::sha384 ? 48 : 64; }
constexpr std::uint16_t kdf_of(Hash hash) { return hash == Hash::sha256 ? 1 : hash == Hash::sha384 ? 2 : 3; }
constexpr std::size_t size_of(Signature scheme) {
  switch (scheme) {
    case Signature::ed25519:
    case Signature::ecdsa_p256:
      return 32;
    case Signature::ed448:
      return 57;
    case Signature::ecdsa_p384:
      return 48;
    case Signature::ecdsa_p521:
      return 66;
  }
  return 0;
}

constexpr SuiteParameters suite(std::uint16_t id, Kem kem, Aead aead, Hash hash, Signature signature) {
  return {.id = id,
          .kem = kem,
          .kdf_id = kdf_of(hash),
          .aead = aead,
          .hash = hash,
          .signature = signature,
          .hash_size = size_of(hash),
          .key_size = aead == Aead::aes128gcm ? 16U : 32U,
          .kem_private_size = sizes_of(kem).private_size,
          .kem_public_size = sizes_of(kem).public_size,
          .kem_secret_size = size_of(hash),  // of each suite's KEM: its own hash is the suite's
          .signature_private_size = size_of(signature)};
}

// RFC 9420 section 17.1
constexpr SuiteParameters kSuites[] = {
    suite(0x0001, Kem::x25519, Aead::aes128gcm, Hash::sha256, Signature::ed25519),
    suite(0x0002, Kem::p256, Aead::aes128gcm, Hash::sha256, Signature::ecdsa_p256),
    suite(0x0003, Kem::x25519, Aead::chacha20poly1305, Hash::sha256, Signature::ed25519),
    suite(0x0004, Kem::x448, Aead::aes256gcm, Hash::sha512, Signature::ed448),
    suite(0x0005, Kem::p521, Aead::aes256gcm, Hash::sha512, Signature::ecdsa_p521),
    suite(0x0006, Kem::x448, Aead::chacha20poly1305, Hash::sha512, Signature::ed448),
    suite(0x0007, Kem::p384, Aead::aes256gcm, Hash::sha384, Signature::ecdsa_p384),
};

}  // namespace

std::optional<Suite> Suite::find(std::uint16_t id) {
  for (const SuiteParameters& s : kSuites) {
    if (s.id != id) continue;
    if (const Primitives* p = primitives_for(s)) return Suite(s, *p);
  }
  return std::nullopt;
}

Suite Suite::product() {
  const auto suite = find(0x0003);
  KITH_CHECK(suite.has_value());
  return *suite;
}

Bytes Suite::hash(ByteView data) const {
  Bytes out(hash_size());
  primitives_->hash(parameters_->hash, data, out);
  return out;
}

SecretBytes Suite::hmac(ByteView key, ByteView data, ByteView more) const {
  SecretBytes out(hash_size());
  primitives_->hmac(parameters_->hash, key, data, more, out);
  return out;
}

SecretBytes Suite::extract(ByteView salt, ByteView input) const { return hmac(salt, input); }

SecretBytes Suite::expand(ByteView secret, ByteView info, std::size_t size) const {
  KITH_CHECK(size <= 255 * hash_size());
  SecretBytes out;
  SecretBytes block;
  for (std::uint8_t counter = 1; out.size() < size; ++counter) {
    block.insert(block.end(), info.begin(), info.end());
    block = hmac(secret, block, ByteView(&counter, 1));
    const auto wanted = static_cast<std::ptrdiff_t>(std::min(block.size(), size - out.size()));
    out.insert(out.end(), block.begin(), block.begin() + wanted);
  }
  return out;
}

Bytes Suite::seal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const {
  KITH_CHECK(key.size() == key_size() && nonce.size() == nonce_size());
  Bytes out(plaintext.size() + tag_size());
  primitives_->seal(parameters_->aead, key, nonce, aad, plaintext, out);
  return out;
}

Result<SecretBytes> Suite::open(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext) const {
  KITH_CHECK(key.size() == key_size() && nonce.size() == nonce_size());
  if (ciphertext.size() < tag_size()) return fail(Errc::open_failed, "a ciphertext is shorter than its tag");
  SecretBytes out(ciphertext.size() - tag_size());
  if (!primitives_->open(parameters_->aead, key, nonce, aad, ciphertext, out)) {
    return fail(Errc::open_failed, "a ciphertext does not open");
  }
  return out;
}

SignatureKeyPair Suite::generate_signature_key(Entropy& entropy) const {
  for (;;) {
    SecretBytes candidate = random_secret(entropy, parameters_->signature_private_size);
    if (parameters_->signature == Signature::ecdsa_p521) candidate[0] &= 0x01;
    // All bytes are a key of Edwards curves; on NIST's a number may be out of range, so try again.
    if (auto pair = signature_key_from(candidate)) return *std::move(pair);
  }
}

Result<SignatureKeyPair> Suite::signature_key_from(ByteView private_key) const {
  SignatureKeyPair pair;
  if (!primitives_->signature_public(parameters_->signature, private_key, pair.public_key)) {
    return fail(Errc::bad_key, "not a signature key");
  }
  pair.private_key = to_secret(private_key);
  return pair;
}

Bytes Suite::sign(const SignatureKeyPair& key, ByteView message) const {
  return primitives_->sign(parameters_->signature, key, message);
}

Result<void> Suite::verify(ByteView public_key, ByteView message, ByteView signature) const {
  if (!primitives_->verify(parameters_->signature, public_key, message, signature)) {
    return fail(Errc::bad_signature, "a signature does not hold");
  }
  return {};
}

bool equal(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    // The compiler must not learn that it could stop early.
    asm volatile("" : "+r"(difference));
  }
  return difference == 0;
}

std::array<std::uint8_t, 32> sha256(ByteView data) {
  std::array<std::uint8_t, 32> out{};
  const Bytes digest = Suite::product().hash(data);
  std::ranges::copy(digest, out.begin());
  return out;
}

SecretBytes random_secret(Entropy& entropy, std::size_t size) {
  SecretBytes out(size);
  entropy.fill(out);
  return out;
}

}  // namespace kith::crypto
