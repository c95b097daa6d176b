// Commits that follow others, and what else is judged on a group's tree.
#include "keys/device.h"
#include "server/domain/invites.h"
#include "server/service/conversations.h"
#include "server/service/outbox_relay.h"
#include "server/service/rows.h"
#include "server/service/transactions.h"

namespace kith::server::service {
namespace {

using domain::Errc;
using domain::fail;
using domain::RowKind;

std::string key_of(const ConversationId& conversation, const domain::Caller& caller) {
  return std::string(as_text(conversation.value)).append(as_text(caller.user.value));
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
  const auto proofs = domain::proofs_in(commit);
  KITH_CO_TRY(const auto uses, co_await uses_of(state->id, proofs.invites));
  KITH_CO_TRY(const auto asking, co_await asking_of(state->id, proofs.users));
  co_return co_await with_tree<domain::AcceptedCommit>(state->id, [&](const std::shared_ptr<mls::TreeParts>& parts) {
    return domain::accept_commit(*state, head, parts, commit,
                                 {directory, ports_.scheduler.now(), max_group_members_, uses, asking});
  });
}

Task<Result<void>> ConversationService::judge_leave(State state, domain::Caller caller, keys::LeaveNote note,
                                                    Bytes head) {
  co_return co_await with_tree<void>(state->id, [&](const std::shared_ptr<mls::TreeParts>& parts) {
    return domain::accept_leave(*state, head, parts, caller, note);
  });
}

Task<Result<void>> ConversationService::judge_mark(State state, domain::Caller caller, domain::ProposedMark proposed,
                                                   Bytes head) {
  co_return co_await with_tree<void>(state->id, [&](const std::shared_ptr<mls::TreeParts>& parts) {
    return domain::accept_mark(*state, head, parts, caller, proposed, ports_.scheduler.now());
  });
}

Task<Result<domain::MemberSpans>> ConversationService::spans_of(ConversationId conversation,
                                                                std::vector<UserId> users) {
  domain::MemberSpans spans;
  if (users.empty()) co_return spans;
  std::vector<domain::RowKey> keys;
  for (const UserId& user : users) keys.push_back(domain::member_span_row(user));
  KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::partition_of(conversation), std::move(keys)));
  for (std::size_t i = 0; i < users.size(); ++i) {
    const auto span = rows[i] ? domain::decode_span(rows[i]->value) : std::nullopt;
    if (rows[i] && !span) co_return fail(Errc::internal, "a record that cannot be read");
    if (span) spans.emplace(users[i], *span);
  }
  co_return spans;
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

Task<Result<Appended>> ConversationService::commit(domain::Caller caller, CommitRequest request) {
  KITH_CO_TRY_VOID(commits_.take(as_text(caller.user.value), ports_.scheduler.now()));
  const auto body = std::make_shared<const Bytes>(
      domain::entry_body(caller, domain::EntryKind::commit, request.epoch, request.payload));
  const auto commit = proposed(caller, request.epoch, request.payload, request.group_info, request.welcomes);
  bool is_counted = false;
  for (int race = 0; race < kRaces; ++race) {
    KITH_CO_TRY(const State state, co_await load_state(request.conversation));
    if (!state || (!state->has_member(caller.user) && !(state->group.policy && domain::is_join(commit))))
      co_return co_await of_stranger(state, request.client_id, body);
    KITH_CO_TRY(auto first, co_await ports_.store.find(domain::partition_of(state->id), {}, request.client_id));
    if (first) {
      relay_.kick();
      co_return duplicate(*state, {std::move(*first)}, *body);
    }
    // Counted once; not where somebody else was first, which is nobody's fault and cheap to tell; and only a member's,
    // so that strangers cannot make buckets.
    if (request.epoch == state->group.epoch && state->has_member(caller.user) && !std::exchange(is_counted, true)) {
      KITH_CO_TRY_VOID(member_commits_.take(key_of(request.conversation, caller), ports_.scheduler.now()));
    }
    KITH_CO_TRY(const auto rows, co_await ports_.store.rows_at(domain::partition_of(state->id),
                                                               {domain::group_row(), domain::notes_row(),
                                                                domain::tree_head_row(), domain::group_info_row()}));
    if (!rows[0] || !rows[2] || !rows[3]) co_return fail(Errc::internal, "a conversation without a group");
    const Versions known{state->version, state->notes_version};
    if (Versions{rows[0]->version, rows[1] ? rows[1]->version : 0} != known) continue;
    const auto accepted = co_await judge(state, commit, rows[2]->value);
    if (!accepted && accepted.error().code == Errc::stale_epoch)
      co_return co_await late(state, request.client_id, body, accepted.error());
    if (!accepted) {
      // A commit may have come in between, and what was read was of two epochs.
      KITH_CO_TRY(const auto versions, co_await versions_of(state->id));
      if (versions != known) continue;
      co_return std::unexpected(accepted.error());
    }
    // Each makes what members are about to commit void: a crowd with a link leaves them room. Counted when it holds, so
    // that nobody without a link keeps those out who have one.
    if (!state->has_member(caller.user) && !std::exchange(is_counted, true)) {
      KITH_CO_TRY_VOID(joins_.take(as_text(state->id.value), ports_.scheduler.now()));
    }

    KITH_CO_TRY(auto spans, co_await spans_of(state->id, accepted->gone));
    KITH_CO_TRY(auto former, co_await spans_of(state->id, accepted->came));
    KITH_CO_TRY(auto marks, co_await void_marks(state, accepted->rekeyed));
    KITH_CO_TRY(const auto outcome,
                co_await ports_.store.commit(commit_transaction({.conversation = state->id,
                                                                 .client_id = request.client_id,
                                                                 .commit = commit,
                                                                 .accepted = *accepted,
                                                                 .before = {.state = state.get(),
                                                                            .group_info = rows[3]->value,
                                                                            .gone = std::move(spans),
                                                                            .former = std::move(former),
                                                                            .marks = std::move(marks)},
                                                                 .body = body})));
    if (std::holds_alternative<domain::Conflict>(outcome)) continue;
    relay_.kick();
    if (const auto* twin = std::get_if<domain::Duplicate>(&outcome)) co_return duplicate(*state, *twin, *body);
    cache_.forget(state->id);
    co_return appended(*state, std::get<domain::Committed>(outcome), request.client_id, *body,
                       MemberHints::Moves{.came = accepted->came, .gone = accepted->gone});
  }
  co_return domain::fail_later(Errc::overloaded, std::chrono::seconds(1));
}

}  // namespace kith::server::service
