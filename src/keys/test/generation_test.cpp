#include "keys/generation.h"

#include <gtest/gtest.h>

#include "keys/handed_generation.h"
#include "keys/recovery_key.h"
#include "tests/support/seeded_entropy.h"

namespace kith::keys {
namespace {

using kith::test::SeededEntropy;

struct Owner {
  explicit Owner(std::uint64_t seed = 1) : entropy(seed) {}
  SeededEntropy entropy;
  UserId user{{7}};
  RecoveryKey recovery = RecoveryKey::generate(entropy);
  crypto::SignatureKeyPair identity = recovery.identity_key();

  AccountGeneration make(std::uint32_t number) { return AccountGeneration::generate(number, entropy); }
  [[nodiscard]] GenerationCertificate sign(const AccountGeneration& g) const {
    return GenerationCertificate::sign(user, g, identity);
  }
  // Generations 0 to `last`, the first by the identity key, each other by the one before.
  GenerationCertificate chain(std::uint32_t last) {
    AccountGeneration by = make(0);
    GenerationCertificate certificate = sign(by);
    while (certificate.generation < last) {
      AccountGeneration next = make(certificate.generation + 1);
      certificate = certificate.next(next, by).value();
      by = std::move(next);
    }
    return certificate;
  }
  bool holds(const GenerationCertificate& c) const { return c.verify(identity.public_key).has_value(); }
};

TEST(Generation, is_vouched_for_by_the_identity_key_or_by_the_one_before) {
  Owner ann;
  EXPECT_TRUE(ann.chain(0).is_signed_by_identity());
  EXPECT_FALSE(ann.chain(1).is_signed_by_identity());
  EXPECT_FALSE(ann.chain(1).verify(Owner(2).identity.public_key));
  for (const std::uint32_t last : {0U, 1U, 2U, 16U}) {
    const GenerationCertificate c = ann.chain(last);
    EXPECT_TRUE(ann.holds(c)) << last;
    EXPECT_EQ(c.root(), 0U);
    EXPECT_EQ(c.encode().size(), 116U + 96U * last);
    EXPECT_EQ(GenerationCertificate::decode(c.encode()).value(), c);
  }
}

TEST(Generation, does_not_hold_where_any_link_is_another) {
  Owner ann;
  const GenerationCertificate whole = ann.chain(3);
  const auto spoilt = [&](auto spoil) {
    GenerationCertificate c = whole;
    spoil(c);
    return !ann.holds(c);
  };
  EXPECT_FALSE(spoilt([](auto&) {}));
  EXPECT_TRUE(spoilt([](auto& c) { c.signature[0] ^= 1; }));
  EXPECT_TRUE(spoilt([](auto& c) { c.device_signing_key[0] ^= 1; }));
  EXPECT_TRUE(spoilt([](auto& c) { ++c.generation; }));
  EXPECT_TRUE(spoilt([](auto& c) { c.user.value[0] ^= 1; }));
  EXPECT_TRUE(spoilt([](auto& c) { c.earlier.pop_back(); }));
  EXPECT_TRUE(spoilt([](auto& c) { std::swap(c.earlier[0], c.earlier[1]); }));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(spoilt([i](auto& c) { c.earlier[i].signature[0] ^= 1; })) << i;
    EXPECT_TRUE(spoilt([i](auto& c) { c.earlier[i].device_signing_key[0] ^= 1; })) << i;
  }
}

TEST(Generation, needs_the_recovery_key_when_many_stand_on_one_another) {
  Owner ann;
  AccountGeneration by = ann.make(0);
  GenerationCertificate c = ann.sign(by);
  for (std::uint32_t n = 1; n <= GenerationCertificate::kMaxEarlier; ++n) {
    AccountGeneration next = ann.make(n);
    c = c.next(next, by).value();
    by = std::move(next);
  }
  const auto refused = c.next(ann.make(17), by);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::recovery_key_needed);
}

