// The one door to cryptographic libraries. A Suite is one MLS cipher suite (RFC 9420 section 17.1) as data plus the
// library that runs it: 0x0003 on libsodium (in WebAssembly on the host's libsodium), the others on OpenSSL 3. HPKE
// (RFC 9180) and HKDF (RFC 5869) are composed from their primitives here; no primitive is written by hand.
//
// Knows nothing of MLS, keys of people or storage. It faces whoever chose the bytes: keys, points, ciphertexts and
// signatures may be anything, and are refused with an error. Sizes that only we choose (symmetric keys, nonces) are
// checked as our own bugs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/entropy.h"
#include "base/result.h"

namespace kith::crypto {

enum class Errc : std::uint8_t {
  bad_key,        // a key of the wrong size, not on its curve, or of low order
  bad_signature,  // the signature is not the key's over this message
  open_failed,    // a ciphertext that was not sealed so, or changed since
};
template <class T>
using Result = ResultOf<T, Errc>;

enum class Hash : std::uint8_t { sha256, sha384, sha512 };
enum class Kem : std::uint16_t { p256 = 0x0010, p384 = 0x0011, p521 = 0x0012, x25519 = 0x0020, x448 = 0x0021 };
enum class Aead : std::uint16_t { aes128gcm = 1, aes256gcm = 2, chacha20poly1305 = 3 };
enum class Signature : std::uint8_t { ed25519, ed448, ecdsa_p256, ecdsa_p384, ecdsa_p521 };

// Everything that tells one suite from another. Sizes in bytes.
struct SuiteParameters {
  std::uint16_t id;
  Kem kem;
  std::uint16_t kdf_id;  // HKDF's number in RFC 9180
  Aead aead;
  Hash hash;
  Signature signature;
  std::size_t hash_size;  // KDF.Nh
  std::size_t key_size;   // AEAD.Nk
  std::size_t kem_private_size;
  std::size_t kem_public_size;
  std::size_t kem_secret_size;
  std::size_t signature_private_size;
};

// An HPKE (KEM) key pair in the encodings of RFC 9180 section 7.1.1.
struct KemKeyPair {
  SecretBytes private_key;
  Bytes public_key;
};

// A signature key pair. EdDSA: the private key is the seed of RFC 8032; ECDSA: a big-endian number, and the public key
// an uncompressed point. The two halves always come from one
// of Suite's constructors: signing with a foreign public half would give the private one away.
struct SignatureKeyPair {
  SecretBytes private_key;
  Bytes public_key;
};

struct HpkeCiphertext {
  Bytes kem_output;
  Bytes ciphertext;
};

// HPKE's info, prepared: what is long and the same for many recipients is hashed once.
struct HpkeInfo {
  explicit HpkeInfo(SecretBytes context) : key_schedule_context(std::move(context)) {}
  SecretBytes key_schedule_context;  // of RFC 9180 section 5.1
};

struct HpkeExport {
  Bytes kem_output;
  SecretBytes secret;
};

class Primitives;

// One cipher suite. A small value: copy it freely.
class Suite {
 public:
  // The suite of this number, where this build runs it: natively 0x0001 to 0x0007, in WebAssembly 0x0003.
  static std::optional<Suite> find(std::uint16_t id);
  // 0x0003, which Kith's groups use, and whose Ed25519, HKDF-SHA256 and ChaCha20-Poly1305 serve everything around them.
  static Suite product();

  [[nodiscard]] std::uint16_t id() const { return parameters_->id; }
  [[nodiscard]] const SuiteParameters& parameters() const { return *parameters_; }
  [[nodiscard]] std::size_t hash_size() const { return parameters_->hash_size; }
  [[nodiscard]] std::size_t key_size() const { return parameters_->key_size; }
  [[nodiscard]] std::size_t nonce_size() const { return 12; }
  [[nodiscard]] std::size_t tag_size() const { return 16; }

  [[nodiscard]] Bytes hash(ByteView data) const;
  // HMAC with the suite's hash, over the concatenation of both parts.
  [[nodiscard]] SecretBytes hmac(ByteView key, ByteView data, ByteView more = {}) const;
  // HKDF of RFC 5869.
  [[nodiscard]] SecretBytes extract(ByteView salt, ByteView input) const;
  [[nodiscard]] SecretBytes expand(ByteView secret, ByteView info, std::size_t size) const;

