// Conversations: who is in, which epoch it is, and whether a message may be appended. The state is the server's reading
// of the group's public half: roster and leaves come from the tree, never the other way round.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "keys/group_rules.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

inline constexpr std::size_t kMaxPayloadBytes = 256 * 1024;   // of one message
inline constexpr std::size_t kMaxGroupInfoBytes = 16 * 1024;  // without a tree
inline constexpr std::size_t kMaxFoundingBytes = 16 * 1024;   // with the tree of one leaf
inline constexpr std::size_t kMaxWelcomes = 128;              // of one commit

using ConversationKind = keys::GroupKind;

// What is known of a conversation's group wherever it is looked at.
struct GroupRecord {
  ConversationKind kind = ConversationKind::direct;
  std::uint32_t incarnation = 0;
  Epoch epoch;
  std::vector<keys::Seat> seats;  // in the order of the leaves
  friend bool operator==(const GroupRecord&, const GroupRecord&) = default;
};

// A conversation as loaded: the record, what follows from it, and the version of the row `group`, which every append
// expects.
struct ConversationState {
  ConversationId id;
  GroupRecord group;
  Version version = 0;
  std::vector<UserId> members{};  // each once, sorted
  Bytes group_id{};               // MLS
  // Device lists that came after the leaves, by user, and the version of the row `notes`, which every append expects.
  std::map<UserId, keys::FollowedList> notes{};
  Version notes_version = 0;

  static ConversationState from(const ConversationId& id, GroupRecord group, Version version);
  [[nodiscard]] bool has_member(const UserId& user) const;
  [[nodiscard]] bool has_leaf(const Caller& caller) const;
  void note(std::map<UserId, keys::FollowedList> lists, Version version);
  // Some leaf's device is not on its user's list any more: it has to go before anything is sent.
  [[nodiscard]] bool needs_commit() const;
};

// A device of this user sits in a leaf and is not on the list.
[[nodiscard]] bool has_delisted(const std::vector<keys::Seat>& seats, const keys::FollowedList& noted);
// Exactly the devices of the list sit in leaves, or none of the user's.
[[nodiscard]] bool agrees(const std::vector<keys::Seat>& seats, const keys::FollowedList& noted);

Partition partition_of(const ConversationId& conversation);
Partition account_partition(const UserId& user);
Partition address_partition(ByteView address_hash);
LogName mailbox_of(const DeviceId& device);

// May this application message be appended? The payload's framing (section 6.3 of RFC 9420, read without copying) must
// be what the request says: a PrivateMessage of this group and epoch with application content. The epoch is looked at
// last, before it whether a leaf has to go. Errors: not_member, too_large, invalid_argument, commit_first, stale_epoch.
Result<void> check_append(const ConversationState& state, const Caller& caller, Epoch epoch, ByteView payload);

// The id that a device's Welcome has in its mailbox: the same however often it is relayed.
ClientId welcome_client_id(const ConversationId& conversation, const ClientId& commit, const Caller& to);

}  // namespace kith::server::domain
