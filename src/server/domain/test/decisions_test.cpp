#include <gtest/gtest.h>

#include <set>

#include "server/domain/address.h"
#include "server/domain/receipts.h"
#include "server/domain/refresh.h"
#include "server/domain/registration.h"
#include "server/domain/token_bucket.h"
#include "server/domain/user_id.h"
#include "tests/support/seeded_entropy.h"

namespace kith::server::domain {
namespace {

using kith::test::SeededEntropy;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr UnixMillis kNow{1'700'000'000'000};

TEST(TokenBucket, gives_its_burst_and_then_at_its_rate) {
  TokenBucket bucket({.per_second = 2, .burst = 3}, kNow);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(kNow));
  const auto refused = bucket.take(kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::rate_limited);
  EXPECT_EQ(refused.error().retry_after_ms, 500U);
  EXPECT_FALSE(bucket.take(kNow + milliseconds(499)));
  EXPECT_TRUE(bucket.take(kNow + milliseconds(500)));
  EXPECT_FALSE(bucket.take(kNow + milliseconds(500)));
}

TEST(TokenBucket, holds_at_least_one_token_however_small_its_rate) {
  TokenBucket bucket({0.01, 0.2}, kNow);
  EXPECT_TRUE(bucket.take(kNow));
  EXPECT_FALSE(bucket.take(kNow));
  EXPECT_TRUE(bucket.take(kNow + std::chrono::seconds(100)));
}

TEST(TokenBucket, a_clock_that_goes_back_gives_nothing) {
  TokenBucket bucket({.per_second = 1, .burst = 1}, kNow);
  EXPECT_TRUE(bucket.take(kNow));
  EXPECT_FALSE(bucket.take(kNow + milliseconds(-5000)));
  EXPECT_FALSE(bucket.take(kNow + milliseconds(-4500)));
}

TEST(TokenBuckets, are_bounded_and_forget_whom_they_saw_longest_ago) {
  TokenBuckets buckets({.per_second = 0.001, .burst = 1}, 2);
  EXPECT_TRUE(buckets.take("a", kNow));
  EXPECT_TRUE(buckets.take("b", kNow));
  EXPECT_FALSE(buckets.take("a", kNow));
  EXPECT_TRUE(buckets.take("c", kNow));  // b is forgotten
  EXPECT_EQ(buckets.size(), 2U);
  EXPECT_FALSE(buckets.take("a", kNow));
  EXPECT_TRUE(buckets.take("b", kNow));
}

TEST(Email, is_one_name_at_one_domain_in_lower_case) {
  EXPECT_EQ(email_address("Ann.B@Example.ORG")->text, "ann.b@example.org");
  for (const char* bad :
       {"", "ann", "@b.c", "a@", "a@b", "a@b@c.d", "a b@c.d", "a@.c", "a@c.", "a@b..c", "\xc3\xa4@b.c"}) {
    EXPECT_FALSE(email_address(bad)) << bad;
  }
  EXPECT_FALSE(email_address(std::string(250, 'a') + "@b.c"));
}

TEST(UserIds, sort_by_time) {
  SeededEntropy entropy;
  const auto first = new_user_id(kNow, entropy);
  const auto second = new_user_id(kNow + milliseconds(1), entropy);
  EXPECT_LT(first, second);
  EXPECT_EQ(first.value[6] >> 4, 7);
}

TEST(Codes, have_six_digits_and_do_not_repeat_themselves) {
  SeededEntropy entropy;
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    const auto code = new_code(entropy);
    EXPECT_EQ(code.size(), kCodeDigits);
    EXPECT_EQ(code.find_first_not_of("0123456789"), std::string::npos);
    codes.insert(code);
  }
  EXPECT_GT(codes.size(), 990U);
}

TEST(Secrets, bind_sealed_fields_to_their_place) {
  SeededEntropy entropy;
  const ServerSecrets secrets(Bytes(32, 1));
  const ServerSecrets others(Bytes(32, 2));
  const auto sealed = secrets.seal(as_view("here"), as_view("plain"), entropy);
  EXPECT_EQ(as_text(*secrets.open(as_view("here"), sealed)), "plain");
  EXPECT_FALSE(secrets.open(as_view("there"), sealed));
  EXPECT_FALSE(others.open(as_view("here"), sealed));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto broken = sealed;
    broken[i] ^= 1;
    EXPECT_FALSE(secrets.open(as_view("here"), broken)) << i;
    EXPECT_FALSE(secrets.open(as_view("here"), ByteView(sealed).first(i))) << i;
  }
  EXPECT_NE(secrets.seal(as_view("here"), as_view("plain"), entropy), sealed);
}

