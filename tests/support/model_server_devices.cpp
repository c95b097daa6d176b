// The model server's part in devices that come and go.
#include <algorithm>

#include "tests/support/model_server.h"

namespace kith::test {

namespace {

std::vector<keys::Seat> seats_of(const ModelServer::Conversation& conversation) {
  if (!conversation.group) return {};
  return keys::seats_of(*conversation.group).value_or(std::vector<keys::Seat>{});
}

bool is_delisted(const keys::Seat& seat, const keys::DeviceList& list) {
  return seat.user == list.user && list.find(seat.device) == nullptr;
}

}  // namespace

void ModelServer::set_devices(const keys::FollowedList& followed, const std::vector<ListedDevice>& added) {
  const UserId& user = followed.list.user;
  Account& account = accounts_[user];
  account.device_list = to_base64url(followed.list.encode());
  account.generation = to_base64url(followed.certificate.encode());
  std::erase_if(account.devices, [&](const auto& device) { return followed.list.find(device.first) == nullptr; });
  for (const ListedDevice& device : added) {
    account.devices[device.id] = Json{{"device", device.id.text()}};
    if (!device.key_package.empty()) key_packages_[{user, device.id}].push_back(device.key_package);
  }
  for (auto& [id, conversation] : conversations) {
    if (!conversation.cursors.contains(user)) continue;
    conversation.notes.insert_or_assign(user, followed);
    forget_notes(conversation);
    hint(conversation.leaves, wire::ChangesHint{id});
  }
}

void ModelServer::hand_over(const UserId& user, const Json& change) {
  for (const Json& to : change.value("handed", Json::array())) {
    tell_generation({user, *DeviceId::from_text(to.value("device", ""))},
                    from_base64url(to.value("sealed", "")).value());
  }
  Account& account = accounts_[user];
  const std::string former = std::exchange(account.sealed_generation, change.value("sealed_generation", ""));
  const auto begun =
      keys::GenerationCertificate::decode(from_base64url(change.value("generation", "")).value_or(Bytes{}));
  if (begun && begun->is_signed_by_identity()) {
    account.sealed_root = nullptr;
  } else if (account.sealed_root.is_null()) {
    account.sealed_root = former;
  }
}

void ModelServer::tell_generation(const Device& device, const Bytes& payload) {
  Mailbox& mailbox = mailboxes_[device];
  mailbox.mails.push_back({{mailbox.next++}, {}, {}, device.first, payload, wire::MailKind::generation});
  tell_mail(device);
}

void ModelServer::log_out(const Device& device) {
  std::erase_if(access_, [&](const auto& at) { return at.second.first == device; });
  removed_.insert(device);
  std::vector<ConnectionId> live;
  for (const auto& [connection, of] : connections_) {
    if (of == device) live.push_back(connection);
  }
  for (const ConnectionId connection : live) {
    error(connection, 0, wire::ErrorCode::unauthenticated);
    sent_.push_back({connection, {}});
    close(connection);
  }
}

bool ModelServer::is_member(const Conversation& conversation, const UserId& user) {
  return std::ranges::any_of(conversation.leaves, [&](const Device& device) { return device.first == user; });
}

void ModelServer::forget_notes(Conversation& conversation) {
  const auto seats = seats_of(conversation);
  std::erase_if(conversation.notes, [&](const auto& note) {
    const keys::DeviceList& list = note.second.list;
    const auto sits = [&](const keys::ListedDevice& device) {
      return std::ranges::any_of(
          seats, [&](const keys::Seat& seat) { return seat.user == list.user && seat.device == device.device; });
    };
    return std::ranges::none_of(seats, [&](const keys::Seat& seat) { return is_delisted(seat, list); }) &&
           std::ranges::all_of(list.devices, sits);
  });
}

std::size_t ModelServer::have_to_go(const Conversation& conversation, const std::vector<keys::Seat>& seats) {
  return static_cast<std::size_t>(std::ranges::count_if(seats, [&](const keys::Seat& seat) {
    const auto note = conversation.notes.find(seat.user);
    return conversation.leaving.contains(seat.user) ||
           (note != conversation.notes.end() && is_delisted(seat, note->second.list));
  }));
}

bool ModelServer::has_to_go(const Conversation& conversation) {
  return have_to_go(conversation, seats_of(conversation)) > 0;
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::GetChanges& body) {
  const auto at = conversations.find(body.conversation);
  if (at == conversations.end() || !is_member(at->second, connections_[from]->first))
    return error(from, id, wire::ErrorCode::not_member);
  keys::Grounds grounds;
  for (const auto& [user, list] : at->second.notes) grounds.lists.push_back(list);
  for (const auto& [user, note] : at->second.leaving) grounds.leaving.push_back(note);
  wire::Changes changes;
  for (const auto& [device, broken] : at->second.broken) {
    grounds.broken.push_back(broken.first);
    changes.packages.push_back(broken.second);
  }
  grounds.joins = asking(at->second, connections_[from]->first);
  const Bytes bytes = grounds.encode();
  changes.grounds = bytes;
  answer(from, id, changes);
}

}  // namespace kith::test
