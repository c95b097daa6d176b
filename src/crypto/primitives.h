// What a suite needs of a cryptographic library. Inside this room only; each library implements it once, without state.
// Output spans have the exact size of the result. False means that somebody's bytes were refused.
#pragma once

#include "crypto/crypto.h"

namespace kith::crypto {

class Primitives {
 public:
  virtual ~Primitives() = default;

  virtual void hash(Hash hash, ByteView data, ByteSpan out) const = 0;
  virtual void hmac(Hash hash, ByteView key, ByteView data, ByteView more, ByteSpan out) const = 0;
  virtual void seal(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext, ByteSpan out) const = 0;
  virtual bool open(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext, ByteSpan out) const = 0;
  // Diffie-Hellman; refuses points that are off the curve or give the all-zero secret.
  virtual bool dh(Kem kem, ByteView private_key, ByteView public_key, ByteSpan out) const = 0;
  virtual bool dh_public(Kem kem, ByteView private_key, ByteSpan out) const = 0;
  // Whether a public key of the right size is a point. Asked of NIST's curves only, which not every library has.
  virtual bool is_point(Kem, ByteView) const { return false; }
  virtual bool signature_public(Signature scheme, ByteView private_key, Bytes& out) const = 0;
  virtual Bytes sign(Signature scheme, const SignatureKeyPair& key, ByteView message) const = 0;
  virtual bool verify(Signature scheme, ByteView public_key, ByteView message, ByteView signature) const = 0;
};

// The library that runs this suite in this build, or null.
const Primitives* primitives_for(const SuiteParameters& suite);

}  // namespace kith::crypto
