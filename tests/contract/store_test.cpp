// What every Store must do: logs, commits, cursors, the outbox, and what lasts. Run by each adapter. Rows: see
// store_rows_test.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/contract/store_contract.h"

namespace kith::test {
namespace {

using namespace server::domain;  // NOLINT(google-build-using-namespace): this is about the port

TEST_P(StoreContract, seqs_are_contiguous_from_one_in_each_log) {
  const Partition other = partition_of(id<ConversationId>(2));
  EXPECT_EQ(append(chat_, 1, "a"), Seq{1});
  EXPECT_EQ(append(other, 1, "x"), Seq{1});
  EXPECT_EQ(append(chat_, 2, "b"), Seq{2});
  EXPECT_EQ(append(account_, 1, "m", to_bytes("device 1")), Seq{1});
  EXPECT_EQ(append(account_, 1, "n", to_bytes("device 2")), Seq{1});
  EXPECT_EQ(texts(chat_), (Texts{"a", "b"}));
  EXPECT_EQ(texts(account_, to_bytes("device 1")), (Texts{"m"}));
  EXPECT_EQ(texts(account_), Texts{});
}

TEST_P(StoreContract, a_record_comes_back_as_it_was_written) {
  const auto answer = committed({.partition = chat_, .appends = {{{}, id<ClientId>(9), body("hello")}}});
  const auto slice = ok(store().read(chat_, {}, {}, 1));
  ASSERT_EQ(slice.records.size(), 1U);
  EXPECT_EQ(slice.head, Seq{1});
  EXPECT_EQ(slice.records[0].seq, answer.seqs[0]);
  EXPECT_EQ(slice.records[0].time, answer.time);
  EXPECT_EQ(slice.records[0].client_id, id<ClientId>(9));
  EXPECT_EQ(as_text(slice.records[0].body), "hello");
}

TEST_P(StoreContract, a_reader_gets_what_is_behind_its_cursor_within_its_limit_but_at_least_one) {
  for (std::uint64_t i = 1; i <= 5; ++i) append(chat_, i, std::string(100, static_cast<char>('0' + i)));
  EXPECT_EQ(ok(store().read(chat_, {}, Seq{1}, 250)).records.size(), 2U);
  EXPECT_EQ(ok(store().read(chat_, {}, Seq{1}, 250)).records[0].seq, Seq{2});
  EXPECT_EQ(ok(store().read(chat_, {}, Seq{4}, 10)).records.size(), 1U);
  EXPECT_EQ(ok(store().read(chat_, {}, Seq{5}, 1000)).records.size(), 0U);
  EXPECT_EQ(ok(store().read(chat_, {}, Seq{50}, 1000)).head, Seq{5});
  const auto head_only = ok(store().read(chat_, {}, kEndOfLog, 0));
  EXPECT_TRUE(head_only.records.empty());
  EXPECT_EQ(head_only.head, Seq{5});
  EXPECT_EQ(ok(store().read(partition_of(id<ConversationId>(99)), {}, {}, 1000)).head, Seq{});
}

TEST_P(StoreContract, times_in_a_log_never_go_back) {
  const auto first = committed({.partition = chat_, .appends = {{{}, id<ClientId>(1), body("a")}}});
  under_test_->scheduler.set_now({first.time.value - 10'000});
  const auto second = committed({.partition = chat_, .appends = {{{}, id<ClientId>(2), body("b")}}});
  EXPECT_GE(second.time, first.time);
}

TEST_P(StoreContract, a_known_client_id_writes_nothing_and_gives_the_first_record) {
  append(chat_, 1, "a");
  append(chat_, 2, "b");
  const auto version = put(chat_, group_, "epoch 1");
  // Before the expectations: this one would not hold.
  const auto outcome = commit({.partition = chat_,
                               .expects = {{group_, version + 1}},
                               .writes = {{group_, to_bytes("epoch 2")}},
                               .appends = {{{}, id<ClientId>(1), body("other")}},
                               .outbox = {{.target = account_}}});
  ASSERT_TRUE(std::holds_alternative<Duplicate>(outcome));
  EXPECT_EQ(std::get<Duplicate>(outcome).first.seq, Seq{1});
  EXPECT_EQ(as_text(std::get<Duplicate>(outcome).first.body), "a");
  EXPECT_EQ(texts(chat_), (Texts{"a", "b"}));
  EXPECT_EQ(value(chat_, group_), "epoch 1");
  EXPECT_TRUE(ok(store().outbox(10)).empty());
}

TEST_P(StoreContract, client_ids_belong_to_their_log) {
  append(chat_, 1, "a");
  EXPECT_EQ(append(partition_of(id<ConversationId>(2)), 1, "x"), Seq{1});
  EXPECT_EQ(append(account_, 1, "m", to_bytes("device 1")), Seq{1});
}

TEST_P(StoreContract, find_tells_what_is_under_a_client_id) {
  append(chat_, 1, "a");
  const auto found = ok(store().find(chat_, {}, id<ClientId>(1)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->seq, Seq{1});
  EXPECT_EQ(as_text(found->body), "a");
  EXPECT_FALSE(ok(store().find(chat_, {}, id<ClientId>(2))));
  EXPECT_FALSE(ok(store().find(account_, {}, id<ClientId>(1))));
}

TEST_P(StoreContract, of_the_same_message_sent_twice_at_once_one_is_appended) {
  std::vector<CommitOutcome> outcomes;
  TaskScope scope;
  for (int i = 0; i < 5; ++i) {
    scope.spawn([](StoreContract& self, std::vector<CommitOutcome>& out) -> Task<void> {
      auto outcome =
          co_await self.store().commit({.partition = self.chat_, .appends = {{{}, id<ClientId>(1), body("a")}}});
      if (outcome) out.push_back(std::move(*outcome));
    }(*this, outcomes));
  }
  run_until([&] { return outcomes.size() == 5; });
  EXPECT_EQ(std::ranges::count_if(outcomes, [](const auto& o) { return std::holds_alternative<Committed>(o); }), 1);
  EXPECT_EQ(texts(chat_), (Texts{"a"}));
}

TEST_P(StoreContract, an_expectation_that_does_not_hold_changes_nothing) {
  const auto version = put(chat_, group_, "epoch 1");
  for (const Version wrong : {Version{0}, version - 1, version + 1}) {
    const auto outcome = commit({.partition = chat_,
                                 .expects = {{group_, wrong}},
                                 .writes = {{group_, to_bytes("epoch 2")}},
                                 .appends = {{{}, id<ClientId>(1), body("a")}},
                                 .outbox = {{.target = account_}}});
    ASSERT_TRUE(std::holds_alternative<Conflict>(outcome));
    EXPECT_EQ(std::get<Conflict>(outcome).key, group_);
    EXPECT_EQ(std::get<Conflict>(outcome).version, version);
  }
  EXPECT_EQ(value(chat_, group_), "epoch 1");
  EXPECT_EQ(texts(chat_), Texts{});
  EXPECT_FALSE(ok(store().find(chat_, {}, id<ClientId>(1))));
  EXPECT_TRUE(ok(store().outbox(10)).empty());
}

TEST_P(StoreContract, of_two_commits_that_expect_the_same_version_one_wins) {
  const auto version = put(chat_, group_, "epoch 1");
  std::vector<CommitOutcome> outcomes;
  TaskScope scope;
  for (std::uint64_t i = 0; i < 2; ++i) {
    scope.spawn(
        [](StoreContract& self, Version expected, std::uint64_t n, std::vector<CommitOutcome>& out) -> Task<void> {
          auto outcome = co_await self.store().commit({.partition = self.chat_,
                                                       .expects = {{self.group_, expected}},
                                                       .writes = {{self.group_, to_bytes("epoch 2")}},
                                                       .appends = {{{}, id<ClientId>(n), body("commit")}}});
          if (outcome) out.push_back(std::move(*outcome));
        }(*this, version, i, outcomes));
  }
  run_until([&] { return outcomes.size() == 2; });
  EXPECT_EQ(std::ranges::count_if(outcomes, [](const auto& o) { return std::holds_alternative<Committed>(o); }), 1);
  EXPECT_EQ(std::ranges::count_if(outcomes, [](const auto& o) { return std::holds_alternative<Conflict>(o); }), 1);
  EXPECT_EQ(texts(chat_).size(), 1U);
}

TEST_P(StoreContract, trimmed_records_are_gone_and_their_client_ids_are_not) {
  for (std::uint64_t i = 1; i <= 4; ++i) append(chat_, i, "text " + std::to_string(i));
  done(store().trim(chat_, {}, Seq{2}));
  const auto gone = run(store().read(chat_, {}, Seq{1}, 1000));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::trimmed);
  EXPECT_EQ(gone.error().first_seq, Seq{3});
  EXPECT_EQ(texts(chat_, {}, Seq{2}), (Texts{"text 3", "text 4"}));
  const auto again = commit({.partition = chat_, .appends = {{{}, id<ClientId>(1), body("text 1")}}});
  ASSERT_TRUE(std::holds_alternative<Duplicate>(again));
  EXPECT_EQ(std::get<Duplicate>(again).first.seq, Seq{1});
  EXPECT_TRUE(std::get<Duplicate>(again).first.body.empty());
  done(store().trim(chat_, {}, Seq{1}));  // never back
  done(store().trim(chat_, {}, Seq{100}));
  EXPECT_EQ(ok(store().read(chat_, {}, Seq{4}, 1000)).head, Seq{4});
  EXPECT_EQ(append(chat_, 5, "text 5"), Seq{5});
  EXPECT_EQ(texts(chat_, {}, Seq{4}), (Texts{"text 5"}));
}

TEST_P(StoreContract, a_log_that_was_trimmed_to_its_end_goes_on_after_opening_again) {
  for (std::uint64_t i = 1; i <= 200; ++i) append(chat_, i, "text");
  done(store().trim(chat_, {}, Seq{200}));
  under_test_->reopen();
  EXPECT_EQ(ok(store().read(chat_, {}, kEndOfLog, 0)).head, Seq{200});
  EXPECT_EQ(append(chat_, 201, "next"), Seq{201});
}

TEST_P(StoreContract, cursors_only_go_forward) {
  const auto chat = id<ConversationId>(1);
  const auto user = id<UserId>(7);
  const auto move = [&](std::uint64_t delivered, std::uint64_t read) {
    return ok(store().advance_cursor(chat, user, {{delivered}, {read}}));
  };
  EXPECT_EQ(move(5, 3), (CursorPosition{{5}, {3}}));
  EXPECT_EQ(move(4, 4), (CursorPosition{{5}, {4}}));
  EXPECT_EQ(move(1, 1), (CursorPosition{{5}, {4}}));
  const auto cursors = ok(store().cursors(chat));
  ASSERT_EQ(cursors.size(), 1U);
  EXPECT_EQ(cursors[0].user, user);
  EXPECT_EQ(cursors[0].position, (CursorPosition{{5}, {4}}));
  under_test_->reopen();
  EXPECT_EQ(ok(store().cursors(chat)).size(), 1U);
  EXPECT_EQ(move(6, 1), (CursorPosition{{6}, {4}}));
  const auto again = ok(store().cursors(chat));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].position, (CursorPosition{{6}, {4}}));
  EXPECT_TRUE(ok(store().cursors(id<ConversationId>(2))).empty());
}

TEST_P(StoreContract, one_cursor_is_read_by_itself) {
  const auto chat = id<ConversationId>(1);
  const auto user = id<UserId>(7);
  EXPECT_EQ(ok(store().cursor(chat, user)), CursorPosition{});
  for (std::uint64_t i = 1; i < 20; ++i) ok(store().advance_cursor(chat, id<UserId>(i), {{i}, {i}}));
  ok(store().advance_cursor(id<ConversationId>(2), user, {{99}, {99}}));
  EXPECT_EQ(ok(store().cursor(chat, user)), (CursorPosition{{7}, {7}}));
  under_test_->reopen();
  EXPECT_EQ(ok(store().cursor(chat, user)), (CursorPosition{{7}, {7}}));
  ok(store().advance_cursor(chat, user, {{9}, {8}}));
  EXPECT_EQ(ok(store().cursor(chat, user)), (CursorPosition{{9}, {8}})) << "what has only just moved is there";
  EXPECT_EQ(ok(store().cursor(chat, id<UserId>(77))), CursorPosition{});
}

class ChangedHeadsContract : public StoreContract {
 protected:
  void join(std::uint64_t chat) {
    put(account_, {RowKind::membership, to_bytes(id<ConversationId>(chat).view())}, "member");
  }
  std::vector<ConversationId> changed(ChangeNumber since) {
    std::vector<ConversationId> out;
    const auto heads = ok(store().heads_changed(id<UserId>(7), since, 100));
    for (const auto& head : heads.heads) out.push_back(head.conversation);
    upto_ = heads.upto;
    return out;
  }
  ChangeNumber upto_ = 0;
};

TEST_P(ChangedHeadsContract, tell_what_moved_since_and_nothing_else) {
  using Ids = std::vector<ConversationId>;
  for (std::uint64_t chat = 1; chat <= 3; ++chat) {
    append(partition_of(id<ConversationId>(chat)), 1, "first");
    join(chat);
  }
  append(partition_of(id<ConversationId>(4)), 1, "not a member");
  EXPECT_EQ(changed(0).size(), 3U);
  EXPECT_EQ(changed(upto_), Ids{});
  append(partition_of(id<ConversationId>(2)), 2, "second");
  const auto before = upto_;
  EXPECT_EQ(changed(before), Ids{id<ConversationId>(2)});
  const auto heads = ok(store().heads_changed(id<UserId>(7), before, 100));
  EXPECT_EQ(heads.heads[0].head, Seq{2});
  ok(store().advance_cursor(id<ConversationId>(3), id<UserId>(9), {{1}, {0}}));
  EXPECT_EQ(changed(upto_), Ids{id<ConversationId>(3)});
  ok(store().advance_cursor(id<ConversationId>(3), id<UserId>(9), {{1}, {0}}));
  EXPECT_EQ(changed(upto_), Ids{});
  // Joining counts as a change, however old the conversation is.
  join(4);
  EXPECT_EQ(changed(upto_), Ids{id<ConversationId>(4)});
}

TEST_P(ChangedHeadsContract, come_in_pages_that_miss_nothing) {
  for (std::uint64_t chat = 1; chat <= 25; ++chat) {
    append(partition_of(id<ConversationId>(chat)), 1, "first");
    join(chat);
  }
  std::vector<ConversationId> seen;
  ChangeNumber since = 0;
  for (;;) {
    const auto page = ok(store().heads_changed(id<UserId>(7), since, 10));
    for (const auto& head : page.heads) seen.push_back(head.conversation);
    EXPECT_LE(page.heads.size(), 10U);
    since = page.upto;
    if (!page.more) break;
  }
  EXPECT_EQ(seen.size(), 25U);
}

TEST_P(ChangedHeadsContract, hold_over_opening_again) {
  append(chat_, 1, "a");
  join(1);
  changed(0);
  const auto token = upto_;
  ok(store().advance_cursor(id<ConversationId>(1), id<UserId>(9), {{1}, {0}}));
  under_test_->reopen();
  EXPECT_EQ(changed(token).size(), 1U);
  EXPECT_GE(upto_, token);
  EXPECT_EQ(changed(upto_).size(), 0U);
  append(chat_, 2, "b");
  EXPECT_EQ(changed(upto_).size(), 1U);
}

TEST_P(StoreContract, outbox_rows_wait_in_order_until_they_are_done) {
  const auto target = account_partition(id<UserId>(8));
  committed({.partition = chat_,
             .appends = {{{}, id<ClientId>(1), body("commit")}},
             .outbox = {{.target = target, .writes = {{{RowKind::membership, to_bytes("x")}, to_bytes("1")}}},
                        {.target = target, .appends = {{to_bytes("device"), id<ClientId>(5), body("welcome")}}}}});
  committed({.partition = chat_, .outbox = {{.target = account_}}});
  under_test_->reopen();
  auto pending = ok(store().outbox(100));
  ASSERT_EQ(pending.size(), 3U);
  EXPECT_LT(pending[0].number, pending[1].number);
  EXPECT_LT(pending[1].number, pending[2].number);
  EXPECT_EQ(pending[0].source, chat_);
  EXPECT_EQ(pending[0].seqs, std::vector<Seq>{Seq{1}});
  EXPECT_EQ(pending[0].row.target, target);
  ASSERT_EQ(pending[0].row.writes.size(), 1U);
  EXPECT_EQ(as_text(*pending[0].row.writes[0].value), "1");
  ASSERT_EQ(pending[1].row.appends.size(), 1U);
  EXPECT_EQ(as_text(*pending[1].row.appends[0].body), "welcome");
  EXPECT_EQ(ok(store().outbox(2)).size(), 2U);
  done(store().outbox_done({pending[0].number, pending[2].number}));
  pending = ok(store().outbox(100));
  ASSERT_EQ(pending.size(), 1U);
  done(store().outbox_done({pending[0].number}));
  EXPECT_TRUE(ok(store().outbox(100)).empty());
  committed({.partition = chat_, .outbox = {{.target = account_}}});
  EXPECT_EQ(ok(store().outbox(100)).size(), 1U);
}

TEST_P(StoreContract, everything_is_there_after_opening_again) {
  const auto history = store().history_id();
  append(chat_, 1, "a");
  append(account_, 2, "m", to_bytes("device"));
  const auto version = put(chat_, group_, "epoch 1");
  under_test_->reopen();
  EXPECT_EQ(store().history_id(), history);
  EXPECT_EQ(texts(chat_), (Texts{"a"}));
  EXPECT_EQ(texts(account_, to_bytes("device")), (Texts{"m"}));
  EXPECT_EQ(ok(store().row(chat_, group_))->version, version);
  EXPECT_TRUE(
      std::holds_alternative<Duplicate>(commit({.partition = chat_, .appends = {{{}, id<ClientId>(1), body("a")}}})));
  EXPECT_EQ(append(chat_, 2, "b"), Seq{2});
  EXPECT_GT(put(chat_, group_, "epoch 2"), version);
}

TEST_P(StoreContract, power_loss_takes_nothing_that_was_answered) {
  const auto history = store().history_id();
  for (std::uint64_t i = 1; i <= 20; ++i) append(chat_, i, "text");
  const auto version = put(chat_, group_, "epoch 1");
  committed({.partition = chat_, .outbox = {{.target = account_}}});
  under_test_->lose_power();
  EXPECT_EQ(store().history_id(), history);
  EXPECT_EQ(texts(chat_).size(), 20U);
  EXPECT_EQ(ok(store().row(chat_, group_))->version, version);
  EXPECT_EQ(ok(store().outbox(10)).size(), 1U);
  EXPECT_EQ(append(chat_, 21, "text"), Seq{21});
  EXPECT_GT(put(chat_, group_, "epoch 2"), version);
}

TEST_P(StoreContract, a_reader_whose_store_is_gone_is_not_resumed) {
  bool resumed = false;
  {
    TaskScope scope;
    scope.spawn([](StoreContract& self, bool& out) -> Task<void> {
      (void)co_await self.store().commit({.partition = self.chat_, .appends = {{{}, id<ClientId>(1), body("a")}}});
      out = true;
    }(*this, resumed));
  }
  under_test_->reopen();
  under_test_->scheduler.run_ready();
  EXPECT_FALSE(resumed);
}

TEST_P(StoreContract, large_and_many_records_read_back_whole) {
  std::size_t bytes = 0;
  for (std::uint64_t i = 1; i <= 300; ++i) {
    const std::string text(1 + (i * 7919) % 5000, static_cast<char>('a' + i % 26));
    bytes += text.size();
    append(partition_of(id<ConversationId>(i % 5)), i, text);
  }
  under_test_->reopen();
  std::size_t read = 0;
  for (std::uint64_t chat = 0; chat < 5; ++chat) {
    Seq at{};
    for (;;) {
      const auto slice = ok(store().read(partition_of(id<ConversationId>(chat)), {}, at, 20'000));
      for (const auto& record : slice.records) {
        EXPECT_EQ(record.seq, at.next());
        at = record.seq;
        read += record.body.size();
      }
      if (at == slice.head) break;
    }
  }
  EXPECT_EQ(read, bytes);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::ValuesIn(kStoreAdapters), name_of_adapter);
INSTANTIATE_TEST_SUITE_P(Stores, ChangedHeadsContract, testing::ValuesIn(kStoreAdapters), name_of_adapter);

}  // namespace
}  // namespace kith::test
