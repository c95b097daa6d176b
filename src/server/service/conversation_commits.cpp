// The writes that move a conversation's epoch: commits, and the first one of a direct conversation.
#include <algorithm>

#include "keys/conversation.h"
#include "keys/device.h"
#include "server/domain/group_change.h"
#include "server/service/conversations.h"
#include "server/service/outbox_relay.h"
#include "server/service/rows.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

domain::ProposedCommit proposed(const domain::Caller& caller, Epoch epoch, ByteView payload, ByteView group_info,
                                const std::vector<DeviceWelcome>& welcomes) {
  domain::ProposedCommit commit{caller, epoch, payload, group_info, {}};
  for (const auto& welcome : welcomes) commit.welcomes.push_back({welcome.to, welcome.payload});
  return commit;
}

// Welcomes go to mailboxes, and conversations into the lists that sync looks at, once the commit is in the log.
std::vector<domain::OutboxRow> consequences(const ConversationId& id, const ClientId& client_id,
                                            const domain::ProposedCommit& commit, const std::vector<UserId>& before,
                                            const domain::ConversationState& after) {
  std::vector<domain::OutboxRow> rows;
  for (const UserId& member : after.members) {
    domain::OutboxRow row{.target = domain::account_partition(member)};
    if (!std::ranges::binary_search(before, member)) {
      row.writes.push_back({{RowKind::membership, to_bytes(id.view())}, Bytes{1}});
    }
    for (const auto& [to, payload] : commit.welcomes) {
      if (to.user != member) continue;
      row.appends.push_back({domain::mailbox_of(to.device), domain::welcome_client_id(id, client_id, to),
                             std::make_shared<const Bytes>(
                                 domain::mail_body(domain::MailKind::welcome, id, commit.sender.user, payload))});
    }
    if (!row.writes.empty() || !row.appends.empty()) rows.push_back(std::move(row));
  }
  return rows;
}

domain::Transaction transaction(const ConversationId& id, const ClientId& client_id,
                                const domain::ProposedCommit& commit, const domain::AcceptedCommit& accepted,
                                const ConversationService::Before& before, domain::SharedBytes body) {
  const domain::ConversationState* state = before.state.get();
  domain::Transaction t{.partition = domain::partition_of(id)};
  static const std::map<UserId, keys::FollowedList> no_notes;
  t.expects.push_back({domain::group_row(), state != nullptr ? state->version : 0});
  t.expects.push_back({domain::notes_row(), state != nullptr ? state->notes_version : 0});
  t.writes = domain::rows_of({.before = state != nullptr ? &state->group : nullptr,
                              .group_info_before = before.group_info,
                              .after = accepted.group,
                              .group_info = commit.group_info,
                              .head = accepted.head,
                              .tree = accepted.tree,
                              .replaced = accepted.replaced,
                              .notes = state != nullptr ? state->notes : no_notes});
  t.appends.push_back({{}, client_id, std::move(body)});
  t.outbox = consequences(id, client_id, commit, state != nullptr ? state->members : std::vector<UserId>{},
                          domain::ConversationState::from(id, accepted.group, 0));
  return t;
}

}  // namespace

// What accounts say of these users now. Who has no account has no devices.
Task<Result<domain::DirectoryOf>> ConversationService::directory_of(std::vector<UserId> users) {
  domain::DirectoryOf directory;
  for (const UserId& user : users) {
    KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::account_partition(user),
                                                               {{RowKind::account, {}}, {RowKind::device_list, {}}}));
    if (!rows[0] || !rows[1]) continue;
    const auto account = domain::decode<domain::AccountRecord>(rows[0]->value);
    auto list = keys::DeviceList::decode(rows[1]->value);
    auto certificate = keys::GenerationCertificate::decode(account ? account->generation : Bytes{});
    if (!account || !list || !certificate) co_return fail(Errc::internal, "a device list that cannot be read");
    directory[user] = {account->identity_key, {*std::move(certificate), *std::move(list)}};
  }
  co_return directory;
}

