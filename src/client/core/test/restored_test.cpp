// A server that was restored from a backup, which lacks what happened since.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "client/core/junction.h"
#include "client/core/test/away.h"
#include "client/core/test/friends.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;

using Backup = std::map<ConversationId, ModelServer::Conversation>;

// The server goes back to what its conversations were then; who is named was connected.
void restore(World& world, const Backup& backup, std::initializer_list<Client*> online) {
  for (Client* client : online) client->set_network(false);
  world.server.conversations = backup;
  ++world.server.history.value[0];
  for (Client* client : online) client->set_network(true);
}

void forget_everything(World& world, std::initializer_list<Client*> online) { restore(world, {}, online); }

// A group of three, in which all have seen "one".
Backup backup_with_one_said(Friends& f) {
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: one");
  f.world.run_for(10'000);
  return f.world.server.conversations;
}

TEST(RestoredServer, keeps_what_is_here_and_goes_on) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 5));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 5));
  p.alice.set_network(false);
  p.bob.set_network(false);
  // The backup lacks the last two.
  auto& conversation = p.world.server.conversations.begin()->second;
  conversation.log.resize(conversation.log.size() - 2);
  for (auto& [user, cursor] : conversation.cursors) cursor.delivered = cursor.read = {2};
  p.world.server.history.value[0] = 9;
  p.alice.set_network(true);
  p.bob.set_network(true);
  p.world.run_for(5'000);
  write(p.world, p.alice, p.bob_id, {"after"});
  write(p.world, p.bob, p.alice_id, {"all well"});
  p.world.run_for(60'000);
  auto expected = numbered("a", 5);
  EXPECT_TRUE(has_text(p.world, p.bob, p.alice_id, "after"));
  EXPECT_TRUE(has_text(p.world, p.alice, p.bob_id, "all well"));
  for (const std::string& text : expected) EXPECT_TRUE(has_text(p.world, p.bob, p.alice_id, text)) << text;
  EXPECT_EQ(texts_with(p.world, p.alice, p.bob_id).size(), 7U);
  EXPECT_EQ(texts_with(p.world, p.bob, p.alice_id).size(), 7U);
}

// Its places are those of the log that was, and other entries stand there now.
TEST(RestoredServer, shows_who_was_away_what_came_instead) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 3));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  const Backup backup = p.world.server.conversations;
  write(p.world, p.alice, p.bob_id, {"lost 1", "lost 2"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 5));
  p.bob.set_network(false);
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, {"new 1", "new 2", "new 3"});
  p.bob.set_network(true);
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 8));
  EXPECT_THAT(texts_with(p.world, p.bob, p.alice_id),
              ElementsAre("a0", "a1", "a2", "lost 1", "lost 2", "new 1", "new 2", "new 3"));
  EXPECT_EQ(p.bob.warnings["entry_unreadable"] + p.bob.warnings["rejoining"], 0);
}

// Nothing that is kept of the newest entries is there: the messages themselves tell.
TEST(RestoredServer, that_lost_much_is_met_at_the_last_message_that_it_has) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 5));
  write(p.world, p.bob, p.alice_id, {"b"});
  expect_same_chat(p.world, p.alice, p.bob, 6);
  const Backup backup = p.world.server.conversations;
  const auto lost = static_cast<int>(Junction::kKept) + 10;
  write(p.world, p.alice, p.bob_id, numbered("lost ", lost));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 6 + lost));
  p.bob.set_network(false);
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, numbered("new ", 3));
  p.bob.set_network(true);
  for (const std::string& text : numbered("new ", 3)) {
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, text); })) << text;
  }
  write(p.world, p.bob, p.alice_id, {"all here"});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "all here"); }));
  const auto shown = texts_with(p.world, p.bob, p.alice_id);
  EXPECT_EQ(std::set<std::string>(shown.begin(), shown.end()).size(), shown.size()) << "shown twice";
}

// The author has what she lost of the log between what is left of it and what came since, and at the same places.
TEST(RestoredServer, has_sent_again_what_was_said_before_and_since_and_nothing_that_it_lost) {
  Away p;
  p.bob_misses({"before 1", "before 2"});
  const Backup backup = p.world.server.conversations;
  write(p.world, p.alice, p.bob_id, numbered("lost ", 4));
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 8));
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, {"since 1", "since 2"});
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 10));
  p.bob_comes_back();
  EXPECT_TRUE(p.await({"first", "second", "before 1", "before 2", "since 1", "since 2"})) << Json(p.bob_sees());
  p.world.run_for(60'000);
  EXPECT_EQ(p.bob_sees().size(), 6U) << Json(p.bob_sees());
  EXPECT_TRUE(p.stored_chat(p.bob).gaps[0].is_closed) << "nobody is waited for";
}

