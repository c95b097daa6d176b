// Stands where src/crypto/native.cpp stands in every other program: an object file is linked before the libraries, so
// that the linker finds primitives_for here and never looks for the other. Suites keep the primitives that they got, so
// what they get asks for each call which ones are meant.
#include "crypto/openssl/openssl.h"
#include "crypto/sodium/sodium.h"
#include "tests/simulation/toy_crypto/toy.h"

namespace kith::sim {
namespace {

using crypto::Aead;
using crypto::Hash;
using crypto::Kem;
using crypto::Signature;

bool is_toy = false;

const crypto::Primitives& meant() { return is_toy ? toy_primitives() : crypto::sodium_primitives(); }

class Switched final : public crypto::Primitives {
 public:
  void hash(Hash hash, ByteView data, ByteSpan out) const override { meant().hash(hash, data, out); }
  void hmac(Hash hash, ByteView key, ByteView data, ByteView more, ByteSpan out) const override {
    meant().hmac(hash, key, data, more, out);
  }
  void seal(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext, ByteSpan out) const override {
    meant().seal(aead, key, nonce, aad, plaintext, out);
  }
  bool open(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext, ByteSpan out) const override {
    return meant().open(aead, key, nonce, aad, ciphertext, out);
  }
  bool dh(Kem kem, ByteView private_key, ByteView public_key, ByteSpan out) const override {
    return meant().dh(kem, private_key, public_key, out);
  }
  bool dh_public(Kem kem, ByteView private_key, ByteSpan out) const override {
    return meant().dh_public(kem, private_key, out);
  }
  bool signature_public(Signature scheme, ByteView private_key, Bytes& out) const override {
    return meant().signature_public(scheme, private_key, out);
  }
  Bytes sign(Signature scheme, const crypto::SignatureKeyPair& key, ByteView message) const override {
    return meant().sign(scheme, key, message);
  }
  bool verify(Signature scheme, ByteView public_key, ByteView message, ByteView signature) const override {
    return meant().verify(scheme, public_key, message, signature);
  }
};

}  // namespace

void use_toy_crypto(bool toy) { is_toy = toy; }
bool is_toy_crypto() { return is_toy; }

}  // namespace kith::sim

namespace kith::crypto {

const Primitives* primitives_for(const SuiteParameters& suite) {
  static const sim::Switched switched;
  if (suite.id == 0x0003) return &switched;
  return &openssl_primitives();
}

}  // namespace kith::crypto
