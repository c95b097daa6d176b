// What people see and change of their own devices.
#include "server/service/account_rows.h"
#include "server/service/accounts.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

constexpr int kRaces = 8;

}  // namespace

Task<Result<std::vector<domain::OwnDevice>>> AccountService::own_devices(UserId user) {
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows(domain::account_partition(user), RowKind::device, {}, {},
                                                          domain::kMaxDevices));
  std::vector<domain::OwnDevice> devices;
  for (const auto& row : rows) {
    const auto id = DeviceId::from(row.key.id);
    const auto device = domain::decode<domain::DeviceRecord>(row.value);
    if (!id || !device) co_return fail(Errc::internal, "a device that cannot be read");
    const auto name = ports_.secrets.open(user.view(), device->sealed_name);
    if (!name) co_return fail(Errc::internal, "a sealed name that cannot be opened");
    devices.push_back({*id, std::string(as_text(*name)), device->created, device->last_seen});
  }
  co_return devices;
}

Task<Result<void>> AccountService::rename_device(UserId user, DeviceId device, std::string name) {
  KITH_CO_TRY_VOID(domain::check_name(name));
  const auto partition = domain::account_partition(user);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto loaded, co_await load<domain::DeviceRecord>(ports_.store, partition, device_row(device)));
    if (!loaded) co_return fail(Errc::not_found, "no such device");
    loaded->value.sealed_name = ports_.secrets.seal(user.view(), as_view(name), ports_.entropy);
    domain::Transaction t{.partition = partition};
    t.expects.push_back({device_row(device), loaded->version});
    t.writes.push_back({device_row(device), domain::encode(loaded->value)});
    KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
    if (std::holds_alternative<domain::Committed>(outcome)) co_return Result<void>{};
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

// Where the store fails, or the device was changed or revoked meanwhile, it is seen the next time.
Task<void> AccountService::note_seen(domain::Caller caller) {
  const auto partition = domain::account_partition(caller.user);
  const auto device = co_await load<domain::DeviceRecord>(ports_.store, partition, device_row(caller.device));
  if (!device || !*device) co_return;
  domain::Transaction t{.partition = partition};
  if (write_seen(t, caller.device, **device, ports_.scheduler.now())) (void)co_await ports_.store.commit(std::move(t));
}

}  // namespace kith::server::service
