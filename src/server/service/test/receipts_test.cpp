// Receipts of groups of several sizes: who hears of them, who is told, and how many are counted. The groups are written
// into the store as commits write them, of users without keys.
#include <gtest/gtest.h>

#include "server/domain/receipts.h"
#include "server/domain/records.h"
#include "server/domain/stored_group.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

using Heard = std::vector<std::string>;
using domain::ReceiptCounts;

class GroupReceipts : public testing::Test {
 public:
  ConversationService& service() { return w_.node->conversations; }
  static Person person(std::size_t number) {
    Person person;
    for (std::size_t i = 0; i < 2; ++i) {
      person.user.value[i] = person.device.value[i] = static_cast<std::uint8_t>(number >> (8 - 8 * i));
    }
    person.user.value[15] = 1;
    return person;
  }
  static Caller caller(std::size_t number) { return person(number).caller(); }
  // The other device of the first of all.
  static Person laptop() {
    Person other = person(0);
    other.device.value[15] = 1;
    return other;
  }

  // A group of the first so many people, in epoch 1; and who is in it from the next epoch on.
  void begin(std::size_t members) { become(numbers(0, members)); }
  static std::vector<std::size_t> numbers(std::size_t from, std::size_t to) {
    std::vector<std::size_t> all;
    for (std::size_t i = from; i < to; ++i) all.push_back(i);
    return all;
  }
  void become(const std::vector<std::size_t>& members) {
    domain::GroupRecord after{kind_, 0, Epoch{group_.epoch.value + 1}, {}, {}};
    if (kind_ == domain::ConversationKind::group)
      after.policy = keys::GroupPolicy::founded(caller(0).user, client_id(1));
    std::uint32_t leaf = 0;
    for (const std::size_t number : members)
      after.seats.push_back({{leaf++}, caller(number).user, caller(number).device});
    if (has_laptop_) after.seats.push_back({{leaf++}, caller(0).user, laptop().device});
    const auto users_before = domain::users_of(group_.seats), users_after = domain::users_of(after.seats);
    std::vector<UserId> came;
    std::ranges::set_difference(users_after, users_before, std::back_inserter(came));
    const domain::Notes notes;
    domain::Transaction t{.partition = domain::partition_of(id_)};
    t.writes = domain::rows_of({.before = group_.seats.empty() ? nullptr : &group_,
                                .group_info_before = {},
                                .after = after,
                                .group_info = {},
                                .head = {},
                                .tree = {},
                                .replaced = {},
                                .notes = notes,
                                .came = came,
                                .gone = {}});
    w_.ok(w_.store.commit(std::move(t)));
    group_ = std::move(after);
  }
  // In the log, by the first of all.
  void write() {
    domain::Transaction t{.partition = domain::partition_of(id_)};
    const Bytes body = domain::entry_body(caller(0), domain::EntryKind::application, group_.epoch, as_view("x"));
    t.appends.push_back({{}, client_id(++written_), std::make_shared<const Bytes>(body)});
    w_.ok(w_.store.commit(std::move(t)));
  }
  std::string has(std::size_t who, std::uint64_t delivered, std::uint64_t read = 0) {
    return w_.error(service().set_cursor(caller(who), id_, {{delivered}, {read}}));
  }
  std::shared_ptr<Heard> listen(std::size_t who) { return w_.listen(person(who)); }
  ReceiptCounts counts(std::size_t who, std::uint64_t entry) {
    const auto told = w_.ok(service().receipts(caller(who), id_, Seq{entry}));
    EXPECT_TRUE(told.counts.has_value());
    return told.counts.value_or(ReceiptCounts{});
  }
  std::string refused(std::size_t who, std::uint64_t entry) {
    return w_.error(service().receipts(caller(who), id_, Seq{entry}));
  }
  // As text, in the order of the users: "3/2 4/4".
  std::string cursors(std::size_t who) {
    std::string text;
    for (const auto& cursor : w_.ok(service().receipts(caller(who), id_, {})).cursors) {
      text += (text.empty() ? "" : " ") + std::to_string(cursor.position.delivered.value) + "/" +
              std::to_string(cursor.position.read.value);
    }
    return text;
  }

  World w_;
  ConversationId id_{{7}};
  domain::ConversationKind kind_ = domain::ConversationKind::group;
  domain::GroupRecord group_;
  bool has_laptop_ = false;
  std::uint8_t written_ = 0;
};

TEST_F(GroupReceipts, what_moves_within_a_second_is_one_hint_to_all_of_a_small_group) {
  begin(16);
  write();
  const auto first_hears = listen(0), last_hears = listen(15);
  for (std::size_t who = 1; who < 16; ++who) ASSERT_EQ(has(who, 1), "ok");
  ASSERT_EQ(has(3, 1, 1), "ok");
  w_.scheduler.run_for(std::chrono::milliseconds(999));
  EXPECT_EQ(*first_hears, Heard{});
  w_.scheduler.run_for(std::chrono::milliseconds(1));
  const Heard all{"cursors 1/0 1/0 1/1 1/0 1/0 1/0 1/0 1/0 1/0 1/0 1/0 1/0 1/0 1/0 1/0"};
  EXPECT_EQ(*first_hears, all);
  EXPECT_EQ(*last_hears, all);
  ASSERT_EQ(has(1, 1, 1), "ok");
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(first_hears->back(), "cursors 1/1") << "what had moved before is not told again";
  w_.scheduler.run_for(std::chrono::seconds(10));
  EXPECT_EQ(first_hears->size(), 2U);
}

