// A group in rows: what each of them looks like, and which ones a commit writes.
#include "server/domain/stored_group.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kith::server::domain {
namespace {

template <class Id>
Id filled(std::uint8_t byte) {
  Id id;
  id.value.fill(byte);
  return id;
}
std::string times(std::size_t n, std::string_view text) {
  std::string out;
  while (n-- > 0) out += text;
  return out;
}

GroupRecord group_of(std::uint32_t leaves) {
  GroupRecord group{ConversationKind::group, 0, Epoch{6}, {}};
  for (std::uint32_t i = 0; i < leaves; ++i) {
    group.seats.push_back({{i}, filled<UserId>(static_cast<std::uint8_t>(i)), filled<DeviceId>(1)});
  }
  return group;
}

// As the service reads it.
std::optional<GroupRecord> read_back(const std::vector<RowWrite>& rows) {
  std::optional<GroupRow> group;
  for (const RowWrite& row : rows) {
    if (row.key == group_row()) group = decode_group_row(*row.value);
  }
  if (!group) return std::nullopt;
  std::uint32_t pages = 0;
  for (const RowWrite& row : rows) {
    if (row.key.kind != RowKind::group_leaves || !row.value) continue;
    ++pages;
    if (!append_page(*row.value, group->group)) return std::nullopt;
  }
  return pages == group->pages ? std::optional(std::move(group->group)) : std::nullopt;
}

std::vector<RowWrite> rows(const GroupRecord* before, const GroupRecord& after) {
  return rows_of({.before = before,
                  .group_info_before = as_view("old"),
                  .after = after,
                  .group_info = as_view("info"),
                  .head = as_view("head"),
                  .tree = {},
                  .replaced = {},
                  .notes = {},
                  .came = {},
                  .gone = {}});
}

std::size_t count(const std::vector<RowWrite>& rows, RowKind kind) {
  return static_cast<std::size_t>(std::ranges::count(rows, kind, [](const RowWrite& row) { return row.key.kind; }));
}

TEST(StoredGroup, golden_bytes) {
  GroupRecord group = group_of(0);
  group.kind = ConversationKind::direct;
  group.seats = {{{2}, filled<UserId>(0xa1), filled<DeviceId>(0xb1)}};
  EXPECT_EQ(to_hex(encode_group_row(group)),
            "01"
            "01"
            "00000000"
            "0000000000000006"
            "00000000"
            "00000001"
            "00000002" +
                times(16, "a1") + times(16, "b1"));
  EXPECT_EQ(decode_group_row(encode_group_row(group))->group, group);
  EXPECT_EQ(to_hex(encode_node({Bytes(2, 0xaa), Bytes(3, 0xbb)})), "0100000002aaaabbbbbb");
  EXPECT_EQ(decode_node(encode_node({Bytes(2, 0xaa), {}}))->hash, Bytes(2, 0xaa));
  EXPECT_EQ(to_hex(encode_holder({7})), "0100000007");
  EXPECT_EQ(decode_holder(encode_holder({7})), mls::NodeIndex{7});
  const PastEpoch past{5, Bytes(1, 0xcc), {{{3}, Bytes(2, 0xdd)}, {{4}, {}}}};
  EXPECT_EQ(to_hex(encode(past)), "010000000500000001cc000000020000000300000002dddd0000000400000000");
  EXPECT_EQ(encode(*decode_past(encode(past))), encode(past));
  for (std::size_t size = 0; size < encode(past).size(); ++size)
    EXPECT_FALSE(decode_past(ByteView(encode(past)).first(size)));
  EXPECT_EQ(to_hex(row_id(258)), "00000102");
  EXPECT_EQ(number_of(row_id(258)), 258U);
  EXPECT_EQ(epoch_of(row_id(Epoch{258})), Epoch{258});
}

TEST(StoredGroup, golden_bytes_of_groups) {
  GroupRecord group = group_of(0);
  group.seats = {{{2}, filled<UserId>(0xa1), filled<DeviceId>(0xb1)}};
  group.policy = keys::GroupPolicy{.founder = filled<UserId>(0xa1),
                                   .first_commit = filled<ClientId>(0xb1),
                                   .owner = filled<UserId>(0xa1),
                                   .admins = {filled<UserId>(0xc1)}};
  group.policy->may_send = keys::Who::admins;
  const Bytes bytes = encode_group_row(group);
  EXPECT_EQ(to_hex(bytes),
            "02"
            "02"
            "00000000"
            "0000000000000006"
            "00000000"
            "00000001"
            "00000002" +
                times(16, "a1") + times(16, "b1") + "00000047" + "02" + times(16, "a1") + times(16, "b1") +
                times(16, "a1") + "10" + times(16, "c1") + "020101" + "00" + "00");
  EXPECT_EQ(decode_group_row(bytes)->group, group);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_group_row(ByteView(bytes).first(size)));
  Bytes other = bytes;
  other[bytes.size() - 2] = 3;
  EXPECT_FALSE(decode_group_row(other)) << "what is no policy";
  EXPECT_EQ(to_hex(encode(MemberSpan{Epoch{2}, Epoch{258}})), "0100000000000000020000000000000102");
  EXPECT_EQ(decode_span(encode(MemberSpan{Epoch{2}, Epoch{258}})), (MemberSpan{Epoch{2}, Epoch{258}}));
  EXPECT_FALSE(decode_span(Bytes{1, 2}));
  const MemberSpan again = MemberSpan{Epoch{2}, Epoch{258}}.begun_again(Epoch{260});
  EXPECT_EQ(to_hex(encode(again)), "010000000000000104000000000000000000000000000000020000000000000102");
  EXPECT_EQ(decode_span(encode(again)), again);
  EXPECT_FALSE(decode_span(ByteView(encode(again)).first(30)));
  keys::LeaveNote note{
      .group_id = {1}, .user = filled<UserId>(2), .device = filled<DeviceId>(3), .encryption_key = {4}};
  const auto rows = note_rows(note);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].key, notes_row());
  EXPECT_EQ(rows[1].key, leave_note_row(note.user));
  EXPECT_EQ(rows[1].value, note.encode());
}

