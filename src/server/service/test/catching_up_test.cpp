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

TEST_F(CatchingUp, appends_of_one_device_are_limited) {
  w_.limits.appends_per_second = 1;
  auto group = w_.start_direct(ann_, bob_);
  w_.restart();
  std::string last = "ok";
  std::uint8_t sent = 0;
  for (; sent < 20 && last == "ok"; ++sent) {
    const auto payload = w_.message(group, "text");
    const auto request = w_.request(group, id(), static_cast<std::uint8_t>(sent + 2), payload);
    last = w_.error(service().append(ann_.caller(), request));
  }
  EXPECT_EQ(last, "rate_limited");
  EXPECT_EQ(sent, 11);
}

}  // namespace
}  // namespace kith::server::service::test
