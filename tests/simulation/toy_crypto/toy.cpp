#include "tests/simulation/toy_crypto/toy.h"

#include <algorithm>

#include "base/check.h"
#include "tests/simulation/toy_crypto/mixing.h"

namespace kith::sim {
namespace {

using crypto::Aead;
using crypto::Hash;
using crypto::Kem;
using crypto::Signature;
using Purpose = Mixing::Purpose;

constexpr std::size_t kHmacBlock = 64;
constexpr std::size_t kTag = 16;
constexpr std::size_t kKey = 32;
constexpr std::size_t kSignature = 64;

// A number modulo the 61-bit Mersenne prime, never zero. Multiplying them is the toy's Diffie-Hellman.
constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61U) - 1;
constexpr std::uint64_t kBase = 0x1234'5678'9abc'def1;

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  const std::uint64_t sum = static_cast<std::uint64_t>(product & kPrime) + static_cast<std::uint64_t>(product >> 61U);
  return sum >= kPrime ? sum - kPrime : sum;
}

std::uint64_t scalar_of(ByteView private_key) {
  return 1 + Mixing(Purpose::scalar).add(private_key).number() % (kPrime - 1);
}

// The number, and 24 bytes that follow from it. The last of them is small, so that it is a number below the field's
// prime of X25519 too.
void write_point(std::uint64_t number, ByteSpan out) {
  std::memcpy(out.data(), &number, sizeof number);
  Mixing(Purpose::filler).add(number).finish(out.subspan(sizeof number));
  out.back() &= 0x3f;
}

std::optional<std::uint64_t> read_point(ByteView point) {
  std::uint64_t number = 0;
  std::memcpy(&number, point.data(), sizeof number);
  if (number <= 1 || number >= kPrime) return std::nullopt;
  std::array<std::uint8_t, kKey> right;
  write_point(number, right);
  return same_bytes(point, right) ? std::optional(number) : std::nullopt;
}

Bytes public_of(ByteView seed) {
  Bytes out(kKey);
  Mixing(Purpose::signature_key).add(seed).finish(out);
  return out;
}

Bytes signed_by(ByteView public_key, ByteView message) {
  Bytes out(kSignature);
  Mixing(Purpose::signature).add(public_key).add(message).finish(out);
  return out;
}

// There and back is the same.
void crypt(ByteView key, ByteView nonce, ByteView in, ByteSpan out) {
  std::uint64_t state = Mixing(Purpose::keystream).add(key).add(nonce).number();
  for (std::size_t i = 0; i < in.size();) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t word = (state ^ (state >> 31U)) * 0x7fb5d329728ea185;
    word ^= word >> 27U;
    std::uint64_t text = 0;
    const std::size_t size = std::min(sizeof text, in.size() - i);
    std::memcpy(&text, in.data() + i, size);
    text ^= word;
    std::memcpy(out.data() + i, &text, size);
    i += size;
  }
}

std::array<std::uint8_t, kTag> tag_of(ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  std::array<std::uint8_t, kTag> tag;
  Mixing(Purpose::tag).add(key).add(nonce).add(aad.size()).add(aad).add(plaintext).finish(tag);
  return tag;
}

class Toy final : public crypto::Primitives {
 public:
  void hash(Hash, ByteView data, ByteSpan out) const override { Mixing(Purpose::hash).add(data).finish(out); }

  void hmac(Hash, ByteView key, ByteView data, ByteView more, ByteSpan out) const override {
    std::array<std::uint8_t, kHmacBlock> filled{};
    if (key.size() > filled.size()) {
      Mixing(Purpose::long_key).add(key).finish(ByteSpan(filled).first(out.size()));
    } else {
      std::ranges::copy(key, filled.begin());
    }
    Mixing(Purpose::hmac).add(ByteView(filled)).add(data).add(more).finish(out);
  }

  void seal(Aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext, ByteSpan out) const override {
    const auto tag = tag_of(key, nonce, aad, plaintext);
    crypt(key, nonce, plaintext, out);
    std::ranges::copy(tag, out.begin() + static_cast<std::ptrdiff_t>(plaintext.size()));
  }

  bool open(Aead, ByteView key, ByteView nonce, ByteView aad, ByteView ciphertext, ByteSpan out) const override {
    if (ciphertext.size() < kTag) return false;
    crypt(key, nonce, ciphertext.first(ciphertext.size() - kTag), out);
    if (same_bytes(tag_of(key, nonce, aad, out), ciphertext.last(kTag))) return true;
    std::ranges::fill(out, std::uint8_t{0});
    return false;
  }

  bool dh(Kem, ByteView private_key, ByteView public_key, ByteSpan out) const override {
    const auto point = read_point(public_key);
    if (!point) return false;
    Mixing(Purpose::secret).add(times(scalar_of(private_key), *point)).finish(out);
    return true;
  }

  bool dh_public(Kem, ByteView private_key, ByteSpan out) const override {
    write_point(times(scalar_of(private_key), kBase), out);
    return true;
  }

  bool signature_public(Signature, ByteView private_key, Bytes& out) const override {
    if (private_key.size() != kKey) return false;
    out = public_of(private_key);
    return true;
  }

  // Under the wrong private half it holds for nobody, as in reality.
  Bytes sign(Signature, const crypto::SignatureKeyPair& key, ByteView message) const override {
    KITH_CHECK(key.private_key.size() == kKey && key.public_key.size() == kKey);
    Bytes signature = signed_by(key.public_key, message);
    if (public_of(key.private_key) != key.public_key) signature.front() ^= 1;
    return signature;
  }

  bool verify(Signature, ByteView public_key, ByteView message, ByteView signature) const override {
    return public_key.size() == kKey && signature.size() == kSignature &&
           same_bytes(signed_by(public_key, message), signature);
  }
};

}  // namespace

const crypto::Primitives& toy_primitives() {
  static const Toy primitives;
  return primitives;
}

}  // namespace kith::sim
