#include "server/service/conversations.h"

#include "server/domain/receipts.h"
#include "server/service/outbox_relay.h"
#include "server/service/rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;

// Device ids are the devices' own choice: only together with the user do they name somebody.
std::string key_of(const domain::Caller& caller) {
  return std::string(as_text(caller.user.value)).append(as_text(caller.device.value));
}

// What may have been right when it was sent first.
bool is_late(Errc code) { return code == Errc::stale_epoch || code == Errc::commit_first || code == Errc::not_allowed; }
// Either the request is wrong or what we know is old.
bool may_be_old(Errc code) { return is_late(code) || code == Errc::not_member; }

// Whoever came with a later commit may not read it, and whoever missed it hears of that commit.
bool is_of_now(const domain::ConversationState& state, const domain::Entry& entry) {
  return state.group.epoch <= (entry.kind == domain::EntryKind::commit ? entry.epoch.next() : entry.epoch);
}

}  // namespace

ConversationService::ConversationService(Ports ports, const Limits& limits, OutboxRelay& relay)
    : ports_(ports),
      relay_(relay),
      cache_(limits.cached_conversations),
      tree_piece_bytes_(limits.tree_piece_bytes),
      max_group_members_(limits.max_group_members),
      cursor_hints_(ports, [this](ConversationId id) { return load_state(id); }),
      appends_({limits.appends_per_second, limits.appends_per_second * 10}),
      commits_({limits.commits_per_minute / 60.0, limits.commits_per_minute}),
      member_commits_({limits.commits_per_member_minute / 60.0, limits.commits_per_member_minute}),
      joins_({limits.joins_per_group_minute / 60.0, limits.joins_per_group_minute}),
      receipt_counts_({limits.receipt_counts_per_minute / 60.0, limits.receipt_counts_per_minute}),
      hints_(ports) {
  relay_.follow_with({.settle = [this](ConversationId id, UserId user) { return settle(id, user); },
                      .compare_devices = [this](ConversationId id, UserId user) { return compare_devices(id, user); }});
}

Task<Result<ConversationService::Versions>> ConversationService::versions_of(ConversationId conversation) {
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::partition_of(conversation),
                                                             {domain::group_row(), domain::notes_row()}));
  co_return Versions{rows[0] ? rows[0]->version : 0, rows[1] ? rows[1]->version : 0};
}

// What does not lie in the row `group` itself.
Task<Result<void>> ConversationService::load_rest(domain::Partition partition, domain::GroupRow& group,
                                                  domain::Notes& notes) {
  KITH_CO_TRY(const auto pages,
              co_await ports_.store.rows(partition, domain::RowKind::group_leaves, {}, {}, group.pages));
  for (const auto& page : pages) {
    if (!domain::append_page(page.value, group.group)) co_return fail(Errc::internal, "a record that cannot be read");
  }
  KITH_CO_TRY(const auto noted, co_await ports_.store.rows(partition, domain::RowKind::noted_list, {}, {}, kMaxNotes));
  for (const auto& row : noted) {
    auto list = domain::decode_note(row.value);
    if (!list) co_return fail(Errc::internal, "a record that cannot be read");
    notes.lists.emplace(list->list.user, std::move(*list));
  }
  KITH_CO_TRY(const auto left, co_await ports_.store.rows(partition, domain::RowKind::leave_note, {}, {}, kMaxNotes));
  for (const auto& row : left) {
    auto note = keys::LeaveNote::decode(row.value);
    if (!note) co_return fail(Errc::internal, "a record that cannot be read");
    notes.leaving.emplace(note->user, std::move(*note));
  }
  co_return Result<void>{};
}

Task<Result<ConversationService::State>> ConversationService::load_state(ConversationId conversation) {
  const auto partition = domain::partition_of(conversation);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(partition, {domain::group_row(), domain::notes_row()}));
    if (!rows[0]) co_return State{};
    const Versions versions{rows[0]->version, rows[1] ? rows[1]->version : 0};
    if (State known = cache_.find(conversation); known && Versions{known->version, known->notes_version} == versions)
      co_return known;
    auto stored = domain::decode_group_row(rows[0]->value);
    if (!stored) co_return fail(Errc::internal, "a record that cannot be read");
    domain::Notes notes;
    if (stored->pages > 0 || versions.notes != 0) {
      KITH_CO_TRY_VOID(co_await load_rest(partition, *stored, notes));
      KITH_CO_TRY(const auto again, co_await versions_of(conversation));
      // A commit came in between: what was read may be of two epochs.
      if (again != versions) continue;
    }
    auto state = domain::ConversationState::from(conversation, std::move(stored->group), versions.group);
    state.note(std::move(notes), versions.notes);
    auto shared = std::make_shared<const domain::ConversationState>(std::move(state));
    cache_.keep(shared);
    co_return shared;
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

Task<Result<ConversationService::State>> ConversationService::load_in_turn(ConversationId conversation) {
  OneShot<Result<State>> loaded;
  const auto [waiting, first] = loading_.try_emplace(conversation);
  waiting->second.push_back(loaded);
  if (first) loads_.spawn(load_for_all(conversation));
  co_return co_await loaded;
}

Task<void> ConversationService::load_for_all(ConversationId conversation) {
  const auto state = co_await load_state(conversation);
  auto waiting = loading_.extract(conversation);
  for (const auto& loaded : waiting.mapped()) loaded.set(state);
}

Task<Result<ConversationService::State>> ConversationService::known_state(ConversationId conversation) {
  if (State state = cache_.find(conversation)) co_return state;
  co_return co_await load_in_turn(conversation);
}