Task<Result<void>> ConversationService::look_up(ConversationId conversation, std::shared_ptr<mls::TreeParts> parts) {
  const std::vector<mls::NodeIndex> nodes(parts->wanted_nodes().begin(), parts->wanted_nodes().end());
  const std::vector<mls::KeyName> names(parts->wanted_keys().begin(), parts->wanted_keys().end());
  std::vector<domain::RowKey> rows;
  for (const auto node : nodes) rows.push_back(domain::tree_node_row(node));
  for (const auto& name : names) rows.push_back(domain::tree_key_row(name));
  KITH_CO_TRY(const auto found, co_await ports_.store.rows_at(domain::partition_of(conversation), std::move(rows)));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto node = found[i] ? domain::decode_node(found[i]->value) : std::nullopt;
    if (found[i] && !node) co_return fail(Errc::internal, "a node that cannot be read");
    parts->put(nodes[i], std::move(node));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& row = found[nodes.size() + i];
    parts->put(names[i], row ? domain::decode_holder(row->value) : std::nullopt);
  }
  co_return Result<void>{};
}

// As many rounds as it takes until the verdict rests on nothing that was not looked up.
template <class T, class Judge>
Task<Result<T>> ConversationService::with_tree(ConversationId conversation, Judge judge) {
  const auto parts = std::make_shared<mls::TreeParts>();
  for (int round = 0; round < kRoundsOfReading; ++round) {
    auto verdict = judge(parts);
    if (parts->is_broken()) co_return fail(Errc::internal, "a node that cannot be read");
    if (parts->is_complete()) co_return verdict;
    KITH_CO_TRY_VOID(co_await look_up(conversation, parts));
  }
  co_return fail(Errc::internal, "a tree that is not all there");
}

Task<Result<domain::AcceptedCommit>> ConversationService::judge(State state, domain::ProposedCommit commit,
                                                                Bytes head) {
  KITH_CO_TRY(const auto directory, co_await directory_of(domain::users_concerned(commit)));
  co_return co_await with_tree<domain::AcceptedCommit>(state->id, [&](const std::shared_ptr<mls::TreeParts>& parts) {
    return domain::accept_commit(*state, head, parts, commit, directory, ports_.scheduler.now());
  });
}

Task<Result<void>> ConversationService::confirm(domain::Caller caller, ConversationId conversation, Epoch epoch,
                                                ByteView group_info) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  const auto partition = domain::partition_of(conversation);
  KITH_CO_TRY(const State state, co_await load_state(conversation));
  if (!state) co_return fail(Errc::not_member);
  KITH_CO_TRY(const auto head, co_await ports_.store.row(partition, domain::tree_head_row()));
  if (!head) co_return fail(Errc::internal, "a conversation without a group");
  const auto judged = co_await with_tree<void>(conversation, [&](const std::shared_ptr<mls::TreeParts>& parts) {
    return domain::accept_group_info(*state, head->value, parts, caller, epoch, group_info);
  });
  const auto stale = [&] {
    auto error = fail(Errc::stale_epoch);
    error.error().epoch = epoch.next();
    return error;
  };
  KITH_CO_TRY(const auto versions, co_await versions_of(conversation));
  if (versions.group != state->version) co_return stale();
  if (!judged) co_return judged;
  domain::Transaction t{.partition = partition};
  t.expects.push_back({domain::group_row(), state->version});
  t.writes.push_back({domain::group_info_row(), to_bytes(group_info)});
  KITH_CO_TRY(const auto outcome, co_await ports_.store.commit(std::move(t)));
  if (!std::holds_alternative<domain::Committed>(outcome)) co_return stale();
  co_return Result<void>{};
}

