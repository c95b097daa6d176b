// Changing an account's device list.
#include "server/domain/key_package.h"
#include "server/domain/stored_group.h"
#include "server/service/accounts.h"
#include "server/service/outbox_relay.h"
#include "server/service/rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKey;
using domain::RowKind;

RowKey account_row() { return {RowKind::account, {}}; }
RowKey device_list_row() { return {RowKind::device_list, {}}; }
RowKey device_row(RowKind kind, const DeviceId& device) { return {kind, to_bytes(device.view())}; }

}  // namespace

// Without its rows it can neither log in nor be added to anything. That it was logged out stays, so that its id never
// comes again under another key.
Task<Result<void>> AccountService::forget_device(domain::Transaction& t, DeviceId device) {
  for (const RowKind kind : {RowKind::device, RowKind::last_resort}) {
    t.writes.push_back({device_row(kind, device), std::nullopt});
  }
  domain::RefreshRecord refresh;
  refresh.logged_out = true;
  t.writes.push_back({device_row(RowKind::refresh, device), domain::encode(refresh)});
  KITH_CO_TRY(const auto packages,
              co_await ports_.store.rows(t.partition, RowKind::key_package, to_bytes(device.view()), {},
                                         domain::kMaxKeyPackagesInPool));
  for (const auto& row : packages) t.writes.push_back({row.key, std::nullopt});
  co_return Result<void>{};
}

Task<Result<void>> AccountService::change_devices(domain::Caller caller, domain::DeviceChange change) {
  const auto partition = domain::account_partition(caller.user);
  const UnixMillis now = ports_.scheduler.now();
  KITH_CO_TRY(const auto account, co_await load<domain::AccountRecord>(ports_.store, partition, account_row()));
  KITH_CO_TRY(const auto row, co_await ports_.store.row(partition, device_list_row()));
  if (!account || !row) co_return fail(Errc::not_found, "no such user");
  if (row->value == change.device_list) co_return Result<void>{};  // the answer was lost
  const auto present = keys::DeviceList::decode(row->value);
  if (!present) co_return fail(Errc::internal, "a device list that cannot be read");
  KITH_CO_TRY(const auto checked, domain::check_device_change(caller.user, account->value, *present, change));

  domain::Transaction t{.partition = partition};
  t.expects.push_back({account_row(), account->version});
  t.expects.push_back({device_list_row(), row->version});
  t.writes.push_back({device_list_row(), change.device_list});
  for (const auto& added : change.added) {
    const auto& device = added.device;
    const domain::DeviceRecord record{ports_.secrets.seal(caller.user.view(), as_view(device.name), ports_.entropy),
                                      device.credential, device.leaf_key, now};
    t.expects.push_back({device_row(RowKind::refresh, device.device), 0});
    t.expects.push_back({device_row(RowKind::device, device.device), 0});
    t.writes.push_back({device_row(RowKind::device, device.device), domain::encode(record)});
    KITH_CO_TRY_VOID(domain::add_key_packages(t, device.device, record, added.key_packages, &added.last_resort, now));
  }
  for (const DeviceId& removed : checked.removed) KITH_CO_TRY_VOID(co_await forget_device(t, removed));
  t.outbox.push_back({.target = partition, .writes = {{{RowKind::list_changed, {}}, change.device_list}}});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  if (const auto* conflict = std::get_if<domain::Conflict>(&outcome)) {
    if (conflict->key.kind == RowKind::key_package_seen)
      co_return fail(Errc::key_package_known, "a key package that was uploaded before");
    if (conflict->key.kind == RowKind::refresh || conflict->key.kind == RowKind::device)
      co_return fail(Errc::forged_certificate, "added: the id of a device that was there before");
    co_return fail(Errc::stale_device_list, "device_list: another version came first");
  }
  for (const DeviceId& removed : checked.removed) {
    ports_.bus.publish(caller.user, {.kind = domain::BusMessageKind::logged_out, .only = removed});
  }
  relay_.kick();
  co_return Result<void>{};
}

}  // namespace kith::server::service
