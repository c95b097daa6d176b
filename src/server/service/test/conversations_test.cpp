#include <algorithm>
#include <functional>

#include "server/service/test/direct_chat.h"

namespace kith::server::service::test {
namespace {

using Heard = std::vector<std::string>;
using Conversations = DirectChat;

TEST_F(Conversations, a_message_is_stored_answered_and_hinted_to_everybody_but_its_device) {
  auto group = w_.start_direct(ann_, bob_);
  const auto ann_hears = w_.listen(ann_);
  const auto bob_hears = w_.listen(bob_);
  w_.hints.encoded = 0;
  const auto answer = append(ann_, group, 2, "hello");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->seq, Seq{2});
  EXPECT_FALSE(answer->duplicate);
  w_.scheduler.run_ready();
  EXPECT_EQ(*ann_hears, Heard{});
  EXPECT_EQ(*bob_hears, Heard{"entry 2"});
  EXPECT_EQ(w_.hints.encoded, 1);

  auto bobs = join(bob_);
  const auto read = w_.ok(service().read(bob_.caller(), id(), Seq{1}, 1 << 20));
  ASSERT_EQ(read.entries.size(), 1U);
  EXPECT_EQ(read.entries[0].sender, ann_.caller());
  EXPECT_EQ(read.entries[0].client_id, client_id(2));
  EXPECT_EQ(read.entries[0].kind, domain::EntryKind::application);
  const auto opened = bobs.unprotect(read.entries[0].payload);
  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(opened->data), "hello");
}

TEST_F(Conversations, a_device_that_has_the_id_of_anothers_is_told_all_the_same) {
  auto group = w_.start_direct(ann_, bob_);
  Person namesake = bob_;
  namesake.device = ann_.device;
  const auto hears = w_.listen(namesake);
  ASSERT_TRUE(append(ann_, group, 2, "hello"));
  w_.scheduler.run_ready();
  EXPECT_EQ(*hears, Heard{"entry 2"});
}

TEST_F(Conversations, a_rate_is_of_a_device_and_not_of_whoever_took_its_id) {
  w_.limits.appends_per_second = 0.1;
  w_.restart();
  auto group = w_.start_direct(ann_, bob_);
  Person namesake = eve_;
  namesake.device = ann_.device;
  for (int i = 0; i < 3; ++i) EXPECT_NE(append(namesake, group, 9, "none of mine").has_value(), true);
  EXPECT_EQ(append(namesake, group, 9, "none of mine").error().code, Errc::rate_limited);
  EXPECT_TRUE(append(ann_, group, 2, "hello"));
}

TEST_F(Conversations, creating_one_puts_the_commit_into_the_log_and_a_welcome_into_the_mailbox) {
  const auto bob_hears = w_.listen(bob_);
  w_.start_direct(ann_, bob_);
  w_.scheduler.run_ready();
  EXPECT_NE(std::ranges::find(*bob_hears, "mail 1"), bob_hears->end());
  const auto mails = w_.ok(service().read_mailbox(bob_.caller(), {}, 1 << 20));
  ASSERT_EQ(mails.mails.size(), 1U);
  EXPECT_EQ(mails.mails[0].conversation, id());
  EXPECT_EQ(mails.mails[0].conversation_seq, Seq{1});
  EXPECT_EQ(mails.mails[0].sender, ann_.user);
  EXPECT_EQ(join(bob_).epoch(), 1U);
  const auto state = w_.ok(service().get_group(bob_.caller(), {id()}));
  EXPECT_EQ(state.epoch, Epoch{1});
  EXPECT_EQ(state.head, Seq{1});
}

