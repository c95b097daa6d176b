// Who has received and read what.
#include "server/domain/receipts.h"

#include "server/service/conversations.h"

namespace kith::server::service {

using domain::Errc;
using domain::fail;

Task<Result<void>> ConversationService::set_cursor(domain::Caller caller, ConversationId conversation,
                                                   domain::CursorPosition to) {
  KITH_CO_TRY(const State state, co_await member_state(caller, conversation));
  KITH_CO_TRY(const Seq head, co_await head_of(conversation));
  KITH_CO_TRY(const auto position, domain::check_cursor(to, head));
  KITH_CO_TRY(const auto moved, co_await ports_.store.advance_cursor(conversation, caller.user, position));
  // Told also when nothing moved: whoever repeats itself may have been unheard.
  cursor_hints_.moved(*state, caller, moved);
  co_return Result<void>{};
}

Task<Result<std::vector<domain::UserCursor>>> ConversationService::cursors_of(domain::Caller caller, State& state) {
  // In larger groups nobody is told of each: what the account itself has read is news to its other devices.
  if (state->members.size() > domain::kMostTold) {
    KITH_CO_TRY(const auto own, co_await ports_.store.cursor(state->id, caller.user));
    std::vector<domain::UserCursor> told;
    if (own != domain::CursorPosition{}) told.push_back({caller.user, own});
    co_return told;
  }
  KITH_CO_TRY(auto cursors, co_await ports_.store.cursors(state->id));
  const auto is_no_members = [&](const domain::UserCursor& cursor) { return !state->has_member(cursor.user); };
  // Of somebody who was in once, or came since this node last looked.
  if (std::ranges::any_of(cursors, is_no_members)) {
    KITH_CO_TRY(state, co_await load_state(state->id));
    if (state && !state->has_member(caller.user)) state = nullptr;
    if (!state) co_return std::vector<domain::UserCursor>{};
    std::erase_if(cursors, is_no_members);
  }
  co_return cursors;
}

Task<Result<void>> ConversationService::check_member(domain::Caller caller, ConversationId conversation) {
  KITH_CO_TRY(const State state, co_await load_state(conversation));
  if (!state || !state->has_member(caller.user)) co_return fail(Errc::not_member);
  co_return Result<void>{};
}

Task<Result<ReceiptsTold>> ConversationService::receipts(domain::Caller caller, ConversationId conversation,
                                                         Seq entry) {
  KITH_CO_TRY(State state, co_await load_state(conversation));
  if (!state || !state->has_member(caller.user)) co_return fail(Errc::not_member);
  if (state->members.size() > domain::kMostTold) {
    KITH_CO_TRY(const auto counts, co_await count_receipts(caller, state, entry));
    co_return ReceiptsTold{.counts = counts};
  }
  KITH_CO_TRY(auto cursors, co_await cursors_of(caller, state));
  if (!state) co_return fail(Errc::not_member);
  co_return ReceiptsTold{.cursors = std::move(cursors)};
}

// Reads a row of each member: dear enough to have a rate of its own.
Task<Result<domain::ReceiptCounts>> ConversationService::count_receipts(domain::Caller caller, State state, Seq entry) {
  KITH_CO_TRY_VOID(receipt_counts_.take(as_text(caller.user.value), ports_.scheduler.now()));
  if (entry == Seq{}) co_return fail(Errc::invalid_argument, "in a group of this size receipts are those of one entry");
  KITH_CO_TRY(const auto slice,
              co_await ports_.store.read(domain::partition_of(state->id), {}, Seq{entry.value - 1}, 1));
  if (slice.records.empty()) co_return fail(Errc::invalid_argument, "this entry is not in the log");
  const auto written = domain::entry_of(slice.records.front());
  if (!written) co_return fail(Errc::internal, "an entry that cannot be read");
  KITH_CO_TRY(const auto spans, co_await spans_of(state->id, state->members));
  const auto was_in = [&](const UserId& user) {
    const auto span = spans.find(user);
    return span != spans.end() && span->second.first <= written->epoch;
  };
  if (!was_in(caller.user)) co_return fail(Errc::not_found, "this entry is of before you were in");
  std::vector<UserId> people;
  for (const UserId& user : state->members) {
    if (user != written->sender.user && was_in(user)) people.push_back(user);
  }
  KITH_CO_TRY(const auto cursors, co_await ports_.store.cursors(state->id));
  co_return domain::count_receipts(people, cursors, entry);
}

}  // namespace kith::server::service
