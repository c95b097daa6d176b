// Keys on their curves as OpenSSL holds them, from the bytes of RFC 9180 section 7.1.1 and RFC 9420 section 5.1.1.
// Inside this folder only.
#pragma once

#include <openssl/evp.h>

#include <memory>

#include "crypto/crypto.h"

namespace kith::crypto::openssl {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* p) const {
    kFree(p);
  }
};
using PKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

// Montgomery and Edwards curves are raw bytes to OpenSSL; NIST's are points (uncompressed, as both RFCs want) and
// numbers (big-endian, of the order's size).
struct Curve {
  int type;              // EVP_PKEY_*
  int nid = 0;           // of NIST's curves
  std::size_t size = 0;  // of a number on NIST's curves, in bytes
  [[nodiscard]] bool is_nist() const { return nid != 0; }
};
[[nodiscard]] Curve curve_of(Kem kem);
[[nodiscard]] Curve curve_of(Signature scheme);

// Null where the bytes are no key of the curve: of another size, off the curve, out of range.
[[nodiscard]] PKey private_key(const Curve& curve, ByteView bytes);
[[nodiscard]] PKey public_key(const Curve& curve, ByteView bytes);
// The public half of a private key; empty where it is none.
[[nodiscard]] Bytes public_half(const Curve& curve, ByteView private_bytes);

}  // namespace kith::crypto::openssl
