// Changing an account's device list, for a device that is in it and for one that comes.
#include "server/domain/key_package.h"
#include "server/domain/stored_group.h"
#include "server/service/account_rows.h"
#include "server/service/accounts.h"
#include "server/service/outbox_relay.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

constexpr int kRaces = 8;

std::unexpected<domain::Error> lost_too_often() {
  return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

// What another change that came first means to whoever asked. That of the account or its list is looked at: somebody's
// name is no other version, and whoever is told of one that is not there takes the server for a liar.
Result<void> lost_to(const domain::Conflict& conflict) {
  switch (conflict.key.kind) {
    case RowKind::key_package_seen:
      return fail(Errc::key_package_known, "a key package that was uploaded before");
    case RowKind::refresh:
    case RowKind::device:
      return fail(Errc::forged_certificate, "added: the id of a device that was there before");
    default:
      return {};
  }
}

}  // namespace

// Without its rows it can neither log in nor be added to anything. That it was logged out stays, so that its id never
// comes again under another key.
Task<Result<void>> AccountService::forget_device(domain::Transaction& t, DeviceId device) {
  t.writes.push_back({device_row(device), std::nullopt});
  t.writes.push_back({{RowKind::last_resort, to_bytes(device.view())}, std::nullopt});
  domain::RefreshRecord refresh;
  refresh.logged_out = true;
  t.writes.push_back({refresh_row(device), domain::encode(refresh)});
  KITH_CO_TRY(const auto packages,
              co_await ports_.store.rows(t.partition, RowKind::key_package, to_bytes(device.view()), {},
                                         domain::kMaxKeyPackagesInPool));
  for (const auto& row : packages) t.writes.push_back({row.key, std::nullopt});
  co_return Result<void>{};
}

Task<Result<std::optional<AccountService::StagedChange>>> AccountService::stage_change(
    UserId user, const domain::DeviceChange& change) {
  const auto partition = domain::account_partition(user);
  const UnixMillis now = ports_.scheduler.now();
  KITH_CO_TRY(const auto account, co_await load<domain::AccountRecord>(ports_.store, partition, account_row()));
  KITH_CO_TRY(const auto row, co_await ports_.store.row(partition, device_list_row()));
  if (!account || !row) co_return fail(Errc::not_found, "no such user");
  if (row->value == change.device_list) co_return std::optional<StagedChange>();
  const auto present = keys::DeviceList::decode(row->value);
  if (!present) co_return fail(Errc::internal, "a device list that cannot be read");
  KITH_CO_TRY(auto checked, domain::check_device_change(user, account->value, *present, change));

  domain::Transaction t{.partition = partition};
  t.expects.push_back({account_row(), account->version});
  t.expects.push_back({device_list_row(), row->version});
  t.writes.push_back({device_list_row(), change.device_list});
  for (const auto& added : change.added) {
    const auto& device = added.device;
    const domain::DeviceRecord record{ports_.secrets.seal(user.view(), as_view(device.name), ports_.entropy),
                                      device.credential, device.leaf_key, now, domain::to_the_hour(now)};
    t.expects.push_back({refresh_row(device.device), 0});
    t.expects.push_back({device_row(device.device), 0});
    t.writes.push_back({device_row(device.device), domain::encode(record)});
    KITH_CO_TRY_VOID(domain::add_key_packages(
        t, device.device, record, change.next ? change.next->certificate : account->value.generation,
        {.pool = added.key_packages, .last_resort = &added.last_resort, .history = ports_.store.history_id()}, now));
  }
  for (const DeviceId& removed : checked.removed) KITH_CO_TRY_VOID(co_await forget_device(t, removed));
  if (change.next) KITH_CO_TRY_VOID(co_await begin_generation(t, user, account->value, *change.next));
  domain::OutboxRow news{.target = partition};
  for (const DeviceId& removed : checked.removed) news.writes.push_back({refresh_row(removed), std::nullopt});
  news.writes.push_back({{RowKind::list_changed, {}}, change.device_list});
  t.outbox.push_back(std::move(news));
  co_return std::optional(StagedChange{std::move(t), std::move(checked.removed)});
}

