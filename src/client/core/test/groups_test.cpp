// Groups: made, changed and left by people who have rights in them, and by people who have not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/friends.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

TEST(Groups, are_made_with_name_and_members_in_one_step) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: hello");
  EXPECT_EQ(f.say(f.cleo, "here I am"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Cleo: here I am");
  EXPECT_EQ(f.seen(f.ann),
            (Lines{"[Ann created the group]", "[Ann added Ben, Cleo]", "Ann: hello", "Cleo: here I am"}));
  EXPECT_EQ(f.seen(f.ben), (Lines{"[Ann added Ben]", "Ann: hello", "Cleo: here I am"}));
  EXPECT_EQ(f.roster(f.ben), "Ann owner, Ben member, Cleo member");
  EXPECT_EQ(f.info(f.cleo)["members"][0]["user"], f.id_of(f.cleo)) << "oneself first";
  EXPECT_EQ(f.chat(f.ben)["unread"], 2);
  for (Client* client : {&f.ann, &f.ben, &f.cleo}) EXPECT_THAT(client->warnings, IsEmpty()) << client->name;
}

TEST(Groups, people_come_later_and_are_told_the_name_at_once) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ann, "before"), "done");
  EXPECT_EQ(f.add(f.ben, {&f.cleo, &f.dan}), "done");
  EXPECT_EQ(f.say(f.dan, "hi"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo, &f.dan}, "Dan: hi");
  EXPECT_EQ(f.seen(f.dan), (Lines{"[Ben added Dan]", "Dan: hi"}));
  EXPECT_EQ(f.chat(f.dan)["title"], "Hiking");
  EXPECT_THAT(f.seen(f.ann), ElementsAre("[Ann created the group]", "[Ann added Ben]", "Ann: before",
                                         "[Ben added Cleo, Dan]", "Dan: hi"));
  EXPECT_EQ(f.add(f.ben, {&f.cleo}), "done") << "who is in is in";
}

TEST(Groups, begin_with_their_founder_alone_who_adds_people_later) {
  Friends f;
  f.found({});
  EXPECT_EQ(f.roster(f.ann), "Ann owner");
  EXPECT_EQ(f.say(f.ann, "note to self"), "done");
  EXPECT_TRUE(f.await(f.ann, "Ann: note to self"));
  EXPECT_EQ(f.seen(f.ann), (Lines{"[Ann created the group]", "Ann: note to self"}));
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: hello");
  EXPECT_EQ(f.chat(f.ben)["title"], "Hiking");
}

TEST(Groups, are_left_by_an_owner_who_is_alone) {
  Friends f;
  f.found({});
  EXPECT_EQ(f.run(f.ann, {{"type", "leave_group"}}), "done");
  EXPECT_EQ(f.chat(f.ann)["membership"], "out");
  EXPECT_EQ(f.seen(f.ann).back(), "[Ann left]");
  EXPECT_EQ(f.say(f.ann, "still there?"), "not_member");
  f.ann.crash();
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(f.ann).is_object(); }));
  EXPECT_EQ(f.chat(f.ann)["membership"], "out");
  EXPECT_THAT(f.ann.warnings, IsEmpty());
}

TEST(Groups, whoever_is_new_is_told_the_name_though_the_one_who_added_is_gone) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  // Ben's telling never leaves.
  bool is_added = false;
  f.world.on_written = [&](Client& client, const Batch&) {
    if (&client == &f.ben && f.group().leaves.size() == 4) is_added = true;
  };
  f.ben.tell({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.dan)}}});
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  f.ben.stop();
  EXPECT_TRUE(f.world.run_until([&] {
    const Json chat = f.chat(f.dan);
    return chat.is_object() && chat["title"] == "Hiking";
  }));
}

TEST(Groups, who_makes_one_may_wait_for_its_people) {
  Friends f;
  const std::string nobody(32, '9');
  const Json people = {f.id_of(f.ben), nobody};
  f.conversation =
      (*f.ann.ask({{"type", "create_group"}, {"name", "Hiking"}, {"members", people}}))["chat"]["conversation"];
  const auto answer = f.ann.ask({{"type", "add_members"}, {"conversation", f.conversation}, {"users", people}});
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ((*answer)["not_added"].size(), 1U) << answer->dump();
  EXPECT_EQ((*answer)["not_added"][0]["user"], nobody);
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member");
}

