#include "client/core/group_reader.h"

#include <algorithm>
#include <memory>

#include "client/core/machine.h"

namespace kith::client {
namespace {

struct Reading {
  Machine& machine;
  ConversationId conversation;
  GroupReader::Then then;
  Bytes proof;
  ShownGroup shown{};
  Bytes nodes{};
  std::uint32_t next_node = 0;
};

void ask_piece(const std::shared_ptr<Reading>& reading);

void answered(const std::shared_ptr<Reading>& reading, const wire::Body& body) {
  if (const auto* error = std::get_if<wire::Error>(&body)) return reading->then(nullptr, error);
  const auto* group = std::get_if<wire::Group>(&body);
  // The present one is whatever the server says it is; any other one was asked for.
  const bool is_another = group != nullptr && reading->shown.epoch.value != 0 && group->epoch != reading->shown.epoch;
  if (group == nullptr || is_another || (group->next_node != 0 && group->next_node <= reading->next_node) ||
      reading->nodes.size() + group->nodes.size() > GroupReader::kMaxTreeBytes) {
    return reading->machine.connection.give_up("the server answered for a group with something else");
  }
  append(reading->nodes, group->nodes);
  reading->shown.epoch = group->epoch;
  reading->next_node = group->next_node;
  if (reading->next_node != 0) return ask_piece(reading);
  reading->shown.group_info = to_bytes(group->group_info);
  reading->shown.tree = mls::ratchet_tree_of(reading->nodes);
  reading->then(&reading->shown, nullptr);
}

// A piece follows an answer, which has left its slot free.
void ask_piece(const std::shared_ptr<Reading>& reading) {
  reading->machine.connection.request(wire::GetGroup{.conversation = reading->conversation,
                                                     .epoch = reading->shown.epoch,
                                                     .first_node = reading->next_node,
                                                     .proof = reading->proof},
                                      [reading](const wire::Body& body) { answered(reading, body); });
}

std::vector<keys::DeviceCredential> devices_in(const ShownGroup& shown) {
  std::vector<keys::DeviceCredential> devices;
  const auto tree = mls::RatchetTree::decode(crypto::Suite::product(), shown.tree);
  if (!tree) return devices;
  for (std::uint32_t i = 0; i < tree->size().leaves; ++i) {
    const mls::LeafNode* leaf = tree->leaf({i});
    if (leaf == nullptr) continue;
    if (auto device = keys::DeviceCredential::decode(leaf->credential.identity)) devices.push_back(*std::move(device));
  }
  return devices;
}

}  // namespace

std::optional<UserId> peer_in(const ShownGroup& shown, const ConversationId& conversation, const UserId& self) {
  for (const keys::DeviceCredential& device : devices_in(shown)) {
    if (device.user != self && keys::direct_conversation(self, device.user) == conversation) return device.user;
  }
  return std::nullopt;
}

bool OpenedGroup::has(const std::pair<UserId, DeviceId>& device) const {
  return std::ranges::any_of(group.members(), [&](const mls::Member& member) {
    const auto who = keys::DeviceCredential::decode(member.credential.identity);
    return who && std::pair(who->user, who->device) == device;
  });
}

std::expected<OpenedGroup, std::string> opened(const ShownGroup& shown, const ConversationId& conversation,
                                               keys::GroupKind kind) {
  auto info = mls::decoded_message<mls::GroupInfo>(shown.group_info);
  if (!info) return std::unexpected("it cannot be read");
  auto group = mls::PublicGroup::open(*info, shown.tree, keys::max_leaves(kind));
  if (!group) return std::unexpected(mls::name(group.error().code));
  if (group->context().group_id != keys::group_id(conversation, 0)) return std::unexpected("it is another group");
  return OpenedGroup{*std::move(info), *std::move(group)};
}

void GroupReader::ask(Machine& machine, const ConversationId& conversation, Epoch epoch, Then then, Bytes proof) {
  const auto reading = std::make_shared<Reading>(machine, conversation, std::move(then), std::move(proof));
  reading->shown.epoch = epoch;
  ask_piece(reading);
}

}  // namespace kith::client
