#include "server/service/recoveries.h"

#include "server/service/account_rows.h"
#include "server/service/accounts.h"

namespace kith::server::service {

using domain::Errc;
using domain::fail;

Task<Result<UserId>> RecoveryService::claimed(domain::RecoveryClaim claim) {
  const auto address = domain::address_of(claim.registration);
  KITH_CO_TRY(const auto registration,
              co_await load<domain::RegistrationRecord>(ports_.store, domain::address_partition(address.view()),
                                                        {domain::RowKind::registration, {}}));
  if (!registration) co_return fail(Errc::not_found, "no such registration");
  KITH_CO_TRY_VOID(domain::check_proof(registration->value, claim.registration, ports_.secrets, claim.proof,
                                       ports_.scheduler.now()));
  KITH_CO_TRY(const auto user, co_await owner_of(ports_.store, address));
  if (!user) co_return fail(Errc::not_found, "this address has no account");
  KITH_CO_TRY(const auto account,
              co_await load<domain::AccountRecord>(ports_.store, domain::account_partition(*user), account_row()));
  if (!account) co_return fail(Errc::internal, "an address of an account that is not there");
  KITH_CO_TRY_VOID(domain::check_recovery(*user, account->value.identity_key, claim));
  co_return *user;
}

Task<Result<RecoveryService::Shown>> RecoveryService::show(domain::RecoveryClaim claim) {
  KITH_CO_TRY(const auto user, co_await claimed(std::move(claim)));
  KITH_CO_TRY(auto profile, co_await accounts_.profile(user));
  const auto partition = domain::account_partition(user);
  // One rests on the other: they are of one moment.
  KITH_CO_TRY(auto rows, co_await ports_.store.rows_at(partition, {account_row(), sealed_generation_row(),
                                                                   sealed_root_row(), device_list_row()}));
  auto record = rows[0] ? domain::decode<domain::AccountRecord>(rows[0]->value) : std::nullopt;
  if (!record || !rows[1] || !rows[3])
    co_return fail(Errc::internal, "an account without a device list or a sealed generation");
  co_return Shown{.profile = std::move(profile),
                  .generation = std::move(record->generation),
                  .sealed_generation = std::move(rows[1]->value),
                  .sealed_root = rows[2] ? std::move(rows[2]->value) : Bytes{},
                  .device_list = std::move(rows[3]->value)};
}

Task<Result<Grant>> RecoveryService::add_device(domain::RecoveryClaim claim, domain::AddedDevice device,
                                                Bytes device_list, std::optional<domain::NextGeneration> next) {
  claim.device = device.device.device;
  claim.leaf_key = device.device.leaf_key;
  KITH_CO_TRY(const auto user, co_await claimed(std::move(claim)));
  KITH_CO_TRY(auto again, co_await accounts_.grant_again({user, device.device.device}, device.device.leaf_key));
  if (again) co_return *std::move(again);
  KITH_CO_TRY(auto staged,
              co_await accounts_.stage_device(user, std::move(device), std::move(device_list), std::move(next)));
  co_return co_await accounts_.let_in(std::move(staged));
}

}  // namespace kith::server::service
