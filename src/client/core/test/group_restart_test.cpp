// Groups whose members' programs crash at every boundary, and whose devices lose what they had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/missing.h"
#include "client/core/test/archived.h"
#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "client/core/test/linked.h"

namespace kith::client::test {
namespace {

// The server has no entry of before any more for this client.
void keep_log_from(Friends& f, const Client& client, Seq first) {
  f.world.to_client = [&client, first](Client& to, wire::Frame& frame) {
    const auto* entries = std::get_if<wire::Entries>(&frame.body);
    if (&to != &client || entries == nullptr || entries->entries.empty() || entries->entries.front().seq >= first)
      return true;
    frame.body =
        wire::Error{.code = wire::ErrorCode::trimmed, .detail = {}, .epoch = {}, .head_seq = {}, .first_seq = first};
    return true;
  };
}

// Whose word of the group the server shows to those who come from outside.
std::string signer_of(Friends& f) {
  const auto info = mls::decoded_message<mls::GroupInfo>(f.group().group_info);
  const auto who = keys::seats_of(*f.group().group).value();
  return std::ranges::find(who, info->signer, &keys::Seat::leaf)->user.text();
}

TEST(GroupRestart, a_group_begins_and_goes_on_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Friends f(21, crash_at);
    f.world.boundaries = 0;
    f.found({&f.ben, &f.cleo});
    f.say_once(f.ben, "hello");
    f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: hello");
    EXPECT_EQ(f.roster(f.ben), "Ann owner, Ben member, Cleo member");
    boundaries = f.world.boundaries;
  });
}

TEST(GroupRestart, a_removal_is_done_and_told_whenever_a_client_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Friends f(22);
        f.found({&f.ben, &f.cleo});
        f.world.run_for(10'000);
        f.world.boundaries = 0;
        f.world.crash_at = crash_at;
        for (int i = 0; i < 20 && f.group().leaves.size() == 3; ++i) {
          f.world.run_until([&] { return f.ann.is_running() && !f.ann.account.is_null(); });
          f.remove(f.ann, f.cleo);
          f.world.run_for(500);
        }
        f.say_once(f.ben, "two of us");
        f.expect_all_see({&f.ann, &f.ben}, "Ben: two of us");
        f.expect_all_see({&f.cleo}, "[Ann removed Cleo]");
        EXPECT_EQ(f.roster(f.ben), "Ann owner, Ben member");
        boundaries = f.world.boundaries;
      },
      2);
}

