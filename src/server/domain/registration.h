// Registration: what a one-time code may do, decided on the record of an address. Pure: the service loads the record,
// asks here, and stores what it is given, against the version that it loaded.
#pragma once

#include <chrono>
#include <optional>

#include "base/scheduler.h"
#include "server/domain/secrets.h"

namespace kith::server::domain {

inline constexpr std::chrono::minutes kCodeLife{10};
inline constexpr std::uint32_t kCodeAttempts = 5;
inline constexpr std::chrono::seconds kFirstResend{30};
inline constexpr std::chrono::hours kLastResend{1};     // the pause doubles with each code, up to here
inline constexpr std::chrono::hours kResendMemory{24};  // after which it begins at kFirstResend again
inline constexpr std::chrono::hours kProofLife{1};
inline constexpr std::size_t kCodeDigits = 6;

// What the right code was answered with: this registration becomes this user, whoever has the proof.
struct Promise {
  RegistrationId id;
  UserId user;
  Digest proof_hash{};
  UnixMillis proof_expires;
  friend bool operator==(const Promise&, const Promise&) = default;
};

// The row `registration` of an address.
struct RegistrationRecord {
  RegistrationId id;
  Bytes sealed_address;  // to send the code again
  Digest code_hash{};
  UnixMillis code_expires;
  std::uint32_t attempts_left = 0;
  std::uint32_t codes_sent = 0;  // since `counting_since`
  UnixMillis counting_since;
  UnixMillis next_send;
  // From the right code on:
  std::optional<UserId> user;
  Digest proof_hash{};
  UnixMillis proof_expires;
  // Of a registration before this one: anybody may begin another, so that alone must not end it. It holds until it
  // expires or somebody has the right code again.
  std::optional<Promise> earlier;
  friend bool operator==(const RegistrationRecord&, const RegistrationRecord&) = default;
};

// A code of kCodeDigits digits, each as likely as the others.
std::string new_code(Entropy& entropy);

// The record with a new code in it. A new registration where `known` is empty, else the same one again. `before`: what
// the address has. Errors: rate_limited; with `known` also not_found (another one replaced it) and code_expired
// (nothing to resend: begin again).
Result<RegistrationRecord> with_new_code(const std::optional<RegistrationRecord>& before,
                                         const std::optional<RegistrationId>& known, const AddressHash& address,
                                         const ServerSecrets& secrets, std::string_view code, UnixMillis now,
                                         Entropy& entropy);

// What a guess leads to: the record to store, also after a wrong one, and the answer.
struct CodeVerdict {
  RegistrationRecord record;
  bool changed = false;
  Result<void> answer;
};
// The right code promises a user id and holds as long as the code does, so that a lost answer can be asked for again.
CodeVerdict check_code(RegistrationRecord record, const RegistrationId& id, const ServerSecrets& secrets,
                       std::string_view code, ByteView new_proof, UnixMillis now, Entropy& entropy);

// Whom the registration, this one or the one before, promised. Errors: not_found, unauthenticated, code_expired.
Result<UserId> check_proof(const RegistrationRecord& record, const RegistrationId& id, const ServerSecrets& secrets,
                           ByteView proof, UnixMillis now);

}  // namespace kith::server::domain