// Bob came in from outside and has read nothing since; on the server that was restored somebody else's commit leads to
// that epoch.
TEST(RestoredServer, that_lost_the_commit_by_which_a_device_came_in_is_not_taken_for_the_one_that_has_it) {
  Away p;
  const Backup backup = p.world.server.conversations;
  const Epoch before = p.conversation().epoch;
  p.know_group_lost(p.bob);
  p.bob.start();
  const auto is_in = [&] {
    return p.conversation().epoch == before.next() && p.stored_chat(p.bob).membership == Membership::member;
  };
  ASSERT_TRUE(p.world.run_until(is_in));
  p.bob.set_network(false);
  ASSERT_TRUE(p.world.run_until([&] { return stored_group(p.alice, p.id()).epoch() == before.next().value; }));
  ASSERT_TRUE(p.stored_chat(p.bob).newest.empty());
  restore(p.world, backup, {&p.alice});
  ASSERT_TRUE(p.world.run_until([&] { return p.conversation().epoch == before.next(); })) << "she comes in anew";
  write(p.world, p.alice, p.bob_id, {"new"});
  p.bob.set_network(true);
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "new"); }));
  write(p.world, p.bob, p.alice_id, {"all well"});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "all well"); }));
  EXPECT_EQ(p.bob.warnings["entry_unreadable"] + p.bob.warnings["entry_refused"], 0);
}

TEST(RestoredServer, that_has_the_commit_by_which_a_device_came_in_is_read_on_behind_it) {
  Away p;
  const Epoch before = p.conversation().epoch;
  p.know_group_lost(p.bob);
  p.bob.start();
  const auto is_in = [&] {
    return p.conversation().epoch == before.next() && p.stored_chat(p.bob).membership == Membership::member;
  };
  ASSERT_TRUE(p.world.run_until(is_in));
  p.bob.set_network(false);
  const Backup backup = p.world.server.conversations;
  write(p.world, p.alice, p.bob_id, {"lost"});
  ASSERT_TRUE(p.stored_chat(p.bob).newest.empty());
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, {"new"});
  p.bob.set_network(true);
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "new"); }));
  EXPECT_EQ(p.bob.warnings["rejoining"], 0);
  EXPECT_EQ(p.bob.warnings["entry_unreadable"] + p.bob.warnings["entry_refused"], 0);
}

// Of the newest entries that Bob keeps the older ones are not there any more.
TEST(RestoredServer, that_does_not_go_far_back_is_met_by_what_is_still_there) {
  Away p;
  write(p.world, p.alice, p.bob_id, numbered("a", 6));
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "a5"); }));
  const Backup backup = p.world.server.conversations;
  const Seq last = p.conversation().log.back().seq;
  write(p.world, p.alice, p.bob_id, {"lost 1", "lost 2"});
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "lost 2"); }));
  p.bob.set_network(false);
  restore(p.world, backup, {&p.alice});
  write(p.world, p.alice, p.bob_id, numbered("new ", 4));
  p.keep_log_from({last.value - 2});
  p.bob.set_network(true);
  for (const std::string& text : numbered("new ", 4)) {
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, text); })) << text;
  }
  EXPECT_EQ(p.bob.warnings["rejoining"], 0);
}