TEST(GroupRestart, who_leaves_is_out_whenever_a_client_crashes) {
  with_a_crash_everywhere(
      [](std::uint64_t crash_at, std::uint64_t& boundaries) {
        Friends f(23);
        f.found({&f.ben, &f.cleo});
        f.world.run_for(10'000);
        f.world.boundaries = 0;
        f.world.crash_at = crash_at;
        for (int i = 0; i < 20 && f.group().leaves.size() == 3; ++i) {
          f.world.run_until([&] { return f.ben.is_running() && !f.ben.account.is_null(); });
          f.run(f.ben, {{"type", "leave_group"}});
          f.world.run_for(500);
        }
        f.say_once(f.cleo, "two of us");
        f.expect_all_see({&f.ann, &f.cleo}, "Cleo: two of us");
        EXPECT_EQ(f.roster(f.ann), "Ann owner, Cleo member");
        f.expect_all_see({&f.ben}, "[Ben left]");
        EXPECT_EQ(std::ranges::count(f.seen(f.ben), "[Ben left]"), 1);
        boundaries = f.world.boundaries;
      },
      2);
}

TEST(GroupRestart, a_device_that_lost_its_group_comes_back_and_is_sent_what_it_missed) {
  Friends f(24);
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "first"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: first");
  f.ben.stop();
  EXPECT_EQ(f.say(f.cleo, "missed"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Cleo: missed");
  f.ben.rows.erase(row_key::group_epoch(f.id()));
  f.ben.start();
  EXPECT_TRUE(f.await(f.ben, "Cleo: missed"));
  EXPECT_EQ(f.ben.warnings["rejoining"], 1);
  EXPECT_EQ(f.say(f.ben, "again"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Ben: again");
  EXPECT_EQ(f.roster(f.cleo), "Ann owner, Ben member, Cleo member");
}

TEST(GroupRestart, who_was_removed_while_its_group_was_lost_finds_itself_out) {
  Friends f(25);
  f.found({&f.ben, &f.cleo});
  f.ben.stop();
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  EXPECT_EQ(f.say(f.ann, "without you"), "done");
  f.ben.rows.erase(row_key::group_epoch(f.id()));
  f.ben.start();
  EXPECT_TRUE(f.world.run_until([&] {
    const Json chat = f.chat(f.ben);
    return chat.is_object() && chat["membership"] == "out";
  }));
}

TEST(GroupRestart, who_owes_the_name_to_somebody_waits_quietly_for_a_connection) {
  Friends f(27);
  f.found({&f.ben});
  f.world.run_for(10'000);
  f.ann.set_network(false);
  f.ann.stop();
  auto chat = *mls::decoded<ChatRecord>(f.ann.rows.at(row_key::chat(f.id())));
  chat.group->profile_due_ms = f.world.now();
  f.ann.rows[row_key::chat(f.id())] = mls::encoded(chat);
  f.world.run_for(1'000);
  const std::uint64_t before = f.world.boundaries;
  f.ann.start();
  f.world.run_for(60'000);
  EXPECT_LT(f.world.boundaries - before, 1'000U);
  const std::size_t said = f.group().log.size();
  f.ann.set_network(true);
  EXPECT_TRUE(f.world.run_until([&] { return f.group().log.size() > said; })) << "then it is said";
}

TEST(GroupRestart, a_commit_that_follows_an_older_list_is_made_again_after_a_restart) {
  Friends f(28);
  f.found({&f.ben});
  DevicesOf bens(f.ben);
  const auto tablet = bens.device(7);
  const auto laptop = bens.device(8);
  f.ben.stop();
  f.world.server.refuse_commits = 1'000;
  f.world.server.set_devices(bens.list(2, {&tablet}), {DevicesOf::listed(tablet)});
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.rows.contains(row_key::group_pending(f.id())); }));
  f.ann.stop();
  f.world.server.refuse_commits = 1;
  f.world.server.refusal = wire::ErrorCode::invalid_commit;
  f.world.server.set_devices(bens.list(3, {&tablet, &laptop}), {DevicesOf::listed(tablet), DevicesOf::listed(laptop)});
  f.ann.start();
  EXPECT_EQ(f.say(f.ann, "hello"), "done");
  EXPECT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  EXPECT_THAT(f.world.said, ::testing::IsEmpty());
}

TEST(GroupRestart, a_commit_that_was_stored_goes_out_after_a_restart_though_nothing_else_is_to_be_done) {
  Friends f(29);
  f.found({&f.ben});
  f.world.run_for(10'000);
  f.world.server.refuse_commits = 1'000;
  f.ann.tell({{"type", "set_role"}, {"conversation", f.conversation}, {"user", f.id_of(f.ben)}, {"role", "admin"}});
  const Bytes pending = row_key::group_pending(f.id());
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.rows.contains(pending); }));
  f.ann.stop();
  f.world.server.refuse_commits = 0;
  f.ann.start();
  EXPECT_TRUE(f.world.run_until([&] { return !f.ann.rows.contains(pending); }));
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.ben) == "Ann owner, Ben admin"; }));
}

TEST(GroupRestart, whose_invitation_was_of_no_use_misses_nothing_of_what_was_said_before_it) {
  Friends f(30);
  f.found({&f.ben});
  EXPECT_EQ(f.say(f.ben, "before"), "done");
  static const Bytes junk(100, 1);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.cleo) return true;
    if (auto* hint = std::get_if<wire::MailHint>(&frame.body)) hint->mail.payload = junk;
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) {
      for (wire::Mail& mail : mails->mails) mail.payload = junk;
    }
    return true;
  };
  f.run(f.ann, {{"type", "add_members"}, {"users", {f.id_of(f.cleo)}}});
  EXPECT_EQ(f.say(f.ann, "after"), "done");
  f.world.run_for(Missing::kPatienceMs + 86'400'000);
  EXPECT_TRUE(f.await(f.cleo, "Ann: after"));
  EXPECT_THAT(f.seen(f.cleo), ::testing::Not(::testing::Contains("[messages_lost]")));
}

