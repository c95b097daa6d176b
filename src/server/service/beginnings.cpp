// The first commits of conversations.
#include "keys/conversation.h"
#include "server/domain/founding.h"
#include "server/domain/records.h"
#include "server/service/conversations.h"
#include "server/service/outbox_relay.h"
#include "server/service/transactions.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;

}  // namespace

// `accept` judges the commit by what the accounts of these users, and of those that it concerns, say now.
template <class Accept>
Task<Result<Appended>> ConversationService::begin(ConversationId id, ClientId client_id, domain::ProposedCommit commit,
                                                  std::vector<UserId> users, Accept accept) {
  KITH_CO_TRY_VOID(commits_.take(as_text(commit.sender.user.value), ports_.scheduler.now()));
  const auto body = std::make_shared<const Bytes>(
      domain::entry_body(commit.sender, domain::EntryKind::commit, Epoch{0}, commit.payload));
  KITH_CO_TRY(const State existing, co_await load_state(id));
  if (existing) co_return co_await lost(existing, client_id, body);

  const auto concerned = domain::users_concerned(commit);
  users.insert(users.end(), concerned.begin(), concerned.end());
  KITH_CO_TRY(const auto directory, co_await directory_of(std::move(users)));
  const Result<domain::AcceptedCommit> accepted =
      accept(commit, {directory, ports_.scheduler.now(), max_group_members_});
  if (!accepted) co_return std::unexpected(accepted.error());
  KITH_CO_TRY(
      const auto outcome,
      co_await ports_.store.commit(commit_transaction(
          {.conversation = id, .client_id = client_id, .commit = commit, .accepted = *accepted, .body = body})));
  const auto* committed = std::get_if<domain::Committed>(&outcome);
  if (committed != nullptr) relay_.kick();
  KITH_CO_TRY(const State state, co_await load_state(id));
  if (!state) co_return fail(Errc::internal, "a conversation that vanished");
  if (committed == nullptr) co_return co_await lost(state, client_id, body);
  co_return appended(*state, *committed, client_id, *body);
}

// Somebody was first: the same request, whose answer was lost, or the other side.
Task<Result<Appended>> ConversationService::lost(State winner, ClientId client_id, domain::SharedBytes body) {
  KITH_CO_TRY(auto first, co_await ports_.store.find(domain::partition_of(winner->id), {}, client_id));
  if (!first) co_return fail(Errc::conversation_exists, "somebody was first");
  relay_.kick();
  co_return duplicate(*winner, {std::move(*first)}, *body);
}

Task<Result<Appended>> ConversationService::create_direct(domain::Caller caller, CreateDirectRequest request) {
  if (request.peer == caller.user) co_return fail(Errc::invalid_argument, "peer: oneself");
  const ConversationId id = keys::direct_conversation(caller.user, request.peer);
  const auto accept = [&](const domain::ProposedCommit& commit,
                          const domain::Circumstances& now) -> Result<domain::AcceptedCommit> {
    if (!now.directory.contains(request.peer)) return fail(Errc::not_found, "no such user");
    return domain::accept_direct(id, request.peer, request.founding, commit, now);
  };
  co_return co_await begin(id, request.client_id,
                           proposed(caller, Epoch{0}, request.payload, request.group_info, request.welcomes),
                           {request.peer}, accept);
}

Task<Result<Appended>> ConversationService::create_group(domain::Caller caller, FoundGroupRequest request) {
  const ConversationId id = keys::group_conversation(caller.user, request.client_id);
  const auto accept = [&](const domain::ProposedCommit& commit, const domain::Circumstances& now) {
    return domain::accept_group(id, request.founding, commit, now);
  };
  auto answer = co_await begin(id, request.client_id,
                               proposed(caller, Epoch{0}, request.payload, request.group_info, {}), {}, accept);
  // The id is made of the client id: whatever else was founded under it stands in the way for good.
  if (!answer && answer.error().code == Errc::client_id_reused)
    co_return fail(Errc::conversation_exists, "another group was founded under this client id");
  co_return answer;
}

}  // namespace kith::server::service