// What a stranger asks for and what does not exist look alike.
Task<Result<ConversationService::State>> ConversationService::member_state(domain::Caller caller,
                                                                           ConversationId conversation) {
  KITH_CO_TRY(State state, co_await known_state(conversation));
  // A state that does not know the caller may be from before the caller was added.
  if (!state || !state->has_member(caller.user)) {
    KITH_CO_TRY(state, co_await load_state(conversation));
  }
  if (!state || !state->has_member(caller.user)) co_return fail(Errc::not_member);
  co_return state;
}

Task<Result<Seq>> ConversationService::head_of(ConversationId conversation) {
  KITH_CO_TRY(const auto slice,
              co_await ports_.store.read(domain::partition_of(conversation), {}, domain::kEndOfLog, 0));
  co_return slice.head;
}

Task<Result<Appended>> ConversationService::append(domain::Caller caller, AppendRequest request) {
  KITH_CO_TRY(const auto wait, appends_.take_ahead(key_of(caller), ports_.scheduler.now(), kLongestWait));
  if (wait.count() > 0) co_await ports_.scheduler.sleep_for(wait);
  const auto body =
      std::make_shared<const Bytes>(domain::entry_body(caller, request.kind, request.epoch, request.payload));
  KITH_CO_TRY(State state, co_await known_state(request.conversation));
  if (!state || !state->has_member(caller.user)) {
    KITH_CO_TRY(state, co_await load_state(request.conversation));
  }
  if (!state || !state->has_member(caller.user)) co_return co_await of_stranger(state, request.client_id, body);
  const auto check = [&] { return domain::check_append(*state, caller, request.kind, request.epoch, request.payload); };
  auto decision = check();
  // Either the request is late or this node is. A device that was just added is a member of a state that we have not
  // seen.
  for (const auto load : {&ConversationService::load_in_turn, &ConversationService::load_state}) {
    if (decision || !may_be_old(decision.error().code)) break;
    KITH_CO_TRY(state, co_await (this->*load)(request.conversation));
    if (!state) co_return fail(Errc::not_member);
    decision = check();
  }
  if (!decision && !is_late(decision.error().code)) co_return std::unexpected(std::move(decision).error());
  if (!decision) co_return co_await late(state, request.client_id, body, decision.error());
  for (int race = 0;; ++race) {
    domain::Transaction t{.partition = domain::partition_of(request.conversation)};
    t.expects.push_back({domain::group_row(), state->version});
    t.expects.push_back({domain::notes_row(), state->notes_version});
    t.appends.push_back({{}, request.client_id, body});
    KITH_CO_TRY(auto outcome, co_await ports_.store.commit(std::move(t)));
    if (const auto* committed = std::get_if<domain::Committed>(&outcome)) {
      co_return appended(*state, *committed, request.client_id, *body);
    }
    if (const auto* known = std::get_if<domain::Duplicate>(&outcome)) co_return duplicate(*state, *known, *body);
    KITH_CO_TRY(state, co_await load_state(request.conversation));
    if (!state) co_return fail(Errc::not_member);
    decision = check();
    if (!decision && is_late(decision.error().code))
      co_return co_await late(state, request.client_id, body, decision.error());
    if (!decision) co_return std::unexpected(std::move(decision).error());
    if (race == kRaces) co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
  }
}

// Whoever was a member when this was written down, and did not hear the answer, hears it now.
Task<Result<Appended>> ConversationService::of_stranger(State state, ClientId client_id, domain::SharedBytes body) {
  if (!state) co_return fail(Errc::not_member);
  KITH_CO_TRY(const auto first, co_await ports_.store.find(domain::partition_of(state->id), {}, client_id));
  if (!first || first->body != *body) co_return fail(Errc::not_member);
  co_return Appended{first->seq, first->time, true};
}

// The group has to move on or has done so, or takes no such message any more. What is in the log already is still
// answered as it was the first time.
Task<Result<Appended>> ConversationService::late(State state, ClientId client_id, domain::SharedBytes body,
                                                 domain::Error why) {
  KITH_CO_TRY(auto first, co_await ports_.store.find(domain::partition_of(state->id), {}, client_id));
  if (first) co_return duplicate(*state, {std::move(*first)}, *body);
  if (why.code != Errc::stale_epoch) co_return std::unexpected(std::move(why));
  KITH_CO_TRY(const Seq head, co_await head_of(state->id));
  auto stale = fail(Errc::stale_epoch, "the conversation is in another epoch");
  stale.error().epoch = state->group.epoch;
  stale.error().head_seq = head;
  co_return stale;
}

Appended ConversationService::appended(const domain::ConversationState& state, const domain::Committed& committed,
                                       const ClientId& client_id, const Bytes& body,
                                       const std::optional<MemberHints::Moves>& moves) {
  if (const auto entry = domain::entry_of(committed.seqs.front(), committed.time, client_id, body))
    hints_.tell_entry(state, *entry, moves);
  return {committed.seqs.front(), committed.time, false};
}

Result<Appended> ConversationService::duplicate(const domain::ConversationState& state, const domain::Duplicate& known,
                                                const Bytes& body) {
  // A trimmed record's payload cannot be compared any more.
  if (!known.first.body.empty()) {
    if (known.first.body != body) return fail(Errc::client_id_reused, "this client id is another message's");
    const auto entry = domain::entry_of(known.first);
    if (entry && is_of_now(state, *entry)) hints_.tell_entry(state, *entry);
  }
  return Appended{known.first.seq, known.first.time, true};
}

}  // namespace kith::server::service
