// A server that was restored from a backup, which lacks what happened since in groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/test/friends.h"
#include "client/core/test/restored.h"

namespace kith::client::test {
namespace {

// A group of three, in which all have seen "one".
Backup backup_with_one_said(Friends& f) {
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "one"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: one");
  f.world.run_for(10'000);
  return f.world.server.conversations;
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

// Ann took her out of the log before and of the one between; of the latter what is left has her in, and she has read
// nothing of it.
TEST(RestoredServer, for_a_second_time_of_before_somebody_was_removed_tells_them_what_was_said_between) {
  Friends f;
  const Backup first = backup_with_one_said(f);
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "out"; }));
  f.cleo.set_network(false);
  restore(f.world, first, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ann, "between"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: between");
  f.world.run_for(10'000);
  const Backup second = f.world.server.conversations;
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  f.expect_all_see({&f.ann, &f.ben}, "[Ann removed Cleo]");
  restore(f.world, second, {&f.ann, &f.ben});
  EXPECT_EQ(f.say(f.ann, "since"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: since");
  f.cleo.set_network(true);
  for (const char* text : {"Ann: between", "Ann: since"}) {
    EXPECT_TRUE(f.world.run_until([&] { return std::ranges::count(f.seen(f.cleo), text) == 1; }))
        << text << " of " << Json(f.seen(f.cleo));
  }
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

// What she told the server of the log that was says nothing of this one: its places come once more.
TEST(RestoredServer, of_before_somebody_came_in_hears_how_far_they_are_who_come_in_again) {
  Friends f;
  const Backup backup = [&] {
    f.found({&f.ben});
    EXPECT_EQ(f.say(f.ann, "one"), "done");
    f.expect_all_see({&f.ann, &f.ben}, "Ann: one");
    f.world.run_for(10'000);
    return f.world.server.conversations;
  }();
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  for (const std::string& text : numbered("lost ", 40)) EXPECT_EQ(f.say(f.ann, text), "done");
  f.expect_all_see({&f.cleo}, "Ann: lost 39");
  f.world.run_for(10'000);
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "out"; }));
  f.world.run_for(10'000);
  const auto cleos = [&] { return mls::decoded<ChatRecord>(f.cleo.rows[row_key::chat(f.id())]).value(); };
  const Seq told = cleos().told_delivered;
  // A server has no cursor of who has told of nothing.
  f.world.to_client = [](Client&, wire::Frame& frame) {
    const auto is_nothing = [](const wire::Cursor& cursor) { return cursor.delivered.value == 0; };
    if (auto* answer = std::get_if<wire::Receipts>(&frame.body)) std::erase_if(answer->cursors, is_nothing);
    if (auto* answer = std::get_if<wire::SyncOk>(&frame.body)) {
      for (wire::Head& head : answer->heads) std::erase_if(head.cursors, is_nothing);
    }
    return true;
  };
  restore(f.world, backup, {&f.ann, &f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "since"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: since");
  ASSERT_TRUE(f.world.run_until([&] { return cleos().history == f.world.server.history; })) << "she has no leaf there";
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  EXPECT_EQ(f.say(f.ann, "new"), "done");
  f.expect_all_see({&f.cleo}, "Ann: new");
  f.world.run_for(10'000);
  ASSERT_LT(Seq{f.group().log.size()}, told);
  EXPECT_EQ(f.group().cursors.at(Friends::device_of(f.cleo).first).delivered, Seq{f.group().log.size()});
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

}  // namespace
}  // namespace kith::client::test
