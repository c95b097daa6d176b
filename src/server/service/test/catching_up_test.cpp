// Sync, receipts, mailbox, and what survives a lost relay.
#include "keys/conversation.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

using Heard = std::vector<std::string>;

class CatchingUp : public testing::Test {
 public:
  CatchingUp() : ann_(w_.register_person("+4911")), bob_(w_.register_person("+4922")) {}
  ConversationService& service() { return w_.node->conversations; }
  ConversationId id() const { return keys::direct_conversation(ann_.user, bob_.user); }
  void send(mls::Group& group, std::uint8_t client) {
    const auto payload = w_.message(group, "text");
    w_.ok(service().append(ann_.caller(), w_.request(group, id(), client, payload)));
  }
  // What each of several messages that Ann sends in one go was answered within `limit`: its place in the log, or why
  // not.
  std::vector<std::string> send_at_once(mls::Group& group, std::size_t count, std::chrono::milliseconds limit) {
    std::vector<std::string> answers(count, "nothing yet");
    std::vector<Bytes> payloads;
    TaskScope scope;
    for (std::size_t i = 0; i < count; ++i) payloads.push_back(w_.message(group, "text"));
    for (std::size_t i = 0; i < count; ++i) {
      const auto request = w_.request(group, id(), static_cast<std::uint8_t>(i + 2), payloads[i]);
      scope.spawn(keep(service().append(ann_.caller(), request), answers[i]));
    }
    w_.scheduler.run_for(limit);
    return answers;
  }
  static Task<void> keep(Task<Result<Appended>> sending, std::string& answer) {
    const auto result = co_await std::move(sending);
    answer = result ? std::to_string(result->seq.value) : domain::name_of(result.error().code);
  }
  World w_;
  Person ann_, bob_;
};

TEST_F(CatchingUp, sync_tells_what_changed_since_its_token) {
  auto group = w_.start_direct(ann_, bob_);
  send(group, 2);
  auto sync = w_.ok(service().sync(bob_.caller(), {}));
  ASSERT_EQ(sync.heads.size(), 1U);
  EXPECT_EQ(sync.heads[0].conversation, id());
  EXPECT_EQ(sync.heads[0].head, Seq{2});
  EXPECT_EQ(sync.heads[0].epoch, Epoch{1});
  EXPECT_EQ(sync.mailbox_head, Seq{1});
  EXPECT_EQ(sync.history_id, w_.store.history_id());
  EXPECT_FALSE(sync.more);
  sync = w_.ok(service().sync(bob_.caller(), sync.token));
  EXPECT_TRUE(sync.heads.empty());
  send(group, 3);
  EXPECT_EQ(w_.ok(service().sync(bob_.caller(), sync.token)).heads.size(), 1U);
  w_.ok(service().set_cursor(ann_.caller(), id(), {{3}, {3}}));
  const auto moved = w_.ok(service().sync(bob_.caller(), sync.token));
  ASSERT_EQ(moved.heads.size(), 1U);
  ASSERT_EQ(moved.heads[0].cursors.size(), 1U);
  EXPECT_EQ(moved.heads[0].cursors[0].user, ann_.user);
  EXPECT_EQ(moved.heads[0].cursors[0].position.read, Seq{3});
}

TEST_F(CatchingUp, a_token_of_another_history_is_as_good_as_none) {
  auto group = w_.start_direct(ann_, bob_);
  auto token = w_.ok(service().sync(bob_.caller(), {})).token;
  token[3] ^= 1;
  EXPECT_EQ(w_.ok(service().sync(bob_.caller(), token)).heads.size(), 1U);
  EXPECT_EQ(w_.ok(service().sync(bob_.caller(), to_bytes("nonsense"))).heads.size(), 1U);
}

TEST_F(CatchingUp, receipts_are_hinted_to_the_peer_at_once_and_then_once_a_second_with_the_last_value) {
  auto group = w_.start_direct(ann_, bob_);
  for (std::uint8_t i = 2; i <= 9; ++i) send(group, i);
  const auto ann_hears = w_.listen(ann_);
  const auto bob_hears = w_.listen(bob_);
  w_.scheduler.run_ready();
  bob_hears->clear();
  const auto move = [&](std::uint64_t delivered, std::uint64_t read) {
    w_.ok(service().set_cursor(bob_.caller(), id(), {{delivered}, {read}}));
    w_.scheduler.run_ready();
  };
  move(2, 0);
  EXPECT_EQ(*ann_hears, Heard{"cursor 2/0"});
  move(3, 0);
  move(4, 3);
  EXPECT_EQ(*ann_hears, Heard{"cursor 2/0"});
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(*ann_hears, (Heard{"cursor 2/0", "cursor 4/3"}));
  move(5, 5);
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(*ann_hears, (Heard{"cursor 2/0", "cursor 4/3", "cursor 5/5"}));
  w_.scheduler.run_for(std::chrono::seconds(5));
  move(6, 6);
  EXPECT_EQ(ann_hears->back(), "cursor 6/6");
  EXPECT_EQ(*bob_hears, Heard{});
}