TEST(StoredGroup, golden_bytes_of_marks) {
  const MarkedLeaf marked{.mark = {.group_id = {0xaa},
                                   .user = filled<UserId>(0xa1),
                                   .device = filled<DeviceId>(0xb1),
                                   .encryption_key = {0xcc},
                                   .replacement = {0xdd}},
                          .key_package = {0xee, 0xef}};
  const auto rows = note_rows(marked);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].key, notes_row());
  EXPECT_EQ(rows[1].key, (RowKey{RowKind::broken_mark, *from_hex(times(16, "a1") + times(16, "b1"))}));
  const Bytes& bytes = *rows[1].value;
  EXPECT_EQ(to_hex(bytes),
            "01"
            "00000066"
            "01aa" +
                times(16, "a1") + times(16, "b1") +
                "01cc"
                "01dd" +
                times(64, "00") + "00000002eeef");
  EXPECT_EQ(decode_mark(bytes), marked);
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_mark(ByteView(bytes).first(size)));
}

TEST(StoredGroup, a_commit_ends_what_those_who_go_may_read_and_begins_it_for_those_who_come) {
  GroupRecord before = group_of(3);
  GroupRecord after = group_of(4);
  after.epoch = Epoch{7};
  after.seats.erase(after.seats.begin() + 1);
  const auto spans_after = [&](const GroupRecord* from, const MemberSpans& gone) {
    std::map<RowKey, MemberSpan> spans;
    for (const RowWrite& row : rows_of({.before = from,
                                        .group_info_before = {},
                                        .after = after,
                                        .group_info = {},
                                        .head = {},
                                        .tree = {},
                                        .replaced = {},
                                        .notes = {},
                                        .came = {filled<UserId>(3)},
                                        .gone = gone})) {
      if (row.key.kind == RowKind::member_span) spans[row.key] = *decode_span(*row.value);
    }
    return spans;
  };
  using Spans = std::map<RowKey, MemberSpan>;
  const RowKey came = member_span_row(filled<UserId>(3));
  const RowKey gone = member_span_row(filled<UserId>(1));
  EXPECT_EQ(spans_after(&before, {{filled<UserId>(1), {Epoch{2}}}}),
            (Spans{{came, {Epoch{7}}}, {gone, {Epoch{2}, Epoch{6}}}}));
  EXPECT_EQ(spans_after(&before, {{filled<UserId>(1), {Epoch{2}, Epoch{4}}}}), (Spans{{came, {Epoch{7}}}}))
      << "it ended when she left";
  EXPECT_EQ(spans_after(&before, {{filled<UserId>(1), {Epoch{2}, {}, {{Epoch{0}, Epoch{1}}}}}})[gone],
            (MemberSpan{Epoch{2}, Epoch{6}, {{Epoch{0}, Epoch{1}}}}))
      << "and what she could read before";
  EXPECT_EQ(spans_after(nullptr, {}), (Spans{{came, {Epoch{0}}}})) << "of a founder";
  after.kind = ConversationKind::direct;
  EXPECT_TRUE(spans_after(&before, {}).empty());
}

