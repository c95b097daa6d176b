// The registration lock: a PIN without which nobody makes a new account of an address that has one.
//
// The attacker has the number (it was taken over) and tries PINs, which are short: many at once, over all nodes, around
// restarts. So each try is counted in the store before it is looked at, against the record that it saw, and after five
// wrong ones the pauses grow up to a day. What is stored is a hash under the server's secret of what Argon2id made of
// the PIN: a stolen disk gives nothing to try against without the secret, and little speed with it. A lock ends a week
// after the account's devices were last there: a number that somebody else has by then is usable.
#pragma once

#include "base/scheduler.h"
#include "crypto/argon2.h"
#include "server/domain/error.h"
#include "server/domain/secrets.h"

namespace kith::server::domain {

inline constexpr std::size_t kMinPinDigits = 4;
inline constexpr std::size_t kMaxPinDigits = 20;
inline constexpr std::uint32_t kPinAttempts = 5;  // before the first pause
inline constexpr std::chrono::hours kLockLife{7 * 24};
// Of PINs that are set now; older ones keep theirs. Some 25 ms of one core.
inline constexpr crypto::Argon2Cost kPinCost{.passes = 2, .memory_kib = 19 * 1024};

// The row `pin` of an account.
struct PinRecord {
  crypto::Argon2Cost cost;
  crypto::Argon2Salt salt{};
  Digest hash{};               // ServerSecrets::hash_pin of what was stretched
  std::uint32_t attempts = 0;  // since the last right one
  UnixMillis next_attempt;     // not before
  friend bool operator==(const PinRecord&, const PinRecord&) = default;
};

// Errors: invalid_argument.
Result<void> check_pin(ByteView pin);
// How a new PIN is to be stretched; its hash comes then.
PinRecord new_pin(Entropy& entropy);
// One attempt more, to be stored before the PIN is looked at. Errors: pin_paused.
Result<PinRecord> with_attempt(PinRecord record, UnixMillis now);
// Of the record with this attempt. Errors: wrong_pin.
Result<void> judge_pin(const PinRecord& record, const UserId& user, ByteView stretched, const ServerSecrets& secrets,
                       UnixMillis now);
// `last_seen`: when the last of the account's devices was there, to the hour.
bool is_lock_over(UnixMillis last_seen, UnixMillis now);

}  // namespace kith::server::domain