TEST(Groups, a_change_of_name_is_done_when_the_log_has_it) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.run(f.ben, {{"type", "set_group"}, {"name", "Trip"}, {"description", "to the sea"}}), "done");
  EXPECT_EQ(f.seen(f.ben).back(), "[Ben described it]");
  EXPECT_EQ(f.group().log.back().sender.first.text(), f.id_of(f.ben));
  f.expect_all_see({&f.ann}, "[Ben described it]");
  EXPECT_EQ(f.info(f.ann)["description"], "to the sea");
}

TEST(Groups, ticks_say_what_all_others_have_received_and_read) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.cleo.stop();
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: hello");
  const auto last = [&](Client& client) {
    return (*client.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 1}}))["messages"][0];
  };
  f.world.run_for(20'000);
  EXPECT_EQ(last(f.ann)["state"], "sent") << "Cleo is away";
  f.cleo.start();
  EXPECT_TRUE(f.world.run_until([&] { return last(f.ann)["state"] == "delivered"; }));
  const auto read = [&](Client& client) {
    return f.run(client, {{"type", "mark_read"}, {"seq", last(client)["seq"]}});
  };
  EXPECT_EQ(read(f.ben), "done");
  f.world.run_for(20'000);
  EXPECT_EQ(last(f.ann)["state"], "delivered");
  EXPECT_EQ(read(f.cleo), "done");
  EXPECT_TRUE(f.world.run_until([&] { return last(f.ann)["state"] == "read"; }));
  // Whoever comes later has no say in that.
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  f.world.run_for(5'000);
  f.ann.crash();
  EXPECT_TRUE(f.world.run_until([&] { return f.ann.is_online(); }));
  const auto all =
      (*f.ann.ask({{"type", "list_messages"}, {"conversation", f.conversation}, {"limit", 10}}))["messages"];
  for (const Json& message : all) {
    if (message.value("text", "") == "hello") EXPECT_EQ(message["state"], "read");
  }
}

TEST(Groups, roles_say_who_may_do_what) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.remove(f.ben, f.cleo), "not_allowed");
  EXPECT_EQ(f.role(f.ben, f.ben, "admin"), "not_allowed");
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann made Ben admin]");
  EXPECT_EQ(f.role(f.ben, f.ann, "member"), "not_allowed") << "the owner stays what she is";
  EXPECT_EQ(f.remove(f.ben, f.ann), "not_allowed");
  EXPECT_EQ(f.role(f.ben, f.cleo, "owner"), "not_allowed");
  EXPECT_EQ(f.role(f.ben, f.dan, "admin"), "not_found");
  EXPECT_EQ(f.role(f.ann, f.ben, "owner"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann made Ben owner]");
  EXPECT_EQ(f.roster(f.cleo), "Ann admin, Ben owner, Cleo member");
  EXPECT_EQ(f.chat(f.ann)["role"], "admin");
}

