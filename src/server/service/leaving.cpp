// Members who leave a group by their own word.
#include "server/service/conversations.h"
#include "server/service/outbox_relay.h"
#include "server/service/transactions.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;

}  // namespace

Task<Result<void>> ConversationService::leave(domain::Caller caller, ConversationId conversation, ByteView note) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(conversation));
    KITH_CO_TRY(const auto span, co_await span_of(conversation, caller.user));
    if (state && span && span->is_over() && !state->has_member(caller.user)) {
      // For whoever asks again because the answer was lost: as long as its leaves are there, nobody may know.
      relay_.kick();
      if (state->notes.leaving.contains(caller.user)) hints_.tell_left(*state, caller);
      co_return Result<void>{};
    }
    if (!state || !state->has_member(caller.user)) co_return fail(Errc::not_member);
    if (state->group.kind != domain::ConversationKind::group)
      co_return fail(Errc::invalid_argument, "conversation: not a group");
    const auto read = keys::LeaveNote::decode(note);
    if (!read) co_return fail(Errc::invalid_argument, "note: cannot be read");
    KITH_CO_TRY(const auto head,
                co_await ports_.store.row(domain::partition_of(conversation), domain::tree_head_row()));
    if (!head || !span) co_return fail(Errc::internal, "a group that is not all there");
    const auto judged = co_await judge_leave(state, caller, *read, head->value);
    if (!judged) {
      // A commit may have come in between, and what was read was of two epochs.
      KITH_CO_TRY(const auto versions, co_await versions_of(conversation));
      if (versions != Versions{state->version, state->notes_version}) continue;
      co_return judged;
    }
    KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(leave_transaction(*state, *read, *span)));
    if (!std::holds_alternative<domain::Committed>(outcome)) continue;
    relay_.kick();
    cache_.forget(conversation);
    hints_.tell_left(*state, caller);
    co_return Result<void>{};
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

}  // namespace kith::server::service