TEST_F(Conversations, the_same_client_id_gets_the_first_answer_and_its_hints_again) {
  auto group = w_.start_direct(ann_, bob_);
  const auto payload = w_.message(group, "hello");
  const auto request = w_.request(group, id(), 2, payload);
  const auto first = w_.ok(service().append(ann_.caller(), request));
  const auto bob_hears = w_.listen(bob_);
  const auto before = w_.dump();
  const auto again = w_.ok(service().append(ann_.caller(), request));
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_EQ(again.time, first.time);
  EXPECT_TRUE(again.duplicate);
  w_.scheduler.run_ready();
  EXPECT_EQ(*bob_hears, Heard{"entry 2"});
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_client_id_with_another_payload_is_refused) {
  auto group = w_.start_direct(ann_, bob_);
  ASSERT_TRUE(append(ann_, group, 2, "hello"));
  const auto before = w_.dump();
  EXPECT_EQ(append(ann_, group, 2, "other").error().code, Errc::client_id_reused);
  auto bobs = join(bob_);
  EXPECT_EQ(append(bob_, bobs, 2, "mine").error().code, Errc::client_id_reused);
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, strangers_learn_nothing_and_change_nothing) {
  auto group = w_.start_direct(ann_, bob_);
  const auto before = w_.dump();
  EXPECT_EQ(append(eve_, group, 2, "hello").error().code, Errc::not_member);
  EXPECT_EQ(w_.error(service().read(eve_.caller(), id(), {}, 100)), "not_member");
  EXPECT_EQ(w_.error(service().get_group(eve_.caller(), {id()})), "not_member");
  EXPECT_EQ(w_.error(service().set_cursor(eve_.caller(), id(), {{1}, {1}})), "not_member");
  EXPECT_EQ(w_.error(service().read(eve_.caller(), ConversationId{}, {}, 100)), "not_member");
  // A member's device that is no leaf can't have encrypted anything.
  Person other_device = ann_;
  other_device.device.value[0] ^= 1;
  EXPECT_EQ(append(other_device, group, 2, "hello").error().code, Errc::not_member);
  EXPECT_TRUE(w_.ok(service().sync(eve_.caller(), {})).heads.empty());
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_payload_that_is_not_what_the_request_says_is_refused) {
  auto group = w_.start_direct(ann_, bob_);
  const auto good = w_.message(group, "hello");
  const auto before = w_.dump();
  const auto attempt = [&](ByteView payload, Epoch epoch) {
    return w_.error(service().append(ann_.caller(), {id(), client_id(2), epoch, payload}));
  };
  EXPECT_EQ(attempt({}, Epoch{1}), "invalid_argument");
  EXPECT_EQ(attempt(to_bytes("not an MLS message"), Epoch{1}), "invalid_argument");
  EXPECT_EQ(attempt(ByteView(good).first(good.size() - 1), Epoch{1}), "invalid_argument");
  auto trailing = good;
  trailing.push_back(0);
  EXPECT_EQ(attempt(trailing, Epoch{1}), "invalid_argument");
  auto other_group = good;
  other_group[6] ^= 1;
  EXPECT_EQ(attempt(other_group, Epoch{1}), "invalid_argument");
  EXPECT_EQ(attempt(good, Epoch{2}), "invalid_argument");
  EXPECT_EQ(attempt(Bytes(domain::kMaxPayloadBytes + 1), Epoch{1}), "too_large");
  EXPECT_EQ(attempt(group.group_info(true), Epoch{1}), "invalid_argument");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, of_two_who_begin_the_same_conversation_at_once_one_wins) {
  const auto by_ann = w_.begin_direct(ann_, bob_, 1);
  const auto by_bob = w_.begin_direct(bob_, ann_, 2);
  EXPECT_EQ(by_ann.id, by_bob.id);
  std::vector<std::string> answers;
  const auto begin = [](Conversations& self, const Person& who, const Beginning& what, const UserId& peer,
                        std::vector<std::string>& out) -> Task<void> {
    const auto answer = co_await self.service().create_direct(who.caller(), what.request(peer));
    out.emplace_back(answer ? "ok" : domain::name_of(answer.error().code));
  };
  TaskScope scope;
  scope.spawn(begin(*this, ann_, by_ann, bob_.user, answers));
  scope.spawn(begin(*this, bob_, by_bob, ann_.user, answers));
  w_.scheduler.run_ready();
  std::ranges::sort(answers);
  EXPECT_EQ(answers, (std::vector<std::string>{"conversation_exists", "ok"}));
  EXPECT_EQ(w_.ok(service().read(ann_.caller(), id(), {}, 1 << 20)).entries.size(), 1U);
  EXPECT_EQ(w_.ok(service().read_mailbox(ann_.caller(), {}, 1 << 20)).mails.size() +
                w_.ok(service().read_mailbox(bob_.caller(), {}, 1 << 20)).mails.size(),
            1U);
}

