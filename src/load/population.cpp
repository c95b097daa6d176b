#include "load/population.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "keys/conversation.h"
#include "load/conversation.h"
#include "load/group.h"

namespace kith::load {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;
// A token that ends sooner is renewed before a scenario begins.
constexpr std::int64_t kTokenReserveMs = 5 * 60 * 1000;

// German mobile numbers, since the server takes valid ones only.
std::string phone(std::size_t index) {
  std::string digits = std::to_string(index);
  return "+491511" + std::string(7 - std::min<std::size_t>(7, digits.size()), '0') + digits;
}

}  // namespace

Result<void> Population::load() {
  if (setup_.state_file.empty()) return {};
  std::ifstream in(setup_.state_file);
  if (!in) return {};
  const auto state = json::parse(in, nullptr, false);
  if (!state.is_object() || state.value("format", 0) != kFormat)
    return fail(Errc::bad_state, "the state file is of another format");
  for (const auto& item : state.value("accounts", json::array())) {
    KITH_TRY(auto account, Account::from_json(item));
    accounts_.push_back(std::move(account));
  }
  for (const auto& item : state.value("directs", json::array())) {
    const auto a = item.value("a", accounts_.size());
    const auto b = item.value("b", accounts_.size());
    if (a >= accounts_.size() || b >= accounts_.size())
      return fail(Errc::bad_state, "a conversation in the state file has no accounts");
    directs_.push_back({a, b, keys::direct_conversation(accounts_[a].user, accounts_[b].user)});
  }
  for (const auto& item : state.value("groups", json::array())) {
    const auto conversation = ConversationId::from_text(item.value("conversation", ""));
    const auto members = item.value("members", std::size_t{0});
    if (!conversation || members == 0 || members > accounts_.size())
      return fail(Errc::bad_state, "a group in the state file has no accounts");
    groups_.push_back({members, *conversation, Epoch{item.value("epoch", std::uint64_t{0})}});
  }
  return {};
}

Result<void> Population::save() const {
  if (setup_.state_file.empty()) return {};
  json state{{"format", kFormat}, {"accounts", json::array()}, {"directs", json::array()}, {"groups", json::array()}};
  for (const auto& account : accounts_) state["accounts"].push_back(account.to_json());
  for (const auto& direct : directs_) state["directs"].push_back({{"a", direct.a}, {"b", direct.b}});
  for (const auto& [members, conversation, epoch] : groups_)
    state["groups"].push_back({{"members", members}, {"conversation", conversation.text()}, {"epoch", epoch.value}});
  const std::string next = setup_.state_file + ".next";
  const int fd = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return fail(Errc::bad_state, "the state file cannot be written");
  std::FILE* file = fdopen(fd, "w");
  const std::string text = state.dump();
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written || std::rename(next.c_str(), setup_.state_file.c_str()) != 0) {
    return fail(Errc::bad_state, "the state file cannot be written");
  }
  return {};
}

Task<Result<void>> Population::spread(std::size_t count, Work work) {
  const auto workers = std::min(setup_.concurrency, count);
  if (workers == 0) co_return Result<void>{};
  struct Shared {
    std::size_t next = 0;
    std::size_t running = 0;
    Result<void> outcome;
    OneShot<bool> done;
  };
  Shared shared{.next = 0, .running = workers, .outcome = {}, .done = {}};
  const auto run_worker = [&](std::size_t number) -> Task<void> {
    HttpConnection http(reactor_, setup_.server, Address::loopback(number));
    while (shared.next < count && shared.outcome) {
      auto result = co_await work(http, shared.next++);
      if (!result && shared.outcome) shared.outcome = std::move(result);
    }
    if (--shared.running == 0) reactor_.post([done = shared.done] { done.set(true); });
  };
  TaskScope scope;
  for (std::size_t number = 0; number < workers; ++number) scope.spawn(run_worker(number));
  co_await shared.done;
  co_return shared.outcome;
}

Task<Result<void>> Population::ensure_accounts(std::size_t count) {
  const std::size_t known = std::min(accounts_.size(), count);
  const auto soon = unix_now_ms() + kTokenReserveMs;
  KITH_CO_TRY_VOID(co_await spread(known, [this, soon](HttpConnection& http, std::size_t index) -> Task<Result<void>> {
    if (accounts_[index].access_expires_ms >= soon) co_return Result<void>{};
    co_return co_await refresh(http, accounts_[index]);
  }));
  if (known < count) {
    CodeLog codes(reactor_, setup_.kithd_log);
    std::vector<Account> more(count - known);
    const auto base = known;
    auto outcome = co_await spread(more.size(), [&](HttpConnection& http, std::size_t index) -> Task<Result<void>> {
      KITH_CO_TRY(more[index], co_await register_account(http, codes, phone(base + index)));
      co_return Result<void>{};
    });
    if (!outcome) co_return outcome;
    std::ranges::move(more, std::back_inserter(accounts_));
  }
  co_return save();
}

