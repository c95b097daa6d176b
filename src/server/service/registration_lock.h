// The registration lock of accounts (domain/pin.h): set by their devices, asked for where their address is to get
// another account.
//
// The attacker sends PINs by the thousand, many at once and over several nodes, and would also like to keep the server
// busy with stretching them. What is counted is counted in the store, before the PIN is looked at; PINs are stretched
// elsewhere (ports/pin_stretcher.h) and, for everybody together, no more often than limits.pins_per_second.
#pragma once

#include "server/domain/pin.h"
#include "server/domain/token_bucket.h"
#include "server/service/ports.h"
#include "server/service/rows.h"

namespace kith::server::service {

class RegistrationLock {
 public:
  RegistrationLock(Ports ports, const Limits& limits);

  // Nothing takes it away. Errors: invalid_argument, rate_limited, overloaded.
  Task<Result<void>> set(UserId user, std::optional<SecretBytes> pin);
  Task<Result<bool>> is_set(UserId user);
  // Passes where this account has no lock, or not any more, or this is its PIN. `pin`: empty where none was given.
  // Errors: pin_needed, invalid_argument, wrong_pin, pin_paused, rate_limited, overloaded.
  Task<Result<void>> pass(UserId user, SecretBytes pin);

 private:
  using Lock = std::optional<Loaded<domain::PinRecord>>;
  // Nothing where there is none, or it is over.
  Task<Result<Lock>> lock_of(UserId user);
  Task<Result<bool>> is_over(UserId user);
  Task<Result<void>> wait_for_turn();
  // The record with one attempt more, as it is stored now; nothing where the lock has gone meanwhile.
  Task<Result<std::optional<domain::PinRecord>>> count_attempt(UserId user);
  Task<Result<void>> forgive(UserId user, domain::PinRecord right);
  // False where somebody was faster.
  Task<Result<bool>> save(UserId user, domain::Version before, const domain::PinRecord& record);

  Ports ports_;
  domain::TokenBuckets changes_;
  domain::TokenBucket stretches_;
};

}  // namespace kith::server::service