TEST(Secrets, hash_addresses_apart_by_kind_and_by_server) {
  const ServerSecrets secrets(Bytes(32, 1));
  const Address phone{AddressKind::phone, "x"};
  const Address email{AddressKind::email, "x"};
  EXPECT_EQ(secrets.hash_address(phone), secrets.hash_address(phone));
  EXPECT_NE(secrets.hash_address(phone), secrets.hash_address(email));
  EXPECT_NE(secrets.hash_address(phone), ServerSecrets(Bytes(32, 2)).hash_address(phone));
}

TEST(Refresh, any_old_token_that_is_still_remembered_logs_out) {
  const ServerSecrets secrets(Bytes(32, 1));
  const Caller caller{};
  std::vector<SecretBytes> tokens{SecretBytes(32, 9)};
  RefreshRecord record = first_refresh(secrets, tokens[0]);
  for (int i = 0; i < 20; ++i) {
    auto verdict = use_refresh(record, caller, secrets, tokens.back());
    ASSERT_TRUE(verdict.answer);
    record = verdict.record;
    tokens.push_back(*verdict.answer);
  }
  EXPECT_EQ(record.retired.size(), kRetiredTokens);
  // The last one is not used yet, so the one before it is still good.
  EXPECT_TRUE(use_refresh(record, caller, secrets, tokens[19]).answer);
  for (std::size_t i = 19 - kRetiredTokens; i < 19; ++i) {
    const auto verdict = use_refresh(record, caller, secrets, tokens[i]);
    EXPECT_EQ(verdict.answer.error().code, Errc::refresh_reused) << i;
    EXPECT_TRUE(verdict.record.logged_out);
  }
  EXPECT_EQ(use_refresh(record, caller, secrets, tokens[0]).answer.error().code, Errc::refresh_unknown);
  EXPECT_FALSE(use_refresh(record, caller, secrets, tokens[0]).changed);
}

// A new device asks again where the answer was lost, and any of the answers may be the one that arrives.
TEST(Refresh, whoever_asks_again_gets_the_same_token_until_it_goes_on) {
  const ServerSecrets secrets(Bytes(32, 1));
  const Caller caller{};
  const SecretBytes first(32, 9);
  RefreshRecord record = first_refresh(secrets, first);
  const auto second = give_another(record, caller, secrets);
  const auto third = give_another(record, caller, secrets);
  ASSERT_TRUE(second && third);
  EXPECT_EQ(*second, *third);
  EXPECT_TRUE(use_refresh(record, caller, secrets, first).answer);
  const auto used = use_refresh(record, caller, secrets, *second);
  ASSERT_TRUE(used.answer);
  record = used.record;
  EXPECT_FALSE(give_another(record, caller, secrets)) << "what was given since would be forgotten";
  EXPECT_TRUE(use_refresh(record, caller, secrets, *used.answer).answer);
}

TEST(Receipts, what_was_read_was_delivered_and_nothing_is_ahead_of_the_log) {
  EXPECT_EQ(*check_cursor({Seq{1}, Seq{3}}, Seq{3}), (CursorPosition{Seq{3}, Seq{3}}));
  EXPECT_FALSE(check_cursor({Seq{4}, Seq{0}}, Seq{3}));
  EXPECT_EQ(furthest({Seq{1}, Seq{5}}, {Seq{4}, Seq{2}}), (CursorPosition{Seq{4}, Seq{5}}));
}

TEST(Errors, have_their_names) {
  EXPECT_EQ(name_of(Errc::stale_epoch), "stale_epoch");
  EXPECT_EQ(name_of(Errc::refresh_reused), "refresh_reused");
  EXPECT_EQ(name_of(Errc::not_allowed), "not_allowed");
  EXPECT_EQ(name_of(Errc::group_full), "group_full");
  EXPECT_EQ(name_of(Errc::last_owner), "last_owner");
}

}  // namespace
}  // namespace kith::server::domain
