// Devices that cannot follow their group: the marks that say so, until their leaves were replaced.
#include <algorithm>

#include "server/service/conversations.h"
#include "server/service/rows.h"
#include "server/service/transactions.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

// Of key packages in one answer: the commit that takes them up is at most kMaxPayloadBytes.
constexpr std::size_t kMaxToldBytes = domain::kMaxPayloadBytes / 2;

}  // namespace

Task<Result<void>> ConversationService::mark_broken(domain::Caller caller, MarkRequest request) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  const auto partition = domain::partition_of(request.conversation);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(request.conversation));
    if (!state || !state->has_leaf(caller)) co_return fail(Errc::not_member);
    auto mark = keys::BrokenMark::decode(request.mark);
    if (!mark) co_return fail(Errc::invalid_argument, "mark: cannot be read");
    KITH_CO_TRY(const auto device,
                co_await load<domain::DeviceRecord>(ports_.store, domain::account_partition(caller.user),
                                                    {RowKind::device, to_bytes(caller.device.view())}));
    if (!device) co_return fail(Errc::not_member);
    KITH_CO_TRY(const auto rows,
                co_await ports_.store.rows_at(partition, {domain::tree_head_row(), domain::broken_mark_row(caller)}));
    if (!rows[0]) co_return fail(Errc::internal, "a conversation without a group");
    const auto judged = co_await judge_mark(state, caller, {*mark, request.key_package, device->value}, rows[0]->value);
    if (!judged) {
      // A commit may have come in between, and what was read was of two epochs.
      KITH_CO_TRY(const auto versions, co_await versions_of(state->id));
      if (versions != Versions{state->version, state->notes_version}) continue;
      co_return judged;
    }
    const domain::MarkedLeaf marked{*std::move(mark), to_bytes(request.key_package)};
    if (!rows[1] || rows[1]->value != domain::encode(marked)) {
      KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(mark_transaction(*state, marked)));
      if (!std::holds_alternative<domain::Committed>(outcome)) continue;
      cache_.forget(state->id);
    }
    hints_.tell_changes(*state, caller);
    ports_.bus.publish(caller.user, {.frame = ports_.hints.changes(state->id), .except = caller.device});
    co_return Result<void>{};
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

// Those of leaves that stay, as many as one commit can carry, with key packages that still can be added. What is stored
// is of leaves as they are: each commit takes along what it makes void.
Task<Result<void>> ConversationService::tell_marks(State state, std::vector<keys::Seat> to_go, ChangesTold& told) {
  constexpr std::size_t kMost = keys::Grounds::kMaxBroken;
  const auto now_s = static_cast<std::uint64_t>(ports_.scheduler.now().value / 1000);
  std::size_t bytes = 0;
  for (Bytes from; state->notes_version != 0;) {
    KITH_CO_TRY(const auto rows,
                co_await ports_.store.rows(domain::partition_of(state->id), RowKind::broken_mark, {}, from, kMost));
    for (const auto& row : rows) {
      auto marked = domain::decode_mark(row.value);
      const auto package = mls::decoded_message<mls::KeyPackage>(marked ? marked->key_package : Bytes{});
      if (!package) co_return fail(Errc::internal, "a record that cannot be read");
      const auto is_marked = [&](const keys::Seat& seat) {
        return seat.user == marked->mark.user && seat.device == marked->mark.device;
      };
      if (std::ranges::any_of(to_go, is_marked) || !package->leaf.lifetime.contains(now_s)) continue;
      bytes += marked->key_package.size();
      if (told.packages.size() == kMost || bytes > kMaxToldBytes) co_return Result<void>{};
      told.grounds.broken.push_back(std::move(marked->mark));
      told.packages.push_back(std::move(marked->key_package));
    }
    if (rows.size() < kMost) break;
    from = rows.back().key.id;
    from.push_back(0);
  }
  co_return Result<void>{};
}

// Where none was ever noted there are none.
Task<Result<domain::VoidMarks>> ConversationService::void_marks(State state, std::set<domain::Caller> rekeyed) {
  domain::VoidMarks marks;
  if (state->notes_version == 0) co_return marks;
  const auto partition = domain::partition_of(state->id);
  std::vector<domain::RowKey> keys;
  for (const domain::Caller& device : rekeyed) keys.push_back(domain::broken_mark_row(device));
  KITH_CO_TRY(const auto found, co_await ports_.store.rows_at(partition, std::move(keys)));
  std::size_t at = 0;
  for (const domain::Caller& device : rekeyed) {
    if (found[at++]) marks.of.push_back(device);
  }
  KITH_CO_TRY(const auto all, co_await ports_.store.rows(partition, RowKind::broken_mark, {}, {}, marks.of.size() + 1));
  marks.others = all.size() > marks.of.size();
  co_return marks;
}

}  // namespace kith::server::service
