#include "server/service/links.h"

#include "server/service/account_rows.h"
#include "server/service/accounts.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::LinkName;
using domain::LinkRecord;

constexpr int kRaces = 8;
constexpr std::size_t kSwept = 8;  // looked at for one that is offered: old ones go faster than new ones come

std::unexpected<domain::Error> no_such_link() { return fail(Errc::not_found, "there is no such link"); }
std::unexpected<domain::Error> lost_too_often() {
  return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

domain::Rate rate(double count, double seconds) { return {count / seconds, count}; }

}  // namespace

LinkService::LinkService(Ports ports, const Limits& limits, AccountService& accounts)
    : ports_(ports),
      accounts_(accounts),
      begins_(rate(limits.links_per_source_hour, 3600)),
      offers_(rate(limits.links_per_source_hour, 3600)),
      claims_(rate(limits.link_claims_per_minute, 60)) {}

Result<LinkService::Begun> LinkService::begin(const AddressInput& input, const std::string& source) {
  KITH_TRY(auto address, normalise(ports_.phones, input));
  KITH_TRY_VOID(begins_.take(source, ports_.scheduler.now()));
  return Begun{std::move(address.text), ports_.scheduler.now() + domain::kLinkLife};
}

Task<Result<void>> LinkService::offer(LinkName name, Offered request, std::string source) {
  KITH_CO_TRY(const auto address, normalise(ports_.phones, request.address));
  const domain::LinkOffer offer{.token = std::move(request.token),
                                .address = ports_.secrets.hash_address(address),
                                .offer = std::move(request.offer),
                                .expires = request.expires};
  KITH_CO_TRY(auto offered, domain::new_link(offer, ports_.secrets, ports_.scheduler.now()));
  KITH_CO_TRY_VOID(offers_.take(source, ports_.scheduler.now()));
  const auto partition = domain::link_partition(name);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const auto known, co_await load<LinkRecord>(ports_.store, partition, domain::link_row(name)));
    if (known && !domain::is_over(known->value, ports_.scheduler.now())) {
      if (domain::is_offered_again(known->value, offered)) co_return Result<void>{};
      co_return fail(Errc::link_known, "a link of this name is there already");
    }
    domain::Transaction t{.partition = partition};
    t.expects.push_back({domain::link_row(name), known ? known->version : 0});
    t.writes.push_back({domain::link_row(name), domain::encode(offered)});
    KITH_CO_TRY_VOID(co_await sweep(t, name));
    KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
    if (std::holds_alternative<domain::Committed>(outcome)) co_return Result<void>{};
  }
  co_return lost_too_often();
}

// Names are as good as random, so that every old link soon has a new one before it.
Task<Result<void>> LinkService::sweep(domain::Transaction& t, LinkName name) {
  KITH_CO_TRY(auto rows,
              co_await ports_.store.rows(t.partition, domain::RowKind::link, {}, to_bytes(name.view()), kSwept));
  for (auto& row : rows) {
    const auto link = domain::decode<LinkRecord>(row.value);
    if (!link) co_return fail(Errc::internal, "a link that cannot be read");
    if (row.key == domain::link_row(name) || !domain::is_over(*link, ports_.scheduler.now())) continue;
    t.expects.push_back({row.key, row.version});
    t.writes.push_back({std::move(row.key), std::nullopt});
  }
  co_return Result<void>{};
}

Task<Result<LinkService::Link>> LinkService::live_link(LinkName name) {
  KITH_CO_TRY(auto link, co_await load<LinkRecord>(ports_.store, domain::link_partition(name), domain::link_row(name)));
  if (!link || domain::is_over(link->value, ports_.scheduler.now())) co_return no_such_link();
  if (link->value.claimer) {
    const auto checked = co_await accounts_.check_access(*link->value.claimer);
    if (!checked && checked.error().code == Errc::unauthenticated) co_return no_such_link();
    KITH_CO_TRY_VOID(checked);
  }
  co_return Link{std::move(link->value), link->version};
}

Task<Result<LinkService::Link>> LinkService::own_link(LinkName name, ByteView token) {
  KITH_CO_TRY(auto link, co_await live_link(name));
  if (!domain::is_asked_by(link.record, ports_.secrets, token)) co_return no_such_link();
  co_return link;
}

Task<Result<bool>> LinkService::save(LinkName name, Link link) {
  domain::Transaction t{.partition = domain::link_partition(name)};
  t.expects.push_back({domain::link_row(name), link.version});
  t.writes.push_back({domain::link_row(name), domain::encode(link.record)});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  co_return std::holds_alternative<domain::Committed>(outcome);
}

Task<Result<LinkService::Claimed>> LinkService::claim(domain::Caller caller, LinkName name) {
  KITH_CO_TRY_VOID(claims_.take(as_text(caller.user.value), ports_.scheduler.now()));
  KITH_CO_TRY(const auto address, co_await accounts_.address_of(caller.user));
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto link, co_await live_link(name));
    KITH_CO_TRY(const bool is_news, domain::claim_link(link.record, caller, address));
    Claimed claimed{link.record.offer, link.record.expires};
    if (!is_news) co_return claimed;
    KITH_CO_TRY(const bool saved, co_await save(name, std::move(link)));
    if (saved) co_return claimed;
  }
  co_return lost_too_often();
}

Task<Result<void>> LinkService::finish(domain::Caller caller, LinkName name, Bytes sealed) {
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto link, co_await live_link(name));
    KITH_CO_TRY(const bool is_news, domain::finish_link(link.record, caller, sealed));
    if (!is_news) co_return Result<void>{};
    KITH_CO_TRY(const bool saved, co_await save(name, std::move(link)));
    if (saved) co_return Result<void>{};
  }
  co_return lost_too_often();
}

Task<Result<LinkService::Progress>> LinkService::poll(LinkName name, SecretBytes token) {
  KITH_CO_TRY(auto link, co_await own_link(name, token));
  if (!link.record.claimer) co_return Progress{};
  if (link.record.sealed.empty()) co_return Progress{State::claimed, {}, {}, {}};
  const UserId& user = link.record.claimer->user;
  KITH_CO_TRY(auto list, co_await ports_.store.row(domain::account_partition(user), device_list_row()));
  if (!list) co_return fail(Errc::internal, "an account without a device list");
  co_return Progress{State::finished, user, std::move(link.record.sealed), std::move(list->value)};
}

// What crosses partitions is done in an order that can be taken up again: whose link it is now stands in the link
// before the account has the device.
Task<Result<Grant>> LinkService::add_device(LinkName name, SecretBytes token, domain::AddedDevice device,
                                            Bytes device_list) {
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(auto link, co_await own_link(name, token));
    KITH_CO_TRY(const bool is_news, domain::come_over_link(link.record, device.device, ports_.scheduler.now()));
    const UserId user = link.record.claimer->user;
    if (!is_news) {
      KITH_CO_TRY(auto again, co_await accounts_.grant_again({user, device.device.device}, device.device.leaf_key));
      if (again) co_return *std::move(again);
    }
    KITH_CO_TRY(auto staged, co_await accounts_.stage_device(user, device, device_list));
    if (is_news) {
      KITH_CO_TRY(const bool saved, co_await save(name, std::move(link)));
      if (!saved) continue;
    }
    co_return co_await accounts_.let_in(std::move(staged));
  }
  co_return lost_too_often();
}

}  // namespace kith::server::service
