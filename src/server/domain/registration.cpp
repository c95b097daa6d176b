#include "server/domain/registration.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "server/domain/user_id.h"

namespace kith::server::domain {
namespace {

std::chrono::milliseconds pause_after(std::uint32_t codes_sent) {
  const auto doublings = std::min<std::uint32_t>(codes_sent - 1, 16);
  return std::min<std::chrono::milliseconds>(kLastResend, kFirstResend * (std::int64_t{1} << doublings));
}

RegistrationId new_registration_id(const AddressHash& address, Entropy& entropy) {
  RegistrationId id;
  std::ranges::copy(address.value, id.value.begin());
  entropy.fill(ByteSpan(id.value).subspan(AddressHash::kSize));
  return id;
}

std::optional<Promise> promise_of(const RegistrationRecord& record) {
  if (!record.user) return record.earlier;
  return Promise{record.id, *record.user, record.proof_hash, record.proof_expires};
}

}  // namespace

std::string new_code(Entropy& entropy) {
  constexpr std::uint32_t kCodes = 1000000;
  constexpr std::uint32_t kUnbiased = ~std::uint32_t{0} - ~std::uint32_t{0} % kCodes;
  std::uint32_t number = 0;
  do {
    std::array<std::uint8_t, 4> random{};
    entropy.fill(random);
    std::memcpy(&number, random.data(), random.size());
  } while (number >= kUnbiased);
  std::string digits = std::to_string(number % kCodes);
  return std::string(kCodeDigits - digits.size(), '0') + digits;
}

Result<RegistrationRecord> with_new_code(const std::optional<RegistrationRecord>& before,
                                         const std::optional<RegistrationId>& known, const AddressHash& address,
                                         const ServerSecrets& secrets, std::string_view code, UnixMillis now,
                                         Entropy& entropy) {
  if (known) {
    if (!before || before->id != *known) return fail(Errc::not_found, "no such registration");
    if (before->code_expires <= now || before->user) return fail(Errc::code_expired, "begin again");
  }
  RegistrationRecord record;
  if (before) record.earlier = promise_of(*before);
  if (record.earlier && record.earlier->proof_expires <= now) record.earlier.reset();
  record.counting_since = now;
  if (before && now < before->counting_since + kResendMemory) {
    if (now < before->next_send) return fail_later(Errc::rate_limited, before->next_send - now);
    record.counting_since = before->counting_since;
    record.codes_sent = before->codes_sent;
  }
  record.codes_sent += 1;
  record.next_send = now + pause_after(record.codes_sent);
  record.id = known ? *known : new_registration_id(address, entropy);
  record.code_hash = secrets.hash_code(record.id, code);
  record.code_expires = now + kCodeLife;
  record.attempts_left = kCodeAttempts;
  return record;
}

CodeVerdict check_code(RegistrationRecord record, const RegistrationId& id, const ServerSecrets& secrets,
                       std::string_view code, ByteView new_proof, UnixMillis now, Entropy& entropy) {
  const auto refuse = [&](std::unexpected<Error> why, bool changed = false) {
    return CodeVerdict{std::move(record), changed, std::move(why)};
  };
  if (record.id != id) return refuse(fail(Errc::not_found, "no such registration"));
  if (record.code_expires <= now) return refuse(fail(Errc::code_expired, "the code has expired"));
  if (record.attempts_left == 0) return refuse(fail(Errc::too_many_attempts, "ask for a new code"));
  if (!crypto::equal(secrets.hash_code(id, code), record.code_hash)) {
    record.attempts_left -= 1;
    if (record.attempts_left == 0) return refuse(fail(Errc::too_many_attempts, "ask for a new code"), true);
    auto wrong = fail(Errc::wrong_code, "the code is not right");
    wrong.error().attempts_left = record.attempts_left;
    return refuse(std::move(wrong), true);
  }
  if (!record.user) record.user = new_user_id(now, entropy);
  record.proof_hash = secrets.hash_token(new_proof);
  record.proof_expires = now + kProofLife;
  record.earlier.reset();
  return {std::move(record), true, {}};
}

Result<UserId> check_proof(const RegistrationRecord& record, const RegistrationId& id, const ServerSecrets& secrets,
                           ByteView proof, UnixMillis now) {
  const auto promise = promise_of(record);
  if (!promise || promise->id != id) return fail(Errc::not_found, "no such registration");
  if (!crypto::equal(secrets.hash_token(proof), promise->proof_hash))
    return fail(Errc::unauthenticated, "the proof is not right");
  if (promise->proof_expires <= now) return fail(Errc::code_expired, "the registration has expired");
  return promise->user;
}

}  // namespace kith::server::domain
