#include "client/core/group_state.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

bool GroupState::restore(const Rows& rows) {
  if (rows.pending) {
    auto record = mls::decoded<PendingRecord>(*rows.pending);
    if (record) pending_ = *std::move(record);
  }
  if (!rows.epoch && rows.nodes.empty() && rows.ratchets.empty()) return true;
  if (rows.epoch) {
    auto group =
        mls::Group::restore({to_secret(*rows.epoch), rows.nodes}, nullptr, rows.ratchets, machine_.account.leaf_key());
    if (group) {
      group_ = *std::move(group);
      stored_ = group_->public_group().tree();
      return true;
    }
  }
  // Nothing of it may be left under another group's.
  for (const mls::NodeRecord& node : rows.nodes) machine_.erase(row_key::group_node(conversation_, node.node));
  for (const mls::RatchetPiece& piece : rows.ratchets)
    machine_.erase(row_key::group_ratchet(conversation_, piece.node));
  machine_.erase(row_key::group_epoch(conversation_));
  return false;
}

std::optional<keys::VerifiedDevice> GroupState::who(mls::LeafIndex leaf) const {
  const auto member = group_ ? group_->member(leaf) : std::nullopt;
  if (!member) return std::nullopt;
  const auto credential = keys::DeviceCredential::decode(member->credential.identity);
  if (!credential) return std::nullopt;
  return keys::VerifiedDevice{.user = credential->user,
                              .device = credential->device,
                              .generation = credential->generation,
                              .identity_key = credential->identity_key};
}

std::vector<keys::VerifiedDevice> GroupState::devices() const {
  std::vector<keys::VerifiedDevice> all;
  for (std::uint32_t i = 0; group_ && i < group_->public_group().tree().size().leaves; ++i) {
    if (const auto device = who({i})) all.push_back(*device);
  }
  return all;
}

std::vector<UserId> GroupState::users() const {
  std::vector<UserId> users;
  for (const keys::VerifiedDevice& device : devices()) users.push_back(device.user);
  std::ranges::sort(users);
  const auto doubled = std::ranges::unique(users);
  users.erase(doubled.begin(), doubled.end());
  return users;
}

std::optional<std::uint32_t> GroupState::turn_after(mls::LeafIndex committer) const {
  const auto by = who(committer);
  const UserId& self = machine_.account.user();
  if (!by || by->user == self) return std::nullopt;
  std::uint32_t before_us = 0;
  const std::uint32_t size = group_->public_group().tree().size().leaves;
  for (std::uint32_t i = (committer.value + 1) % size; i != group_->own_leaf().value; i = (i + 1) % size) {
    const auto other = who({i});
    if (other && other->user != by->user && other->user != self && ++before_us == kWitnesses) return std::nullopt;
  }
  return before_us;
}

std::optional<keys::GroupPolicy> GroupState::policy() const {
  const auto policy = group_ ? keys::policy_of(group_->extensions()) : fail(keys::Errc::not_allowed);
  return policy ? std::optional(*policy) : std::nullopt;
}

void GroupState::adopt(mls::Group group) {
  erase_ratchets();
  group_ = std::move(group);
  epoch_changed_ = ratchet_changed_ = true;
  for (const mls::Member& member : group_->members()) {
    if (const auto device = who(member.leaf)) machine_.contacts.observe(*device);
  }
  if (pending_) drop_pending();
}

const mls::RatchetTree* GroupState::base_of(const PendingRecord& record) const {
  return group_ && !record.external ? &group_->public_group().tree() : nullptr;
}

bool GroupState::adopt_pending() {
  KITH_CHECK(pending_.has_value());
  auto group =
      mls::Group::restore(pending_->next, base_of(*pending_), pending_->next_ratchets, machine_.account.leaf_key());
  if (!group) return false;
  adopt(*std::move(group));
  return true;
}

void GroupState::set_pending(PendingRecord record, mls::PendingCommit commit) {
  record.commit = std::move(commit.commit);
  record.group_info = std::move(commit.group_info);
  record.welcome = std::move(commit.welcome);
  record.next = commit.next.epoch_changes(base_of(record));
  record.next_ratchets = commit.next.ratchet_pieces();
  pending_ = std::move(record);
  machine_.put(row_key::group_pending(conversation_), mls::encoded_secret(*pending_));
  machine_.chats.touched(conversation_);
}