TEST_F(Conversations, beginning_again_after_a_lost_answer_gets_the_first_one) {
  const auto beginning = w_.begin_direct(ann_, bob_);
  const auto first = w_.ok(service().create_direct(ann_.caller(), beginning.request(bob_.user)));
  w_.relayed();
  const auto before = w_.dump();
  const auto again = w_.ok(service().create_direct(ann_.caller(), beginning.request(bob_.user)));
  EXPECT_EQ(again.seq, first.seq);
  EXPECT_TRUE(again.duplicate);
  w_.relayed();
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, a_beginning_that_does_not_hold_is_refused_and_changes_nothing) {
  const auto good = w_.begin_direct(ann_, bob_);
  const auto with_eve = w_.begin_direct(ann_, eve_);
  const auto before = w_.dump();
  const auto attempt = [&](const std::function<void(CreateDirectRequest&)>& spoil) {
    auto request = good.request(bob_.user);
    spoil(request);
    return w_.error(service().create_direct(ann_.caller(), std::move(request)));
  };
  Bytes info = good.pending.group_info;
  EXPECT_EQ(attempt([&](auto& r) { r.group_info = with_eve.pending.group_info; }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.payload = with_eve.pending.commit; }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.payload = good.pending.welcome; }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes.clear(); }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes.push_back(r.welcomes[0]); }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes[0].to = eve_.caller(); }), "invalid_commit");
  EXPECT_EQ(attempt([&](auto& r) { r.welcomes[0].payload = good.pending.commit; }), "invalid_commit");
  for (const std::size_t at : {info.size() - 1, info.size() / 2, std::size_t{60}}) {
    info = good.pending.group_info;
    info[at] ^= 1;
    EXPECT_EQ(attempt([&](auto& r) { r.group_info = info; }), "invalid_commit") << at;
  }
  EXPECT_EQ(attempt([&](auto& r) { r.peer = ann_.user; }), "invalid_argument");
  EXPECT_EQ(attempt([&](auto& r) { r.peer = UserId{}; }), "not_found");
  EXPECT_EQ(attempt([&](auto& r) { r.peer = eve_.user; }), "invalid_commit");
  // Somebody else's beginning, sent as one's own.
  EXPECT_EQ(w_.error(service().create_direct(bob_.caller(), good.request(ann_.user))), "invalid_commit");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt([](auto&) {}), "ok");
}

TEST_F(Conversations, a_commit_moves_the_epoch_and_what_was_encrypted_before_it_is_stale) {
  auto anns = w_.start_direct(ann_, bob_);
  const auto late = w_.message(anns, "late");
  const auto late_request = w_.request(anns, id(), 9, late);
  const auto sent = w_.message(anns, "in time");
  const auto sent_request = w_.request(anns, id(), 8, sent);
  w_.ok(service().append(ann_.caller(), sent_request));

  const auto pending = external_commit(bob_);
  EXPECT_EQ(w_.ok(service().commit(bob_.caller(), commit_request(pending, 5))).seq, Seq{3});
  const auto before = w_.dump();
  const auto stale = w_.run(service().append(ann_.caller(), late_request));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Errc::stale_epoch);
  EXPECT_EQ(stale.error().epoch, Epoch{2});
  EXPECT_EQ(stale.error().head_seq, Seq{3});
  // What is in the log already is still answered as it was.
  EXPECT_TRUE(w_.ok(service().append(ann_.caller(), sent_request)).duplicate);
  EXPECT_EQ(w_.dump(), before);

  const auto staged = anns.process(pending.commit);
  ASSERT_TRUE(staged && staged->next);
  auto next = *staged->next;
  EXPECT_TRUE(append(ann_, next, 9, "late"));
}

