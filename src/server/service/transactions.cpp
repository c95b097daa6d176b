#include "server/service/transactions.h"

#include "server/domain/records.h"

namespace kith::server::service {
namespace {

using domain::RowKind;

// In the account of a user who came, went, or got new devices.
domain::OutboxRow row_for(const UserId& user) { return {.target = domain::account_partition(user)}; }

// Whether the conversation is the user's is for the relay to see, by what is then.
domain::RowWrite to_settle(const ConversationId& id) { return {{RowKind::membership, to_bytes(id.view())}, {}}; }

// The user is told that it is out, by all its devices that had leaves; with its own word for it, where there is one.
domain::OutboxRow removal(const domain::ConversationState& state, const UserId& user, const UserId& by, ByteView cause,
                          ByteView leave_note = {}) {
  domain::OutboxRow row = row_for(user);
  row.writes.push_back(to_settle(state.id));
  const auto body =
      std::make_shared<const Bytes>(domain::mail_body(domain::MailKind::removed, state.id, by, leave_note));
  for (const keys::Seat& seat : state.group.seats) {
    if (seat.user != user) continue;
    row.appends.push_back(
        {domain::mailbox_of(seat.device), domain::removal_client_id(state.id, cause, {user, seat.device}), body});
  }
  return row;
}

std::vector<domain::OutboxRow> consequences(const CommitWrite& write) {
  std::map<UserId, domain::OutboxRow> rows;
  const auto row_of = [&](const UserId& user) -> domain::OutboxRow& {
    return rows.try_emplace(user, row_for(user)).first->second;
  };
  const UserId& by = write.commit.sender.user;
  for (const UserId& user : write.accepted.came) row_of(user).writes.push_back(to_settle(write.conversation));
  for (const auto& [to, payload] : write.commit.welcomes) {
    row_of(to.user).appends.push_back(
        {domain::mailbox_of(to.device), domain::welcome_client_id(write.conversation, write.client_id, to),
         std::make_shared<const Bytes>(domain::mail_body(domain::MailKind::welcome, write.conversation, by, payload))});
  }
  for (const UserId& user : write.accepted.gone) {
    // Who left by a note knows already.
    if (!write.before.state->notes.leaving.contains(user))
      rows.emplace(user, removal(*write.before.state, user, by, write.client_id.view()));
  }
  std::vector<domain::OutboxRow> all;
  for (auto& [user, row] : rows) all.push_back(std::move(row));
  return all;
}

}  // namespace

domain::ProposedCommit proposed(const domain::Caller& caller, Epoch epoch, ByteView payload, ByteView group_info,
                                const std::vector<DeviceWelcome>& welcomes) {
  domain::ProposedCommit commit{caller, epoch, payload, group_info, {}, domain::ReadCommit::of(payload)};
  for (const auto& welcome : welcomes) commit.welcomes.push_back({welcome.to, welcome.payload});
  return commit;
}

domain::Transaction decline_transaction(const domain::ConversationState& state, const UserId& user,
                                        domain::Version request, const keys::DeviceList& devices) {
  domain::Transaction t{.partition = domain::partition_of(state.id)};
  t.expects.push_back({domain::group_row(), state.version});
  t.expects.push_back({domain::join_request_row(user), request});
  t.writes.push_back({domain::join_request_row(user), std::nullopt});
  domain::OutboxRow row = row_for(user);
  const auto body = std::make_shared<const Bytes>(domain::mail_body(domain::MailKind::declined, state.id, user, {}));
  for (const keys::ListedDevice& device : devices.devices) {
    row.appends.push_back(
        {domain::mailbox_of(device.device), domain::decline_client_id(state.id, request, {user, device.device}), body});
  }
  if (!row.appends.empty()) t.outbox.push_back(std::move(row));
  return t;
}

domain::Transaction commit_transaction(const CommitWrite& write) {
  static const domain::Notes no_notes;
  const domain::ConversationState* state = write.before.state;
  domain::Transaction t{.partition = domain::partition_of(write.conversation)};
  t.expects.push_back({domain::group_row(), state != nullptr ? state->version : 0});
  t.expects.push_back({domain::notes_row(), state != nullptr ? state->notes_version : 0});
  t.writes = domain::rows_of({.before = state != nullptr ? &state->group : nullptr,
                              .group_info_before = write.before.group_info,
                              .after = write.accepted.group,
                              .group_info = write.commit.group_info,
                              .head = write.accepted.head,
                              .tree = write.accepted.tree,
                              .replaced = write.accepted.replaced,
                              .notes = state != nullptr ? state->notes : no_notes,
                              .marks = write.before.marks,
                              .came = write.accepted.came,
                              .gone = write.before.gone,
                              .former = write.before.former,
                              .uses = write.accepted.uses});
  t.appends.push_back({{}, write.client_id, write.body});
  t.outbox = consequences(write);
  return t;
}

domain::Transaction leave_transaction(const domain::ConversationState& state, const keys::LeaveNote& note,
                                      const domain::MemberSpan& span) {
  domain::Transaction t{.partition = domain::partition_of(state.id)};
  t.expects.push_back({domain::group_row(), state.version});
  t.expects.push_back({domain::notes_row(), state.notes_version});
  t.writes = domain::note_rows(note);
  t.writes.push_back({domain::member_span_row(note.user), domain::encode(span.ended(state.group.epoch))});
  const Bytes word = note.encode();
  t.outbox.push_back(removal(state, note.user, note.user, word, word));
  return t;
}

domain::Transaction mark_transaction(const domain::ConversationState& state, const domain::MarkedLeaf& marked) {
  domain::Transaction t{.partition = domain::partition_of(state.id)};
  t.expects.push_back({domain::group_row(), state.version});
  t.expects.push_back({domain::notes_row(), state.notes_version});
  t.writes = domain::note_rows(marked);
  return t;
}

}  // namespace kith::server::service
