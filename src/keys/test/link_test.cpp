// What passes between a new device and one of the account, and what becomes of it where somebody meddles.
#include "keys/link.h"

#include <gtest/gtest.h>

#include "keys/recovery_key.h"
#include "tests/support/seeded_entropy.h"

namespace kith::keys {
namespace {

constexpr std::string_view kAddress = "+41790000001";
constexpr std::int64_t kNow = 1'800'000'000'000;
constexpr std::int64_t kExpires = kNow + 600'000;

template <class T>
::testing::AssertionResult fails(const Result<T>& result, Errc code) {
  if (result) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << name(result.error().code) << ": " << result.error().detail;
}

struct Link : testing::Test {
  Link() {
    offer.expires_at_ms = kExpires;
    offer.device_name = "Firefox on Linux";
    std::ranges::copy(key.public_key, offer.key.begin());
    account.user = {{7}};
    const auto generation = AccountGeneration::generate(2, entropy);
    const auto identity = RecoveryKey::generate(entropy).identity_key();
    std::ranges::copy(identity.public_key, account.identity_key.begin());
    account.certificate = GenerationCertificate::sign(account.user, generation, identity);
    account.generation_secret = to_secret(generation.secret());
    account.address = kAddress;
    account.name = "Ana";
    account.by = {{3}};
    account.list_version = 9;
    account.people = {{{{8}}, {1, 2, 3}, true, "Ben", "+41790000002"}, {{{9}}, {4}, false, "", ""}};
    account.groups = {{{{5}}, "Hiking"}};
    account.history.value[0] = 7;
    account.archive_seq = {12};
    account.archive_chain = {1, 2};
  }
  [[nodiscard]] LinkCode code_of(const LinkOffer& of) const {
    return LinkCode::make(of.key, kAddress, of.expires_at_ms);
  }

  kith::test::SeededEntropy entropy{5};
  crypto::KemKeyPair key = crypto::Suite::product().generate_kem_key(entropy);
  LinkOffer offer;
  LinkedAccount account;
  LinkCode code = LinkCode::make(key.public_key, kAddress, kExpires);
};

TEST_F(Link, hands_over_the_account_to_whoever_shows_the_code) {
  // The existing device reads the code as somebody typed it.
  std::string typed = code.text();
  for (char& c : typed) c = static_cast<char>(c == '0' ? 'o' : c == '-' ? ' ' : std::tolower(c));
  const auto read = LinkCode::parse(typed);
  ASSERT_TRUE(read);
  EXPECT_TRUE(*LinkCode::parse(code.qr_text()) == code);
  EXPECT_EQ(read->name(), code.name());
  EXPECT_EQ(read->confirmation(), code.confirmation());
  EXPECT_EQ(read->confirmation().size(), 4U);

  const auto opened = LinkOffer::open(*read, offer.seal(code, entropy));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->device_name, "Firefox on Linux");
  EXPECT_TRUE(opened->check(*read, kAddress, kExpires - 1));

  const auto got = LinkedAccount::open(code, key, account.seal(*read, *opened, entropy).value());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->user, account.user);
  EXPECT_EQ(got->certificate, account.certificate);
  EXPECT_EQ(got->generation_secret, account.generation_secret);
  EXPECT_EQ(got->identity_key, account.identity_key);
  EXPECT_EQ(got->address, kAddress);
  EXPECT_EQ(got->name, "Ana");
  EXPECT_EQ(got->by, account.by);
  EXPECT_EQ(got->list_version, 9U);
  EXPECT_EQ(got->people, account.people);
  EXPECT_EQ(got->groups, account.groups);
  EXPECT_EQ(got->history, account.history);
  EXPECT_EQ(got->archive_seq, Seq{12});
  EXPECT_EQ(got->archive_chain, account.archive_chain);
}