TEST_F(GroupReceipts, are_hinted_to_those_who_watch_where_the_group_is_larger_and_to_nobody_where_it_is_large) {
  begin(17);
  write();
  const auto hears = listen(0);
  ASSERT_EQ(has(5, 1), "ok");
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(*hears, Heard{"watching: cursors 1/0"});
  become(numbers(0, 256));
  ASSERT_EQ(has(255, 1), "ok");
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(*hears, (Heard{"watching: cursors 1/0", "watching: cursors 1/0"}));
  become(numbers(0, 257));
  ASSERT_EQ(has(256, 1), "ok");
  w_.scheduler.run_for(std::chrono::seconds(5));
  EXPECT_EQ(hears->size(), 2U);
}

class OwnReceipts : public GroupReceipts {
 public:
  OwnReceipts() { has_laptop_ = true; }
  void has_on_laptop(std::uint64_t delivered, std::uint64_t read) {
    w_.ok(service().set_cursor(laptop().caller(), id_, {{delivered}, {read}}));
    w_.scheduler.run_ready();
  }
  void has_here(std::uint64_t delivered, std::uint64_t read) {
    ASSERT_EQ(has(0, delivered, read), "ok");
    w_.scheduler.run_ready();
  }
  std::shared_ptr<Heard> phone_hears_ = listen(0), laptop_hears_ = w_.listen(laptop());
};

TEST_F(OwnReceipts, of_a_direct_conversation_reach_the_other_devices_of_who_read_at_once) {
  kind_ = domain::ConversationKind::direct;
  begin(2);
  for (int i = 0; i < 9; ++i) write();
  const auto peer_hears = listen(1);
  has_here(2, 2);
  EXPECT_EQ(*laptop_hears_, Heard{"cursor 2/2"});
  EXPECT_EQ(*peer_hears, Heard{"cursor 2/2"});
  EXPECT_EQ(*phone_hears_, Heard{}) << "it knows";
  has_here(3, 3);
  has_here(4, 4);
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(*laptop_hears_, (Heard{"cursor 2/2", "cursor 4/4"}));
  EXPECT_EQ(*phone_hears_, Heard{});
  // Where both moved within a second, neither knows all of it.
  has_on_laptop(6, 5);
  has_here(5, 5);
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(phone_hears_->back(), "cursor 6/5");
  EXPECT_EQ(laptop_hears_->back(), "cursor 6/5");
  ASSERT_EQ(has(1, 9, 9), "ok");
  w_.scheduler.run_for(std::chrono::seconds(2));
  EXPECT_EQ(phone_hears_->back(), "cursor 9/9");
  EXPECT_EQ(laptop_hears_->back(), "cursor 9/9");
  EXPECT_EQ(std::ranges::count(*peer_hears, "cursor 9/9"), 0) << "who has no other device hears nothing of its own";
}

TEST_F(OwnReceipts, of_a_group_reach_the_other_devices_of_who_read_however_large_it_is) {
  for (const std::size_t size : {3U, 17U, 257U}) {
    group_ = {};
    written_ = 0;
    id_.value[0] += 1;
    begin(size);
    write();
    const auto other_hears = listen(1);
    laptop_hears_->clear();
    has_here(1, 1);
    w_.scheduler.run_for(std::chrono::seconds(2));
    EXPECT_EQ(std::ranges::count(*laptop_hears_, "cursors 1/1"), 1) << size << ": whether it watches or not";
    EXPECT_EQ(std::ranges::count(*other_hears, "cursors 1/1"), size == 3 ? 1 : 0) << size;
  }
}

TEST_F(GroupReceipts, are_hinted_neither_to_nor_of_somebody_who_left_before_the_second_was_over) {
  begin(3);
  write();
  const auto first_hears = listen(0), third_hears = listen(2);
  ASSERT_EQ(has(1, 1), "ok");
  ASSERT_EQ(has(2, 1, 1), "ok");
  become(numbers(0, 2));
  w_.scheduler.run_for(std::chrono::seconds(2));
  EXPECT_EQ(*first_hears, Heard{"cursors 1/0"});
  EXPECT_EQ(*third_hears, Heard{});
}

TEST_F(GroupReceipts, are_told_of_each_member_and_of_nobody_else) {
  begin(256);
  write();
  ASSERT_EQ(has(1, 1), "ok");
  ASSERT_EQ(has(2, 1, 1), "ok");
  ASSERT_EQ(has(255, 1), "ok");
  EXPECT_EQ(cursors(0), "1/0 1/1 1/0");
  become(numbers(0, 255));
  EXPECT_EQ(cursors(0), "1/0 1/1");
  EXPECT_EQ(refused(255, 1), "not_member");
  EXPECT_EQ(w_.error(service().check_member(caller(255), id_)), "not_member");
  EXPECT_EQ(w_.error(service().check_member(caller(0), id_)), "ok");
  EXPECT_EQ(w_.error(service().check_member(caller(0), ConversationId{{8}})), "not_member");
}

