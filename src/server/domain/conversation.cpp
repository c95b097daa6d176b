#include "server/domain/conversation.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "keys/conversation.h"
#include "mls/framing.h"

namespace kith::server::domain {
namespace {

ClientId mail_client_id(std::string_view label, const ConversationId& conversation, ByteView cause, const Caller& to) {
  Bytes data = to_bytes(label);
  for (const ByteView part : {conversation.view(), cause, to.user.view(), to.device.view()}) append(data, part);
  return *ClientId::from(ByteView(crypto::sha256(data)).first(ClientId::kSize));
}

}  // namespace

std::vector<UserId> users_of(const std::vector<keys::Seat>& seats) {
  std::vector<UserId> users;
  users.reserve(seats.size());
  for (const keys::Seat& seat : seats) users.push_back(seat.user);
  std::ranges::sort(users);
  const auto doubled = std::ranges::unique(users);
  users.erase(doubled.begin(), doubled.end());
  return users;
}

ConversationState ConversationState::from(const ConversationId& id, GroupRecord group, Version version) {
  ConversationState state{.id = id, .group = std::move(group), .version = version};
  state.group_id = keys::group_id(id, state.group.incarnation);
  state.group.seats.shrink_to_fit();  // a state is kept for long, and of many members
  state.note({}, 0);
  return state;
}

void ConversationState::note(Notes now, Version now_version) {
  notes = std::move(now);
  notes_version = now_version;
  members = users_of(group.seats);
  std::erase_if(members, [&](const UserId& user) { return notes.leaving.contains(user); });
  members.shrink_to_fit();
}

bool ConversationState::has_member(const UserId& user) const { return std::ranges::binary_search(members, user); }

bool ConversationState::has_leaf(const Caller& caller) const {
  const auto is_callers = [&](const keys::Seat& seat) {
    return seat.user == caller.user && seat.device == caller.device;
  };
  return has_member(caller.user) && std::ranges::any_of(group.seats, is_callers);
}

bool ConversationState::needs_commit() const { return !seats_to_go(group.seats, notes).empty(); }

std::vector<keys::Seat> seats_to_go(const std::vector<keys::Seat>& seats, const Notes& notes) {
  std::vector<keys::Seat> to_go;
  if (notes.size() == 0) return to_go;
  const auto has_to_go = [&](const keys::Seat& seat) {
    const auto noted = notes.lists.find(seat.user);
    return notes.leaving.contains(seat.user) ||
           (noted != notes.lists.end() && noted->second.list.find(seat.device) == nullptr);
  };
  std::ranges::copy_if(seats, std::back_inserter(to_go), has_to_go);
  return to_go;
}

bool agrees(const std::vector<keys::Seat>& seats, const keys::FollowedList& noted) {
  const UserId& user = noted.list.user;
  const auto is_seated = [&](const keys::ListedDevice& device) {
    return std::ranges::any_of(
        seats, [&](const keys::Seat& seat) { return seat.user == user && seat.device == device.device; });
  };
  if (std::ranges::find(seats, user, &keys::Seat::user) == seats.end()) return true;
  return seats_to_go(seats, {.lists = {{user, noted}}, .leaving = {}}).empty() &&
         std::ranges::all_of(noted.list.devices, is_seated);
}

Partition partition_of(const ConversationId& conversation) {
  return {PartitionKind::conversation, to_bytes(conversation.view())};
}
Partition account_partition(const UserId& user) { return {PartitionKind::account, to_bytes(user.view())}; }
Partition address_partition(ByteView address_hash) { return {PartitionKind::address, to_bytes(address_hash)}; }
LogName mailbox_of(const DeviceId& device) { return to_bytes(device.view()); }

Result<void> check_append(const ConversationState& state, const Caller& caller, EntryKind kind, Epoch epoch,
                          ByteView payload) {
  if (!state.has_leaf(caller)) return fail(Errc::not_member, "this device is not in the conversation");
  if (payload.size() > kMaxPayloadBytes) return fail(Errc::too_large, "payload");
  mls::Reader r(payload);
  const auto version = r.u16();
  const auto format = r.u16();
  const ByteView group_id = r.opaque();
  const auto claimed_epoch = r.u64();
  const auto content = r.u8();
  r.opaque();  // authenticated_data
  r.opaque();  // encrypted_sender_data
  r.opaque();  // ciphertext
  if (!r.finish() || version != mls::kVersion) return fail(Errc::invalid_argument, "payload: not one MLS message");
  if (format != static_cast<std::uint16_t>(mls::WireFormat::private_message) ||
      content != static_cast<std::uint8_t>(mls::ContentType::application)) {
    return fail(Errc::invalid_argument, "payload: not an application message");
  }
  if (!same_bytes(group_id, state.group_id)) return fail(Errc::invalid_argument, "payload: of another group");
  if (claimed_epoch != epoch.value)
    return fail(Errc::invalid_argument, "payload: of another epoch than the request says");
  const auto& policy = state.group.policy;
  if (kind == EntryKind::application && policy && !policy->may(policy->may_send, caller.user))
    return fail(Errc::not_allowed, "only admins send here");
  if (state.needs_commit()) return fail(Errc::commit_first, "a device has to go first");
  if (epoch != state.group.epoch) {
    auto stale = fail(Errc::stale_epoch);
    stale.error().epoch = state.group.epoch;
    return stale;
  }
  return {};
}

ClientId welcome_client_id(const ConversationId& conversation, const ClientId& commit, const Caller& to) {
  return mail_client_id("kith welcome v1", conversation, commit.view(), to);
}

ClientId decline_client_id(const ConversationId& conversation, std::uint64_t request, const Caller& to) {
  Bytes cause(8);
  for (std::size_t i = 0; i < cause.size(); ++i) cause[i] = static_cast<std::uint8_t>(request >> (56 - 8 * i));
  return mail_client_id("kith decline v1", conversation, cause, to);
}

ClientId generation_client_id(ByteView certificate, const Caller& to) {
  return mail_client_id("kith generation v1", {}, crypto::sha256(certificate), to);
}

ClientId removal_client_id(const ConversationId& conversation, ByteView cause, const Caller& to) {
  return mail_client_id("kith removal v1", conversation, crypto::sha256(cause), to);
}

}  // namespace kith::server::domain
