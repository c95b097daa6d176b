// What every Store must do with rows: versions, many at once, and in order. Run by each adapter.
#include <gtest/gtest.h>

#include "tests/contract/store_contract.h"

namespace kith::test {
namespace {

using namespace server::domain;  // NOLINT(google-build-using-namespace): this is about the port

class RowsContract : public StoreContract {
 protected:
  static RowKey node(std::uint32_t index) {
    Bytes number(4);
    for (std::size_t i = 0; i < 4; ++i) number[3 - i] = static_cast<std::uint8_t>(index >> (8 * i));
    return {RowKind::tree_node, std::move(number)};
  }
  static RowKey package(std::string_view name) { return {RowKind::key_package, to_bytes(name)}; }

  Texts values_at(const std::vector<RowKey>& keys) {
    Texts out;
    for (const auto& row : ok(store().rows_at(chat_, keys))) out.push_back(text_of(row));
    return out;
  }
  Texts ids(std::string_view prefix, std::string_view from, std::size_t limit) {
    Texts out;
    for (const auto& row : ok(store().rows(account_, RowKind::key_package, to_bytes(prefix), to_bytes(from), limit))) {
      out.emplace_back(as_text(row.key.id));
      EXPECT_EQ(row.key.id, row.value);
    }
    return out;
  }
  void put_packages() {
    for (const char* name : {"b2", "a2", "b1", "a1", "c", "b"}) put(account_, package(name), name);
    put(account_, {RowKind::device, to_bytes("b")}, "device");
    put(account_, {RowKind::membership, to_bytes("b")}, "membership");
    put(account_partition(id<UserId>(8)), package("b3"), "other account");
  }
  // From memory first, then as it is found on disk.
  template <class F>
  void before_and_after_opening_again(F check) {
    check();
    under_test_->reopen();
    check();
  }
};

TEST_P(RowsContract, versions_grow_also_over_a_deletion) {
  const auto first = put(chat_, group_, "a");
  const auto second = put(chat_, group_, "b");
  EXPECT_GT(second, first);
  committed({.partition = chat_, .writes = {{group_, std::nullopt}}});
  EXPECT_FALSE(ok(store().row(chat_, group_)));
  EXPECT_TRUE(std::holds_alternative<Conflict>(commit({.partition = chat_, .expects = {{group_, second}}})));
  EXPECT_TRUE(std::holds_alternative<Committed>(commit({.partition = chat_, .expects = {{group_, 0}}})));
  EXPECT_GT(put(chat_, group_, "c"), second);
}

TEST_P(RowsContract, rows_of_a_kind_come_in_order_by_their_prefix) {
  put_packages();
  EXPECT_EQ(ids("", "", 100), (Texts{"a1", "a2", "b", "b1", "b2", "c"}));
  EXPECT_EQ(ids("b", "", 100), (Texts{"b", "b1", "b2"}));
  EXPECT_EQ(ids("b", "", 2), (Texts{"b", "b1"}));
  EXPECT_EQ(ids("d", "", 100), Texts{});
}

TEST_P(RowsContract, rows_of_a_kind_begin_where_they_are_asked_to) {
  put_packages();
  before_and_after_opening_again([&] {
    EXPECT_EQ(ids("", "b", 100), (Texts{"b", "b1", "b2", "c"})) << "with the row that is there";
    EXPECT_EQ(ids("", "a3", 100), (Texts{"b", "b1", "b2", "c"})) << "where there is none, with the next";
    EXPECT_EQ(ids("", "b2", 1), (Texts{"b2"}));
    EXPECT_EQ(ids("b", "b1", 100), (Texts{"b1", "b2"}));
    EXPECT_EQ(ids("b", "b11", 100), (Texts{"b2"}));
    EXPECT_EQ(ids("b", "b1", 1), (Texts{"b1"}));
    EXPECT_EQ(ids("b", "b1", 0), Texts{});
    EXPECT_EQ(ids("", "d", 100), Texts{});
    EXPECT_EQ(ids("b", "b3", 100), Texts{});
  });
}

TEST_P(RowsContract, a_beginning_outside_the_prefix_never_leads_out_of_it) {
  put_packages();
  before_and_after_opening_again([&] {
    EXPECT_EQ(ids("b", "a2", 100), (Texts{"b", "b1", "b2"}));
    EXPECT_EQ(ids("b", "a2", 2), (Texts{"b", "b1"}));
    EXPECT_EQ(ids("b", "c", 100), Texts{});
    EXPECT_EQ(ids("b", std::string(64, '\xff'), 100), Texts{});
    EXPECT_EQ(ids("b1", "b", 100), (Texts{"b1"}));
    EXPECT_EQ(ids("aa", "b", 100), Texts{});
  });
}

TEST_P(RowsContract, rows_of_a_kind_come_in_pages_that_miss_nothing) {
  for (std::uint32_t i = 0; i < 300; ++i) put(chat_, node(i * 3), std::to_string(i * 3));
  before_and_after_opening_again([&] {
    Texts seen;
    Bytes from;
    while (seen.size() <= 300) {
      const auto page = ok(store().rows(chat_, RowKind::tree_node, {}, from, 64));
      for (const auto& row : page) seen.push_back(text_of(row));
      if (page.size() < 64) break;
      from = page.back().key.id;
      from.push_back(0);  // the least id behind it
    }
    ASSERT_EQ(seen.size(), 300U);
    for (std::uint32_t i = 0; i < 300; ++i) EXPECT_EQ(seen[i], std::to_string(i * 3));
  });
}

TEST_P(RowsContract, many_rows_are_answered_in_the_order_of_their_keys_and_absent_ones_empty) {
  for (const std::uint32_t i : {1, 2, 3, 256}) put(chat_, node(i), std::to_string(i));
  put(chat_, group_, "group");
  put(account_, node(5), "other partition");
  committed({.partition = chat_, .writes = {{node(3), std::nullopt}}});
  before_and_after_opening_again([&] {
    EXPECT_EQ(values_at({node(256), node(5), node(1), group_, node(3), node(2)}),
              (Texts{"256", "absent", "1", "group", "absent", "2"}));
    EXPECT_EQ(values_at({node(7), node(8)}), (Texts{"absent", "absent"}));
    EXPECT_EQ(values_at({{RowKind::tree_key, node(1).id}}), (Texts{"absent"})) << "of another kind";
  });
}

TEST_P(RowsContract, a_key_that_is_asked_for_twice_is_answered_twice) {
  put(chat_, node(1), "one");
  put(chat_, node(2), "two");
  before_and_after_opening_again([&] {
    EXPECT_EQ(values_at({node(2), node(1), node(2), node(3), node(3), node(2)}),
              (Texts{"two", "one", "two", "absent", "absent", "two"}));
  });
}

TEST_P(RowsContract, no_keys_are_answered_with_no_rows) {
  EXPECT_TRUE(ok(store().rows_at(chat_, {})).empty());
  put(chat_, node(1), "one");
  EXPECT_TRUE(ok(store().rows_at(chat_, {})).empty());
}

TEST_P(RowsContract, many_rows_are_each_as_asked_for_alone) {
  std::vector<RowKey> keys;
  for (std::uint32_t i = 0; i < 200; ++i) {
    keys.push_back(node((i * 7919) % 400));
    if (i % 3 != 0) put(chat_, keys.back(), std::string(i, 'x'));
  }
  put(chat_, keys[10], "again");
  before_and_after_opening_again([&] {
    const auto rows = ok(store().rows_at(chat_, keys));
    ASSERT_EQ(rows.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto alone = ok(store().row(chat_, keys[i]));
      ASSERT_EQ(rows[i].has_value(), alone.has_value()) << i;
      if (!alone) continue;
      EXPECT_EQ(rows[i]->key, keys[i]);
      EXPECT_EQ(rows[i]->value, alone->value);
      EXPECT_EQ(rows[i]->version, alone->version);
    }
  });
}

TEST_P(RowsContract, rows_on_disk_and_rows_written_since_are_answered_together) {
  for (std::uint32_t i = 0; i < 500; ++i) put(chat_, node(i), std::string(400, 'o'));
  under_test_->reopen();
  std::vector<RowKey> keys;
  for (std::uint32_t i = 0; i < 600; ++i) keys.push_back(node(i));
  committed({.partition = chat_, .writes = {{node(7), to_bytes("new")}, {node(9), std::nullopt}}});
  const auto values = values_at(keys);
  ASSERT_EQ(values.size(), keys.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string expected = i == 7 ? "new" : i == 9 || i >= 500 ? "absent" : std::string(400, 'o');
    EXPECT_EQ(values[i], expected) << i;
  }
}

// The writer goes on while this reads: with RocksDB on a thread of its own.
TEST_P(RowsContract, many_rows_are_of_one_moment_and_never_half_of_a_transaction) {
  constexpr std::uint32_t kRows = 100;
  constexpr int kTransactions = 200;
  std::vector<RowKey> keys;
  for (std::uint32_t i = 0; i < kRows; ++i) keys.push_back(node((i * 37) % kRows));
  bool written = false;
  TaskScope scope;
  scope.spawn([](RowsContract& self, const std::vector<RowKey>& all, bool& out) -> Task<void> {
    for (int n = 1; n <= kTransactions; ++n) {
      Transaction t{.partition = self.chat_};
      for (const auto& key : all) t.writes.push_back({key, to_bytes(std::to_string(n))});
      EXPECT_TRUE(co_await self.store().commit(std::move(t)));
    }
    out = true;
  }(*this, keys, written));
  while (!written) {
    const auto values = values_at(keys);
    ASSERT_EQ(values, Texts(kRows, values.front()));
  }
  EXPECT_EQ(values_at(keys), Texts(kRows, std::to_string(kTransactions)));
}

TEST_P(RowsContract, blocks_of_an_archive_are_rows_like_others_and_large) {
  const RowKey head{RowKind::archive_head, {}};
  const auto block = [](std::uint8_t seq) { return RowKey{RowKind::archive_block, {0, 0, 0, 0, 0, 0, 0, seq}}; };
  const auto large = [](std::uint8_t seq) { return Bytes(std::size_t{64} * 1024, seq); };
  for (std::uint8_t seq = 1; seq <= 20; ++seq) {
    Transaction t{.partition = account_, .writes = {{block(seq), large(seq)}, {head, Bytes{seq}}}};
    if (seq > 1) t.expects = {{head, ok(store().row(account_, head))->version}};
    committed(std::move(t));
  }
  const auto version = ok(store().row(account_, head))->version;
  put(account_partition(id<UserId>(8)), block(1), "other account");
  committed({.partition = account_, .writes = {{block(2), to_bytes("erased")}, {block(3), std::nullopt}}});
  EXPECT_TRUE(std::holds_alternative<Conflict>(
      commit({.partition = account_, .expects = {{head, version - 1}}, .writes = {{block(1), std::nullopt}}})));
  before_and_after_opening_again([&] {
    const auto rows = ok(store().rows_at(account_, {block(20), head, block(2), block(3), block(1)}));
    EXPECT_EQ(rows.at(0)->value, large(20));
    EXPECT_EQ(rows.at(1)->value, Bytes{20});
    EXPECT_EQ(rows.at(1)->version, version);
    EXPECT_EQ(text_of(rows.at(2)), "erased");
    EXPECT_FALSE(rows.at(3));
    EXPECT_EQ(rows.at(4)->value, large(1));
    const auto all = ok(store().rows(account_, RowKind::archive_block, {}, block(18).id, 100));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all.back().value, large(20));
    EXPECT_TRUE(std::holds_alternative<Conflict>(commit({.partition = account_, .expects = {{block(3), 1}}})));
  });
  under_test_->lose_power();
  EXPECT_EQ(ok(store().row(account_, block(19)))->value, large(19)) << "what was answered";
}

INSTANTIATE_TEST_SUITE_P(Stores, RowsContract, testing::ValuesIn(kStoreAdapters), name_of_adapter);

}  // namespace
}  // namespace kith::test
