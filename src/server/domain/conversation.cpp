#include "server/domain/conversation.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "keys/conversation.h"
#include "mls/framing.h"

namespace kith::server::domain {

ConversationState ConversationState::from(const ConversationId& id, GroupRecord group, Version version) {
  ConversationState state{.id = id, .group = std::move(group), .version = version};
  for (const keys::Seat& seat : state.group.seats) state.members.push_back(seat.user);
  std::ranges::sort(state.members);
  const auto doubled = std::ranges::unique(state.members);
  state.members.erase(doubled.begin(), doubled.end());
  state.group_id = keys::group_id(id, state.group.incarnation);
  return state;
}

bool ConversationState::has_member(const UserId& user) const { return std::ranges::binary_search(members, user); }

bool ConversationState::has_leaf(const Caller& caller) const {
  const auto is_callers = [&](const keys::Seat& seat) {
    return seat.user == caller.user && seat.device == caller.device;
  };
  return std::ranges::any_of(group.seats, is_callers);
}

void ConversationState::note(std::map<UserId, keys::FollowedList> lists, Version lists_version) {
  notes = std::move(lists);
  notes_version = lists_version;
}

bool has_delisted(const std::vector<keys::Seat>& seats, const keys::FollowedList& noted) {
  return std::ranges::any_of(seats, [&](const keys::Seat& seat) {
    return seat.user == noted.list.user && noted.list.find(seat.device) == nullptr;
  });
}

bool agrees(const std::vector<keys::Seat>& seats, const keys::FollowedList& noted) {
  const auto is_seated = [&](const keys::ListedDevice& device) {
    return std::ranges::any_of(
        seats, [&](const keys::Seat& seat) { return seat.user == noted.list.user && seat.device == device.device; });
  };
  if (std::ranges::find(seats, noted.list.user, &keys::Seat::user) == seats.end()) return true;
  return !has_delisted(seats, noted) && std::ranges::all_of(noted.list.devices, is_seated);
}

bool ConversationState::needs_commit() const {
  return std::ranges::any_of(notes, [&](const auto& note) { return has_delisted(group.seats, note.second); });
}

Partition partition_of(const ConversationId& conversation) {
  return {PartitionKind::conversation, to_bytes(conversation.view())};
}
Partition account_partition(const UserId& user) { return {PartitionKind::account, to_bytes(user.view())}; }
Partition address_partition(ByteView address_hash) { return {PartitionKind::address, to_bytes(address_hash)}; }
LogName mailbox_of(const DeviceId& device) { return to_bytes(device.view()); }

Result<void> check_append(const ConversationState& state, const Caller& caller, Epoch epoch, ByteView payload) {
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
  if (state.needs_commit()) return fail(Errc::commit_first, "a device has to go first");
  if (epoch != state.group.epoch) {
    auto stale = fail(Errc::stale_epoch);
    stale.error().epoch = state.group.epoch;
    return stale;
  }
  return {};
}

ClientId welcome_client_id(const ConversationId& conversation, const ClientId& commit, const Caller& to) {
  Bytes data = to_bytes("kith welcome v1");
  for (const ByteView part : {conversation.view(), commit.view(), to.user.view(), to.device.view()}) append(data, part);
  return *ClientId::from(ByteView(crypto::sha256(data)).first(ClientId::kSize));
}

}  // namespace kith::server::domain
