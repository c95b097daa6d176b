// What joiners ask for: the GroupInfo and the tree of an epoch, present or past, piece by piece.
#include <algorithm>
#include <map>

#include "server/service/conversations.h"
#include "server/service/rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

constexpr std::size_t kNodesAtOnce = 256;
constexpr std::size_t kEpochsAtOnce = 32;
constexpr std::uint64_t kMaxEpochsBack = 4096;

// An epoch as it can be read from what is stored now.
struct View {
  Bytes group_info;
  std::uint32_t nodes = 0;
  std::map<mls::NodeIndex, Bytes> replaced{};  // since, as they were
};

Task<Result<View>> view_of_past(domain::Store& store, domain::Partition partition, Epoch epoch, Epoch present) {
  View view;
  if (epoch.value + kMaxEpochsBack < present.value) co_return fail(Errc::not_found, "an epoch that is too far back");
  bool is_there = false;
  for (Epoch at = epoch; at < present;) {
    KITH_CO_TRY(const auto rows,
                co_await store.rows(partition, RowKind::tree_past, {}, domain::row_id(at), kEpochsAtOnce));
    if (rows.empty()) break;
    for (const auto& row : rows) {
      const auto ended = domain::epoch_of(row.key.id);
      auto past = domain::decode_past(row.value);
      if (!ended || !past) co_return fail(Errc::internal, "a past epoch that cannot be read");
      if (*ended == epoch) {
        is_there = true;
        view.nodes = past->nodes;
        view.group_info = std::move(past->group_info);
      }
      // What was replaced first is what was there.
      for (auto& record : past->replaced) view.replaced.try_emplace(record.node, std::move(record.bytes));
      at = ended->next();
    }
  }
  if (!is_there) co_return fail(Errc::not_found, "an epoch that is not kept");
  co_return view;
}

}  // namespace

// Nodes from `first` on, up to the view's end or to about tree_piece_bytes_.
Task<Result<void>> ConversationService::read_tree(domain::Partition partition, std::uint32_t first, std::uint32_t end,
                                                  std::map<mls::NodeIndex, Bytes> replaced, GroupState& out) {
  mls::Writer piece;
  std::uint32_t n = first;
  while (n < end && piece.view().size() < tree_piece_bytes_) {
    KITH_CO_TRY(const auto rows,
                co_await ports_.store.rows(partition, RowKind::tree_node, {}, domain::row_id(n), kNodesAtOnce));
    std::map<std::uint32_t, Bytes> stored;
    for (const auto& row : rows) {
      const auto number = domain::number_of(row.key.id);
      auto node = domain::decode_node(row.value);
      if (!number || !node) co_return fail(Errc::internal, "a node that cannot be read");
      stored[*number] = std::move(node->bytes);
    }
    const std::uint32_t known = rows.size() < kNodesAtOnce ? end : std::min(end, stored.rbegin()->first + 1);
    for (; n < known && piece.view().size() < tree_piece_bytes_; ++n) {
      const auto then = replaced.find({n});
      mls::encode_optional_node(piece, {n}, then != replaced.end() ? then->second : stored[n]);
    }
  }
  out.nodes = piece.bytes();
  out.next_node = n < end ? n : 0;
  co_return Result<void>{};
}

Task<Result<ChangesTold>> ConversationService::changes(domain::Caller caller, ConversationId conversation) {
  KITH_CO_TRY(const State state, co_await load_state(conversation));
  if (!state || !state->has_member(caller.user)) co_return fail(Errc::not_member);
  ChangesTold told;
  keys::Grounds& grounds = told.grounds;
  // First those by which somebody has to go: a commit that follows none of them would not be taken.
  const auto to_go = domain::seats_to_go(state->group.seats, state->notes);
  const auto urgent = domain::users_of(to_go);
  for (const bool is_urgent : {true, false}) {
    for (const auto& [user, list] : state->notes.lists) {
      if (std::ranges::binary_search(urgent, user) == is_urgent && grounds.lists.size() < keys::kMaxFollowedLists)
        grounds.lists.push_back(list);
    }
  }
  for (const auto& [user, note] : state->notes.leaving) {
    if (grounds.leaving.size() < keys::Grounds::kMaxLeaving) grounds.leaving.push_back(note);
  }
  KITH_CO_TRY_VOID(co_await tell_marks(state, to_go, told));
  KITH_CO_TRY_VOID(co_await tell_requests(state, caller, told));
  co_return told;
}

Task<Result<GroupState>> ConversationService::get_group(domain::Caller caller, GroupRequest request) {
  const auto partition = domain::partition_of(request.conversation);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(request.conversation));
    if (!state) co_return fail(Errc::not_member);
    if (!state->has_member(caller.user)) {
      if (request.proof.empty()) co_return fail(Errc::not_member);
      KITH_CO_TRY(const auto invite, co_await open_invite(state, caller, request.proof));
      if (invite.needs_approval) co_return fail(Errc::not_allowed, "somebody has to let you in");
      // A commit came between two pieces of a tree: whoever asks begins anew.
      if (request.epoch && *request.epoch != state->group.epoch)
        co_return domain::fail_later(Errc::overloaded, std::chrono::milliseconds(100));
    }
    const Epoch present = state->group.epoch;
    const Epoch epoch = request.epoch.value_or(present);
    if (epoch > present) co_return fail(Errc::not_found, "an epoch that is still to come");
    if (epoch < present && state->group.kind == domain::ConversationKind::group) {
      KITH_CO_TRY(const auto span, co_await span_of(request.conversation, caller.user));
      if (!span) co_return fail(Errc::not_member);
      // Not as one that is gone: who asks has been in again since, and hears of it by another Welcome.
      if (epoch < span->first) {
        auto before = fail(Errc::trimmed, "an epoch before one was in");
        KITH_CO_TRY(before.error().first_seq, co_await first_of_epoch(request.conversation, span->first));
        co_return before;
      }
    }
    View view;
    if (epoch == present) {
      KITH_CO_TRY(auto info, co_await ports_.store.row(partition, domain::group_info_row()));
      if (!info) co_return fail(Errc::internal, "a conversation without a GroupInfo");
      view = {std::move(info->value), domain::node_count(state->group.seats)};
    } else {
      KITH_CO_TRY(view, co_await view_of_past(ports_.store, partition, epoch, present));
    }
    GroupState group{.epoch = epoch, .head = {}, .group_info = std::move(view.group_info), .nodes = {}};
    KITH_CO_TRY_VOID(co_await read_tree(partition, request.first_node, view.nodes, std::move(view.replaced), group));
    KITH_CO_TRY(group.head, co_await head_of(request.conversation));
    KITH_CO_TRY(const auto versions, co_await versions_of(request.conversation));
    // A commit came in between: what was read may be of two epochs.
    if (versions.group == state->version) co_return group;
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

}  // namespace kith::server::service