TEST(RestoredServer, of_before_a_change_of_a_group_is_followed_without_a_doubt) {
  Friends f;
  const Backup backup = backup_with_one_said(f);
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  EXPECT_EQ(f.say(f.ben, "two"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: two");
  f.cleo.set_network(false);
  restore(f.world, backup, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ann, "three"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: three");
  f.cleo.set_network(true);
  f.expect_all_see({&f.cleo}, "Ann: three");
  EXPECT_EQ(f.roster(f.ben), "Ann owner, Ben member, Cleo member");
  EXPECT_EQ(f.roster(f.cleo), "Ann owner, Ben member, Cleo member");
  for (Client* client : {&f.ann, &f.ben, &f.cleo}) EXPECT_EQ(client->warnings["entry_refused"], 0) << client->name;
}

// Who is killed once it was told what there is now is not told again: nothing has changed since.
TEST(RestoredServer, of_before_a_change_of_a_group_is_known_by_what_is_left_of_the_log) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: one");
  const Backup backup = f.world.server.conversations;
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  EXPECT_EQ(f.say(f.ann, "two"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: two");
  f.world.to_client = [](Client&, wire::Frame& frame) {
    if (auto* told = std::get_if<wire::SyncOk>(&frame.body)) told->heads.clear();
    return true;
  };
  restore(f.world, backup, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ben, "three"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: three");
  EXPECT_EQ(f.roster(f.ben), "Ann owner, Ben member");
  for (Client* client : {&f.ann, &f.ben}) EXPECT_EQ(client->warnings["entry_refused"], 0) << client->name;
}

// Whoever writes first begins it anew.
TEST(RestoredServer, that_does_not_know_a_direct_conversation_gets_a_new_one) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 2));
  write(p.world, p.bob, p.alice_id, {"b"});
  expect_same_chat(p.world, p.alice, p.bob, 3);
  forget_everything(p.world, {&p.alice, &p.bob});
  p.world.run_for(5'000);
  write(p.world, p.bob, p.alice_id, {"still there?"});
  write(p.world, p.alice, p.bob_id, {"of course"});
  for (const auto* text : {"a0", "a1", "b", "still there?", "of course"}) {
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, text); })) << text;
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, text); })) << text;
  }
  EXPECT_EQ(texts_with(p.world, p.alice, p.bob_id).size(), 5U);
  EXPECT_EQ(texts_with(p.world, p.bob, p.alice_id).size(), 5U);
}

// It was encrypted for a group that is no more.
TEST(RestoredServer, that_does_not_know_a_direct_conversation_gets_what_was_about_to_leave) {
  Pair p;
  write(p.world, p.alice, p.bob_id, {"a0"});
  expect_same_chat(p.world, p.alice, p.bob, 1);
  p.world.to_client = [&](Client&, wire::Frame& frame) {
    return !std::holds_alternative<wire::Appended>(frame.body) && !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "on its way"}});
  p.world.run_for(100);
  p.world.to_client = nullptr;
  forget_everything(p.world, {&p.alice, &p.bob});
  EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.bob, p.alice_id, "on its way"); }));
  EXPECT_EQ(p.bob.warnings["entry_unreadable"], 0);
}

TEST(RestoredServer, that_does_not_know_a_group_leaves_what_was_said_and_nobody_waits) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: hello");
  f.ben.set_network(false);
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "too late"}});
  forget_everything(f.world, {&f.ann, &f.ben});
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ann)["membership"] == "out"; }));
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  EXPECT_THAT(f.seen(f.ann), ::testing::Contains("Ann: hello"));
  Json page = *f.ben.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 50}});
  const auto is_it = [](const Json& row) { return row.value("text", "") == "too late"; };
  const auto waited = std::ranges::find_if(page["messages"], is_it);
  ASSERT_NE(waited, page["messages"].end()) << page;
  EXPECT_EQ((*waited)["state"], "failed");
  int refusals = 0;
  f.world.to_client = [&](Client&, wire::Frame& frame) {
    refusals += std::holds_alternative<wire::Error>(frame.body) ? 1 : 0;
    return true;
  };
  f.world.run_for(60'000);
  EXPECT_EQ(refusals, 0);
}

// That somebody went is lost like anything else.
TEST(RestoredServer, of_before_somebody_left_or_was_removed_has_them_in_again) {
  Friends f;
  const Backup backup = backup_with_one_said(f);
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "out"; }));
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
  restore(f.world, backup, {&f.ann, &f.ben, &f.cleo});
  for (Client* client : {&f.ben, &f.cleo}) {
    EXPECT_TRUE(f.world.run_until([&] { return f.chat(*client)["membership"] == "member"; })) << client->name;
  }
  EXPECT_EQ(f.say(f.ben, "still here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: still here");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member, Cleo member");
}

// Ben came in once more behind the backup: what he says since is his to send again all the same.
TEST(RestoredServer, of_before_somebody_came_in_anew_is_told_again_what_that_one_says_since) {
  Friends f;
  const Backup backup = backup_with_one_said(f);
  for (const std::string& text : numbered("lost ", 15)) EXPECT_EQ(f.say(f.ann, text), "done");
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "lost as well"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: lost as well");
  f.cleo.set_network(false);
  restore(f.world, backup, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ben, "since"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: since");
  f.cleo.set_network(true);
  EXPECT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.cleo), "Ben: since") == 1; }))
      << Json(f.seen(f.cleo));
}