TEST(StoredGroup, notes_go_with_what_they_are_about) {
  const GroupRecord group = group_of(3);
  Notes notes;
  for (const auto& user : {filled<UserId>(1), filled<UserId>(2)}) notes.leaving[user].user = user;
  const auto dropped = [&](const GroupRecord& after) {
    std::vector<RowKey> keys;
    for (const RowWrite& row : rows_of({.before = &group,
                                        .group_info_before = {},
                                        .after = after,
                                        .group_info = {},
                                        .head = {},
                                        .tree = {},
                                        .replaced = {},
                                        .notes = notes,
                                        .came = {},
                                        .gone = {}})) {
      if (row.key.kind == RowKind::leave_note || row.key.kind == RowKind::notes) {
        EXPECT_FALSE(row.value);
        keys.push_back(row.key);
      }
    }
    return keys;
  };
  EXPECT_TRUE(dropped(group).empty());
  EXPECT_EQ(dropped(group_of(2)), std::vector{leave_note_row(filled<UserId>(2))});
  EXPECT_EQ(dropped(group_of(1)),
            (std::vector{leave_note_row(filled<UserId>(1)), leave_note_row(filled<UserId>(2)), notes_row()}));
}

TEST(StoredGroup, a_commit_lets_go_of_void_marks_and_of_the_notes_with_the_last_of_all) {
  const GroupRecord group = group_of(3);
  const Caller void_one{filled<UserId>(2), filled<DeviceId>(1)};
  const auto dropped = [&](const Notes& notes, const VoidMarks& marks) {
    std::vector<RowKey> keys;
    for (const RowWrite& row : rows_of({.before = &group,
                                        .group_info_before = {},
                                        .after = group_of(2),
                                        .group_info = {},
                                        .head = {},
                                        .tree = {},
                                        .replaced = {},
                                        .notes = notes,
                                        .marks = marks,
                                        .came = {},
                                        .gone = {}})) {
      const auto kind = row.key.kind;
      if (kind != RowKind::leave_note && kind != RowKind::broken_mark && kind != RowKind::notes) continue;
      EXPECT_FALSE(row.value);
      keys.push_back(row.key);
    }
    return keys;
  };
  Notes of_who_goes;
  of_who_goes.leaving[filled<UserId>(2)].user = filled<UserId>(2);
  Notes of_who_stays;
  of_who_stays.leaving[filled<UserId>(1)].user = filled<UserId>(1);
  const RowKey note = leave_note_row(filled<UserId>(2));
  const RowKey mark = broken_mark_row(void_one);
  using Keys = std::vector<RowKey>;
  EXPECT_EQ(dropped({}, {}), Keys{});
  EXPECT_EQ(dropped({}, {.of = {}, .others = true}), Keys{});
  EXPECT_EQ(dropped({}, {.of = {void_one}, .others = true}), Keys{mark});
  EXPECT_EQ(dropped({}, {.of = {void_one}}), (Keys{mark, notes_row()}));
  EXPECT_EQ(dropped(of_who_goes, {.of = {}, .others = true}), Keys{note});
  EXPECT_EQ(dropped(of_who_goes, {.of = {void_one}}), (Keys{note, mark, notes_row()}));
  EXPECT_EQ(dropped(of_who_stays, {.of = {void_one}}), Keys{mark});
}

TEST(StoredGroup, a_count_that_lies_is_refused_without_believing_it) {
  Bytes bytes = encode_group_row(group_of(0));
  bytes[bytes.size() - 4] = 0xff;
  EXPECT_FALSE(decode_group_row(bytes));
}

TEST(StoredGroup, who_sits_where_is_read_back_whatever_the_size) {
  for (const std::uint32_t leaves : {0U, 1U, 63U, 64U, 65U, 128U, 200U}) {
    const GroupRecord group = group_of(leaves);
    EXPECT_EQ(read_back(rows(nullptr, group)), group) << leaves;
  }
}

TEST(StoredGroup, a_commit_writes_the_pages_that_it_changes) {
  const GroupRecord before = group_of(200);
  EXPECT_EQ(count(rows(&before, before), RowKind::group_leaves), 0U);
  GroupRecord after = before;
  after.seats.erase(after.seats.begin() + 70);
  EXPECT_EQ(count(rows(&before, after), RowKind::group_leaves), 1U);
  after.seats.resize(60);  // the pages behind go
  const auto fewer = rows(&before, after);
  EXPECT_EQ(count(fewer, RowKind::group_leaves), 3U);
  EXPECT_EQ(read_back(fewer), after);
}

TEST(StoredGroup, what_a_commit_replaced_is_kept_under_the_epoch_that_it_ended) {
  const GroupRecord before = group_of(3);
  EXPECT_EQ(count(rows(nullptr, before), RowKind::tree_past), 0U);
  const auto written = rows(&before, group_of(4));
  const auto at = std::ranges::find(written, RowKind::tree_past, [](const RowWrite& row) { return row.key.kind; });
  ASSERT_NE(at, written.end());
  EXPECT_EQ(epoch_of(at->key.id), Epoch{6});
  EXPECT_EQ(decode_past(*at->value)->nodes, 5U);
  EXPECT_EQ(decode_past(*at->value)->group_info, to_bytes("old"));
}

}  // namespace
}  // namespace kith::server::domain