TEST(Generation, bytes_that_are_no_certificate_are_refused) {
  Owner ann;
  const Bytes bytes = ann.chain(2).encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const bool is_shorter_chain = size == 116 || size == 116 + 96;
    EXPECT_EQ(GenerationCertificate::decode(ByteView(bytes).first(size)).has_value(), is_shorter_chain) << size;
  }
  Bytes longer = bytes;
  longer.insert(longer.end(), 96, 0);  // a third that it stands on, of generation 2
  EXPECT_FALSE(GenerationCertificate::decode(longer));
}

TEST(Generation, one_ends_those_that_it_stands_on) {
  Owner ann;
  const AccountGeneration g0 = ann.make(0);
  const AccountGeneration g1 = ann.make(1);
  const AccountGeneration g2 = ann.make(2);
  const GenerationCertificate c0 = ann.sign(g0);
  const GenerationCertificate c1 = c0.next(g1, g0).value();
  const GenerationCertificate c2 = c1.next(g2, g1).value();
  EXPECT_TRUE(c0.is_ended_by(c1));
  EXPECT_TRUE(c0.is_ended_by(c2));
  EXPECT_TRUE(c1.is_ended_by(c2));
  EXPECT_FALSE(c2.is_ended_by(c1));
  EXPECT_FALSE(c1.is_ended_by(c1));
  EXPECT_TRUE(c1.follows(c1));
}

// A revoked device has generation 0 and may make as many behind it as it likes.
TEST(Generation, of_two_behind_one_neither_ends_the_other_until_the_identity_key_signs) {
  Owner ann;
  const AccountGeneration g0 = ann.make(0);
  const AccountGeneration g1 = ann.make(1);
  const AccountGeneration stolen1 = ann.make(1);
  const AccountGeneration stolen2 = ann.make(2);
  const GenerationCertificate c0 = ann.sign(g0);
  const GenerationCertificate c1 = c0.next(g1, g0).value();
  const GenerationCertificate stolen = c0.next(stolen1, g0).value().next(stolen2, stolen1).value();
  EXPECT_FALSE(stolen.follows(c1));
  EXPECT_FALSE(c1.follows(stolen));
  EXPECT_FALSE(c1.is_ended_by(stolen));
  const GenerationCertificate signed1 = ann.sign(ann.make(1));
  EXPECT_TRUE(stolen.is_ended_by(signed1));
  EXPECT_TRUE(c1.is_ended_by(signed1));
  EXPECT_FALSE(signed1.is_ended_by(stolen));
}

TEST(HandedGeneration, is_opened_by_whom_it_is_for_and_nobody_else) {
  Owner ann;
  const AccountGeneration g8 = ann.make(8);
  const HandedGeneration handed{
      ann.sign(g8), to_secret(g8.secret()), {HistoryId{{4}}, {12}, {1, 2}, 7, ann.make(7).archive_key()}};
  const auto box = ann.recovery.box_key();
  const DeviceId device{{3}};
  const auto sealed = handed.seal(box.public_key, {ann.user}, ann.entropy);
  ASSERT_TRUE(sealed);
  const auto opened = HandedGeneration::open(box, {ann.user}, ann.identity.public_key, *sealed);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->certificate, handed.certificate);
  EXPECT_EQ(opened->secret, handed.secret);
  EXPECT_EQ(opened->archive, handed.archive);
  const auto refused = [&](const crypto::KemKeyPair& key, const HandedGeneration::To& to, ByteView bytes) {
    const auto got = HandedGeneration::open(key, to, ann.identity.public_key, bytes);
    return !got;
  };
  EXPECT_TRUE(refused(RecoveryKey::generate(ann.entropy).box_key(), {ann.user}, *sealed));
  EXPECT_TRUE(refused(box, {ann.user, device}, *sealed));
  EXPECT_TRUE(refused(box, {UserId{{8}}}, *sealed));
  for (std::size_t i = 0; i < sealed->size(); ++i) {
    Bytes spoilt = *sealed;
    spoilt[i] ^= 1;
    EXPECT_TRUE(refused(box, {ann.user}, spoilt)) << i;
  }
}

