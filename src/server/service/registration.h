// Registration: an address is proven by a one-time code.
//
// The attacker guesses codes, asks for many, and would like to learn who has an account. Answers are the same for known
// and unknown addresses; guesses are counted in the store, against the expected version, so that parallel ones count
// too.
#pragma once

#include <chrono>
#include <string>

#include "server/domain/registration.h"
#include "server/domain/token_bucket.h"
#include "server/service/ports.h"

namespace kith::server::service {

// As typed: exactly one of phone and email is not empty.
struct AddressInput {
  std::string phone;
  std::string region;  // with a national number: "DE"
  std::string email;
};

// Errors: invalid_argument.
Result<domain::Address> normalise(const domain::PhoneNumbers& phones, const AddressInput& input);

class RegistrationService {
 public:
  RegistrationService(Ports ports, const Limits& limits);

  struct Begun {
    domain::RegistrationId registration;
    std::string address;  // as it was understood: E.164, or an e-mail address in lower case
    std::chrono::milliseconds resend_after{};
    std::chrono::milliseconds expires_in{};
  };
  struct Confirmed {
    UserId user;                    // new; becomes an account with AccountService::create
    SecretBytes proof;              // 32 bytes
    std::optional<UserId> account;  // that this address has already; a recovery key leads back into it
  };

  // Sends a code. `source`: the client's network address, for its limits. Errors: invalid_argument, rate_limited,
  // overloaded.
  Task<Result<Begun>> begin(AddressInput input, std::string source);
  // Sends a new code, which replaces the old one. Errors: not_found, code_expired, rate_limited, overloaded.
  Task<Result<Begun>> resend(domain::RegistrationId registration, std::string source);
  // Errors: not_found, wrong_code (with attempts_left), code_expired, too_many_attempts, rate_limited.
  Task<Result<Confirmed>> confirm(domain::RegistrationId registration, std::string code, std::string source);

 private:
  Task<Result<Begun>> send_code(domain::Address address, std::optional<domain::RegistrationId> known);

  Ports ports_;
  domain::TokenBuckets begins_;
  domain::TokenBuckets checks_;
};

}  // namespace kith::server::service