TEST_F(GroupReceipts, of_a_large_group_are_counted_among_those_who_were_in_and_still_are) {
  begin(260);
  write();
  for (std::size_t who = 0; who < 100; ++who) ASSERT_EQ(has(who, 1, who < 40 ? 1 : 0), "ok");
  EXPECT_EQ(counts(0, 1), (ReceiptCounts{.of = 259, .delivered = 99, .read = 39})) << "who wrote it is not counted";
  EXPECT_EQ(counts(50, 1), counts(0, 1));
  // Two leave, of whom one had it; three come, who have read more than they will ever see.
  auto members = numbers(0, 263);
  std::erase(members, 99U);
  std::erase(members, 200U);
  become(members);
  write();
  for (std::size_t who = 260; who < 263; ++who) ASSERT_EQ(has(who, 2, 2), "ok");
  EXPECT_EQ(counts(0, 1), (ReceiptCounts{.of = 257, .delivered = 98, .read = 39}));
  EXPECT_EQ(counts(0, 2), (ReceiptCounts{.of = 260, .delivered = 3, .read = 3}));
  EXPECT_EQ(refused(261, 1), "not_found") << "of before it was in";
  EXPECT_EQ(refused(261, 2), "ok");
}

TEST_F(GroupReceipts, of_a_large_group_are_those_of_an_entry_in_the_log_and_not_asked_for_without_end) {
  w_.limits.receipt_counts_per_minute = 5;
  w_.restart();
  begin(257);
  write();
  EXPECT_EQ(refused(0, 0), "invalid_argument");
  EXPECT_EQ(refused(0, 2), "invalid_argument");
  EXPECT_EQ(refused(257, 1), "not_member");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(refused(0, 1), "ok");
  EXPECT_EQ(refused(0, 1), "rate_limited");
  EXPECT_EQ(refused(1, 1), "ok") << "each has a rate of their own";
  w_.scheduler.run_for(std::chrono::seconds(12));
  EXPECT_EQ(refused(0, 1), "ok");
}

TEST_F(GroupReceipts, of_many_groups_are_synced_in_several_answers) {
  // So many that one answer with all of them would not fit a frame.
  constexpr std::uint8_t kGroups = 60;
  std::set<ConversationId> expected;
  for (std::uint8_t i = 1; i <= kGroups; ++i) {
    id_ = ConversationId{{i}};
    group_ = {};
    written_ = 0;
    begin(256);
    write();
    for (std::size_t who = 0; who < 256; ++who) w_.ok(w_.store.advance_cursor(id_, caller(who).user, {{1}, {}}));
    domain::Transaction t{.partition = domain::account_partition(caller(0).user)};
    t.writes.push_back({{domain::RowKind::membership, to_bytes(id_.view())}, Bytes{1}});
    w_.ok(w_.store.commit(std::move(t)));
    expected.insert(id_);
  }
  std::set<ConversationId> seen;
  Bytes token;
  bool more = true;
  int answers = 0;
  for (; more && answers < 100; ++answers) {
    const auto told = w_.ok(service().sync(caller(0), token));
    std::size_t cursors = 0;
    for (const auto& head : told.heads) {
      seen.insert(head.conversation);
      cursors += head.cursors.size();
      EXPECT_EQ(head.cursors.size(), 256U);
    }
    EXPECT_LE(cursors, 4096U);
    token = told.token;
    more = told.more;
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(answers, 4);
  EXPECT_TRUE(w_.ok(service().sync(caller(0), token)).heads.empty());
}

TEST_F(GroupReceipts, of_a_large_group_are_synced_to_their_own_account_alone) {
  begin(257);
  write();
  ASSERT_EQ(has(0, 1, 1), "ok");
  ASSERT_EQ(has(1, 1), "ok");
  domain::Transaction t{.partition = domain::account_partition(caller(0).user)};
  t.writes.push_back({{domain::RowKind::membership, to_bytes(id_.view())}, Bytes{1}});
  w_.ok(w_.store.commit(std::move(t)));
  int read_all = 0;
  w_.engine.fail_before = [&](std::string_view operation) { return operation == "cursors" && ++read_all > 0; };
  const auto told = w_.ok(service().sync(caller(0), {}));
  w_.engine.fail_before = nullptr;
  EXPECT_EQ(read_all, 0) << "nobody else's is read for that";
  ASSERT_EQ(told.heads.size(), 1U);
  ASSERT_EQ(told.heads[0].cursors.size(), 1U);
  EXPECT_EQ(told.heads[0].cursors[0].user, caller(0).user);
  EXPECT_EQ(told.heads[0].cursors[0].position, (domain::CursorPosition{{1}, {1}}));
}

}  // namespace
}  // namespace kith::server::service::test