// Whoever knows the public key can seal: what is in there has to be the account's.
TEST(HandedGeneration, of_another_account_or_secret_is_refused) {
  Owner ann;
  Owner eve(2);
  const AccountGeneration g0 = ann.make(0);
  const AccountGeneration other = ann.make(0);
  const auto box = ann.recovery.box_key();
  const auto code_of = [&](const HandedGeneration& handed) {
    const auto sealed = handed.seal(box.public_key, {ann.user}, eve.entropy).value();
    const auto got = HandedGeneration::open(box, {ann.user}, ann.identity.public_key, sealed);
    return got ? std::string("fine") : name(got.error().code);
  };
  EXPECT_EQ(code_of({ann.sign(g0), to_secret(g0.secret()), {}}), "fine");
  EXPECT_EQ(code_of({ann.sign(g0), to_secret(other.secret()), {}}), "bad_handed_generation");
  EXPECT_EQ(code_of({eve.sign(other), to_secret(other.secret()), {}}), "bad_handed_generation");
  GenerationCertificate later = ann.sign(g0);
  ++later.generation;
  EXPECT_EQ(code_of({later, to_secret(g0.secret()), {}}), "bad_handed_generation");
}

// Whoever begins a generation does not say by which key it, or one behind it, seals the archive.
TEST(HandedGeneration, comes_with_no_archive_key_but_one_of_before) {
  Owner ann;
  const AccountGeneration g8 = ann.make(8);
  const auto box = ann.recovery.box_key();
  for (const std::uint32_t of : {7U, 8U, 9U}) {
    const HandedGeneration handed{
        ann.sign(g8), to_secret(g8.secret()), {HistoryId{{4}}, {12}, {1, 2}, of, ann.make(7).archive_key()}};
    const auto sealed = handed.seal(box.public_key, {ann.user}, ann.entropy).value();
    EXPECT_EQ(HandedGeneration::open(box, {ann.user}, ann.identity.public_key, sealed).has_value(), of == 7) << of;
  }
}

TEST(HandedGeneration, is_not_sealed_to_a_key_that_nobody_has) {
  Owner ann;
  const AccountGeneration g0 = ann.make(0);
  EXPECT_FALSE(
      (HandedGeneration{ann.sign(g0), to_secret(g0.secret()), {}}.seal(Bytes(32, 0), {ann.user}, ann.entropy)));
}

TEST(GenerationMail, is_read_as_it_was_written_and_nothing_else_is) {
  const GenerationMail mail{.key_package = Bytes(32, 1), .sealed = Bytes(80, 2)};
  const Bytes bytes = mail.encode();
  EXPECT_EQ(GenerationMail::decode(bytes).value(), mail);
  Bytes other = bytes;
  other.push_back(0);
  EXPECT_FALSE(GenerationMail::decode(other));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(GenerationMail::decode(ByteView(bytes).first(size))) << size;
  other = bytes;
  other[0] = 2;
  EXPECT_FALSE(GenerationMail::decode(other));
}

TEST(RecoveryStatement, is_of_one_registration_device_and_key) {
  Owner ann;
  const RecoveryStatement said{Bytes(16, 1), ann.user, DeviceId{{2}}, Bytes(32, 3)};
  const SignatureBytes signature = said.sign(ann.identity);
  EXPECT_TRUE(said.verify(ann.identity.public_key, signature));
  const auto holds = [&](auto change) {
    RecoveryStatement other = said;
    change(other);
    return other.verify(ann.identity.public_key, signature).has_value();
  };
  EXPECT_FALSE(holds([](auto& s) { s.registration[0] ^= 1; }));
  EXPECT_FALSE(holds([](auto& s) { s.user.value[0] ^= 1; }));
  EXPECT_FALSE(holds([](auto& s) { s.device.value[0] ^= 1; }));
  EXPECT_FALSE(holds([](auto& s) { s.leaf_signature_key[0] ^= 1; }));
  EXPECT_FALSE(said.verify(Owner(2).identity.public_key, signature));
}

}  // namespace
}  // namespace kith::keys
