#include "server/service/key_packages.h"

#include <algorithm>

#include "keys/device.h"
#include "server/domain/key_package.h"
#include "server/service/account_rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

constexpr int kRaces = 16;
constexpr std::size_t kCandidates = 8;  // looked at for one claim: some may be out of date

domain::Rate hourly(double per_hour) { return {per_hour / 3600.0, per_hour}; }

bool holds(const domain::KeyPackageRecord& package, UnixMillis now) {
  return package.not_after_s > static_cast<std::uint64_t>(now.value / 1000);
}

// A single-use one. Of those that came before the store was restored nobody knows which were given out since the
// backup: whoever was added by one has deleted its key.
bool may_be_given(const domain::KeyPackageRecord& package, const HistoryId& present, UnixMillis now) {
  return package.history == present && holds(package, now);
}

// A device's single-use packages: how many may be given, and the rows of those that may not.
struct Pool {
  std::uint32_t holding = 0;
  std::vector<domain::RowKey> expired;
};

Task<Result<Pool>> pool_of(domain::Store& store, domain::Caller caller, UnixMillis now) {
  KITH_CO_TRY(auto rows, co_await store.rows(domain::account_partition(caller.user), RowKind::key_package,
                                             to_bytes(caller.device.view()), {}, domain::kMaxKeyPackagesInPool));
  Pool pool;
  for (auto& row : rows) {
    const auto package = domain::decode<domain::KeyPackageRecord>(row.value);
    if (!package) co_return fail(Errc::internal, "a key package that cannot be read");
    if (may_be_given(*package, store.history_id(), now)) {
      ++pool.holding;
    } else {
      pool.expired.push_back(std::move(row.key));
    }
  }
  co_return pool;
}

}  // namespace

KeyPackageService::KeyPackageService(Ports ports, const Limits& limits)
    : ports_(ports), claims_(hourly(limits.claims_per_hour)), target_claims_(hourly(limits.claims_per_target_hour)) {}

Task<Result<std::uint32_t>> KeyPackageService::upload(domain::Caller caller, Upload upload) {
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const auto available, co_await try_upload(caller, upload));
    if (available) co_return *available;
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

// Nothing where the device changed meanwhile, or went.
Task<Result<std::optional<std::uint32_t>>> KeyPackageService::try_upload(domain::Caller caller, const Upload& upload) {
  const auto partition = domain::account_partition(caller.user);
  KITH_CO_TRY(const auto device,
              co_await load<domain::DeviceRecord>(ports_.store, partition, device_row(caller.device)));
  KITH_CO_TRY(const auto account, co_await load<domain::AccountRecord>(ports_.store, partition, account_row()));
  if (!device || !account) co_return fail(Errc::unauthenticated, "no such device");
  KITH_CO_TRY(auto pool, co_await pool_of(ports_.store, caller, ports_.scheduler.now()));
  if (pool.holding + upload.key_packages.size() > domain::kMaxKeyPackagesInPool) {
    co_return fail(Errc::invalid_argument, "key_packages: the pool is full");
  }
  domain::Transaction t{.partition = partition};
  KITH_CO_TRY_VOID(domain::add_key_packages(t, caller.device, device->value, account->value.generation,
                                            {.pool = upload.key_packages,
                                             .last_resort = upload.last_resort ? &*upload.last_resort : nullptr,
                                             .history = ports_.store.history_id()},
                                            ports_.scheduler.now()));
  if (t.writes.empty()) co_return pool.holding;
  // Not the account: what is good in one generation is good in those that follow.
  t.expects.push_back({device_row(caller.device), device->version});
  // Their rows make room.
  for (auto& key : pool.expired) t.writes.push_back({std::move(key), std::nullopt});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  if (const auto* conflict = std::get_if<domain::Conflict>(&outcome)) {
    if (conflict->key.kind != RowKind::key_package_seen) co_return std::optional<std::uint32_t>();
    co_return fail(Errc::key_package_known, "a key package that was uploaded before");
  }
  co_return pool.holding + static_cast<std::uint32_t>(upload.key_packages.size());
}

Task<Result<std::uint32_t>> KeyPackageService::available(domain::Caller caller) {
  KITH_CO_TRY(const auto pool, co_await pool_of(ports_.store, caller, ports_.scheduler.now()));
  co_return pool.holding;
}

Task<Result<std::vector<KeyPackageService::Claimed>>> KeyPackageService::claim(domain::Caller caller, UserId target) {
  const UnixMillis now = ports_.scheduler.now();
  KITH_CO_TRY_VOID(claims_.take(as_text(caller.user.value), now));
  std::string pair(as_text(caller.user.value));
  pair.append(as_text(target.value));
  KITH_CO_TRY_VOID(target_claims_.take(pair, now));

  KITH_CO_TRY(const auto row, co_await ports_.store.row(domain::account_partition(target), {RowKind::device_list, {}}));
  if (!row) co_return fail(Errc::not_found, "no such user");
  const auto list = keys::DeviceList::decode(row->value);
  if (!list) co_return fail(Errc::internal, "a device list that cannot be read");
  std::vector<Claimed> claimed;
  bool any = false;
  for (const auto& listed : list->devices) {
    if (target == caller.user && listed.device == caller.device) continue;
    any = true;
    KITH_CO_TRY(auto one, co_await claim_one(target, listed.device));
    if (one) claimed.push_back(std::move(*one));
  }
  if (any && claimed.empty()) co_return fail(Errc::no_key_package, "no device has a key package left");
  co_return claimed;
}

// Takes the first one that may be given, against its version: of two who ask at once, one takes the next.
Task<Result<std::optional<KeyPackageService::Claimed>>> KeyPackageService::claim_one(UserId target, DeviceId device) {
  const auto partition = domain::account_partition(target);
  const UnixMillis now = ports_.scheduler.now();
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto rows,
                co_await ports_.store.rows(partition, RowKind::key_package, to_bytes(device.view()), {}, kCandidates));
    if (rows.empty()) break;
    domain::Transaction t{.partition = partition};
    std::optional<Claimed> claimed;
    for (auto& row : rows) {
      auto package = domain::decode<domain::KeyPackageRecord>(row.value);
      if (!package) co_return fail(Errc::internal, "a key package that cannot be read");
      t.expects.push_back({row.key, row.version});
      t.writes.push_back({std::move(row.key), std::nullopt});
      if (!may_be_given(*package, ports_.store.history_id(), now)) continue;
      claimed = Claimed{device, std::move(package->message), false};
      break;
    }
    KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
    if (claimed && std::holds_alternative<domain::Committed>(outcome)) co_return claimed;
  }
  KITH_CO_TRY(auto last, co_await load<domain::KeyPackageRecord>(ports_.store, partition,
                                                                 {RowKind::last_resort, to_bytes(device.view())}));
  if (!last || !holds(last->value, now)) co_return std::optional<Claimed>{};
  co_return std::optional(Claimed{device, std::move(last->value.message), true});
}

}  // namespace kith::server::service