Task<Result<void>> AccountService::begin_generation(domain::Transaction& t, UserId user, domain::AccountRecord account,
                                                    const domain::NextGeneration& next) {
  const auto present = keys::GenerationCertificate::decode(account.generation);
  const auto begun = keys::GenerationCertificate::decode(next.certificate);
  if (!present || !begun) co_return fail(Errc::internal, "a generation that cannot be read");
  // A device that was stolen can leave something useless for the recovery key, never take away what that key signed
  // for.
  if (begun->is_signed_by_identity()) {
    t.writes.push_back({sealed_root_row(), std::nullopt});
  } else if (present->is_signed_by_identity()) {
    KITH_CO_TRY(auto sealed, co_await ports_.store.row(t.partition, sealed_generation_row()));
    if (!sealed) co_return fail(Errc::internal, "an account without a sealed generation");
    t.writes.push_back({sealed_root_row(), std::move(sealed->value)});
  }
  account.generation = next.certificate;
  t.writes.push_back({account_row(), domain::encode(account)});
  t.writes.push_back({sealed_generation_row(), next.sealed});
  for (const auto& [device, sealed] : next.handed) {
    t.appends.push_back(
        {domain::mailbox_of(device), domain::generation_client_id(next.certificate, {user, device}),
         std::make_shared<const Bytes>(domain::mail_body(domain::MailKind::generation, {}, user, sealed))});
  }
  co_return Result<void>{};
}

void AccountService::hint_mail(UserId user, const std::vector<domain::LogAppend>& mails,
                               const domain::Committed& committed) {
  for (std::size_t i = 0; i < mails.size(); ++i) {
    const domain::LogRecord record{committed.seqs[i], committed.time, mails[i].client_id, *mails[i].body};
    const auto mail = domain::mail_of(record);
    const auto device = DeviceId::from(mails[i].log);
    if (mail && device) ports_.bus.publish(user, {.frame = ports_.hints.mail(*mail), .only = device});
  }
}

void AccountService::tell_again(UserId user) {
  ports_.bus.publish(user, {.kind = domain::BusMessageKind::lost});
  relay_.kick();
}

Task<Result<bool>> AccountService::store_change(UserId user, StagedChange change) {
  const auto mails = change.transaction.appends;
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(change.transaction)));
  if (const auto* conflict = std::get_if<domain::Conflict>(&outcome)) {
    KITH_CO_TRY_VOID(lost_to(*conflict));
    co_return false;
  }
  if (const auto* committed = std::get_if<domain::Committed>(&outcome)) hint_mail(user, mails, *committed);
  // At once; the relay says it again, for whoever dies here or never learns that it happened.
  for (const DeviceId& removed : change.removed) {
    ports_.bus.publish(user, {.kind = domain::BusMessageKind::logged_out, .only = removed});
  }
  relay_.kick();
  co_return true;
}

Task<Result<void>> AccountService::change_devices(domain::Caller caller, domain::DeviceChange change) {
  if (change.next) change.next->by = caller.device;
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto staged, co_await stage_change(caller.user, change));
    if (!staged) {
      tell_again(caller.user);
      co_return Result<void>{};
    }
    KITH_CO_TRY(const bool is_stored, co_await store_change(caller.user, *std::move(staged)));
    if (is_stored) co_return Result<void>{};
  }
  co_return lost_too_often();
}

Task<Result<AccountService::StagedChange>> AccountService::stage_coming(UserId user, const domain::DeviceChange& change,
                                                                        ByteView token) {
  auto looked_at = co_await stage_change(user, change);
  if (!looked_at && looked_at.error().code == Errc::generation_needed)
    co_return fail(Errc::forged_certificate, "device_list: it takes a device away");
  KITH_CO_TRY(auto staged, std::move(looked_at));
  if (!staged) co_return fail(Errc::stale_device_list, "device_list: another version came first");
  staged->transaction.writes.push_back(
      {refresh_row(change.added.front().device.device), domain::encode(domain::first_refresh(ports_.secrets, token))});
  co_return *std::move(staged);
}

Task<Result<AccountService::StagedDevice>> AccountService::stage_device(UserId user, domain::AddedDevice device,
                                                                        Bytes device_list,
                                                                        std::optional<domain::NextGeneration> next) {
  if (next) next->by = device.device.device;
  domain::DeviceChange change{.device_list = std::move(device_list), .added = {}, .next = std::move(next)};
  change.added.push_back(std::move(device));
  SecretBytes token = new_refresh_token(ports_.entropy);
  KITH_CO_TRY(auto staged, co_await stage_coming(user, change, token));
  const domain::Caller caller{user, change.added.front().device.device};
  co_return StagedDevice{caller, std::move(change), std::move(staged), std::move(token)};
}

Task<Result<Grant>> AccountService::let_in(StagedDevice device) {
  const UserId user = device.caller.user;
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const bool is_stored, co_await store_change(user, std::move(device.staged)));
    if (is_stored) co_return grant(device.caller, std::move(device.refresh_token));
    // What was faster may be the same request, transmitted twice.
    KITH_CO_TRY(auto again, co_await grant_again(device.caller, device.change.added.front().device.leaf_key));
    if (again) co_return *std::move(again);
    KITH_CO_TRY(device.staged, co_await stage_coming(user, device.change, device.refresh_token));
  }
  co_return lost_too_often();
}

}  // namespace kith::server::service
