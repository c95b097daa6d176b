#include "server/service/accounts.h"

#include "crypto/crypto.h"
#include "server/domain/key_package.h"
#include "server/domain/records.h"
#include "server/domain/refresh.h"
#include "server/service/account_rows.h"
#include "server/service/outbox_relay.h"
#include "server/service/registration_lock.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

constexpr int kRaces = 8;

std::string text_of(const SecretBytes& plain) { return std::string(as_text(plain)); }

}  // namespace

AccountService::AccountService(Ports ports, const Limits& limits, OutboxRelay& relay, RegistrationLock& lock)
    : ports_(ports),
      access_token_life_(limits.access_token_life),
      relay_(relay),
      lock_(lock),
      lookups_({limits.lookups_per_hour / 3600.0, limits.lookups_per_hour}) {}

Grant AccountService::grant(const domain::Caller& caller, SecretBytes refresh_token) const {
  return {caller, ports_.scheduler.now(), access_token_life_, std::move(refresh_token)};
}

Task<Result<Grant>> AccountService::create(domain::NewAccount account) {
  const auto address = domain::address_of(account.registration);
  KITH_CO_TRY(const auto registration,
              co_await load<domain::RegistrationRecord>(ports_.store, domain::address_partition(address.view()),
                                                        {RowKind::registration, {}}));
  if (!registration) co_return fail(Errc::not_found, "no such registration");
  KITH_CO_TRY(const UserId user, domain::check_proof(registration->value, account.registration, ports_.secrets,
                                                     account.proof, ports_.scheduler.now()));
  KITH_CO_TRY_VOID(domain::check_new_account(user, account));
  KITH_CO_TRY_VOID(co_await pass_lock(address, user, std::move(account.pin)));
  const domain::Caller caller{user, account.device.device};
  SecretBytes token = new_refresh_token(ports_.entropy);
  KITH_CO_TRY(auto transaction, new_account(user, account, token));
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(transaction)));
  if (const auto* conflict = std::get_if<domain::Conflict>(&outcome)) {
    if (conflict->key.kind == RowKind::key_package_seen) co_return fail(Errc::key_package_known);
    co_return co_await create_again(caller, account);
  }
  co_await relay_.drain();
  co_return grant(caller, std::move(token));
}

// Asked for once: whose account there is already has passed, though the answer may have been lost on the way.
Task<Result<void>> AccountService::pass_lock(domain::AddressHash address, UserId user, SecretBytes pin) {
  KITH_CO_TRY(const auto owner, co_await owner_of(ports_.store, address));
  if (!owner || *owner == user) co_return Result<void>{};
  KITH_CO_TRY(const auto created, co_await ports_.store.row(domain::account_partition(user), account_row()));
  if (created) co_return Result<void>{};
  co_return co_await lock_.pass(*owner, std::move(pin));
}

Result<domain::Transaction> AccountService::new_account(const UserId& user, const domain::NewAccount& account,
                                                        ByteView token) const {
  const UnixMillis now = ports_.scheduler.now();
  const auto seal = [&](std::string_view text) {
    return ports_.secrets.seal(user.view(), as_view(text), ports_.entropy);
  };
  const domain::DeviceRecord device{seal(account.device.name), account.device.credential, account.device.leaf_key, now,
                                    domain::to_the_hour(now)};
  const domain::AccountRecord record{seal(account.name), account.identity_key, account.generation, now,
                                     account.registration};

  domain::Transaction t{.partition = domain::account_partition(user)};
  t.expects.push_back({account_row(), 0});
  t.writes.push_back({account_row(), domain::encode(record)});
  t.writes.push_back({device_list_row(), account.device_list});
  t.writes.push_back({sealed_generation_row(), account.sealed_generation});
  t.writes.push_back({device_row(account.device.device), domain::encode(device)});
  t.writes.push_back(
      {refresh_row(account.device.device), domain::encode(domain::first_refresh(ports_.secrets, token))});
  KITH_TRY_VOID(domain::add_key_packages(
      t, account.device.device, device, account.generation,
      {.pool = account.key_packages, .last_resort = &account.last_resort, .history = ports_.store.history_id()}, now));
  const auto address = domain::address_of(account.registration);
  t.outbox.push_back(
      {.target = domain::address_partition(address.view()), .writes = {{{RowKind::owner, {}}, to_bytes(user.view())}}});
  return t;
}