// Whoever she removed is the only one who can show her the group that there is now.
TEST(RestoredServer, of_before_somebody_was_removed_has_nobody_in_whom_the_others_do_not_know) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: one");
  f.world.run_for(10'000);
  const Backup backup = f.world.server.conversations;
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  f.ann.set_network(false);
  restore(f.world, backup, {&f.ben});
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "member"; }));
  ASSERT_TRUE(std::ranges::any_of(f.group().log, [&](const auto& entry) {
    return entry.kind == wire::EntryKind::commit && entry.sender == Friends::device_of(f.ben);
  })) << "it is he who says what the group is";
  f.ann.set_network(true);
  EXPECT_EQ(f.say(f.ann, "still here"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: still here");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member");
  EXPECT_EQ(f.ann.warnings["group_refused"], 0);
}

// Ben looks at what Ann told of the group, and Cleo, who saw him go, does not know him any more.
TEST(RestoredServer, of_before_somebody_was_removed_leaves_the_word_to_who_is_known_to_all) {
  Friends f;
  const Backup backup = backup_with_one_said(f);
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  f.expect_all_see({&f.cleo}, "[Ann removed Ben]");
  f.cleo.set_network(false);
  restore(f.world, backup, {&f.ann, &f.ben});
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "member"; }));
  EXPECT_EQ(f.say(f.ann, "two"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: two");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  f.world.run_for(30'000);
  f.cleo.set_network(true);
  EXPECT_EQ(f.say(f.cleo, "still here"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Cleo: still here");
  EXPECT_EQ(f.cleo.warnings["group_refused"], 0);
}

// What was said before she was told that she is in again she has not read.
TEST(RestoredServer, of_before_somebody_was_removed_tells_them_what_was_said_since) {
  Friends f;
  const Backup backup = backup_with_one_said(f);
  for (const std::string& text : numbered("lost ", 5)) EXPECT_EQ(f.say(f.ann, text), "done");
  f.expect_all_see({&f.cleo}, "Ann: lost 4");
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "out"; }));
  f.cleo.set_network(false);
  restore(f.world, backup, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ann, "since"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: since");
  f.cleo.set_network(true);
  EXPECT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.cleo), "Ann: since") == 1; }))
      << Json(f.seen(f.cleo));
  EXPECT_EQ(std::ranges::count(f.seen(f.cleo), "Ann: lost 4"), 1);
}

// Nothing of what she keeps is there, and before it nobody lets her look.
TEST(RestoredServer, of_before_all_that_a_newcomer_has_read_is_met_where_she_came_in) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  f.world.run_for(30'000);
  Backup backup = f.world.server.conversations;
  auto& then = backup.at(f.id());
  const Seq came = then.came.at(Friends::device_of(f.cleo).first).first;
  then.log.resize(came.value);
  for (auto& [user, cursor] : then.cursors) cursor.delivered = cursor.read = came;
  for (const char* text : {"lost 1", "lost 2", "lost 3", "lost 4"}) EXPECT_EQ(f.say(f.ann, text), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: lost 4");
  f.cleo.set_network(false);
  restore(f.world, backup, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ann, "new 1"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: new 1");
  f.cleo.set_network(true);
  EXPECT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.cleo), "Ann: new 1") == 1; }));
  EXPECT_EQ(f.say(f.cleo, "here"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Cleo: here");
  EXPECT_EQ(f.chat(f.cleo)["head_seq"], f.group().log.size());
}

// What had come there before is trimmed: it is read on behind that.
TEST(RestoredServer, still_brings_an_invitation_to_who_has_trimmed_its_mailbox) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.world.run_for(10'000);
  const Backup backup = f.world.server.conversations;
  restore(f.world, backup, {&f.ann, &f.ben, &f.cleo});
  for (Client* client : {&f.ann, &f.ben, &f.cleo})
    ASSERT_TRUE(f.world.run_until([&] { return client->is_online(); })) << client->name;
  const auto made =
      f.ben.ask({{"type", "create_group"}, {"name", "Sailing"}, {"members", Json::array({f.id_of(f.cleo)})}});
  ASSERT_TRUE(made && (*made)["type"] == "done");
  f.conversation = (*made)["chat"]["conversation"];
  EXPECT_TRUE(f.world.run_until([&] {
    const Json chat = f.chat(f.cleo);
    return chat.is_object() && chat["membership"] == "member";
  }));
  const auto is_cleos_commit = [&](const ModelServer::StoredEntry& entry) {
    return entry.kind == wire::EntryKind::commit && entry.sender == Friends::device_of(f.cleo);
  };
  EXPECT_TRUE(std::ranges::none_of(f.group().log, is_cleos_commit)) << "she comes in by her Welcome";
  EXPECT_EQ(f.say(f.ben, "welcome"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ben: welcome");
  EXPECT_EQ(f.cleo.warnings["rejoining"], 0);
}

// What was said in the history between says so.
TEST(RestoredServer, for_a_second_time_is_no_liar_to_who_was_away_since_before_the_first) {
  Pair p;
  write(p.world, p.alice, p.bob_id, numbered("a", 2));
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 2));
  p.bob.set_network(false);
  restore(p.world, Backup(p.world.server.conversations), {&p.alice});
  write(p.world, p.alice, p.bob_id, {"between"});
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 3));
  restore(p.world, Backup(p.world.server.conversations), {&p.alice});
  p.bob.set_network(true);
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
  write(p.world, p.alice, p.bob_id, {"after"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 4));
  EXPECT_EQ(p.bob.warnings["history_changed"], 1);
  EXPECT_EQ(p.bob.warnings["log_forked"], 0);
  // From there on nothing is of another one.
  const auto chat = *mls::decoded<ChatRecord>(p.bob.rows[row_key::chat(p.world.server.conversations.begin()->first)]);
  EXPECT_FALSE(chat.is_history_new);
}