TEST_F(Conversations, a_node_that_did_not_see_a_commit_finds_out_by_the_version) {
  auto anns = w_.start_direct(ann_, bob_);
  ASSERT_TRUE(append(ann_, anns, 2, "cached"));
  Node other = w_.another_node();
  const auto pending = external_commit(bob_);
  w_.ok(other.conversations.commit(bob_.caller(), commit_request(pending, 5)));
  EXPECT_EQ(append(ann_, anns, 3, "old epoch").error().code, Errc::stale_epoch);
  auto next = *anns.process(pending.commit)->next;
  EXPECT_TRUE(append(ann_, next, 4, "new epoch"));
}

TEST_F(Conversations, of_two_commits_from_one_epoch_one_wins) {
  w_.start_direct(ann_, bob_);
  const auto first = external_commit(bob_);
  const auto second = external_commit(ann_);
  w_.ok(service().commit(bob_.caller(), commit_request(first, 5)));
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(service().commit(ann_.caller(), commit_request(second, 6))), "stale_epoch");
  EXPECT_TRUE(w_.ok(service().commit(bob_.caller(), commit_request(first, 5))).duplicate);
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Conversations, an_epoch_that_has_passed_can_be_read_as_it_was) {
  auto anns = w_.start_direct(ann_, bob_);
  std::map<std::uint64_t, std::pair<Bytes, Bytes>> shown;  // GroupInfo and tree
  const auto note = [&](const mls::PendingCommit& pending) {
    shown[pending.effects.epoch] = {pending.group_info, pending.next.public_group().tree().encode()};
  };
  for (std::uint8_t i = 0; i < 4; ++i) {
    const auto pending = i % 2 == 0 ? *anns.commit({}, w_.entropy) : external_commit(bob_);
    const Person& by = i % 2 == 0 ? ann_ : bob_;
    w_.ok(service().commit(by.caller(), commit_request(pending, static_cast<std::uint8_t>(10 + i))));
    anns = i % 2 == 0 ? pending.next : *anns.process(pending.commit)->next;
    note(pending);
  }
  for (const auto& [epoch, what] : shown) {
    const auto state = w_.ok(service().get_group(bob_.caller(), {id(), Epoch{epoch}}));
    EXPECT_EQ(state.epoch, Epoch{epoch});
    EXPECT_EQ(state.group_info, what.first);
    EXPECT_EQ(mls::ratchet_tree_of(state.nodes), what.second) << epoch;
    EXPECT_EQ(state.next_node, 0U);
  }
  // Whoever was invited to the first one still gets in there, and applies what came since.
  EXPECT_EQ(join(bob_).epoch(), 1U);
  EXPECT_EQ(w_.error(service().get_group(bob_.caller(), {id(), Epoch{6}})), "not_found");
  EXPECT_EQ(w_.error(service().get_group(bob_.caller(), {id(), Epoch{0}})), "not_found");
  EXPECT_EQ(w_.error(service().get_group(eve_.caller(), {id(), Epoch{1}})), "not_member");
}

TEST_F(Conversations, a_tree_is_told_in_pieces) {
  w_.limits.tree_piece_bytes = 1;
  w_.restart();
  const auto anns = w_.start_direct(ann_, bob_);
  const auto first = w_.ok(service().get_group(bob_.caller(), {id()}));
  EXPECT_EQ(first.next_node, 1U);
  EXPECT_EQ(tree_of(bob_), anns.public_group().tree().encode());
  w_.ok(service().commit(bob_.caller(), commit_request(external_commit(bob_), 5)));
  EXPECT_EQ(tree_of(bob_, Epoch{1}), anns.public_group().tree().encode());
  EXPECT_TRUE(w_.ok(service().get_group(bob_.caller(), {id(), {}, 1'000'000})).nodes.empty());
}

}  // namespace
}  // namespace kith::server::service::test