// The account exists: the answer was lost, or somebody else is trying. Only the same registration, identity and device
// get a new grant.
Task<Result<Grant>> AccountService::create_again(domain::Caller caller, const domain::NewAccount& account) {
  KITH_CO_TRY(const auto stored, co_await load<domain::AccountRecord>(
                                     ports_.store, domain::account_partition(caller.user), account_row()));
  const bool is_same = stored && stored->value.registration == account.registration &&
                       stored->value.identity_key == account.identity_key;
  if (!is_same) co_return fail(Errc::unauthenticated, "this registration was used for another account");
  KITH_CO_TRY(auto again, co_await grant_again(caller, account.device.leaf_key));
  if (!again) co_return fail(Errc::unauthenticated, "this registration was used for another account");
  co_await relay_.drain();
  co_return *std::move(again);
}

Task<Result<std::optional<Grant>>> AccountService::grant_again(domain::Caller caller, ByteView leaf_key) {
  const auto partition = domain::account_partition(caller.user);
  KITH_CO_TRY(const auto device,
              co_await load<domain::DeviceRecord>(ports_.store, partition, device_row(caller.device)));
  if (!device) co_return std::optional<Grant>();
  if (!same_bytes(device->value.leaf_key, leaf_key))
    co_return fail(Errc::unauthenticated, "another key of this device");
  KITH_CO_TRY(const auto refresh,
              co_await load<domain::RefreshRecord>(ports_.store, partition, refresh_row(caller.device)));
  if (!refresh || refresh->value.logged_out) co_return fail(Errc::unauthenticated, "this device was logged out");
  tell_again(caller.user);
  domain::Transaction t{.partition = partition};
  domain::RefreshRecord again = refresh->value;
  auto token = domain::give_another(again, caller, ports_.secrets);
  if (!token) co_return fail(Errc::unauthenticated, "this device has its tokens");
  t.expects.push_back({refresh_row(caller.device), refresh->version});
  t.writes.push_back({refresh_row(caller.device), domain::encode(again)});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  if (!std::holds_alternative<domain::Committed>(outcome))
    co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
  co_return std::optional(grant(caller, *std::move(token)));
}

Task<Result<Grant>> AccountService::refresh(domain::Caller caller, SecretBytes token, Bytes signature) {
  const auto partition = domain::account_partition(caller.user);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const auto device,
                co_await load<domain::DeviceRecord>(ports_.store, partition, device_row(caller.device)));
    KITH_CO_TRY(auto stored, co_await load<domain::RefreshRecord>(ports_.store, partition, refresh_row(caller.device)));
    if (!device && stored && stored->value.logged_out)
      co_return fail(Errc::device_removed, "this device was taken from its account");
    if (!device || !stored) co_return fail(Errc::unauthenticated, "no such device");
    if (!crypto::Suite::product().verify(device->value.leaf_key, domain::refresh_statement(caller, token), signature)) {
      co_return fail(Errc::unauthenticated, "not signed by the device");
    }
    auto verdict = domain::use_refresh(std::move(stored->value), caller, ports_.secrets, token);
    if (verdict.changed) {
      domain::Transaction t{.partition = partition};
      t.expects.push_back({refresh_row(caller.device), stored->version});
      t.writes.push_back({refresh_row(caller.device), domain::encode(verdict.record)});
      if (!verdict.record.logged_out) write_seen(t, caller.device, *device, ports_.scheduler.now());
      KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
      if (!std::holds_alternative<domain::Committed>(outcome)) continue;
    }
    if (verdict.record.logged_out) {
      ports_.bus.publish(caller.user, {.kind = domain::BusMessageKind::logged_out, .only = caller.device});
    }
    KITH_CO_TRY(auto successor, std::move(verdict.answer));
    co_return grant(caller, std::move(successor));
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

