#include "server/service/registration_lock.h"

#include <algorithm>

#include "server/service/account_rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::PinRecord;
using domain::RowKind;

constexpr int kRaces = 8;
constexpr std::chrono::seconds kLongestWait{5};

domain::RowKey pin_row() { return {RowKind::pin, {}}; }

std::unexpected<domain::Error> lost_too_often() {
  return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

}  // namespace

RegistrationLock::RegistrationLock(Ports ports, const Limits& limits)
    : ports_(ports),
      changes_({limits.pin_changes_per_hour / 3600.0, limits.pin_changes_per_hour}),
      stretches_({limits.pins_per_second, limits.pins_per_second}, ports.scheduler.now()) {}

Task<Result<void>> RegistrationLock::wait_for_turn() {
  KITH_CO_TRY(const auto wait, stretches_.take_ahead(ports_.scheduler.now(), kLongestWait));
  if (wait.count() > 0) co_await ports_.scheduler.sleep_for(wait);
  co_return Result<void>{};
}

Task<Result<void>> RegistrationLock::set(UserId user, std::optional<SecretBytes> pin) {
  domain::Transaction t{.partition = domain::account_partition(user)};
  t.writes.push_back({pin_row(), std::nullopt});
  if (pin) {
    KITH_CO_TRY_VOID(domain::check_pin(*pin));
    KITH_CO_TRY_VOID(changes_.take(as_text(user.value), ports_.scheduler.now()));
    KITH_CO_TRY_VOID(co_await wait_for_turn());
    PinRecord record = domain::new_pin(ports_.entropy);
    KITH_CO_TRY(const auto stretched, co_await ports_.pins.stretch(*std::move(pin), record.salt, record.cost));
    record.hash = ports_.secrets.hash_pin(user, stretched);
    t.writes.back().value = domain::encode(record);
  }
  KITH_CO_TRY_VOID(co_await ports_.store.commit(std::move(t)));
  co_return Result<void>{};
}

Task<Result<bool>> RegistrationLock::is_set(UserId user) {
  KITH_CO_TRY(const auto row, co_await ports_.store.row(domain::account_partition(user), pin_row()));
  co_return row.has_value();
}

Task<Result<bool>> RegistrationLock::is_over(UserId user) {
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows(domain::account_partition(user), RowKind::device, {}, {},
                                                          domain::kMaxDevices));
  UnixMillis last_seen{};
  for (const auto& row : rows) {
    const auto device = domain::decode<domain::DeviceRecord>(row.value);
    if (!device) co_return domain::fail(Errc::internal, "a device that cannot be read");
    last_seen = std::max(last_seen, device->last_seen);
  }
  co_return domain::is_lock_over(last_seen, ports_.scheduler.now());
}

Task<Result<RegistrationLock::Lock>> RegistrationLock::lock_of(UserId user) {
  KITH_CO_TRY(const auto lock, co_await load<PinRecord>(ports_.store, domain::account_partition(user), pin_row()));
  if (!lock) co_return Lock();
  KITH_CO_TRY(const bool over, co_await is_over(user));
  co_return over ? Lock() : lock;
}

Task<Result<void>> RegistrationLock::pass(UserId user, SecretBytes pin) {
  KITH_CO_TRY(const auto lock, co_await lock_of(user));
  if (!lock) co_return Result<void>{};
  if (pin.empty()) co_return domain::fail(Errc::pin_needed, "the account of this address is locked by a PIN");
  KITH_CO_TRY_VOID(domain::check_pin(pin));
  // Whoever has to pause is told so before its turn, and takes nobody else's.
  KITH_CO_TRY_VOID(domain::with_attempt(lock->value, ports_.scheduler.now()));
  KITH_CO_TRY_VOID(co_await wait_for_turn());
  KITH_CO_TRY(const auto tried, co_await count_attempt(user));
  if (!tried) co_return Result<void>{};
  KITH_CO_TRY(const auto stretched, co_await ports_.pins.stretch(std::move(pin), tried->salt, tried->cost));
  KITH_CO_TRY_VOID(domain::judge_pin(*tried, user, stretched, ports_.secrets, ports_.scheduler.now()));
  co_return co_await forgive(user, *tried);
}

Task<Result<bool>> RegistrationLock::save(UserId user, domain::Version before, const PinRecord& record) {
  domain::Transaction t{.partition = domain::account_partition(user)};
  t.expects.push_back({pin_row(), before});
  t.writes.push_back({pin_row(), domain::encode(record)});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  co_return std::holds_alternative<domain::Committed>(outcome);
}

Task<Result<std::optional<PinRecord>>> RegistrationLock::count_attempt(UserId user) {
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const auto lock, co_await lock_of(user));
    if (!lock) co_return std::optional<PinRecord>();
    KITH_CO_TRY(const PinRecord tried, domain::with_attempt(lock->value, ports_.scheduler.now()));
    KITH_CO_TRY(const bool is_counted, co_await save(user, lock->version, tried));
    if (is_counted) co_return std::optional(tried);
  }
  co_return lost_too_often();
}

// Where the PIN was set anew meanwhile there is nothing to forgive.
Task<Result<void>> RegistrationLock::forgive(UserId user, PinRecord right) {
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto lock, co_await load<PinRecord>(ports_.store, domain::account_partition(user), pin_row()));
    if (!lock || lock->value.salt != right.salt) co_return Result<void>{};
    lock->value.attempts = 0;
    lock->value.next_attempt = {};
    KITH_CO_TRY(const bool is_saved, co_await save(user, lock->version, lock->value));
    if (is_saved) co_return Result<void>{};
  }
  co_return lost_too_often();
}

}  // namespace kith::server::service