TEST(Groups, an_announcement_group_is_written_to_by_admins_alone) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_send", "admins"}, {"may_add", "admins"}}), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann: may_add admins]");
  EXPECT_EQ(f.say(f.ben, "may I?"), "not_allowed");
  EXPECT_EQ(f.chat(f.ben)["may_send"], false);
  EXPECT_EQ(f.add(f.ben, {&f.dan}), "not_allowed");
  EXPECT_EQ(f.say(f.ann, "news"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ann: news");
  // Names are still everybody's to give: nobody is told of them as of a message.
  EXPECT_EQ(f.run(f.ben, {{"type", "set_group"}, {"name", "News"}}), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ben named it News]");
  EXPECT_EQ(f.chat(f.cleo)["title"], "News");
  EXPECT_EQ(f.chat(f.cleo)["unread"], 1);
}

TEST(Groups, who_was_removed_is_told_by_whom_and_neither_reads_nor_writes_any_more) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ben, "hello"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ben: hello");
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann removed Ben]");
  EXPECT_EQ(f.say(f.ann, "among us"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ann: among us");
  EXPECT_EQ(f.seen(f.ben).back(), "[Ann removed Ben]");
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
  EXPECT_EQ(f.say(f.ben, "still there?"), "not_member");
  EXPECT_EQ(f.roster(f.cleo), "Ann owner, Cleo member");
  // And comes back as somebody new.
  EXPECT_EQ(f.add(f.cleo, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: back");
  EXPECT_THAT(f.seen(f.ben),
              ElementsAre("[Ann added Ben]", "Ben: hello", "[Ann removed Ben]", "[Cleo added Ben]", "Ben: back"));
}

TEST(Groups, who_was_removed_while_away_reads_until_then_and_no_further) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.ben.stop();
  EXPECT_EQ(f.say(f.ann, "still with you"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ann: still with you");
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_EQ(f.say(f.ann, "without you"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Ann: without you");
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  EXPECT_THAT(f.seen(f.ben), ElementsAre("[Ann added Ben]", "Ann: still with you", "[Ann removed Ben]"));
}

TEST(Groups, who_was_removed_and_added_again_while_away_is_in) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.ben.stop();
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_EQ(f.say(f.ann, "without you"), "done");
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ann, "with you"), "done");
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "Ann: with you"));
  EXPECT_THAT(f.seen(f.ben), ElementsAre("[Ann added Ben]", "[Ann removed Ben]", "[Ann added Ben]", "Ann: with you"));
}

TEST(Groups, of_several_invitations_the_last_one_counts) {
  Friends f;
  f.found({&f.cleo});
  f.ben.stop();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
    EXPECT_EQ(f.say(f.ann, "with you " + std::to_string(i)), "done");
    if (i == 0) EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  }
  const auto commits = f.group().epoch;
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "Ann: with you 1"));
  EXPECT_THAT(f.seen(f.ben), ElementsAre("[Ann added Ben]", "Ann: with you 1"));
  EXPECT_EQ(f.group().epoch, commits) << "and nobody came from outside";
  EXPECT_THAT(f.ben.warnings, IsEmpty());
}

TEST(Groups, of_several_invitations_the_last_one_counts_though_the_first_was_read_before_it_came) {
  Friends f;
  f.found({&f.ben});
  bool has_asked = false;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    const bool is_shown = &client == &f.cleo && std::holds_alternative<wire::Group>(frame.body);
    has_asked = has_asked || is_shown;
    return !is_shown;
  };
  f.ann.tell({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.cleo)}}});
  ASSERT_TRUE(f.world.run_until([&] { return has_asked; }));
  f.cleo.set_network(false);
  f.world.to_client = nullptr;
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  f.ann.tell({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.cleo)}}});
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }));
  EXPECT_EQ(f.say(f.ann, "with you"), "done");
  const auto commits = f.group().epoch;
  f.cleo.set_network(true);
  EXPECT_TRUE(f.await(f.cleo, "Ann: with you"));
  EXPECT_THAT(f.seen(f.cleo), ElementsAre("[Ann added Cleo]", "Ann: with you"));
  EXPECT_EQ(f.group().epoch, commits) << "and nobody came from outside";
  EXPECT_THAT(f.cleo.warnings, IsEmpty());
}

// The mailbox hears of commits one by one: what the group has become since may be known before.
TEST(Groups, of_several_invitations_the_last_one_counts_though_only_the_first_one_is_there) {
  Friends f;
  f.found({&f.cleo});
  f.ben.stop();
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }));
  const Seq first{f.group().log.size()};
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 2; }));
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }));
  const auto commits = f.group().epoch;
  int refusals = 0;
  bool is_late = true;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.ben) return true;
    const auto* error = std::get_if<wire::Error>(&frame.body);
    if (error != nullptr && error->code == wire::ErrorCode::trimmed) ++refusals;
    auto* mails = std::get_if<wire::Mails>(&frame.body);
    if (mails == nullptr || !is_late) return true;
    std::erase_if(mails->mails, [&](const wire::Mail& mail) { return mail.conversation_seq > first; });
    if (!mails->mails.empty()) mails->head_seq = mails->mails.back().seq;
    return true;
  };
  f.ben.start();
  EXPECT_TRUE(f.world.run_until([&] { return refusals > 0; }));
  f.world.run_for(2'000);
  EXPECT_TRUE(f.chat(f.ben).is_null()) << "nothing was lost";
  is_late = false;
  EXPECT_EQ(f.say(f.ann, "with you"), "done");
  EXPECT_TRUE(f.await(f.ben, "Ann: with you"));
  EXPECT_THAT(f.seen(f.ben), ElementsAre("[Ann added Ben]", "Ann: with you"));
  EXPECT_EQ(f.group().epoch, commits) << "and nobody came from outside";
  EXPECT_THAT(f.ben.warnings, IsEmpty());
}