TEST(GroupRestart, whose_second_invitation_was_of_no_use_misses_nothing_of_what_was_said_while_she_was_out) {
  Friends f(31);
  f.found({&f.ben, &f.cleo});
  EXPECT_EQ(f.say(f.ann, "first"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: first");
  EXPECT_EQ(f.remove(f.ann, f.cleo), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.cleo)["membership"] == "out"; }));
  EXPECT_EQ(f.say(f.ben, "without her"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: without her");
  static const Bytes junk(100, 1);
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto spoil = [](wire::Mail& mail) {
      if (mail.kind == wire::MailKind::welcome) mail.payload = junk;
    };
    if (&client != &f.cleo) return true;
    if (auto* hint = std::get_if<wire::MailHint>(&frame.body)) spoil(hint->mail);
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) std::ranges::for_each(mails->mails, spoil);
    return true;
  };
  f.run(f.ann, {{"type", "add_members"}, {"users", {f.id_of(f.cleo)}}});
  EXPECT_EQ(f.say(f.ann, "after"), "done");
  f.world.run_for(Missing::kPatienceMs + 86'400'000);
  EXPECT_TRUE(f.await(f.cleo, "Ann: after"));
  EXPECT_THAT(f.seen(f.cleo), ::testing::Not(::testing::Contains("[messages_lost]")));
  EXPECT_THAT(f.seen(f.cleo), ::testing::Not(::testing::Contains("Ben: without her")));
}

// Ann's program stops in the middle of adding, and goes on with it.
TEST(GroupRestart, whom_the_user_wanted_in_comes_in_after_a_restart) {
  Friends f(26);
  f.found({&f.ben});
  f.ann.set_network(false);
  f.world.run_for(1'000);
  auto chat = *mls::decoded<ChatRecord>(f.ann.rows.at(row_key::chat(f.id())));
  f.ann.stop();
  chat.group->to_add = {*UserId::from_text(f.id_of(f.cleo)), *UserId::from_text(f.id_of(f.dan))};
  f.ann.rows[row_key::chat(f.id())] = mls::encoded(chat);
  f.ann.set_network(true);
  f.ann.start();
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.ben) == "Ann owner, Ben member, Cleo member, Dan member"; }));
}

// Its own commit is not anybody's lie.
TEST(GroupRestart, an_old_copy_that_finds_a_commit_of_its_own_comes_back) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.world.run_for(10'000);
  f.ann.stop();
  const auto copy = f.ann.rows;
  f.ann.start();
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  f.ann.stop();
  f.ann.rows = copy;
  f.ann.start();
  EXPECT_EQ(f.say(f.ann, "here I am"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: here I am");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben admin, Cleo member");
  EXPECT_THAT(f.world.said,
              ::testing::ElementsAre("Ann: This device rejoins a conversation: its storage is an old copy."));
}

// What the server shows of the group is signed by somebody whom the copy has never met.
TEST(GroupRestart, an_old_copy_comes_back_to_those_who_came_since) {
  Friends f;
  f.found({});
  f.world.run_for(10'000);
  f.ann.stop();
  const auto copy = f.ann.rows;
  f.ann.start();
  EXPECT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  EXPECT_EQ(f.add(f.ann, {&f.ben}), "done");
  EXPECT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  f.world.run_for(10'000);
  f.ann.stop();
  f.ann.rows = copy;
  f.ann.start();
  EXPECT_EQ(f.say(f.ann, "here I am"), "done");
  f.expect_all_see({&f.ben}, "Ann: here I am");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben admin");
  EXPECT_EQ(f.ann.warnings["group_refused"], 0);
}

// He came by its link once the copy had lost the group, and nobody else is there to say who he is.
TEST(GroupRestart, an_old_copy_comes_back_to_who_came_once_it_had_lost_the_group) {
  Friends f;
  f.found({});
  f.world.run_for(10'000);
  f.ann.stop();
  const auto copy = f.ann.rows;
  f.ann.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.is_online(); }));
  f.world.run_for(5'000);
  const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
  ASSERT_TRUE(made && made->contains("invite"));
  f.world.run_for(10'000);
  bool is_held_back = true;
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    wire::Error busy;
    busy.code = wire::ErrorCode::overloaded;
    if (&client == &f.ann && is_held_back && std::holds_alternative<wire::Group>(frame.body)) frame.body = busy;
    return true;
  };
  f.ann.stop();
  f.ann.rows = copy;
  f.ann.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.ann.warnings["rejoining"] == 1; }));
  const auto joined = f.ben.ask({{"type", "join_group"}, {"link", (*made)["invite"]["link"]}});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ((*joined)["joined"], true) << joined->dump();
  f.ann.crash();
  is_held_back = false;
  EXPECT_EQ(f.say(f.ann, "here I am"), "done");
  f.expect_all_see({&f.ben}, "Ann: here I am");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member");
  EXPECT_EQ(f.ann.warnings["group_refused"], 0);
}

// Nothing of it is told again: the mail is gone, and the server does not name the group to him.
TEST(GroupRestart, an_old_copy_from_before_it_was_removed_finds_itself_out) {
  Friends f;
  f.found({&f.ben, &f.cleo});
  f.world.run_for(5'000);
  const auto copy = f.ben.rows;
  EXPECT_EQ(f.remove(f.ann, f.ben), "done");
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  f.world.run_for(5'000);
  f.ben.stop();
  f.ben.rows = copy;
  f.ben.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben).is_object(); }));
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  EXPECT_EQ(f.seen(f.ben).back(), "[Ann removed Ben]");
}

