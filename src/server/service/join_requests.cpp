// Who has a link into a group: what it opens, and those who ask to come in and wait for an answer.
#include "server/domain/invites.h"
#include "server/service/conversations.h"
#include "server/service/outbox_relay.h"
#include "server/service/transactions.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

}  // namespace

Task<Result<domain::InviteUses>> ConversationService::uses_of(ConversationId conversation,
                                                              std::vector<keys::PublicKey> invites) {
  domain::InviteUses uses;
  if (invites.empty()) co_return uses;
  std::vector<domain::RowKey> keys;
  for (const keys::PublicKey& invite : invites) keys.push_back(domain::invite_uses_row(invite));
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::partition_of(conversation), std::move(keys)));
  for (std::size_t i = 0; i < invites.size(); ++i) {
    const auto used = rows[i] ? domain::decode_uses(rows[i]->value) : std::optional(0U);
    if (!used) co_return fail(Errc::internal, "a record that cannot be read");
    uses[invites[i]] = *used;
  }
  co_return uses;
}

// The link that this proof is of, if it still lets somebody in and the caller's account has that identity.
Task<Result<keys::Invite>> ConversationService::open_invite(State state, domain::Caller caller, ByteView proof) {
  // What a stranger asks for and what does not exist look alike.
  if (!state->group.policy) co_return fail(Errc::not_member);
  const auto read = keys::JoinProof::decode(proof);
  if (!read) co_return fail(Errc::invalid_argument, "proof: cannot be read");
  KITH_CO_TRY(const keys::Invite invite, domain::invite_of(*state, caller.user, *read));
  KITH_CO_TRY(const auto directory, co_await directory_of({caller.user}));
  const auto account = directory.find(caller.user);
  if (account == directory.end() || !same_bytes(account->second.identity_key, read->identity_key))
    co_return fail(Errc::invalid_argument, "proof: of another identity");
  KITH_CO_TRY(const auto uses, co_await uses_of(state->id, {invite.key}));
  KITH_CO_TRY_VOID(domain::check_open(invite, uses.at(invite.key), ports_.scheduler.now()));
  co_return invite;
}

// Whom a link lets in by itself any member may take along.
void ConversationService::publish_request(const domain::ConversationState& state, bool to_all) {
  const keys::GroupPolicy& policy = *state.group.policy;
  if (to_all || policy.may_add == keys::Who::everyone) return hints_.tell_changes(state, std::nullopt);
  const domain::BusMessage message{.frame = ports_.hints.changes(state.id)};
  ports_.bus.publish(policy.owner, message);
  for (const UserId& admin : policy.admins) ports_.bus.publish(admin, message);
}

Task<Result<void>> ConversationService::request_join(domain::Caller caller, JoinRequest request) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  const auto partition = domain::partition_of(request.conversation);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(request.conversation));
    if (!state) co_return fail(Errc::not_member);
    if (state->has_member(caller.user)) co_return Result<void>{};
    KITH_CO_TRY(const keys::Invite invite, co_await open_invite(state, caller, request.proof));
    KITH_CO_TRY(const auto asking,
                co_await ports_.store.rows(partition, RowKind::join_request, {}, {}, domain::kMaxJoinRequests));
    domain::Transaction t{.partition = partition};
    t.expects.push_back({domain::group_row(), state->version});
    std::size_t waiting = 0;
    for (const auto& row : asking) {
      const auto proof = keys::JoinProof::decode(row.value);
      if (!proof) co_return fail(Errc::internal, "a record that cannot be read");
      if (same_bytes(row.value, request.proof)) co_return Result<void>{};
      if (proof->user == caller.user) continue;
      // What was asked by a link that is gone waits for nobody.
      if (state->group.policy->find_invite(proof->invite) == nullptr)
        t.writes.push_back({row.key, std::nullopt});
      else
        ++waiting;
    }
    if (waiting >= domain::kMaxJoinRequests) co_return domain::fail_later(Errc::overloaded, std::chrono::minutes(10));
    t.writes.push_back({domain::join_request_row(caller.user), to_bytes(request.proof)});
    KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
    if (!std::holds_alternative<domain::Committed>(outcome)) continue;
    publish_request(*state, !invite.needs_approval);
    co_return Result<void>{};
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

Task<Result<void>> ConversationService::decline_join(domain::Caller caller, ConversationId conversation, UserId user) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(conversation));
    if (!state) co_return fail(Errc::not_member);
    KITH_CO_TRY_VOID(domain::check_may_answer(*state, caller));
    KITH_CO_TRY(const auto asked,
                co_await ports_.store.row(domain::partition_of(conversation), domain::join_request_row(user)));
    if (!asked) {
      relay_.kick();  // for whoever asks again because the answer was lost
      co_return Result<void>{};
    }
    KITH_CO_TRY(const auto directory, co_await directory_of({user}));
    const auto account = directory.find(user);
    KITH_CO_TRY(const auto outcome,
                co_await ports_.store.commit(decline_transaction(
                    *state, user, asked->version,
                    account == directory.end() ? keys::DeviceList{} : account->second.followed.list)));
    if (!std::holds_alternative<domain::Committed>(outcome)) continue;
    relay_.kick();
    publish_request(*state, false);
    co_return Result<void>{};
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

// Those whose link still lets them in; the rest when these were answered.
Task<Result<void>> ConversationService::tell_requests(State state, domain::Caller caller, ChangesTold& told) {
  if (!state->group.policy || state->group.policy->invites.empty()) co_return Result<void>{};
  const bool may_answer = domain::check_may_answer(*state, caller).has_value();
  std::vector<keys::PublicKey> invites;
  for (const keys::Invite& invite : state->group.policy->invites) invites.push_back(invite.key);
  KITH_CO_TRY(const auto uses, co_await uses_of(state->id, std::move(invites)));
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows(domain::partition_of(state->id), RowKind::join_request, {},
                                                          {}, domain::kMaxJoinRequests));
  for (const auto& row : rows) {
    auto proof = keys::JoinProof::decode(row.value);
    if (!proof) co_return fail(Errc::internal, "a record that cannot be read");
    const keys::Invite* invite = state->group.policy->find_invite(proof->invite);
    if (invite == nullptr || state->has_user(proof->user) || (invite->needs_approval && !may_answer) ||
        !domain::check_open(*invite, uses.at(invite->key), ports_.scheduler.now()))
      continue;
    if (told.grounds.joins.size() < keys::Grounds::kMaxJoins) told.grounds.joins.push_back(*std::move(proof));
  }
  co_return Result<void>{};
}

// Of these users, those who ask to come in now.
Task<Result<std::set<UserId>>> ConversationService::asking_of(ConversationId conversation, std::vector<UserId> users) {
  std::set<UserId> asking;
  if (users.empty()) co_return asking;
  std::vector<domain::RowKey> keys;
  for (const UserId& user : users) keys.push_back(domain::join_request_row(user));
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::partition_of(conversation), std::move(keys)));
  for (std::size_t i = 0; i < users.size(); ++i) {
    if (rows[i]) asking.insert(users[i]);
  }
  co_return asking;
}

}  // namespace kith::server::service