Task<Result<Appended>> ConversationService::create_direct(domain::Caller caller, CreateDirectRequest request) {
  if (request.peer == caller.user) co_return fail(Errc::invalid_argument, "peer: oneself");
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  const ConversationId id = keys::direct_conversation(caller.user, request.peer);
  const auto body =
      std::make_shared<const Bytes>(domain::entry_body(caller, domain::EntryKind::commit, Epoch{0}, request.payload));
  KITH_CO_TRY(const State existing, co_await load_state(id));
  if (existing) co_return co_await lost(existing, request.client_id, body);

  KITH_CO_TRY(const auto peer,
              co_await ports_.store.row(domain::account_partition(request.peer), {RowKind::account, {}}));
  if (!peer) co_return fail(Errc::not_found, "no such user");
  const auto commit = proposed(caller, Epoch{0}, request.payload, request.group_info, request.welcomes);
  KITH_CO_TRY(const auto directory, co_await directory_of(domain::users_concerned(commit)));
  KITH_CO_TRY(const auto accepted,
              domain::accept_direct(id, request.peer, request.founding, commit, directory, ports_.scheduler.now()));
  KITH_CO_TRY(const auto outcome,
              co_await ports_.store.commit(transaction(id, request.client_id, commit, accepted, {}, body)));
  KITH_CO_TRY(const State state, co_await load_state(id));
  if (!state) co_return fail(Errc::internal, "a conversation that vanished");
  const auto* committed = std::get_if<domain::Committed>(&outcome);
  if (committed == nullptr) co_return co_await lost(state, request.client_id, body);
  relay_.kick();
  co_return appended(*state, *committed, request.client_id, *body);
}

// Somebody was first: the same request, whose answer was lost, or the other side.
Task<Result<Appended>> ConversationService::lost(State winner, ClientId client_id, domain::SharedBytes body) {
  KITH_CO_TRY(auto first, co_await ports_.store.find(domain::partition_of(winner->id), {}, client_id));
  if (!first) co_return fail(Errc::conversation_exists, "somebody was first");
  relay_.kick();
  co_return duplicate(*winner, {std::move(*first)}, *body);
}

Task<Result<Appended>> ConversationService::commit(domain::Caller caller, CommitRequest request) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  const auto body = std::make_shared<const Bytes>(
      domain::entry_body(caller, domain::EntryKind::commit, request.epoch, request.payload));
  const auto commit = proposed(caller, request.epoch, request.payload, request.group_info, request.welcomes);
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(request.conversation));
    if (!state || !state->has_member(caller.user)) co_return fail(Errc::not_member);
    KITH_CO_TRY(auto first, co_await ports_.store.find(domain::partition_of(state->id), {}, request.client_id));
    if (first) co_return duplicate(*state, {std::move(*first)}, *body);
    KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::partition_of(state->id),
                                                               {domain::group_row(), domain::notes_row(),
                                                                domain::tree_head_row(), domain::group_info_row()}));
    if (!rows[0] || !rows[2] || !rows[3]) co_return fail(Errc::internal, "a conversation without a group");
    const Versions known{state->version, state->notes_version};
    if (Versions{rows[0]->version, rows[1] ? rows[1]->version : 0} != known) continue;
    const auto accepted = co_await judge(state, commit, rows[2]->value);
    if (!accepted && accepted.error().code == Errc::stale_epoch)
      co_return co_await late(state, request.client_id, body, Errc::stale_epoch);
    if (!accepted) {
      // A commit may have come in between, and what was read was of two epochs.
      KITH_CO_TRY(const auto versions, co_await versions_of(state->id));
      if (versions != known) continue;
      co_return std::unexpected(accepted.error());
    }

    KITH_CO_TRY(const auto outcome,
                co_await ports_.store.commit(
                    transaction(state->id, request.client_id, commit, *accepted, {state, rows[3]->value}, body)));
    if (const auto* twin = std::get_if<domain::Duplicate>(&outcome)) co_return duplicate(*state, *twin, *body);
    const auto* committed = std::get_if<domain::Committed>(&outcome);
    if (committed == nullptr) continue;
    relay_.kick();
    cache_.forget(state->id);
    // Those who were removed are told as well: their log ends with this entry.
    auto told = *state;
    told.members = audience(*state, accepted->group);
    co_return appended(told, *committed, request.client_id, *body);
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

std::vector<UserId> ConversationService::audience(const domain::ConversationState& before,
                                                  const domain::GroupRecord& after) {
  domain::GroupRecord both = after;
  both.seats.insert(both.seats.end(), before.group.seats.begin(), before.group.seats.end());
  return domain::ConversationState::from(before.id, std::move(both), 0).members;
}

}  // namespace kith::server::service