// Nobody was there to commit that, so that the log does not say it either.
TEST(GroupRestart, an_old_copy_from_before_another_device_left_finds_itself_out) {
  Friends f;
  Client& tablet = f.world.add("Ben's tablet");
  f.found({&f.ben});
  link(f.world, f.ben, tablet, kBobPhone);
  const auto is = [&](Client& client, const char* membership) {
    const Json here = f.chat(client);
    return here.is_object() && here["membership"] == membership;
  };
  ASSERT_TRUE(f.world.run_until([&] { return is(tablet, "member"); }));
  f.world.run_for(10'000);
  f.ann.stop();
  const auto copy = tablet.rows;
  EXPECT_EQ(f.run(f.ben, {{"type", "leave_group"}}), "done");
  ASSERT_TRUE(f.world.run_until([&] { return is(tablet, "out"); }));
  f.world.run_for(5'000);
  tablet.stop();
  tablet.rows = copy;
  tablet.start();
  EXPECT_TRUE(f.world.run_until([&] { return is(tablet, "out"); }));
}

// Whoever comes back without knowing Cleo comes back by Ann's word.
TEST(GroupRestart, what_a_newcomer_told_of_the_group_is_looked_at_in_the_next_life) {
  Friends f;
  f.found({&f.ben});
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  f.world.run_for(10'000);
  f.ben.stop();
  f.ann.stop();
  EXPECT_EQ(f.add(f.cleo, {&f.dan}), "done");
  ASSERT_EQ(signer_of(f), f.id_of(f.cleo));
  f.ann.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ann)["head_seq"] == f.group().log.size(); }, 2'000));
  f.ann.crash();
  EXPECT_TRUE(f.world.run_until([&] { return signer_of(f) == f.id_of(f.ann); }, 60'000));
}

// Cleo and Dan came together, and Ben, who was away since before, knows Ann alone.
TEST(GroupRestart, of_newcomers_who_tell_of_the_group_the_word_of_who_was_in_before_stays) {
  Friends f;
  f.found({&f.ben});
  f.world.run_for(10'000);
  f.ben.stop();
  EXPECT_EQ(f.add(f.ann, {&f.cleo, &f.dan}), "done");
  EXPECT_EQ(f.role(f.ann, f.cleo, "admin"), "done");
  f.world.run_for(30'000);
  EXPECT_EQ(signer_of(f), f.id_of(f.ann)) << "whoever came later leaves it as it is";
  EXPECT_EQ(f.run(f.cleo, {{"type", "set_group"}, {"may_edit", "admins"}}), "done");
  EXPECT_TRUE(f.world.run_until([&] { return signer_of(f) == f.id_of(f.ann); }, 60'000));
  f.world.run_for(30'000);
  EXPECT_EQ(signer_of(f), f.id_of(f.ann));
  keep_log_from(f, f.ben, Seq{f.group().log.size()}.next());
  f.ben.start();
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.cleo, &f.dan}, "Ben: back");
  EXPECT_EQ(f.ben.warnings["group_refused"], 0);
}

// Her commit is in the log, she never heard so, and the log does not go back that far any more.
TEST(GroupRestart, who_was_lost_with_a_commit_on_its_way_comes_back_to_those_whom_it_brought_in) {
  Friends f;
  f.found({});
  f.world.run_for(10'000);
  const std::size_t before = f.group().log.size();
  f.world.to_client = [&](Client& client, wire::Frame&) { return &client != &f.ann || f.group().log.size() == before; };
  f.ann.tell({{"type", "add_members"}, {"conversation", f.conversation}, {"users", {f.id_of(f.ben)}}});
  ASSERT_TRUE(f.world.run_until([&] { return f.group().log.size() > before; }));
  f.ann.stop();
  ASSERT_TRUE(f.world.run_until([&] { return f.chat(f.ben).is_object(); }));
  EXPECT_EQ(f.add(f.ben, {&f.cleo}), "done");
  ASSERT_EQ(signer_of(f), f.id_of(f.ben));
  keep_log_from(f, f.ann, Seq{f.group().log.size()}.next());
  f.ann.start();
  EXPECT_EQ(f.say(f.ann, "here I am"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: here I am");
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member, Cleo member");
  EXPECT_EQ(f.ann.warnings["group_refused"], 0);
}

}  // namespace
}  // namespace kith::client::test
