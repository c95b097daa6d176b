// A group's public half as it is stored, in rows of its conversation: who sits where, the tree node by node, and what
// each commit replaced, so that the tree and GroupInfo of any epoch can be read for those who join in it.
//
//   group          kind, incarnation, epoch, who sits in the first 64 leaves, and a group's policy
//   group_leaves   who sits in the next 64, page by page
//   group_info     the GroupInfo of this epoch, without a tree
//   tree_head      context, size and confirmation tag (mls::PublicGroup::head_record)
//   tree_node      a node and its hash; a node with no leaf below has no row
//   tree_key       which node has a public key
//   tree_past      what the commit that ended an epoch replaced
//   noted_list     a user's device list with which the leaves do not agree yet; `notes` beside it changes with each
//   leave_note     the note of a user who leaves and still has leaves; `notes` changes with it as well
//   broken_mark    a device's mark that its leaf is broken, as long as the leaf has these keys; `notes` likewise
//   invite_uses    how many people came by a link, as long as the policy has it
//   join_request   the proof of somebody who asks to come in
//   member_span    the epochs that a user may read, of whoever is or was in a group
//
// A commit of a group of n members on a full tree writes O(log n) of them.
#pragma once

#include <optional>

#include "mls/public_group.h"
#include "server/domain/conversation.h"

namespace kith::server::domain {

inline constexpr std::uint32_t kSeatsAPage = 64;

RowKey group_row();
RowKey group_info_row();
RowKey tree_head_row();
RowKey tree_node_row(mls::NodeIndex node);
RowKey tree_key_row(const mls::KeyName& name);
RowKey notes_row();
RowKey noted_list_row(const UserId& user);
RowKey leave_note_row(const UserId& user);
RowKey broken_mark_row(const Caller& device);
RowKey member_span_row(const UserId& user);
RowKey invite_uses_row(const keys::PublicKey& invite);
RowKey join_request_row(const UserId& user);
// Ids of rows that are read in order: pages of seats from 1, nodes by index, past epochs.
Bytes row_id(std::uint32_t number);
Bytes row_id(Epoch epoch);
std::optional<std::uint32_t> number_of(ByteView row_id);
std::optional<Epoch> epoch_of(ByteView row_id);

// The row `group`, and how many pages of seats there are beside it.
struct GroupRow {
  GroupRecord group;
  std::uint32_t pages = 0;
};
Bytes encode_group_row(const GroupRecord& group);
std::optional<GroupRow> decode_group_row(ByteView in);
// A page's seats go behind those that are in `group` already. False where it is none.
[[nodiscard]] bool append_page(ByteView in, GroupRecord& group);

Bytes encode_node(const mls::StoredNode& node);
std::optional<mls::StoredNode> decode_node(ByteView in);
Bytes encode_holder(mls::NodeIndex holder);
std::optional<mls::NodeIndex> decode_holder(ByteView in);

// An epoch that has ended, as far as it was another than the next one.
struct PastEpoch {
  std::uint32_t nodes = 0;  // from the first to that of the last leaf in use
  Bytes group_info;
  std::vector<mls::NodeRecord> replaced;
};
Bytes encode(const PastEpoch& past);
std::optional<PastEpoch> decode_past(ByteView in);

std::vector<RowWrite> note_rows(const keys::FollowedList& list);
std::vector<RowWrite> note_rows(const keys::LeaveNote& note);
std::optional<keys::FollowedList> decode_note(ByteView in);

// A mark, and the key package whose leaf may take the place of the broken one.
struct MarkedLeaf {
  keys::BrokenMark mark;
  Bytes key_package;  // MLSMessage
  friend bool operator==(const MarkedLeaf&, const MarkedLeaf&) = default;
};
Bytes encode(const MarkedLeaf& marked);
std::optional<MarkedLeaf> decode_mark(ByteView in);
std::vector<RowWrite> note_rows(const MarkedLeaf& marked);

// Marks are not among the notes of a conversation's state, so that nobody loads them who only sends: of those that are
// stored, whose a commit makes void, and whether there are others.
struct VoidMarks {
  std::vector<Caller> of{};  // each once
  bool others = false;
};

// The epochs of a group that a user may read. An entry is of the epoch that it belongs to, a commit of the one that it
// leaves: whoever is removed reads the commit that does it, whoever is added begins behind the one that does that, and
// a founder begins with the first.
struct MemberSpan {
  // Of the times that somebody was in before, the last ones: who was away meanwhile still reads them to their ends.
  static constexpr std::size_t kMaxFormer = 16;
  Epoch first;
  Epoch last{};                                   // 0: the user is in
  std::vector<std::pair<Epoch, Epoch>> former{};  // first and last of each, in their order
  [[nodiscard]] bool is_over() const { return last != Epoch{}; }
  // The user goes with the commit that ends this epoch, ...
  [[nodiscard]] MemberSpan ended(Epoch at) const { return {first, at, former}; }
  // ... and is in again from this one on.
  [[nodiscard]] MemberSpan begun_again(Epoch at) const;
  friend bool operator==(const MemberSpan&, const MemberSpan&) = default;
};
Bytes encode(const MemberSpan& span);
std::optional<MemberSpan> decode_span(ByteView in);
using MemberSpans = std::map<UserId, MemberSpan>;

Bytes encode_uses(std::uint32_t uses);
std::optional<std::uint32_t> decode_uses(ByteView in);

// The nodes that a tree with these seats has when it is written down.
std::uint32_t node_count(const std::vector<keys::Seat>& seats);

// A group before and after a commit, for the rows that change. `before` is null where the commit begins the
// conversation.
struct GroupChange {
  const GroupRecord* before = nullptr;
  ByteView group_info_before;
  const GroupRecord& after;
  ByteView group_info;
  ByteView head;
  const mls::TreeChanges& tree;
  const std::vector<mls::NodeRecord>& replaced;
  const Notes& notes;  // those that the leaves agree with afterwards go
  VoidMarks marks{};   // and these
  // Users whose first leaf came, and of those whose last one went what they could read: in a group it begins for the
  // ones, and ends for the others where it has not yet.
  const std::vector<UserId>& came;
  const MemberSpans& gone;
  MemberSpans former{};                             // of those who come back, what they could read
  std::map<keys::PublicKey, std::uint32_t> uses{};  // of links by which somebody came, as they are now
};
std::vector<RowWrite> rows_of(const GroupChange& change);

}  // namespace kith::server::domain