void GroupState::drop_pending() {
  if (!pending_) return;
  pending_.reset();
  machine_.erase(row_key::group_pending(conversation_));
  machine_.chats.touched(conversation_);
}

void GroupState::drop() {
  drop_pending();
  erase_ratchets();
  group_.reset();
  epoch_changed_ = ratchet_changed_ = false;
  if (!stored_) return;
  for (const mls::NodeRecord& node : stored_->changes_since(nullptr))
    machine_.erase(row_key::group_node(conversation_, node.node));
  machine_.erase(row_key::group_epoch(conversation_));
  stored_.reset();
}

void GroupState::erase_ratchets() {
  if (!group_) return;
  for (const mls::NodeIndex node : group_->ratchet_places())
    machine_.erase(row_key::group_ratchet(conversation_, node));
}

void GroupState::flush() {
  if (!group_) return;
  if (epoch_changed_) flush_epoch();
  if (ratchet_changed_) flush_ratchets();
  epoch_changed_ = ratchet_changed_ = false;
}

void GroupState::flush_epoch() {
  mls::EpochChanges changes = group_->epoch_changes(stored_ ? &*stored_ : nullptr);
  machine_.put(row_key::group_epoch(conversation_), std::move(changes.head));
  for (const mls::NodeRecord& node : changes.nodes) {
    Bytes key = row_key::group_node(conversation_, node.node);
    if (node.bytes.empty()) {
      machine_.erase(std::move(key));
    } else {
      machine_.put(std::move(key), to_secret(node.bytes));
    }
  }
  stored_ = group_->public_group().tree();
}

void GroupState::flush_ratchets() {
  mls::RatchetPieces pieces = group_->take_ratchet_changes();
  // A commit of ours was restored from its record, so that nothing has changed since: none of it is in these rows yet.
  if (epoch_changed_) pieces = group_->ratchet_pieces();
  for (mls::RatchetPiece& piece : pieces) {
    Bytes key = row_key::group_ratchet(conversation_, piece.node);
    if (piece.bytes.empty()) {
      machine_.erase(std::move(key));
    } else {
      machine_.put(std::move(key), std::move(piece.bytes));
    }
  }
}

namespace {

std::string wrong_with_people(const mls::PublicGroup& group, const std::vector<keys::VerifiedDevice>& devices,
                              const Parties& parties) {
  const auto policy = keys::policy_of(group.context().extensions);
  if (!policy) return policy.error().detail;
  if (std::ranges::find(devices, policy->owner, &keys::VerifiedDevice::user) == devices.end())
    return "its owner is not in it";
  return policy->conversation() == parties.conversation ? "" : "it stands in the place of another conversation";
}

}  // namespace

std::string wrong_with_group(const mls::PublicGroup& group, const Parties& parties) {
  const auto devices = keys::check_members(group);
  if (!devices) return devices.error().detail;
  if (!parties.peer) return wrong_with_people(group, *devices, parties);
  const auto is_stranger = [&](const auto& device) {
    return device.user != parties.self && device.user != *parties.peer;
  };
  return std::ranges::any_of(*devices, is_stranger) ? "somebody else is in this conversation" : "";
}

std::string wrong_with_change(const mls::PublicGroup& before, const mls::PublicGroup& next,
                              const mls::CommitEffects& effects, const Parties& parties) {
  const auto seats = keys::seats_of(next);
  if (!seats) return seats.error().detail;
  if (const auto checked = keys::check_change(before, next, effects, parties.kind(), *seats); !checked)
    return checked.error().detail;
  if (!parties.peer) return "";
  const auto is_stranger = [&](const mls::Member& member) {
    const auto credential = keys::DeviceCredential::decode(member.credential.identity);
    return !credential || (credential->user != parties.self && credential->user != *parties.peer);
  };
  const bool joined = effects.external && is_stranger(*next.member(effects.committer));
  return joined || std::ranges::any_of(effects.added, is_stranger) ? "somebody else is in this conversation" : "";
}

bool is_of(const HistoryId& history, const PendingRecord& pending) {
  const auto message = mls::decoded_message<mls::PublicMessage>(pending.commit);
  const auto data = message ? keys::AuthenticatedData::decode(message->content.authenticated_data)
                            : keys::Result<keys::AuthenticatedData>(fail(keys::Errc::malformed));
  return data && data->history_id == history;
}

}  // namespace kith::client
