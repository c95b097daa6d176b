#include "server/service/registration.h"

#include "server/service/rows.h"

namespace kith::server::service {
namespace {

constexpr int kRaces = 8;  // lost in a row before somebody is told to come back
constexpr std::size_t kProofBytes = 32;

domain::RowKey registration_row() { return {domain::RowKind::registration, {}}; }

domain::Rate hourly(double per_hour) { return {per_hour / 3600.0, per_hour}; }

Task<Result<std::optional<Loaded<domain::RegistrationRecord>>>> load_record(domain::Store& store,
                                                                            domain::Partition partition) {
  return load<domain::RegistrationRecord>(store, std::move(partition), registration_row());
}

// Whether the record was stored; false where somebody was faster.
Task<Result<bool>> save(domain::Store& store, domain::Partition partition, domain::RegistrationRecord record,
                        domain::Version version) {
  domain::Transaction t{.partition = std::move(partition)};
  t.expects.push_back({registration_row(), version});
  t.writes.push_back({registration_row(), domain::encode(record)});
  KITH_CO_TRY(const auto outcome, co_await store.commit(std::move(t)));
  co_return std::holds_alternative<domain::Committed>(outcome);
}

}  // namespace

Result<domain::Address> normalise(const domain::PhoneNumbers& phones, const AddressInput& input) {
  if (input.phone.empty() == input.email.empty()) {
    return domain::fail(domain::Errc::invalid_argument, "either a phone number or an e-mail address");
  }
  if (!input.email.empty()) return domain::email_address(input.email);
  KITH_TRY(auto number, phones.to_e164(input.phone, input.region));
  return domain::Address{domain::AddressKind::phone, std::move(number)};
}

RegistrationService::RegistrationService(Ports ports, const Limits& limits)
    : ports_(ports),
      begins_(hourly(limits.registrations_per_source_hour)),
      checks_(hourly(limits.code_checks_per_source_hour)) {}

Task<Result<RegistrationService::Begun>> RegistrationService::begin(AddressInput input, std::string source) {
  KITH_CO_TRY(auto address, normalise(ports_.phones, input));
  KITH_CO_TRY_VOID(begins_.take(source, ports_.scheduler.now()));
  co_return co_await send_code(std::move(address), std::nullopt);
}

Task<Result<RegistrationService::Begun>> RegistrationService::resend(domain::RegistrationId registration,
                                                                     std::string source) {
  KITH_CO_TRY_VOID(begins_.take(source, ports_.scheduler.now()));
  const auto hash = domain::address_of(registration);
  KITH_CO_TRY(const auto loaded, co_await load_record(ports_.store, domain::address_partition(hash.view())));
  if (!loaded || loaded->value.id != registration) {
    co_return domain::fail(domain::Errc::not_found, "no such registration");
  }
  const auto opened = ports_.secrets.open(hash.view(), loaded->value.sealed_address);
  if (!opened || opened->empty())
    co_return domain::fail(domain::Errc::internal, "a sealed address that cannot be opened");
  domain::Address address{static_cast<domain::AddressKind>(opened->front()),
                          std::string(as_text(ByteView(*opened).subspan(1)))};
  co_return co_await send_code(std::move(address), registration);
}

// Stores the code before it is sent: a code that arrives is one that works.
Task<Result<RegistrationService::Begun>> RegistrationService::send_code(domain::Address address,
                                                                        std::optional<domain::RegistrationId> known) {
  const auto hash = ports_.secrets.hash_address(address);
  Bytes plain{static_cast<std::uint8_t>(address.kind)};
  append(plain, as_view(address.text));
  for (int race = 0; race < kRaces; ++race) {
    const auto partition = domain::address_partition(hash.view());
    KITH_CO_TRY(const auto loaded, co_await load_record(ports_.store, partition));
    const UnixMillis now = ports_.scheduler.now();
    const std::string code = domain::new_code(ports_.entropy);
    const auto before = loaded ? std::optional(loaded->value) : std::nullopt;
    KITH_CO_TRY(auto record, domain::with_new_code(before, known, hash, ports_.secrets, code, now, ports_.entropy));
    record.sealed_address = ports_.secrets.seal(hash.view(), plain, ports_.entropy);
    const Begun begun{record.id, address.text, record.next_send - now, record.code_expires - now};
    KITH_CO_TRY(const bool saved,
                co_await save(ports_.store, partition, std::move(record), loaded ? loaded->version : 0));
    if (!saved) continue;
    KITH_CO_TRY_VOID(co_await ports_.codes.send(std::move(address), code));
    co_return begun;
  }
  co_return domain::fail_later(domain::Errc::overloaded, std::chrono::seconds(1));
}

Task<Result<RegistrationService::Confirmed>> RegistrationService::confirm(domain::RegistrationId registration,
                                                                          std::string code, std::string source) {
  KITH_CO_TRY_VOID(checks_.take(source, ports_.scheduler.now()));
  const auto partition = domain::address_partition(domain::address_of(registration).view());
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto loaded, co_await load_record(ports_.store, partition));
    if (!loaded) co_return domain::fail(domain::Errc::not_found, "no such registration");
    SecretBytes proof(kProofBytes);
    ports_.entropy.fill(proof);
    auto verdict = domain::check_code(std::move(loaded->value), registration, ports_.secrets, code, proof,
                                      ports_.scheduler.now(), ports_.entropy);
    if (verdict.changed) {
      const auto user = verdict.record.user;
      KITH_CO_TRY(const bool saved, co_await save(ports_.store, partition, std::move(verdict.record), loaded->version));
      if (!saved) continue;
      KITH_CO_TRY_VOID(std::move(verdict.answer));
      KITH_CO_TRY(const auto account, co_await owner_of(ports_.store, domain::address_of(registration)));
      co_return Confirmed{*user, std::move(proof), account};
    }
    co_return std::unexpected(std::move(verdict.answer).error());
  }
  co_return domain::fail_later(domain::Errc::overloaded, std::chrono::seconds(1));
}

}  // namespace kith::server::service