Task<Result<void>> AccountService::check_access(domain::Caller caller) {
  KITH_CO_TRY(const auto refresh,
              co_await load<domain::RefreshRecord>(ports_.store, domain::account_partition(caller.user),
                                                   refresh_row(caller.device)));
  if (!refresh || refresh->value.logged_out) co_return fail(Errc::unauthenticated, "this device is logged out");
  co_return Result<void>{};
}

Task<Result<domain::AddressHash>> AccountService::address_of(UserId user) {
  KITH_CO_TRY(const auto account,
              co_await load<domain::AccountRecord>(ports_.store, domain::account_partition(user), account_row()));
  if (!account) co_return fail(Errc::not_found, "there is no such account");
  co_return domain::address_of(account->value.registration);
}

Task<Result<domain::Profile>> AccountService::profile(UserId user) {
  KITH_CO_TRY(auto account,
              co_await load<domain::AccountRecord>(ports_.store, domain::account_partition(user), account_row()));
  if (!account) co_return fail(Errc::not_found, "no such user");
  const auto name = ports_.secrets.open(user.view(), account->value.sealed_name);
  if (!name) co_return fail(Errc::internal, "a sealed name that cannot be opened");
  co_return domain::Profile{user, text_of(*name), std::move(account->value.identity_key)};
}

// The list is signed by the generation: the two are of one moment.
Task<Result<domain::DeviceDirectory>> AccountService::devices(UserId user) {
  const auto partition = domain::account_partition(user);
  KITH_CO_TRY(auto account_rows, co_await ports_.store.rows_at(partition, {account_row(), device_list_row()}));
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows(partition, RowKind::device, {}, {}, domain::kMaxDevices));
  if (!account_rows[0]) co_return fail(Errc::not_found, "no such user");
  auto account = domain::decode<domain::AccountRecord>(account_rows[0]->value);
  if (!account || !account_rows[1]) co_return fail(Errc::internal, "an account without a device list");
  domain::DeviceDirectory directory{
      std::move(account->identity_key), std::move(account->generation), std::move(account_rows[1]->value), {}};
  for (const auto& row : rows) {
    const auto id = DeviceId::from(row.key.id);
    auto device = domain::decode<domain::DeviceRecord>(row.value);
    if (!id || !device) co_return fail(Errc::internal, "a device that cannot be read");
    directory.devices.push_back({*id, std::move(device->credential), std::move(device->leaf_key)});
  }
  co_return directory;
}

Task<Result<domain::Profile>> AccountService::set_name(domain::Caller caller, std::string name) {
  KITH_CO_TRY_VOID(domain::check_name(name));
  const auto partition = domain::account_partition(caller.user);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto account, co_await load<domain::AccountRecord>(ports_.store, partition, account_row()));
    if (!account) co_return fail(Errc::not_found, "no such user");
    account->value.sealed_name = ports_.secrets.seal(caller.user.view(), as_view(name), ports_.entropy);
    domain::Transaction t{.partition = partition};
    t.expects.push_back({account_row(), account->version});
    t.writes.push_back({account_row(), domain::encode(account->value)});
    KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
    if (!std::holds_alternative<domain::Committed>(outcome)) continue;
    co_return domain::Profile{caller.user, std::move(name), std::move(account->value.identity_key)};
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

Task<Result<AccountService::Found>> AccountService::find(domain::Caller caller, AddressInput input) {
  KITH_CO_TRY(auto address, normalise(ports_.phones, input));
  KITH_CO_TRY_VOID(lookups_.take(as_text(caller.user.value), ports_.scheduler.now()));
  KITH_CO_TRY(const auto user, co_await owner_of(ports_.store, ports_.secrets.hash_address(address)));
  if (!user) co_return fail(Errc::not_found, "nobody is reached there");
  KITH_CO_TRY(auto found, co_await profile(*user));
  co_return Found{std::move(found), std::move(address.text)};
}

}  // namespace kith::server::service