TEST_F(Link, a_code_that_cannot_be_one_is_named) {
  EXPECT_TRUE(fails(LinkCode::parse(""), Errc::link_code_length));
  EXPECT_TRUE(fails(LinkCode::parse(code.text().substr(1)), Errc::link_code_length));
  EXPECT_TRUE(fails(LinkCode::parse(code.text() + "7"), Errc::link_code_length));
  EXPECT_TRUE(fails(LinkCode::parse("U" + code.text().substr(1)), Errc::link_code_character));
}

TEST_F(Link, a_code_is_for_one_account_and_for_its_time) {
  EXPECT_TRUE(fails(offer.check(code, "+41790000002", kNow), Errc::link_foreign));
  EXPECT_TRUE(fails(offer.check(code, kAddress, kExpires), Errc::link_expired));
  EXPECT_TRUE(offer.check(code, kAddress, kNow));
  EXPECT_TRUE(fails(offer.check(code, kAddress, kNow - 3'600'000), Errc::link_expired)) << "nobody offers for so long";
}

// Not even somebody who saw the code can put a key or another end in its place.
TEST_F(Link, another_key_or_end_under_the_same_code_is_foreign) {
  LinkOffer other = offer;
  std::ranges::copy(crypto::Suite::product().generate_kem_key(entropy).public_key, other.key.begin());
  EXPECT_TRUE(fails(LinkOffer::open(code, other.seal(code, entropy))->check(code, kAddress, kNow), Errc::link_foreign));
  LinkOffer longer = offer;
  longer.expires_at_ms += 1;
  EXPECT_TRUE(
      fails(LinkOffer::open(code, longer.seal(code, entropy))->check(code, kAddress, kNow), Errc::link_foreign));
}

TEST_F(Link, who_does_not_know_the_code_can_neither_offer_nor_hand_over) {
  LinkOffer other = offer;
  other.expires_at_ms += 1;
  const LinkCode guessed = code_of(other);
  EXPECT_TRUE(fails(LinkOffer::open(code, offer.seal(guessed, entropy)), Errc::link_forged));
  EXPECT_TRUE(fails(LinkedAccount::open(code, key, account.seal(guessed, offer, entropy).value()), Errc::link_forged));
}

TEST_F(Link, every_changed_byte_is_noticed) {
  const Bytes offered = offer.seal(code, entropy);
  for (std::size_t i = 0; i < offered.size(); ++i) {
    Bytes changed = offered;
    changed[i] ^= 1;
    EXPECT_TRUE(fails(LinkOffer::open(code, changed), Errc::link_forged)) << i;
  }
  EXPECT_FALSE(LinkOffer::open(code, {}));
  const Bytes sealed = account.seal(code, offer, entropy).value();
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(LinkedAccount::open(code, key, changed)) << i;
  }
}

TEST_F(Link, an_account_whose_keys_do_not_hang_together_is_refused) {
  const auto attempt = [&](auto change) {
    LinkedAccount wrong = account;
    change(wrong);
    return LinkedAccount::open(code, key, wrong.seal(code, offer, entropy).value());
  };
  EXPECT_TRUE(fails(attempt([](LinkedAccount& a) { a.user.value[0] ^= 1; }), Errc::link_forged));
  EXPECT_TRUE(fails(attempt([](LinkedAccount& a) { a.identity_key[0] ^= 1; }), Errc::link_forged));
  EXPECT_TRUE(fails(attempt([](LinkedAccount& a) { a.generation_secret[0] ^= 1; }), Errc::link_forged));
  EXPECT_TRUE(fails(attempt([](LinkedAccount& a) { a.people.resize(1001); }), Errc::malformed));
  EXPECT_TRUE(fails(attempt([](LinkedAccount& a) { a.certificate.generation ^= 1; }), Errc::link_forged));
}

TEST_F(Link, a_key_of_low_order_gets_nothing) {
  LinkOffer bad = offer;
  bad.key = {};
  EXPECT_TRUE(fails(account.seal(code, bad, entropy), Errc::link_forged));
}

}  // namespace
}  // namespace kith::keys
