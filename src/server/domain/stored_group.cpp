#include "server/domain/stored_group.h"

#include <algorithm>

#include "mls/profile.h"
#include "server/domain/record_codec.h"

namespace kith::server::domain {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kPolicyVersion = 2;  // of the row `group`, with a policy at its end

std::uint32_t pages_of(const GroupRecord& group) {
  return group.seats.empty() ? 0 : group.seats.back().leaf.value / kSeatsAPage;
}

std::span<const keys::Seat> seats_of_page(const GroupRecord& group, std::uint32_t page) {
  const auto from = std::ranges::lower_bound(group.seats, mls::LeafIndex{page * kSeatsAPage}, {}, &keys::Seat::leaf);
  const auto to =
      std::ranges::lower_bound(group.seats, mls::LeafIndex{(page + 1) * kSeatsAPage}, {}, &keys::Seat::leaf);
  return {from, to};
}

void put(RecordWriter& w, std::span<const keys::Seat> seats) {
  w.u32(static_cast<std::uint32_t>(seats.size()));
  for (const keys::Seat& seat : seats) w.u32(seat.leaf.value).raw(seat.user.view()).raw(seat.device.view());
}

void take(RecordReader& r, std::vector<keys::Seat>& seats) {
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    const mls::LeafIndex leaf{r.u32()};
    const auto user = r.id<UserId>();
    seats.push_back({leaf, user, r.id<DeviceId>()});
  }
}

Bytes encode_page(std::span<const keys::Seat> seats) {
  RecordWriter w(kVersion);
  put(w, seats);
  return w.take();
}

template <class T>
std::optional<T> finish(const RecordReader& r, T value) {
  return r.done() ? std::optional<T>(std::move(value)) : std::nullopt;
}

}  // namespace

RowKey group_row() { return {RowKind::group, {}}; }
RowKey group_info_row() { return {RowKind::group_info, {}}; }
RowKey tree_head_row() { return {RowKind::tree_head, {}}; }
RowKey tree_node_row(mls::NodeIndex node) { return {RowKind::tree_node, row_id(node.value)}; }
RowKey tree_key_row(const mls::KeyName& name) { return {RowKind::tree_key, to_bytes(name)}; }

RowKey notes_row() { return {RowKind::notes, {}}; }
RowKey noted_list_row(const UserId& user) { return {RowKind::noted_list, to_bytes(user.view())}; }
RowKey leave_note_row(const UserId& user) { return {RowKind::leave_note, to_bytes(user.view())}; }
RowKey broken_mark_row(const Caller& device) {
  RowKey key{RowKind::broken_mark, to_bytes(device.user.view())};
  append(key.id, device.device.view());
  return key;
}
RowKey member_span_row(const UserId& user) { return {RowKind::member_span, to_bytes(user.view())}; }

RowKey invite_uses_row(const keys::PublicKey& invite) { return {RowKind::invite_uses, to_bytes(invite)}; }
RowKey join_request_row(const UserId& user) { return {RowKind::join_request, to_bytes(user.view())}; }

Bytes row_id(std::uint32_t number) {
  Bytes id(4);
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return id;
}

Bytes row_id(Epoch epoch) {
  Bytes id(8);
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(epoch.value >> (56 - 8 * i));
  return id;
}

std::optional<std::uint32_t> number_of(ByteView row_id) {
  if (row_id.size() != 4) return std::nullopt;
  std::uint32_t number = 0;
  for (const std::uint8_t byte : row_id) number = number << 8 | byte;
  return number;
}

std::optional<Epoch> epoch_of(ByteView row_id) {
  if (row_id.size() != 8) return std::nullopt;
  std::uint64_t number = 0;
  for (const std::uint8_t byte : row_id) number = number << 8 | byte;
  return Epoch{number};
}

Bytes encode_group_row(const GroupRecord& group) {
  RecordWriter w(group.policy ? kPolicyVersion : kVersion);
  w.u8(static_cast<std::uint8_t>(group.kind)).u32(group.incarnation).u64(group.epoch.value).u32(pages_of(group));
  put(w, seats_of_page(group, 0));
  if (group.policy) w.bytes(group.policy->extension().data);
  return w.take();
}