Task<Result<std::vector<Direct>>> Population::ensure_directs(std::vector<std::pair<std::size_t, std::size_t>> pairs) {
  std::map<std::pair<std::size_t, std::size_t>, ConversationId> known;
  for (const auto& direct : directs_) known.emplace(std::pair(direct.a, direct.b), direct.conversation);
  std::vector<Direct> wanted;
  std::vector<std::size_t> missing;
  for (const auto& [a, b] : pairs) {
    const auto id = keys::direct_conversation(accounts_[a].user, accounts_[b].user);
    if (!known.contains({a, b})) missing.push_back(wanted.size());
    wanted.push_back({a, b, id});
  }
  KITH_CO_TRY_VOID(co_await spread(missing.size(), [&](HttpConnection& http, std::size_t index) -> Task<Result<void>> {
    co_return co_await create_direct(http, wanted[missing[index]]);
  }));
  for (const auto index : missing) directs_.push_back(wanted[index]);
  KITH_CO_TRY_VOID(save());
  co_return wanted;
}

Task<Result<void>> Population::claim(HttpConnection& http, const Account& claimer, const Account& peer,
                                     Bytes& key_package) {
  KITH_CO_TRY(const auto claimed, co_await http.request("POST", "/v1/users/" + peer.user.text() + "/key_packages/claim",
                                                        claimer.access_token, json::object()));
  const auto packages = claimed.value("key_packages", json::array());
  auto package = packages.size() == 1 ? from_base64url(packages[0].value("key_package", "")) : std::nullopt;
  if (!package) co_return fail(Errc::unexpected, "the claim did not answer one key package");
  key_package = *std::move(package);
  co_return Result<void>{};
}

Task<Result<MadeGroup>> Population::ensure_group(std::size_t members) {
  const auto known = std::ranges::find(groups_, members, &MadeGroup::members);
  if (known != groups_.end()) co_return *known;
  KITH_CO_TRY(const auto made, co_await make_group(members));
  groups_.push_back(made);
  KITH_CO_TRY_VOID(save());
  co_return made;
}

Task<Result<MadeGroup>> Population::make_group(std::size_t members) {
  const Account& creator = accounts_[0];
  std::vector<Bytes> packages(members);
  KITH_CO_TRY_VOID(co_await spread(members - 1, [&](HttpConnection& http, std::size_t index) -> Task<Result<void>> {
    co_return co_await claim(http, creator, accounts_[index + 1], packages[index + 1]);
  }));
  Session session(reactor_, *this);
  KITH_CO_TRY(const auto hello, co_await session.open(setup_.server, Address::loopback(0), creator.access_token));
  KITH_CO_TRY(auto group, GroupFounder::found(creator, hello.history_id));
  KITH_CO_TRY([[maybe_unused]] const auto founded, co_await session.request_for<wire::Appended>(group.founding()));
  for (std::size_t first = 1; first < members; first += GroupFounder::kMostAdded) {
    std::vector<std::pair<const Account*, Bytes>> devices;
    for (std::size_t i = first; i < std::min(members, first + GroupFounder::kMostAdded); ++i)
      devices.emplace_back(&accounts_[i], packages[i]);
    KITH_CO_TRY(const auto filling, group.add(devices));
    KITH_CO_TRY([[maybe_unused]] const auto added, co_await session.request_for<wire::Appended>(filling->frame));
  }
  co_return MadeGroup{members, group.conversation(), group.epoch()};
}

Task<Result<void>> Population::create_direct(HttpConnection& http, Direct& direct) {
  const Account& creator = accounts_[direct.a];
  const Account& peer = accounts_[direct.b];
  Bytes package;
  KITH_CO_TRY_VOID(co_await claim(http, creator, peer, package));
  Session session(reactor_, *this);
  KITH_CO_TRY(const auto hello, co_await session.open(setup_.server, Address::loopback(direct.a % setup_.concurrency),
                                                      creator.access_token));
  KITH_CO_TRY(const auto first, make_first_commit(creator, peer.user, package, hello.history_id));
  const wire::CreateDirect request{.peer = peer.user,
                                   .client_id = first.client_id,
                                   .payload = first.commit,
                                   .group_info = first.group_info,
                                   .welcomes = {{.user = peer.user, .device = peer.device, .payload = first.welcome}},
                                   .founding = first.founding};
  KITH_CO_TRY([[maybe_unused]] const auto appended, co_await session.request_for<wire::Appended>(request));
  co_return Result<void>{};
}

}  // namespace kith::load