TEST(Groups, an_invitation_that_was_taken_back_is_none) {
  Friends f;
  f.found({&f.cleo});
  f.ben.stop();
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.ben.start();
  f.world.run_for(30'000);
  EXPECT_TRUE(f.chat(f.ben).is_null());
  EXPECT_THAT(f.ben.warnings, IsEmpty());
}

// The server tells him of the log before it brings both pieces of mail.
TEST(Groups, who_was_out_and_is_invited_in_vain_has_lost_nothing) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  ASSERT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.await(f.ben, "[Ann removed Ben]"));
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* mails = std::get_if<wire::Mails>(&frame.body); &client == &f.ben && mails != nullptr)
      mails->mails.clear();
    return &client != &f.ben || !std::holds_alternative<wire::MailHint>(frame.body);
  };
  EXPECT_EQ(f.run(f.ann, {{"type", "add_members"}, {"users", {f.id_of(f.ben)}}}), "done");
  EXPECT_EQ(f.say(f.ann, "welcome"), "done");
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.world.to_client = nullptr;
  f.dan.ask({{"type", "create_group"}, {"name", "Other"}, {"members", {f.id_of(f.ben)}}});
  f.world.run_for(30'000);
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
  EXPECT_THAT(f.ben.warnings, IsEmpty());
}

TEST(Groups, who_leaves_is_out_at_once_and_the_next_who_writes_takes_the_keys_away) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann made Ben admin]");
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
  EXPECT_EQ(f.seen(f.ben).back(), "[Ben left]");
  EXPECT_EQ(f.chat(f.ben)["membership"], "out");
  EXPECT_EQ(f.say(f.cleo, "who is left?"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Cleo: who is left?");
  const auto seen = f.seen(f.cleo);
  EXPECT_EQ(seen[seen.size() - 2], "[Ben left]");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Cleo member");
  EXPECT_EQ(f.seen(f.ben).back(), "[Ben left]");
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "not_member");
  // An old note does not take him away again.
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: back");
}

TEST(Groups, the_owner_hands_over_before_leaving) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.run(f.ann, {{"type", "leave_group"}}), "last_owner");
  EXPECT_EQ(f.chat(f.ann)["membership"], "member");
  EXPECT_EQ(f.say(f.ann, "staying"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ann: staying");
  EXPECT_EQ(f.role(f.ann, f.ben, "owner"), "done");
  EXPECT_EQ(f.run(f.ann, {{"type", "leave_group"}}), "done");
  EXPECT_EQ(f.say(f.ben, "alone"), "done");
  EXPECT_TRUE(f.await(f.ben, "Ben: alone"));
  EXPECT_EQ(f.roster(f.ben), "Ben owner");
}

TEST(Groups, two_admins_who_remove_each_other_do_so_once) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  EXPECT_EQ(f.role(f.ann, f.cleo, "admin"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann made Cleo admin]");
  const Json ben = {{"type", "remove_member"}, {"conversation", f.conversation}, {"user", f.id_of(f.ben)}};
  const Json cleo = {{"type", "remove_member"}, {"conversation", f.conversation}, {"user", f.id_of(f.cleo)}};
  f.ben.tell(cleo);
  f.cleo.tell(ben);
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 2; }));
  f.world.run_for(10'000);
  const bool ben_stays = f.chat(f.ben)["membership"] == "member";
  Client& in = ben_stays ? f.ben : f.cleo;
  Client& out = ben_stays ? f.cleo : f.ben;
  EXPECT_EQ(f.chat(out)["membership"], "out");
  EXPECT_EQ(f.say(in, "and then there were two"), "done");
  f.expect_all_see({&f.ann, &in}, in.name + ": and then there were two");
  EXPECT_EQ(f.seen(out).back(), "[" + in.name + " removed " + out.name + "]");
}