TEST_F(CatchingUp, a_receipt_for_what_is_not_there_is_refused_and_one_that_goes_back_changes_nothing) {
  auto group = w_.start_direct(ann_, bob_);
  send(group, 2);
  w_.ok(service().set_cursor(bob_.caller(), id(), {{0}, {2}}));
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(service().set_cursor(bob_.caller(), id(), {{3}, {0}})), "invalid_argument");
  EXPECT_EQ(w_.error(service().set_cursor(bob_.caller(), id(), {{0}, {3}})), "invalid_argument");
  EXPECT_EQ(w_.error(service().set_cursor(bob_.caller(), id(), {{1}, {1}})), "ok");
  EXPECT_EQ(w_.dump(), before);
  // What was read was delivered.
  EXPECT_EQ(w_.ok(w_.store.cursors(id()))[0].position, (domain::CursorPosition{{2}, {2}}));
}

TEST_F(CatchingUp, a_mailbox_forgets_what_its_device_has_and_says_so) {
  w_.start_direct(ann_, bob_);
  EXPECT_EQ(w_.error(service().trim_mailbox(bob_.caller(), Seq{2})), "invalid_argument");
  w_.ok(service().trim_mailbox(bob_.caller(), Seq{1}));
  const auto gone = w_.run(service().read_mailbox(bob_.caller(), {}, 1000));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::trimmed);
  EXPECT_EQ(gone.error().first_seq, Seq{2});
  EXPECT_TRUE(w_.ok(service().read_mailbox(bob_.caller(), Seq{1}, 1000)).mails.empty());
}

TEST_F(CatchingUp, relaying_twice_changes_nothing) {
  w_.start_direct(ann_, bob_);
  const auto once = w_.dump();
  // The rows were carried, and the note that they were was lost: the relay finds them again.
  World fresh;
  auto ann = fresh.register_person("+4911");
  const auto bob = fresh.register_person("+4922");
  const auto beginning = fresh.begin_direct(ann, bob);
  fresh.engine.fail_before = [](std::string_view operation) { return operation == "outbox_done"; };
  fresh.ok(fresh.node->conversations.create_direct(ann.caller(), beginning.request(bob.user)));
  fresh.relayed();
  const auto pending = fresh.ok(fresh.store.outbox(100));
  EXPECT_EQ(pending.size(), 2U);
  EXPECT_EQ(fresh.ok(fresh.node->conversations.read_mailbox(bob.caller(), {}, 1 << 20)).mails.size(), 1U);
  fresh.relayed();
  fresh.engine.fail_before = nullptr;
  fresh.scheduler.run_for(std::chrono::seconds(2));
  EXPECT_TRUE(fresh.ok(fresh.store.outbox(100)).empty());
  EXPECT_EQ(fresh.ok(fresh.node->conversations.read_mailbox(bob.caller(), {}, 1 << 20)).mails.size(), 1U);
  EXPECT_EQ(fresh.ok(fresh.node->conversations.sync(bob.caller(), {})).heads.size(), 1U);
  EXPECT_EQ(fresh.dump(), once);
}

TEST_F(CatchingUp, a_node_that_starts_relays_what_the_last_one_left) {
  const auto beginning = w_.begin_direct(ann_, bob_);
  w_.engine.fail_before = [](std::string_view operation) { return operation == "outbox"; };
  w_.ok(service().create_direct(ann_.caller(), beginning.request(bob_.user)));
  w_.scheduler.run_ready();
  EXPECT_TRUE(w_.ok(service().read_mailbox(bob_.caller(), {}, 1000)).mails.empty());
  w_.node.reset();
  w_.engine.fail_before = nullptr;
  w_.restart();
  w_.scheduler.run_ready();
  EXPECT_EQ(w_.ok(service().read_mailbox(bob_.caller(), {}, 1 << 20)).mails.size(), 1U);
}

TEST_F(CatchingUp, what_a_device_sends_at_once_enters_the_log_in_order_though_the_first_read_is_slow) {
  auto group = w_.start_direct(ann_, bob_);
  w_.restart();
  int reads = 0;
  w_.engine.delay = [&](std::string_view operation) {
    return std::chrono::milliseconds(operation == "row" && reads++ == 0 ? 50 : 0);
  };
  EXPECT_EQ(send_at_once(group, 3, std::chrono::seconds(1)), (std::vector<std::string>{"2", "3", "4"}));
}

TEST_F(CatchingUp, a_device_over_its_rate_waits_in_order_and_is_refused_when_that_would_take_too_long) {
  w_.limits.appends_per_second = 1;
  auto group = w_.start_direct(ann_, bob_);
  w_.restart();
  const std::vector<std::string> all{"2",  "3",  "4",  "5",  "6",  "7",  "8",  "9",
                                     "10", "11", "12", "13", "14", "15", "16", "rate_limited"};
  EXPECT_EQ(send_at_once(group, 16, std::chrono::seconds(6)), all);
}

TEST_F(CatchingUp, the_rate_of_a_device_is_not_that_of_another_users_device_of_the_same_id) {
  w_.limits.appends_per_second = 1;
  auto group = w_.start_direct(ann_, bob_);
  w_.restart();
  auto impostor = bob_;
  impostor.device = ann_.device;
  const auto payload = w_.message(group, "text");
  for (int i = 0; i < 40; ++i) {
    (void)w_.run(service().append(impostor.caller(), w_.request(group, id(), 100, payload)));
  }
  EXPECT_EQ(send_at_once(group, 1, {}), std::vector<std::string>{"2"});
}

}  // namespace
}  // namespace kith::server::service::test
