// What a PIN may do, decided on its record.
#include "server/domain/pin.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_entropy.h"

namespace kith::server::domain {
namespace {

constexpr UnixMillis kNow{1'700'000'000'000};

class Pins : public testing::Test {
 protected:
  Pins() {
    user_.value.fill(1);
    record_ = new_pin(entropy_);
    record_.hash = secrets_.hash_pin(user_, right_);
  }
  Result<void> judge(ByteView stretched) const { return judge_pin(record_, user_, stretched, secrets_, kNow); }

  kith::test::SeededEntropy entropy_;
  ServerSecrets secrets_{Bytes(ServerSecrets::kMasterBytes, 7)};
  UserId user_;
  Bytes right_ = Bytes(32, 1), wrong_ = Bytes(32, 2);
  PinRecord record_;
};

TEST_F(Pins, have_four_to_twenty_digits_and_nothing_else) {
  for (const char* good : {"1234", "0000", "12345678901234567890"}) EXPECT_TRUE(check_pin(as_view(good))) << good;
  for (const char* bad : {"", "123", "123456789012345678901", "12a4", "12 34", "-123", "12.4"})
    EXPECT_FALSE(check_pin(as_view(bad))) << bad;
}

TEST_F(Pins, are_salted_each_anew_and_hashed_for_one_account_by_one_server) {
  EXPECT_NE(new_pin(entropy_).salt, record_.salt);
  EXPECT_EQ(record_.cost, kPinCost);
  UserId other;
  other.value.fill(2);
  EXPECT_NE(secrets_.hash_pin(other, right_), record_.hash);
  const ServerSecrets others(Bytes(ServerSecrets::kMasterBytes, 8));
  EXPECT_NE(others.hash_pin(user_, right_), record_.hash);
  EXPECT_NE(secrets_.hash_token(right_), record_.hash) << "a token is something else";
}

TEST_F(Pins, are_right_or_wrong) {
  EXPECT_TRUE(judge(right_));
  record_.attempts = 2;
  const auto wrong = judge(wrong_);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::wrong_pin);
  EXPECT_EQ(wrong.error().attempts_left, 3U);
  EXPECT_EQ(wrong.error().retry_after_ms, 0U);
}

TEST_F(Pins, have_five_attempts_and_then_one_after_each_pause_which_grows_to_a_day) {
  UnixMillis now = kNow;
  for (std::uint32_t n = 1; n < kPinAttempts; ++n) {
    record_ = with_attempt(record_, now).value();
    EXPECT_EQ(record_.attempts, n);
    EXPECT_EQ(record_.next_attempt, UnixMillis{});
  }
  for (const int minutes : {1, 5, 30, 240, 1440, 1440, 1440}) {
    record_ = with_attempt(record_, now).value();
    const auto next = now + std::chrono::minutes(minutes);
    EXPECT_EQ(record_.next_attempt, next);
    const auto wrong = judge_pin(record_, user_, wrong_, secrets_, now);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().attempts_left, 0U);
    EXPECT_EQ(wrong.error().retry_after_ms, minutes * 60'000U);
    const auto early = with_attempt(record_, {next.value - 1});
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, Errc::pin_paused);
    EXPECT_EQ(early.error().retry_after_ms, 1U);
    now = next;
  }
}

TEST_F(Pins, lock_for_a_week_after_a_device_was_there_which_is_known_to_the_hour) {
  const UnixMillis seen = kNow;
  EXPECT_FALSE(is_lock_over(seen, seen));
  EXPECT_FALSE(is_lock_over(seen, seen + std::chrono::hours(7 * 24)));
  EXPECT_FALSE(is_lock_over(seen, seen + (std::chrono::hours(7 * 24 + 1) - std::chrono::milliseconds(1))));
  EXPECT_TRUE(is_lock_over(seen, seen + std::chrono::hours(7 * 24 + 1)));
  EXPECT_TRUE(is_lock_over({}, seen)) << "an account without devices";
}

}  // namespace
}  // namespace kith::server::domain
