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