std::optional<GroupRow> decode_group_row(ByteView in) {
  const bool has_policy = !in.empty() && in[0] == kPolicyVersion;
  RecordReader r(in, has_policy ? kPolicyVersion : kVersion);
  GroupRow row;
  row.group.kind = static_cast<ConversationKind>(r.u8());
  row.group.incarnation = r.u32();
  row.group.epoch = {r.u64()};
  row.pages = r.u32();
  take(r, row.group.seats);
  if (has_policy) {
    const auto policy = keys::policy_of({{mls::profile::kPolicyExtension, to_bytes(r.bytes())}});
    if (!policy) return std::nullopt;
    row.group.policy = *policy;
  }
  return finish(r, std::move(row));
}

bool append_page(ByteView in, GroupRecord& group) {
  RecordReader r(in, kVersion);
  take(r, group.seats);
  return r.done();
}

Bytes encode_node(const mls::StoredNode& node) {
  return RecordWriter(kVersion, 1 + 4 + node.hash.size() + node.bytes.size()).bytes(node.hash).raw(node.bytes).take();
}

std::optional<mls::StoredNode> decode_node(ByteView in) {
  RecordReader r(in, kVersion);
  mls::StoredNode node;
  node.hash = to_bytes(r.bytes());
  node.bytes = to_bytes(r.rest());
  return finish(r, std::move(node));
}

Bytes encode_holder(mls::NodeIndex holder) { return RecordWriter(kVersion).u32(holder.value).take(); }

std::optional<mls::NodeIndex> decode_holder(ByteView in) {
  RecordReader r(in, kVersion);
  const mls::NodeIndex holder{r.u32()};
  return finish(r, holder);
}

Bytes encode(const PastEpoch& past) {
  RecordWriter w(kVersion);
  w.u32(past.nodes).bytes(past.group_info).u32(static_cast<std::uint32_t>(past.replaced.size()));
  for (const mls::NodeRecord& record : past.replaced) w.u32(record.node.value).bytes(record.bytes);
  return w.take();
}

std::optional<PastEpoch> decode_past(ByteView in) {
  RecordReader r(in, kVersion);
  PastEpoch past;
  past.nodes = r.u32();
  past.group_info = to_bytes(r.bytes());
  for (std::uint32_t left = r.u32(); left > 0 && r.ok(); --left) {
    const mls::NodeIndex node{r.u32()};
    past.replaced.push_back({node, to_bytes(r.bytes())});
  }
  return finish(r, std::move(past));
}

std::vector<RowWrite> note_rows(const keys::FollowedList& list) {
  Bytes bytes = keys::encode(std::vector{list});
  return {{notes_row(), bytes}, {noted_list_row(list.list.user), bytes}};
}

std::vector<RowWrite> note_rows(const keys::LeaveNote& note) {
  Bytes bytes = note.encode();
  return {{notes_row(), bytes}, {leave_note_row(note.user), bytes}};
}

std::optional<keys::FollowedList> decode_note(ByteView in) {
  auto lists = keys::decode_followed_lists(in);
  return lists && lists->size() == 1 ? std::optional(std::move(lists->front())) : std::nullopt;
}

Bytes encode(const MarkedLeaf& marked) {
  return RecordWriter(kVersion).bytes(marked.mark.encode()).bytes(marked.key_package).take();
}

std::optional<MarkedLeaf> decode_mark(ByteView in) {
  RecordReader r(in, kVersion);
  auto mark = keys::BrokenMark::decode(r.bytes());
  Bytes key_package = to_bytes(r.bytes());
  return mark ? finish(r, MarkedLeaf{*std::move(mark), std::move(key_package)}) : std::nullopt;
}

std::vector<RowWrite> note_rows(const MarkedLeaf& marked) {
  return {{notes_row(), Bytes{1}}, {broken_mark_row({marked.mark.user, marked.mark.device}), encode(marked)}};
}

MemberSpan MemberSpan::begun_again(Epoch at) const {
  MemberSpan span{.first = at, .former = former};
  span.former.emplace_back(first, last);
  if (span.former.size() > kMaxFormer) span.former.erase(span.former.begin());
  return span;
}

Bytes encode(const MemberSpan& span) {
  RecordWriter w(kVersion);
  w.u64(span.first.value).u64(span.last.value);
  for (const auto& [first, last] : span.former) w.u64(first.value).u64(last.value);
  return w.take();
}

std::optional<MemberSpan> decode_span(ByteView in) {
  RecordReader r(in, kVersion);
  MemberSpan span{.first = {r.u64()}};
  span.last = {r.u64()};
  while (r.ok() && r.left() > 0) {
    const Epoch first{r.u64()};
    span.former.emplace_back(first, Epoch{r.u64()});
  }
  return finish(r, span);
}

Bytes encode_uses(std::uint32_t uses) { return RecordWriter(kVersion).u32(uses).take(); }

