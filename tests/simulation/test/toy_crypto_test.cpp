#include "tests/simulation/toy_crypto/toy.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/simulation/chance.h"

namespace kith::sim {
namespace {

using crypto::Errc;
using crypto::KemKeyPair;
using crypto::SignatureKeyPair;

class ToyCrypto : public testing::Test {
 protected:
  ToyCrypto() { use_toy_crypto(true); }
  ~ToyCrypto() override { use_toy_crypto(false); }

  crypto::Suite suite = crypto::Suite::product();
  Chance chance{7};
};

TEST_F(ToyCrypto, is_the_toy_only_while_it_is_asked_for) {
  const std::string_view abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_TRUE(is_toy_crypto());
  EXPECT_NE(to_hex(suite.hash(as_view("abc"))), abc);
  use_toy_crypto(false);
  EXPECT_EQ(to_hex(suite.hash(as_view("abc"))), abc);
  EXPECT_EQ(to_hex(crypto::sha256(as_view("abc"))), abc);
}

TEST_F(ToyCrypto, other_suites_stay_as_they_are) {
  const auto other = crypto::Suite::find(0x0001);
  ASSERT_TRUE(other);
  EXPECT_EQ(to_hex(other->hash(as_view("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(ToyCrypto, hashes_of_different_bytes_differ) {
  std::set<Bytes> seen;
  Bytes zeros;
  for (int size = 0; size < 100; ++size, zeros.push_back(0)) {
    EXPECT_TRUE(seen.insert(suite.hash(zeros)).second);
    for (std::size_t bit = 0; bit < zeros.size() * 8; ++bit) {
      Bytes one = zeros;
      one[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_TRUE(seen.insert(suite.hash(one)).second);
    }
  }
}

TEST_F(ToyCrypto, one_bit_changes_half_of_the_hash) {
  std::size_t changed = 0;
  std::size_t bits = 0;
  for (const std::size_t size : {1U, 8U, 32U, 33U, 64U}) {
    const Bytes before(size, 0x5a);
    const Bytes hash = suite.hash(before);
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      Bytes after = before;
      after[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const Bytes other = suite.hash(after);
      std::size_t here = 0;
      for (std::size_t i = 0; i < hash.size(); ++i) here += std::popcount(static_cast<unsigned>(hash[i] ^ other[i]));
      EXPECT_GT(here, 80U);
      EXPECT_LT(here, 176U);
      changed += here;
      bits += 256;
    }
  }
  EXPECT_NEAR(static_cast<double>(changed) / static_cast<double>(bits), 0.5, 0.01);
}

TEST_F(ToyCrypto, hmac_is_of_both_parts_as_one_and_of_the_key) {
  const Bytes key(32, 1);
  EXPECT_EQ(suite.hmac(key, as_view("ab"), as_view("c")), suite.hmac(key, as_view("a"), as_view("bc")));
  EXPECT_NE(suite.hmac(key, as_view("ab")), suite.hmac(key, as_view("abc")));
  EXPECT_NE(suite.hmac(key, as_view("abc")), suite.hmac(Bytes(31, 1), as_view("abc")));
  EXPECT_NE(suite.hmac(Bytes(65, 1), as_view("abc")), suite.hmac(Bytes(66, 1), as_view("abc")));
  EXPECT_EQ(suite.hmac({}, as_view("abc")), suite.hmac(Bytes(32), as_view("abc")));
}

TEST_F(ToyCrypto, sealed_bytes_open_only_as_they_were_sealed) {
  const SecretBytes key = crypto::random_secret(chance, suite.key_size());
  const Bytes nonce(12, 1);
  for (const std::size_t size : {0U, 1U, 8U, 33U, 1000U}) {
    const Bytes plaintext(size, 5);
    const Bytes sealed = suite.seal(key, nonce, as_view("aad"), plaintext);
    const auto opened = suite.open(key, nonce, as_view("aad"), sealed);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(same_bytes(*opened, plaintext));
    EXPECT_FALSE(suite.open(key, nonce, as_view("other"), sealed));
    EXPECT_FALSE(suite.open(key, Bytes(12, 2), as_view("aad"), sealed));
    EXPECT_FALSE(suite.open(Bytes(32), nonce, as_view("aad"), sealed));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      Bytes damaged = sealed;
      damaged[i] ^= 1;
      EXPECT_FALSE(suite.open(key, nonce, as_view("aad"), damaged));
    }
    EXPECT_FALSE(suite.open(key, nonce, as_view("aad"), ByteView(sealed).first(sealed.size() - 1)));
  }
  EXPECT_FALSE(suite.open(key, nonce, {}, Bytes(3)));
}

TEST_F(ToyCrypto, diffie_hellman_gives_both_the_same_secret) {
  const auto& toy = toy_primitives();
  const KemKeyPair a = suite.generate_kem_key(chance);
  const KemKeyPair b = suite.generate_kem_key(chance);
  const KemKeyPair c = suite.generate_kem_key(chance);
  Bytes ab(32);
  Bytes ba(32);
  Bytes cb(32);
  EXPECT_TRUE(toy.dh(crypto::Kem::x25519, a.private_key, b.public_key, ab));
  EXPECT_TRUE(toy.dh(crypto::Kem::x25519, b.private_key, a.public_key, ba));
  EXPECT_TRUE(toy.dh(crypto::Kem::x25519, c.private_key, b.public_key, cb));
  EXPECT_EQ(ab, ba);
  EXPECT_NE(ab, cb);
}

TEST_F(ToyCrypto, derived_key_pairs_are_the_same_each_time_and_look_like_points) {
  for (int i = 0; i < 1000; ++i) {
    const SecretBytes input = crypto::random_secret(chance, 32);
    const KemKeyPair pair = suite.derive_kem_key(input);
    EXPECT_TRUE(suite.is_kem_public_key(pair.public_key));
    EXPECT_EQ(suite.derive_kem_key(input).public_key, pair.public_key);
    EXPECT_EQ(suite.kem_public_key(pair.private_key).value(), pair.public_key);
  }
  EXPECT_FALSE(suite.kem_public_key(Bytes(31)));
}

TEST_F(ToyCrypto, hpke_opens_what_was_sealed_to_its_key) {
  const KemKeyPair to = suite.generate_kem_key(chance);
  const KemKeyPair other = suite.generate_kem_key(chance);
  const auto sealed = suite.hpke_seal(to.public_key, as_view("info"), as_view("aad"), as_view("text"), chance);
  ASSERT_TRUE(sealed);
  const auto open = [&](const KemKeyPair& key, std::string_view info, ByteView ciphertext) {
    return suite.hpke_open(key.private_key, key.public_key, sealed->kem_output, as_view(info), as_view("aad"),
                           ciphertext);
  };
  EXPECT_EQ(as_text(open(to, "info", sealed->ciphertext).value()), "text");
  EXPECT_FALSE(open(other, "info", sealed->ciphertext));
  EXPECT_FALSE(open(to, "other", sealed->ciphertext));
  EXPECT_FALSE(open(to, "info", ByteView(sealed->ciphertext).first(3)));
}

TEST_F(ToyCrypto, hpke_exports_the_same_to_both) {
  const KemKeyPair to = suite.generate_kem_key(chance);
  const auto sent = suite.hpke_send_export(to.public_key, as_view("info"), as_view("context"), 32, chance);
  ASSERT_TRUE(sent);
  EXPECT_EQ(suite.hpke_receive_export(to.private_key, to.public_key, sent->kem_output, as_view("info"),
                                      as_view("context"), 32),
            sent->secret);
}

TEST_F(ToyCrypto, points_that_nobody_made_are_refused) {
  const KemKeyPair key = suite.generate_kem_key(chance);
  const auto refused = [&](const Bytes& point) {
    const auto sealed = suite.hpke_seal(point, {}, {}, {}, chance);
    return !sealed && sealed.error().code == Errc::bad_key &&
           !suite.hpke_open(key.private_key, key.public_key, point, {}, {}, Bytes(16));
  };
  EXPECT_FALSE(refused(key.public_key));
  EXPECT_TRUE(refused(Bytes(32)));
  EXPECT_TRUE(refused(Bytes(32, 0xff)));
  EXPECT_TRUE(refused(Bytes(31, 9)));
  EXPECT_TRUE(refused({}));
  Bytes one(32);
  one[0] = 1;
  EXPECT_TRUE(refused(one));
  for (std::size_t i = 0; i < 32; ++i) {
    Bytes damaged = key.public_key;
    damaged[i] ^= 1;
    EXPECT_TRUE(refused(damaged)) << i;
  }
  for (int i = 0; i < 100; ++i) {
    Bytes random(32);
    chance.fill(random);
    EXPECT_TRUE(refused(random));
  }
}

TEST_F(ToyCrypto, signatures_verify_and_nothing_else_does) {
  const SignatureKeyPair key = suite.generate_signature_key(chance);
  const SignatureKeyPair other = suite.generate_signature_key(chance);
  const Bytes signature = suite.sign(key, as_view("message"));
  ASSERT_EQ(signature.size(), 64U);
  EXPECT_TRUE(suite.verify(key.public_key, as_view("message"), signature));
  EXPECT_FALSE(suite.verify(key.public_key, as_view("messagf"), signature));
  EXPECT_FALSE(suite.verify(other.public_key, as_view("message"), signature));
  EXPECT_FALSE(suite.verify(Bytes(31), as_view("message"), signature));
  EXPECT_FALSE(suite.verify({}, as_view("message"), signature));
  EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), {}));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes damaged = signature;
    damaged[i] ^= 1;
    EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), damaged));
  }
  const SignatureKeyPair mixed{other.private_key, key.public_key};
  EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), suite.sign(mixed, as_view("message"))));
  EXPECT_EQ(suite.signature_key_from(key.private_key).value().public_key, key.public_key);
  EXPECT_FALSE(suite.signature_key_from(Bytes(31)));
  EXPECT_FALSE(suite.signature_key_from({}));
}

}  // namespace
}  // namespace kith::sim