  // The suite's AEAD: key_size(), nonce_size(); the ciphertext is tag_size() longer than the plaintext.
  [[nodiscard]] Bytes seal(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) const;
  [[nodiscard]] Result<SecretBytes> open(ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext) const;

  // DeriveKeyPair of RFC 9180 section 7.1.3, and the same from fresh entropy.
  [[nodiscard]] KemKeyPair derive_kem_key(ByteView input) const;
  [[nodiscard]] KemKeyPair generate_kem_key(Entropy& entropy) const;
  // The public half of a private key.
  [[nodiscard]] Result<Bytes> kem_public_key(ByteView private_key) const;
  // Whether this can be somebody's public key or KEM output: of the right size, on the curve, of no low order (nobody
  // could encrypt to it), and of X25519's spellings of a point the one that keys are made with.
  [[nodiscard]] bool is_kem_public_key(ByteView key) const;

  // HPKE in base mode, single-shot (RFC 9180 section 6.1). The recipient gives both halves of its key.
  [[nodiscard]] HpkeInfo hpke_info(ByteView info) const;
  [[nodiscard]] Result<HpkeCiphertext> hpke_seal(ByteView public_key, const HpkeInfo& info, ByteView aad,
                                                 ByteView plaintext, Entropy& entropy) const;
  [[nodiscard]] Result<HpkeCiphertext> hpke_seal(ByteView public_key, ByteView info, ByteView aad, ByteView plaintext,
                                                 Entropy& entropy) const {
    return hpke_seal(public_key, hpke_info(info), aad, plaintext, entropy);
  }
  [[nodiscard]] Result<SecretBytes> hpke_open(ByteView private_key, ByteView public_key, ByteView kem_output,
                                              ByteView info, ByteView aad, ByteView ciphertext) const;
  // HPKE's secret export (RFC 9180 section 5.3), for MLS external init.
  [[nodiscard]] Result<HpkeExport> hpke_send_export(ByteView public_key, ByteView info, ByteView exporter_context,
                                                    std::size_t size, Entropy& entropy) const;
  [[nodiscard]] Result<SecretBytes> hpke_receive_export(ByteView private_key, ByteView public_key, ByteView kem_output,
                                                        ByteView info, ByteView exporter_context,
                                                        std::size_t size) const;

  [[nodiscard]] SignatureKeyPair generate_signature_key(Entropy& entropy) const;
  // The pair of a private key as stored; Ed25519: of its 32-byte seed.
  [[nodiscard]] Result<SignatureKeyPair> signature_key_from(ByteView private_key) const;
  [[nodiscard]] Bytes sign(const SignatureKeyPair& key, ByteView message) const;
  [[nodiscard]] Result<void> verify(ByteView public_key, ByteView message, ByteView signature) const;

  friend bool operator==(const Suite& a, const Suite& b) { return a.parameters_ == b.parameters_; }

 private:
  Suite(const SuiteParameters& parameters, const Primitives& primitives)
      : parameters_(&parameters), primitives_(&primitives) {}

  struct KemSecret;
  struct HpkeContext;
  [[nodiscard]] Result<KemSecret> encapsulate(ByteView public_key, Entropy& entropy) const;
  [[nodiscard]] Result<SecretBytes> decapsulate(ByteView private_key, ByteView public_key, ByteView kem_output) const;
  [[nodiscard]] SecretBytes kem_secret(ByteView dh, ByteView kem_output, ByteView public_key) const;
  [[nodiscard]] HpkeContext hpke_context(ByteView shared_secret, const HpkeInfo& info) const;

  const SuiteParameters* parameters_;
  const Primitives* primitives_;
};

// Compares secrets of public sizes in constant time.
[[nodiscard]] bool equal(ByteView a, ByteView b);

[[nodiscard]] std::array<std::uint8_t, 32> sha256(ByteView data);

// The system's random numbers.
class SystemEntropy final : public Entropy {
 public:
  void fill(ByteSpan out) override;
};

[[nodiscard]] SecretBytes random_secret(Entropy& entropy, std::size_t size);

}  // namespace kith::crypto