std::optional<std::uint32_t> decode_uses(ByteView in) {
  RecordReader r(in, kVersion);
  const std::uint32_t uses = r.u32();
  return finish(r, uses);
}

std::uint32_t node_count(const std::vector<keys::Seat>& seats) {
  return seats.empty() ? 0 : mls::to_node(seats.back().leaf).value + 1;
}

namespace {

void add_pages(const GroupChange& change, std::vector<RowWrite>& rows) {
  const std::uint32_t before = change.before != nullptr ? pages_of(*change.before) : 0;
  const std::uint32_t after = pages_of(change.after);
  for (std::uint32_t page = 1; page <= std::max(before, after); ++page) {
    const auto now = seats_of_page(change.after, page);
    if (page > after) {
      rows.push_back({{RowKind::group_leaves, row_id(page)}, std::nullopt});
    } else if (page > before || !std::ranges::equal(now, seats_of_page(*change.before, page))) {
      rows.push_back({{RowKind::group_leaves, row_id(page)}, encode_page(now)});
    }
  }
}

void let_go_of_notes(const GroupChange& change, std::vector<RowWrite>& rows) {
  std::size_t noted = change.notes.size() + change.marks.of.size();
  const std::size_t before = noted;
  const auto drop = [&](RowKey row) {
    rows.push_back({std::move(row), std::nullopt});
    --noted;
  };
  for (const auto& [user, list] : change.notes.lists) {
    if (agrees(change.after.seats, list)) drop(noted_list_row(user));
  }
  for (const auto& [user, note] : change.notes.leaving) {
    if (std::ranges::find(change.after.seats, user, &keys::Seat::user) == change.after.seats.end())
      drop(leave_note_row(user));
  }
  for (const Caller& device : change.marks.of) drop(broken_mark_row(device));
  if (before > 0 && noted == 0 && !change.marks.others) rows.push_back({notes_row(), std::nullopt});
}

// A direct conversation has none: its two users read all that there is.
void add_spans(const GroupChange& change, std::vector<RowWrite>& rows) {
  if (change.after.kind != ConversationKind::group) return;
  // The founder was in before the first commit.
  const Epoch first = change.before != nullptr ? change.after.epoch : Epoch{0};
  for (const UserId& user : change.came) {
    const auto before = change.former.find(user);
    rows.push_back({member_span_row(user),
                    encode(before != change.former.end() ? before->second.begun_again(first) : MemberSpan{first})});
  }
  for (const auto& [user, span] : change.gone) {
    if (!span.is_over()) rows.push_back({member_span_row(user), encode(span.ended(change.before->epoch))});
  }
}

// What was counted goes with its link, and whoever came does not ask any more.
void follow_invites(const GroupChange& change, std::vector<RowWrite>& rows) {
  if (change.before == nullptr || !change.before->policy) return;
  for (const keys::Invite& invite : change.before->policy->invites) {
    if (change.after.policy->find_invite(invite.key) == nullptr) {
      rows.push_back({invite_uses_row(invite.key), std::nullopt});
    } else if (const auto used = change.uses.find(invite.key); used != change.uses.end()) {
      rows.push_back({invite_uses_row(invite.key), encode_uses(used->second)});
    }
  }
  if (change.before->policy->invites.empty()) return;
  for (const UserId& user : change.came) rows.push_back({join_request_row(user), std::nullopt});
}

}  // namespace

std::vector<RowWrite> rows_of(const GroupChange& change) {
  std::vector<RowWrite> rows;
  rows.push_back({group_row(), encode_group_row(change.after)});
  add_pages(change, rows);
  rows.push_back({group_info_row(), to_bytes(change.group_info)});
  rows.push_back({tree_head_row(), to_bytes(change.head)});
  for (const auto& [node, stored] : change.tree.nodes) {
    rows.push_back({tree_node_row(node), stored ? std::optional(encode_node(*stored)) : std::nullopt});
  }
  for (const auto& [name, holder] : change.tree.keys) {
    rows.push_back({tree_key_row(name), holder ? std::optional(encode_holder(*holder)) : std::nullopt});
  }
  let_go_of_notes(change, rows);
  add_spans(change, rows);
  follow_invites(change, rows);
  if (change.before != nullptr) {
    const PastEpoch past{node_count(change.before->seats), to_bytes(change.group_info_before), change.replaced};
    rows.push_back({{RowKind::tree_past, row_id(change.before->epoch)}, encode(past)});
  }
  return rows;
}

}  // namespace kith::server::domain
