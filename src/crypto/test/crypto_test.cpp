#include "crypto/crypto.h"

#include "crypto/argon2.h"

#include <gtest/gtest.h>

namespace kith::crypto {
namespace {

class Suites : public testing::TestWithParam<int> {
 protected:
  Suite suite = Suite::find(static_cast<std::uint16_t>(GetParam())).value();
  SystemEntropy entropy;
};
INSTANTIATE_TEST_SUITE_P(All, Suites, testing::Range(1, 8));

class Sha256Suites : public Suites {};
INSTANTIATE_TEST_SUITE_P(All, Sha256Suites, testing::Values(1, 2, 3));
class X25519Suites : public Suites {};
INSTANTIATE_TEST_SUITE_P(All, X25519Suites, testing::Values(1, 3));
class NistSuites : public Suites {};
INSTANTIATE_TEST_SUITE_P(All, NistSuites, testing::Values(2, 5, 7));

TEST(Suite, unknown_numbers_are_not_found) {
  EXPECT_FALSE(Suite::find(0));
  EXPECT_FALSE(Suite::find(0x1234));
  EXPECT_EQ(Suite::product().id(), 3);
}

TEST(Hash, sha256_of_abc_is_known) {
  EXPECT_EQ(to_hex(sha256(as_view("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_P(Sha256Suites, hkdf_gives_the_first_example_of_its_rfc) {
  const Bytes ikm(22, 0x0b);
  const SecretBytes prk = suite.extract(*from_hex("000102030405060708090a0b0c"), ikm);
  EXPECT_EQ(to_hex(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  EXPECT_EQ(to_hex(suite.expand(prk, *from_hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST_P(Suites, sealed_bytes_open_only_as_they_were_sealed) {
  const SecretBytes key = random_secret(entropy, suite.key_size());
  const Bytes nonce(12, 1);
  for (const std::size_t size : {0U, 1U, 200U}) {
    const Bytes plaintext(size, 5);
    const Bytes sealed = suite.seal(key, nonce, as_view("aad"), plaintext);
    EXPECT_EQ(sealed.size(), size + suite.tag_size());
    const auto opened = suite.open(key, nonce, as_view("aad"), sealed);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(same_bytes(*opened, plaintext));
    EXPECT_FALSE(suite.open(key, nonce, as_view("other"), sealed));
    for (std::size_t i = 0; i < sealed.size(); i += 7) {
      Bytes damaged = sealed;
      damaged[i] ^= 1;
      EXPECT_FALSE(suite.open(key, nonce, as_view("aad"), damaged));
    }
    EXPECT_FALSE(suite.open(key, nonce, as_view("aad"), ByteView(sealed).first(sealed.size() - 1)));
  }
  EXPECT_FALSE(suite.open(key, nonce, {}, Bytes(3)));
}

TEST_P(Suites, signatures_verify_and_nothing_else_does) {
  const SignatureKeyPair key = suite.generate_signature_key(entropy);
  const Bytes signature = suite.sign(key, as_view("message"));
  EXPECT_TRUE(suite.verify(key.public_key, as_view("message"), signature));
  EXPECT_FALSE(suite.verify(key.public_key, as_view("messagf"), signature));
  EXPECT_FALSE(suite.verify(suite.generate_signature_key(entropy).public_key, as_view("message"), signature));
  EXPECT_FALSE(suite.verify(Bytes(31), as_view("message"), signature));
  EXPECT_FALSE(suite.verify({}, as_view("message"), signature));
  EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), ByteView(signature).first(signature.size() - 1)));
  EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), {}));
  EXPECT_EQ(suite.signature_key_from(key.private_key).value().public_key, key.public_key);
  EXPECT_FALSE(suite.signature_key_from(Bytes(31)));
  EXPECT_FALSE(suite.signature_key_from({}));
}

TEST_P(NistSuites, points_that_are_none_and_numbers_out_of_range_are_refused) {
  const KemKeyPair key = suite.generate_kem_key(entropy);
  const auto refused = [&](const Bytes& point) {
    return !suite.hpke_seal(point, {}, {}, as_view("x"), entropy) &&
           !suite.hpke_open(key.private_key, key.public_key, point, {}, {}, Bytes(20)) &&
           !suite.verify(point, as_view("message"), Bytes(70)) && !suite.is_kem_public_key(point);
  };
  Bytes off_the_curve = key.public_key;
  off_the_curve.back() ^= 1;
  EXPECT_TRUE(refused(off_the_curve));
  Bytes hybrid = key.public_key;
  hybrid[0] = static_cast<std::uint8_t>(6 + (hybrid.back() & 1));
  EXPECT_TRUE(refused(hybrid)) << "another encoding of the same point";
  Bytes compressed(hybrid.begin(), hybrid.begin() + 1 + static_cast<std::ptrdiff_t>(key.private_key.size()));
  compressed[0] = static_cast<std::uint8_t>(2 + (key.public_key.back() & 1));
  EXPECT_TRUE(refused(compressed));
  EXPECT_TRUE(refused(Bytes(1))) << "the point at infinity";
  EXPECT_TRUE(refused(Bytes(key.public_key.size())));

  const std::size_t size = suite.parameters().kem_private_size;
  EXPECT_FALSE(suite.kem_public_key(Bytes(size))) << "zero";
  EXPECT_FALSE(suite.kem_public_key(Bytes(size, 0xff))) << "more than the order";
  EXPECT_FALSE(suite.signature_key_from(Bytes(size)));
  EXPECT_FALSE(suite.signature_key_from(Bytes(size, 0xff)));
}

TEST_P(NistSuites, a_signature_has_one_encoding) {
  const SignatureKeyPair key = suite.generate_signature_key(entropy);
  const Bytes signature = suite.sign(key, as_view("message"));
  Bytes longer = signature;
  longer.push_back(0);
  EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), longer));
  // A zero before the first number, and the lengths to match: the same numbers, not DER any more.
  const std::size_t head = signature[1] == 0x81 ? 3 : 2;
  ASSERT_EQ(signature[head], 2);
  if (signature[head - 1] < 127 && signature[head + 1] < 127) {
    Bytes padded = signature;
    ++padded[head - 1];
    ++padded[head + 1];
    padded.insert(padded.begin() + static_cast<std::ptrdiff_t>(head) + 2, 0);
    EXPECT_FALSE(suite.verify(key.public_key, as_view("message"), padded));
  }
}

TEST_P(Suites, hpke_opens_what_it_sealed_and_both_ends_export_the_same) {
  const KemKeyPair key = suite.generate_kem_key(entropy);
  const auto sealed =
      suite.hpke_seal(key.public_key, as_view("info"), as_view("aad"), as_view("plain"), entropy).value();
  EXPECT_TRUE(same_bytes(suite
                             .hpke_open(key.private_key, key.public_key, sealed.kem_output, as_view("info"),
                                        as_view("aad"), sealed.ciphertext)
                             .value(),
                         as_view("plain")));
  EXPECT_FALSE(suite.hpke_open(key.private_key, key.public_key, sealed.kem_output, as_view("infa"), as_view("aad"),
                               sealed.ciphertext));
  const auto sent = suite.hpke_send_export(key.public_key, as_view("info"), as_view("context"), 32, entropy).value();
  EXPECT_EQ(suite
                .hpke_receive_export(key.private_key, key.public_key, sent.kem_output, as_view("info"),
                                     as_view("context"), 32)
                .value(),
            sent.secret);
}

TEST_P(X25519Suites, points_of_low_order_are_refused) {
  const KemKeyPair key = suite.generate_kem_key(entropy);
  for (const char* point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    const Bytes low = *from_hex(point);
    EXPECT_FALSE(suite.hpke_seal(low, {}, {}, as_view("x"), entropy)) << point;
    EXPECT_FALSE(suite.hpke_open(key.private_key, key.public_key, low, {}, {}, Bytes(20))) << point;
    EXPECT_FALSE(suite.is_kem_public_key(low)) << point;
  }
  EXPECT_FALSE(suite.hpke_seal(Bytes(31), {}, {}, as_view("x"), entropy));
  EXPECT_FALSE(suite.hpke_open(key.private_key, key.public_key, Bytes(33), {}, {}, Bytes(20)));
}

TEST_P(X25519Suites, a_point_has_one_spelling) {
  Bytes key = suite.generate_kem_key(entropy).public_key;
  EXPECT_TRUE(suite.is_kem_public_key(key));
  key[31] |= 0x80;
  EXPECT_FALSE(suite.is_kem_public_key(key));
  Bytes largest(32, 0xff);
  largest[31] = 0x7f;
  for (largest[0] = 0xed; largest[0] != 0; ++largest[0]) EXPECT_FALSE(suite.is_kem_public_key(largest));
  largest[0] = 0xeb;
  EXPECT_TRUE(suite.is_kem_public_key(largest)) << "-2";
  Bytes smallest(32);
  smallest[0] = 2;
  EXPECT_TRUE(suite.is_kem_public_key(smallest));
}

TEST(X448, points_of_low_order_and_other_spellings_are_refused) {
  for (const int id : {4, 6}) {
    const Suite suite = Suite::find(static_cast<std::uint16_t>(id)).value();
    SystemEntropy entropy;
    Bytes minus_one(56, 0xff);
    minus_one[0] = minus_one[28] = 0xfe;
    Bytes one(56);
    one[0] = 1;
    for (const Bytes& low : {Bytes(56), one, minus_one}) {
      EXPECT_FALSE(suite.hpke_seal(low, {}, {}, as_view("x"), entropy));
      EXPECT_FALSE(suite.is_kem_public_key(low));
    }
    Bytes prime = minus_one;
    prime[0] = 0xff;
    EXPECT_FALSE(suite.is_kem_public_key(prime));
    EXPECT_FALSE(suite.is_kem_public_key(Bytes(56, 0xff)));
    minus_one[0] = 0xfd;
    EXPECT_TRUE(suite.is_kem_public_key(minus_one)) << "-2";
  }
}

TEST_P(Suites, keys_of_their_own_are_keys_and_others_are_not) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(suite.is_kem_public_key(suite.generate_kem_key(entropy).public_key));
  const std::size_t size = suite.parameters().kem_public_size;
  for (const Bytes& none : {Bytes{}, Bytes(1, 9), Bytes(size - 1, 9), Bytes(size + 1, 9), Bytes(size)})
    EXPECT_FALSE(suite.is_kem_public_key(none));
}

// Known answers: of another implementation (noble-hashes).
TEST(Argon2, gives_what_others_give) {
  Argon2Salt salt{};
  for (std::size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<std::uint8_t>(i);
  const auto hash = [&](std::string_view pin, std::uint32_t passes, std::uint32_t memory_kib) {
    const auto stretched = argon2id(as_view(pin), salt, {.passes = passes, .memory_kib = memory_kib});
    return stretched ? to_hex(*stretched) : "";
  };
  EXPECT_EQ(hash("246813579", 2, 19456), "06c505f17b81acd518b3ff73e085ec078a1579b1dad3ce8e6bde17f51b9409c0");
  EXPECT_EQ(hash("246813579", 3, 64), "450f7d3d58f6b66b15a044040375484d76917a5f798f84c555cd0abb7fdb32a6");
  EXPECT_EQ(hash("246813579", 0, 64), "") << "no pass";
  EXPECT_EQ(hash("246813579", 1, 7), "") << "less than libsodium takes";
}

TEST(Equal, compares_contents_and_sizes) {
  EXPECT_TRUE(equal(as_view("abc"), as_view("abc")));
  EXPECT_FALSE(equal(as_view("abc"), as_view("abd")));
  EXPECT_FALSE(equal(as_view("abc"), as_view("ab")));
  EXPECT_TRUE(equal({}, {}));
}

}  // namespace
}  // namespace kith::crypto