TEST(Groups, of_two_who_change_it_at_once_both_are_done) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "[Ann made Ben admin]");
  f.ann.tell({{"type", "set_group"}, {"conversation", f.conversation}, {"may_edit", "admins"}});
  f.ben.tell({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.dan)}}});
  EXPECT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  EXPECT_EQ(f.say(f.ann, "all here?"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo, &f.dan}, "Ann: all here?");
  EXPECT_TRUE(f.world.run_until([&] { return f.info(f.cleo)["may_edit"] == "admins"; }));
  EXPECT_EQ(f.roster(f.dan), "Ann owner, Ben admin, Cleo member, Dan member");
}

TEST(Groups, who_comes_back_hears_what_it_is_called_now_from_whoever_is_in) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"name", "Renamed"}}), "done");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  ASSERT_TRUE(
      f.world.run_until([&] { return f.info(f.cleo)["name"] == "Renamed" && f.info(f.cleo)["may_edit"] == "admins"; }));
  // By somebody who may not rename it.
  f.ann.stop();
  EXPECT_EQ(f.add(f.cleo, {&f.ben}), "done");
  EXPECT_TRUE(f.world.run_until([&] { return f.info(f.ben)["name"] == "Renamed"; }));
  EXPECT_TRUE(f.world.said.empty());
}

TEST(Groups, somebody_without_a_device_is_named_and_the_others_come) {
  Friends f;
  f.found({&f.ben});
  f.world.http_to_client = [&](ModelServer::HttpReply&) {};
  const std::string nobody(32, '9');
  const auto answer =
      f.ann.ask({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {nobody, f.id_of(f.cleo)}}});
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ((*answer)["not_added"].size(), 1U) << answer->dump();
  EXPECT_EQ((*answer)["not_added"][0]["user"], nobody);
  EXPECT_EQ((*answer)["not_added"][0]["error"], "not_found");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member, Cleo member");
}

TEST(Groups, what_is_no_command_changes_nothing) {
  Friends f;
  f.found({&f.ben});
  const auto seen = f.seen(f.ann);
  EXPECT_EQ(f.run(f.ann, {{"type", "create_group"}, {"name", ""}, {"members", Json::array()}}), "invalid_argument");
  EXPECT_EQ(f.run(f.ann, {{"type", "create_group"}, {"name", std::string(101, 'x')}, {"members", Json::array()}}),
            "invalid_argument");
  EXPECT_EQ(f.run(f.ann, {{"type", "create_group"}, {"name", "x"}, {"members", {"nobody"}}}), "invalid_argument");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_role"}, {"user", f.id_of(f.ben)}, {"role", "king"}}), "invalid_argument");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_send", "nobody"}}), "invalid_argument");
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"description", std::string(4097, 'x')}}), "too_large");
  EXPECT_EQ(f.run(f.ann, {{"type", "add_members"}, {"users", Json::array()}}), "invalid_argument");
  EXPECT_EQ(f.run(f.ann, {{"type", "remove_member"}}), "invalid_argument");
  const std::string elsewhere(64, '1');
  EXPECT_EQ(f.run(f.ann, {{"type", "group_info"}, {"conversation", elsewhere}}), "unknown_conversation");
  EXPECT_EQ(f.seen(f.ann), seen);
}

// His message is refused before he knows that he is out.
TEST(Groups, who_is_taken_out_and_back_in_sends_at_once) {
  Friends f;
  f.found({&f.ben});
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &f.ben || (!std::holds_alternative<wire::EntryHint>(frame.body) &&
                                 !std::holds_alternative<wire::MailHint>(frame.body));
  };
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "too late"}});
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  f.world.to_client = nullptr;
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "member"; }));
  f.ben.tell({{"type", "send"}, {"conversation", f.conversation}, {"text", "here again"}});
  EXPECT_TRUE(f.world.run_until([&] { return f.seen(f.ann).back() == "Ben: here again"; }, 5'000));
}

}  // namespace
}  // namespace kith::client::test
