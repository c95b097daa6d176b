#include "server/domain/pin.h"

#include <algorithm>
#include <array>

#include "crypto/crypto.h"

namespace kith::server::domain {

namespace {

// Behind the fifth attempt and those that follow.
constexpr std::array<std::chrono::minutes, 5> kPauses{std::chrono::minutes(1), std::chrono::minutes(5),
                                                      std::chrono::minutes(30), std::chrono::hours(4),
                                                      std::chrono::hours(24)};

}  // namespace

Result<void> check_pin(ByteView pin) {
  const bool is_long_enough = pin.size() >= kMinPinDigits && pin.size() <= kMaxPinDigits;
  if (!is_long_enough || !std::ranges::all_of(pin, [](std::uint8_t c) { return c >= '0' && c <= '9'; }))
    return fail(Errc::invalid_argument, "pin: 4 to 20 digits");
  return {};
}

PinRecord new_pin(Entropy& entropy) {
  PinRecord record;
  record.cost = kPinCost;
  entropy.fill(record.salt);
  return record;
}

Result<PinRecord> with_attempt(PinRecord record, UnixMillis now) {
  if (now < record.next_attempt) return fail_later(Errc::pin_paused, record.next_attempt - now);
  record.attempts += 1;
  if (record.attempts >= kPinAttempts) {
    const std::size_t late = record.attempts - kPinAttempts;
    record.next_attempt = now + kPauses[std::min(late, kPauses.size() - 1)];
  }
  return record;
}

Result<void> judge_pin(const PinRecord& record, const UserId& user, ByteView stretched, const ServerSecrets& secrets,
                       UnixMillis now) {
  if (crypto::equal(secrets.hash_pin(user, stretched), record.hash)) return {};
  const auto wait = std::max(record.next_attempt - now, std::chrono::milliseconds(0));
  auto wrong = fail_later(Errc::wrong_pin, wait);
  wrong.error().detail = "this is not the PIN of the account of this address";
  wrong.error().attempts_left = kPinAttempts - std::min(kPinAttempts, record.attempts);
  return wrong;
}

bool is_lock_over(UnixMillis last_seen, UnixMillis now) {
  constexpr std::chrono::hours kUncertainty{1};
  return last_seen + kUncertainty + kLockLife <= now;
}

}  // namespace kith::server::domain
