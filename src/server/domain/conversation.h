// Conversations: who is in, which epoch it is, and whether a message may be appended. The state is the server's reading
// of the group's public half: roster, leaves and roles come from tree and GroupContext, never the other way round.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "keys/group_policy.h"
#include "keys/group_rules.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"
#include "server/domain/ports/store.h"

namespace kith::server::domain {

inline constexpr std::size_t kMaxPayloadBytes = 256 * 1024;   // of one message
inline constexpr std::size_t kMaxCommitBytes = 640 * 1024;    // with a path for 7,000 leaves that are all by themselves
inline constexpr std::size_t kMaxGroupInfoBytes = 16 * 1024;  // without a tree
inline constexpr std::size_t kMaxFoundingBytes = 16 * 1024;   // with the tree of one leaf
inline constexpr std::size_t kMaxWelcomes = keys::kMaxProposals;  // of one commit
inline constexpr std::size_t kMaxGroupMembers = 2000;             // users, where nothing else is configured

using ConversationKind = keys::GroupKind;

// What is known of a conversation's group wherever it is looked at.
struct GroupRecord {
  ConversationKind kind = ConversationKind::direct;
  std::uint32_t incarnation = 0;
  Epoch epoch;
  std::vector<keys::Seat> seats;              // in the order of the leaves
  std::optional<keys::GroupPolicy> policy{};  // of a group
  friend bool operator==(const GroupRecord&, const GroupRecord&) = default;
};

// What the leaves do not agree with yet, by user: device lists that came after them, and the notes of those who leave.
struct Notes {
  std::map<UserId, keys::FollowedList> lists{};
  std::map<UserId, keys::LeaveNote> leaving{};
  [[nodiscard]] std::size_t size() const { return lists.size() + leaving.size(); }
};

// A conversation as loaded: the record, what follows from it, and the versions of the rows `group` and `notes`, which
// every append expects.
struct ConversationState {
  ConversationId id;
  GroupRecord group;
  Version version = 0;
  // Who is delivered to, reads and sends: those with leaves who are not leaving. Each once, sorted.
  std::vector<UserId> members{};
  Bytes group_id{};  // MLS
  Notes notes{};
  Version notes_version = 0;

  static ConversationState from(const ConversationId& id, GroupRecord group, Version version);
  void note(Notes now, Version now_version);
  [[nodiscard]] bool has_member(const UserId& user) const;
  // Has leaves, whether leaving or not. Whoever leaves has some: the note goes with the last.
  [[nodiscard]] bool has_user(const UserId& user) const { return has_member(user) || notes.leaving.contains(user); }
  [[nodiscard]] std::size_t count_users() const { return members.size() + notes.leaving.size(); }
  // The device of a member, in a leaf.
  [[nodiscard]] bool has_leaf(const Caller& caller) const;
  // Some leaf has to go before anything is sent.
  [[nodiscard]] bool needs_commit() const;
};

// Each once, sorted.
[[nodiscard]] std::vector<UserId> users_of(const std::vector<keys::Seat>& seats);
// The leaves that have to go: of those who leave, and of devices that are on their user's list no more.
[[nodiscard]] std::vector<keys::Seat> seats_to_go(const std::vector<keys::Seat>& seats, const Notes& notes);
// Exactly the devices of the list sit in leaves, or none of the user's.
[[nodiscard]] bool agrees(const std::vector<keys::Seat>& seats, const keys::FollowedList& noted);

Partition partition_of(const ConversationId& conversation);
Partition account_partition(const UserId& user);
Partition address_partition(ByteView address_hash);
LogName mailbox_of(const DeviceId& device);

// May this message, application or silent, be appended? The payload's framing (section 6.3 of RFC 9420, read without
// copying) must be what the request says: a PrivateMessage of this group and epoch with application content. What is
// shown comes from whom the policy lets send. The epoch is looked at last, before it whether a leaf has to go. Errors:
// not_member, too_large, invalid_argument, not_allowed, commit_first, stale_epoch.
Result<void> check_append(const ConversationState& state, const Caller& caller, EntryKind kind, Epoch epoch,
                          ByteView payload);

// The ids that mail to a device has in its mailbox: the same however often it is relayed. A removal's cause is the
// client id of the commit, or the leave note.
ClientId welcome_client_id(const ConversationId& conversation, const ClientId& commit, const Caller& to);
ClientId removal_client_id(const ConversationId& conversation, ByteView cause, const Caller& to);
// `request`: the version of its row, another one each time somebody asks.
ClientId decline_client_id(const ConversationId& conversation, std::uint64_t request, const Caller& to);
// Of the certificate of the generation that is handed over.
ClientId generation_client_id(ByteView certificate, const Caller& to);

}  // namespace kith::server::domain