// It was stored in a history that came and went while Ben was away, and leaves when he has read all that there is.
TEST(RestoredServer, is_sent_what_was_about_to_be_committed_as_a_commit_of_its_own_history) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(10'000);
  f.ben.set_network(false);
  restore(f.world, Backup(f.world.server.conversations), {&f.ann});
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.is_online(); }));
  f.world.server.refuse_commits = 1'000;
  f.ann.tell({{"type", "set_role"}, {"conversation", f.conversation}, {"user", f.id_of(f.ben)}, {"role", "admin"}});
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.rows.contains(row_key::group_pending(f.id())); }));
  f.ann.set_network(false);
  f.world.server.refuse_commits = 0;
  restore(f.world, Backup(f.world.server.conversations), {&f.ben});
  ASSERT_TRUE(f.world.run_until([&] { return f.ben.warnings["history_changed"] == 1; }));
  f.world.run_for(10'000);
  ASSERT_FALSE(mls::decoded<ChatRecord>(f.ben.rows.at(row_key::chat(f.id())))->is_history_new);
  f.ann.set_network(true);
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.ben) == "Ann owner, Ben admin"; }));
  EXPECT_EQ(f.ben.warnings["log_forked"], 0);
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.unanswered().empty(); })) << "and she is told so";
}

// A server that has the commit is asked for nothing else.
TEST(RestoredServer, that_has_what_was_about_to_be_committed_has_it_once) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(10'000);
  const std::size_t before = f.group().log.size();
  f.world.to_client = [&](Client& client, wire::Frame&) { return &client != &f.ann || f.group().log.size() == before; };
  f.ann.tell({{"type", "set_role"}, {"conversation", f.conversation}, {"user", f.id_of(f.ben)}, {"role", "admin"}});
  ASSERT_TRUE(f.world.run_until([&] { return f.group().log.size() > before; }));
  f.world.to_client = nullptr;
  restore(f.world, Backup(f.world.server.conversations), {&f.ann, &f.ben});
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.unanswered().empty(); }));
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben admin");
  EXPECT_EQ(std::ranges::count_if(f.group().log,
                                  [&](const ModelServer::StoredEntry& entry) {
                                    return entry.kind == wire::EntryKind::commit && entry.seq.value > before;
                                  }),
            1);
  EXPECT_EQ(f.ann.warnings["rejoining"], 0);
}

// A server that was killed between the new history and its places here.
TEST(RestoredServer, is_noticed_although_the_client_dies_while_it_is_told) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Pair p;
    write(p.world, p.alice, p.bob_id, numbered("a", 2));
    write(p.world, p.bob, p.alice_id, {"b"});
    expect_same_chat(p.world, p.alice, p.bob, 3);
    p.world.boundaries = 0;
    p.world.crash_at = crash_at;
    forget_everything(p.world, {&p.alice, &p.bob});
    p.world.run_for(5'000);
    write(p.world, p.bob, p.alice_id, {"still there?"});
    EXPECT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "still there?"); }));
    EXPECT_EQ(texts_with(p.world, p.alice, p.bob_id).size(), 4U);
    boundaries = p.world.boundaries;
  });
}

}  // namespace
}  // namespace kith::client::test
