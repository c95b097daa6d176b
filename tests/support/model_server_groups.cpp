// The model server's part in groups.
#include <algorithm>

#include "keys/conversation.h"
#include "keys/role_rules.h"
#include "tests/support/model_server.h"

namespace kith::test {

namespace {

std::set<ModelServer::Device> devices_in(const mls::PublicGroup& group) {
  std::set<ModelServer::Device> devices;
  for (const keys::Seat& seat : keys::seats_of(group).value_or(std::vector<keys::Seat>{}))
    devices.insert({seat.user, seat.device});
  return devices;
}

std::size_t users_at(const std::vector<keys::Seat>& seats) {
  std::set<UserId> users;
  for (const keys::Seat& seat : seats) users.insert(seat.user);
  return users.size();
}

}  // namespace

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::FoundGroup& body) {
  const Device device = *connections_[from];
  const ConversationId conversation = keys::group_conversation(device.first, body.client_id);
  if (!conversations.contains(conversation)) {
    conversations[conversation].is_group = true;
    conversations[conversation].group_info = to_bytes(body.founding);
    conversations[conversation].cursors[device.first] = {device.first, {}, {}};
  }
  const wire::Commit commit{conversation, body.client_id, {0}, body.payload, body.group_info, {}};
  append(from, id, conversation, body.client_id, {0}, wire::EntryKind::commit, body.payload, &commit);
  // The founder's other devices are still to come.
  const Account& account = accounts_[device.first];
  const auto list = keys::DeviceList::decode(from_base64url(account.device_list).value_or(Bytes{}));
  const auto generation = keys::GenerationCertificate::decode(from_base64url(account.generation).value_or(Bytes{}));
  if (!list || !generation) return;
  Conversation& group = conversations[conversation];
  group.notes.insert_or_assign(device.first, keys::FollowedList{*generation, *list});
  forget_notes(group);
  if (!group.notes.empty()) hint(group.leaves, wire::ChangesHint{conversation});
}

bool ModelServer::may_send(const Conversation& c, const UserId& user) const {
  if (!c.is_group || !judges_groups || !c.group) return true;
  const auto policy = keys::policy_of(c.group->context().extensions);
  return !policy || policy->may(policy->may_send, user);
}

std::optional<wire::ErrorCode> ModelServer::wrong_with(const Conversation& c, const wire::Commit& commit) const {
  const auto message = mls::decoded_message<mls::PublicMessage>(commit.payload);
  if (!c.group || !message) return std::nullopt;
  const auto verified = c.group->verify(message->authenticated());
  if (!verified) return wire::ErrorCode::invalid_commit;
  const auto staged = c.group->stage(*verified);
  if (!staged) return wire::ErrorCode::invalid_commit;
  const auto seats = keys::seats_of(staged->next);
  if (!seats) return wire::ErrorCode::invalid_commit;
  const std::size_t go = have_to_go(c, keys::seats_of(*c.group).value_or(std::vector<keys::Seat>{}));
  if (go > 0 && !staged->effects.external && have_to_go(c, *seats) >= go) return wire::ErrorCode::commit_first;
  if (const auto users = users_at(*seats); users > max_group_members && users > users_at(*keys::seats_of(*c.group)))
    return wire::ErrorCode::group_full;
  const auto checked = keys::check_change(*c.group, staged->next, staged->effects, keys::GroupKind::group, *seats);
  if (checked) return std::nullopt;
  return checked.error().code == keys::Errc::beyond_role ? wire::ErrorCode::not_allowed
                                                         : wire::ErrorCode::invalid_commit;
}

void ModelServer::settle(const ConversationId& id, Conversation& c, Seq at, const UserId& by) {
  if (!c.group) return;
  const auto here = devices_in(*c.group);
  const auto has_leaf = [&](const UserId& user) {
    return std::ranges::any_of(here, [&](const Device& device) { return device.first == user; });
  };
  for (const Device& device : std::set(c.leaves)) {
    if (here.contains(device)) continue;
    c.leaves.erase(device);
    c.gone[device] = at;
    tell_removed(device, id, at, by);
  }
  for (const Device& device : here) {
    if (c.leaving.contains(device.first)) continue;
    c.leaves.insert(device);
    c.gone.erase(device);
    if (!c.cursors.contains(device.first)) c.came[device.first] = {at, c.epoch};
    c.cursors.try_emplace(device.first, wire::Cursor{device.first, {}, {}});
  }
  std::erase_if(c.broken, [&](const auto& item) {
    const auto members = c.group->members();
    return std::ranges::none_of(
        members, [&](const mls::Member& member) { return member.encryption_key == item.second.first.encryption_key; });
  });
  std::erase_if(c.leaving, [&](const auto& note) { return !has_leaf(note.first); });
  for (const auto& [user, cursor] : c.cursors) {
    if (!has_leaf(user)) c.former[user].emplace_back(c.came[user].first, at);
  }
  std::erase_if(c.came, [&](const auto& came) { return !has_leaf(came.first); });
  std::erase_if(c.cursors, [&](const auto& cursor) { return !has_leaf(cursor.first); });
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::MarkBroken& body) {
  const Device device = *connections_[from];
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end() || !at->second.leaves.contains(device))
    return error(from, id, wire::ErrorCode::not_member);
  const auto mark = keys::BrokenMark::decode(body.mark);
  if (!mark) return error(from, id, wire::ErrorCode::invalid_argument);
  at->second.broken.insert_or_assign(device, std::pair(*mark, to_bytes(body.key_package)));
  answer(from, id, wire::Ok{});
  hint(at->second.leaves, wire::ChangesHint{body.conversation});
}

void ModelServer::tell_invited(const Device& device, const ConversationId& id, const UserId& by) {
  Mailbox& mailbox = mailboxes_[device];
  mailbox.mails.push_back({{mailbox.next++}, id, {1}, by, {}, wire::MailKind::welcome});
  tell_mail(device);
}

void ModelServer::tell_removed(const Device& device, const ConversationId& id, Seq at, const UserId& by,
                               const Bytes& note) {
  Mailbox& mailbox = mailboxes_[device];
  mailbox.mails.push_back({{mailbox.next++}, id, at, by, note, wire::MailKind::removed});
  tell_mail(device);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::Leave& body) {
  const Device device = *connections_[from];
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end()) return error(from, id, wire::ErrorCode::not_member);
  Conversation& c = at->second;
  if (c.gone.contains(device)) return answer(from, id, wire::Ok{});
  const auto note = keys::LeaveNote::decode(body.note);
  if (!c.leaves.contains(device) || !note || !c.group) return error(from, id, wire::ErrorCode::invalid_argument);
  const auto policy = keys::policy_of(c.group->context().extensions);
  std::set<UserId> users;
  for (const Device& other : c.leaves) users.insert(other.first);
  if (policy && policy->owner == device.first && users.size() > 1) return error(from, id, wire::ErrorCode::last_owner);
  c.leaving.insert_or_assign(device.first, *note);
  for (const Device& other : std::set(c.leaves)) {
    if (other.first != device.first) continue;
    c.leaves.erase(other);
    c.gone[other] = {c.log.size()};
    tell_removed(other, body.conversation, {}, device.first, to_bytes(body.note));
  }
  answer(from, id, wire::Ok{});
  hint(c.leaves, wire::ChangesHint{body.conversation});
}

}  // namespace kith::test
