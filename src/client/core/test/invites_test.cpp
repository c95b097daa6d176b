// Invite links: made, passed on, used and revoked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/invite_link.h"
#include "client/core/test/friends.h"
#include "client/core/test/linked.h"

namespace kith::client::test {
namespace {

using ::testing::IsEmpty;
using Lines = std::vector<std::string>;

// Ann and Ben are in; Cleo and Dan are not.
class Invites : public testing::Test {
 protected:
  explicit Invites(std::uint64_t crash_at = 0) : f(1, crash_at) { f.found({&f.ben}); }

  // As "done", or the error's name.
  std::string invite(Client& by, const Json& conditions = Json::object()) {
    Json command{{"type", "create_invite"}, {"conversation", f.conversation}};
    command.update(conditions);
    const auto answer = by.ask(command);
    if (!answer) return "offline";
    if ((*answer)["type"] == "failed") return (*answer)["error"];
    link = (*answer)["invite"]["link"];
    key = (*answer)["invite"]["invite"];
    return "done";
  }
  Json ask(Client& by, const char* type, const std::string& with) {
    const auto answer = by.ask({{"type", type}, {"link", with}});
    return answer ? *answer : Json{{"error", "never answered"}};
  }
  std::string join(Client& by) {
    const Json answer = ask(by, "join_group", link);
    return answer.value("error", answer.value("joined", false) ? "joined" : "asked");
  }
  // Who asks to come in, as this member sees it.
  Lines asking(Client& by) {
    Lines names;
    const Json group = f.info(by);
    for (const Json& request : group["requests"]) names.push_back(request["name"]);
    return names;
  }

  // What this client waits for, as "Hiking", or "Hiking: declined".
  static Lines waiting(const Client& client) {
    Lines lines;
    for (const Json& request : client.join_requests) {
      const std::string name = request["name"], refusal = request.value("refusal", "");
      lines.push_back(refusal.empty() ? name : name + ": " + refusal);
    }
    return lines;
  }

  Friends f;
  std::string link, key;
};

TEST_F(Invites, whoever_opens_a_link_is_in_and_everybody_sees_it) {
  ASSERT_EQ(invite(f.ann), "done");
  EXPECT_EQ(f.say(f.ben, "before"), "done");
  const Json seen = ask(f.cleo, "look_at_invite", "https://kith.example/" + link);
  EXPECT_EQ(seen["name"], "Hiking");
  EXPECT_EQ(seen["needs_approval"], false);
  EXPECT_EQ(seen["is_member"], false);
  EXPECT_TRUE(f.chat(f.cleo).is_null()) << "looking changes nothing";
  EXPECT_EQ(join(f.cleo), "joined");
  EXPECT_EQ(f.chat(f.cleo)["title"], "Hiking");
  EXPECT_EQ(f.chat(f.cleo)["membership"], "member");
  EXPECT_EQ(f.say(f.cleo, "hello"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo}, "Cleo: hello");
  EXPECT_EQ(f.say(f.ann, "welcome"), "done");
  f.expect_all_see({&f.ben, &f.cleo}, "Ann: welcome");
  EXPECT_EQ(f.seen(f.cleo), (Lines{"[Cleo joined]", "Cleo: hello", "Ann: welcome"}));
  EXPECT_EQ(f.seen(f.ben), (Lines{"[Ann added Ben]", "[Ann: invite_made]", "Ben: before", "[Cleo joined]",
                                  "Cleo: hello", "Ann: welcome"}));
  EXPECT_EQ(f.roster(f.cleo), "Ann owner, Ben member, Cleo member");
  EXPECT_EQ(join(f.cleo), "joined") << "who is in is in";
  EXPECT_EQ(f.seen(f.cleo).size(), 3U);
  for (Client* client : {&f.ann, &f.ben, &f.cleo}) EXPECT_THAT(client->warnings, IsEmpty()) << client->name;
}

TEST(InvitesAlone, people_come_by_a_link_into_a_group_of_its_founder_alone) {
  Friends f;
  f.found({});
  const auto made = f.ann.ask({{"type", "create_invite"}, {"conversation", f.conversation}});
  ASSERT_TRUE(made.has_value());
  const auto joined = f.cleo.ask({{"type", "join_group"}, {"link", (*made)["invite"]["link"]}});
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ((*joined)["joined"], true) << joined->dump();
  EXPECT_EQ(f.say(f.cleo, "hello"), "done");
  f.expect_all_see({&f.ann, &f.cleo}, "Cleo: hello");
}

TEST_F(Invites, a_link_is_shown_by_the_device_that_made_it_and_to_others_as_one_that_is_there) {
  ASSERT_EQ(invite(f.ann, {{"max_uses", 5}, {"expires_in_ms", 3'600'000}}), "done");
  ASSERT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  const Json anns = f.info(f.ann)["invites"];
  ASSERT_EQ(anns.size(), 1U);
  EXPECT_EQ(anns[0]["link"], link);
  EXPECT_EQ(anns[0]["max_uses"], 5);
  EXPECT_EQ(anns[0]["by"], f.id_of(f.ann));
  EXPECT_GT(anns[0]["expires_ms"], f.world.server.now_ms);
  f.expect_all_see({&f.ben}, "[Ann made Ben admin]");
  const Json bens = f.info(f.ben)["invites"];
  ASSERT_EQ(bens.size(), 1U);
  EXPECT_FALSE(bens[0].contains("link"));
  EXPECT_EQ(f.run(f.ben, {{"type", "revoke_invite"}, {"invite", key}}), "done");
  f.expect_all_see({&f.ann}, "[Ben: invite_revoked]");
  EXPECT_THAT(f.info(f.ann)["invites"], IsEmpty());
  EXPECT_EQ(join(f.cleo), "invite_revoked");
  EXPECT_EQ(f.run(f.ben, {{"type", "revoke_invite"}, {"invite", key}}), "done") << "what is gone is gone";
}

TEST_F(Invites, whose_a_link_is_and_how_many_came_by_it_is_known_to_who_was_there) {
  ASSERT_EQ(f.role(f.ann, f.ben, "admin"), "done");
  ASSERT_EQ(invite(f.ann, {{"max_uses", 1}}), "done");
  f.expect_all_see({&f.ben}, "[Ann: invite_made]");
  EXPECT_EQ(f.info(f.ben)["invites"][0]["by"], f.id_of(f.ann));
  EXPECT_EQ(f.info(f.ben)["invites"][0]["joined"], 0);
  EXPECT_EQ(join(f.cleo), "joined");
  f.expect_all_see({&f.ann, &f.ben}, "[Cleo joined]");
  f.ben.stop();
  f.ben.start();
  ASSERT_TRUE(f.world.run_until([&] { return f.ben.is_online(); }));
  for (Client* client : {&f.ann, &f.ben}) EXPECT_EQ(f.info(*client)["invites"][0]["joined"], 1) << client->name;
  EXPECT_FALSE(f.info(f.cleo)["invites"][0].contains("by")) << "it was there before Cleo";
  EXPECT_FALSE(f.info(f.cleo)["invites"][0].contains("joined"));
  ASSERT_EQ(invite(f.ben), "done");
  f.expect_all_see({&f.cleo}, "[Ben: invite_made]");
  for (const Json& each : f.info(f.cleo)["invites"])
    EXPECT_EQ(each.value("by", ""), each["invite"] == key ? f.id_of(f.ben) : "");
}

TEST_F(Invites, links_end_by_their_time_and_their_uses) {
  ASSERT_EQ(invite(f.ann, {{"max_uses", 1}}), "done");
  EXPECT_EQ(join(f.cleo), "joined");
  EXPECT_EQ(join(f.dan), "invite_used_up");
  EXPECT_EQ(ask(f.dan, "look_at_invite", link)["error"], "invite_used_up");
  ASSERT_EQ(invite(f.ann, {{"expires_in_ms", 1000}}), "done");
  f.world.run_for(10'000);
  EXPECT_EQ(join(f.dan), "invite_expired");
  EXPECT_TRUE(f.chat(f.dan).is_null()) << "a link that leads nowhere leaves nothing behind";
}

TEST_F(Invites, links_that_have_expired_go_with_the_next_commit_of_an_admin_and_without_a_word) {
  ASSERT_EQ(invite(f.ann, {{"expires_in_ms", 1000}}), "done");
  ASSERT_EQ(invite(f.ann), "done");
  f.world.run_for(std::int64_t{2} * 3600 * 1000);
  EXPECT_EQ(f.add(f.ben, {&f.cleo}), "done");
  EXPECT_EQ(f.info(f.ann)["invites"].size(), 2U) << "Ben is no admin";
  const Epoch before = f.group().epoch;
  f.world.run_for(60'000);
  EXPECT_EQ(f.group().epoch, before) << "nobody commits for that alone";
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo, &f.dan}, "[Ann added Dan]");
  for (Client* client : {&f.ann, &f.ben}) {
    ASSERT_EQ(f.info(*client)["invites"].size(), 1U) << client->name;
    EXPECT_EQ(f.info(*client)["invites"][0]["invite"], key);
  }
}

TEST_F(Invites, members_make_no_links_and_nobody_too_many) {
  EXPECT_EQ(invite(f.ben), "not_allowed");
  for (int i = 0; i < 8; ++i) ASSERT_EQ(invite(f.ann), "done");
  EXPECT_EQ(invite(f.ann), "too_many_invites");
}

TEST_F(Invites, what_is_no_link_is_named) {
  for (const char* text : {"", "#join=", "hello", "#join=AAAA", "https://kith.example/#join=!"})
    EXPECT_EQ(ask(f.cleo, "join_group", text)["error"], "invalid_argument") << text;
  ASSERT_EQ(invite(f.ann), "done");
  auto other = *InviteLink::parse(link);
  other.seed[0] ^= 1;
  EXPECT_EQ(ask(f.cleo, "join_group", other.code())["error"], "invite_revoked");
  other = *InviteLink::parse(link);
  other.conversation = ConversationId{{9}};
  EXPECT_EQ(ask(f.cleo, "join_group", other.code())["error"], "not_found");
}

TEST_F(Invites, with_an_approval_somebody_asks_and_an_admin_answers) {
  ASSERT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  ASSERT_EQ(invite(f.ann, {{"needs_approval", true}}), "done");
  EXPECT_EQ(ask(f.cleo, "look_at_invite", link)["needs_approval"], true);
  EXPECT_EQ(join(f.cleo), "asked");
  EXPECT_EQ(join(f.cleo), "asked");
  EXPECT_EQ(join(f.dan), "asked");
  EXPECT_TRUE(f.world.run_until([&] { return asking(f.ann) == Lines{"Cleo", "Dan"}; }));
  EXPECT_EQ(f.chat(f.ann)["requests"], 2);
  EXPECT_THAT(asking(f.ben), IsEmpty());
  EXPECT_EQ(f.run(f.ben, {{"type", "decline_request"}, {"user", f.id_of(f.dan)}}), "not_allowed");
  EXPECT_EQ(f.run(f.ann, {{"type", "decline_request"}, {"user", f.id_of(f.dan)}}), "done");
  EXPECT_EQ(asking(f.ann), Lines{"Cleo"});
  EXPECT_EQ(f.chat(f.ann)["requests"], 1);
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  EXPECT_FALSE(f.chat(f.ann).contains("requests"));
  EXPECT_EQ(f.seen(f.cleo).front(), "[Ann added Cleo]");
}

TEST_F(Invites, who_is_declined_is_told_also_when_it_was_away_and_not_who_never_asked) {
  ASSERT_EQ(invite(f.ann, {{"needs_approval", true}}), "done");
  EXPECT_EQ(join(f.cleo), "asked");
  EXPECT_EQ(join(f.dan), "asked");
  EXPECT_TRUE(f.world.run_until([&] { return asking(f.ann).size() == 2; }));
  f.dan.stop();
  for (Client* client : {&f.cleo, &f.dan})
    EXPECT_EQ(f.run(f.ann, {{"type", "decline_request"}, {"user", f.id_of(*client)}}), "done");
  f.dan.start();
  for (Client* client : {&f.cleo, &f.dan})
    EXPECT_TRUE(f.world.run_until([&] { return client->warnings["join_declined"] == 1; })) << client->name;
  EXPECT_THAT(f.world.said, testing::Contains(testing::HasSubstr("Your request to join Hiking was declined.")));
  // The server's word is worth nothing to who does not ask, nor once it is answered, nor to who is in.
  f.world.server.tell_declined(Friends::device_of(f.ben).first, f.id());
  f.world.server.tell_declined(Friends::device_of(f.cleo).first, f.id());
  EXPECT_EQ(join(f.dan), "asked");
  EXPECT_EQ(f.add(f.ann, {&f.dan}), "done");
  f.world.server.tell_declined(Friends::device_of(f.dan).first, f.id());
  f.world.run_for(30'000);
  EXPECT_EQ(f.ben.warnings["join_declined"], 0);
  EXPECT_EQ(f.cleo.warnings["join_declined"], 1);
  EXPECT_EQ(f.dan.warnings["join_declined"], 1);
}

TEST_F(Invites, who_asked_is_known_after_a_restart_before_anything_is_written) {
  ASSERT_EQ(invite(f.ann, {{"needs_approval", true}}), "done");
  f.ann.stop();
  EXPECT_EQ(join(f.cleo), "asked");
  f.ann.start();
  EXPECT_TRUE(f.world.run_until([&] {
    const Json chat = f.chat(f.ann);
    return chat.is_object() && chat.value("requests", 0) == 1;
  }));
}

TEST_F(Invites, who_asks_sees_it_until_let_in_also_after_a_restart) {
  ASSERT_EQ(invite(f.ann, {{"needs_approval", true}}), "done");
  EXPECT_EQ(join(f.cleo), "asked");
  EXPECT_EQ(waiting(f.cleo), Lines{"Hiking"});
  f.cleo.stop();
  f.cleo.join_requests = Json::array();
  f.cleo.start();
  EXPECT_TRUE(f.world.run_until([&] { return waiting(f.cleo) == Lines{"Hiking"}; }));
  f.world.run_for(600'000);
  EXPECT_EQ(waiting(f.cleo), Lines{"Hiking"}) << "nobody has answered";
  EXPECT_EQ(f.add(f.ann, {&f.cleo}), "done");
  EXPECT_THAT(waiting(f.cleo), IsEmpty());
}

TEST_F(Invites, who_was_declined_sees_it_until_it_is_forgotten_and_may_ask_again) {
  ASSERT_EQ(invite(f.ann, {{"needs_approval", true}}), "done");
  const auto decline = [&](Client& whom) {
    EXPECT_TRUE(f.world.run_until([&] { return !asking(f.ann).empty(); }));
    EXPECT_EQ(f.run(f.ann, {{"type", "decline_request"}, {"user", f.id_of(whom)}}), "done");
  };
  EXPECT_EQ(join(f.cleo), "asked");
  decline(f.cleo);
  EXPECT_TRUE(f.world.run_until([&] { return waiting(f.cleo) == Lines{"Hiking: declined"}; }));
  EXPECT_EQ(join(f.cleo), "asked");
  EXPECT_EQ(waiting(f.cleo), Lines{"Hiking"});
  f.cleo.stop();
  decline(f.cleo);
  f.cleo.start();
  EXPECT_TRUE(f.world.run_until([&] { return waiting(f.cleo) == Lines{"Hiking: declined"}; }));
  const Json forget{{"type", "forget_join_request"}, {"conversation", f.conversation}};
  EXPECT_EQ((*f.cleo.ask(forget))["type"], "done");
  EXPECT_THAT(waiting(f.cleo), IsEmpty());
  EXPECT_EQ((*f.cleo.ask(forget))["error"], "unknown_conversation");
}

TEST_F(Invites, whose_link_was_revoked_does_not_wait_for_ever) {
  ASSERT_EQ(invite(f.ann, {{"needs_approval", true}}), "done");
  EXPECT_EQ(join(f.dan), "asked");
  EXPECT_EQ(f.run(f.ann, {{"type", "revoke_invite"}, {"invite", key}}), "done");
  EXPECT_TRUE(f.world.run_until([&] { return waiting(f.dan) == Lines{"Hiking: invite_revoked"}; }, 600'000))
      << "asked at every sync";
}

TEST_F(Invites, of_many_who_come_at_once_all_are_in) {
  ASSERT_EQ(invite(f.ann), "done");
  f.cleo.tell({{"type", "join_group"}, {"link", link}});
  f.dan.tell({{"type", "join_group"}, {"link", link}});
  EXPECT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  EXPECT_EQ(f.say(f.ann, "all here"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.cleo, &f.dan}, "Ann: all here");
}

// The server answers their commits as if somebody had been first.
TEST_F(Invites, who_never_wins_the_race_is_taken_along_by_a_member_though_it_may_add_nobody) {
  ASSERT_EQ(f.run(f.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  ASSERT_EQ(invite(f.ann), "done");
  f.expect_all_see({&f.ben}, "[Ann: invite_made]");
  f.ann.stop();
  f.world.server.refuses_joins = true;
  f.cleo.tell({{"type", "join_group"}, {"link", link}});
  f.dan.tell({{"type", "join_group"}, {"link", link}});
  EXPECT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 4; }));
  EXPECT_EQ(f.say(f.dan, "thanks"), "done");
  f.expect_all_see({&f.ben, &f.cleo, &f.dan}, "Dan: thanks");
}

TEST_F(Invites, who_was_removed_comes_back_by_a_link_and_sees_nothing_of_meanwhile) {
  ASSERT_EQ(invite(f.ann), "done");
  ASSERT_EQ(f.remove(f.ann, f.ben), "done");
  f.expect_all_see({&f.ben}, "[Ann removed Ben]");
  EXPECT_EQ(f.say(f.ann, "without Ben"), "done");
  EXPECT_EQ(join(f.ben), "joined");
  EXPECT_EQ(f.say(f.ben, "back"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: back");
  EXPECT_EQ(f.seen(f.ben),
            (Lines{"[Ann added Ben]", "[Ann: invite_made]", "[Ann removed Ben]", "[Ben joined]", "Ben: back"}));
}

// Somebody has added the user, and the Welcome is still to come: what was said since is asked for.
TEST_F(Invites, who_was_added_already_misses_nothing_by_opening_a_link) {
  ASSERT_EQ(invite(f.ann), "done");
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &f.dan) return true;
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) mails->mails.clear();
    return !std::holds_alternative<wire::MailHint>(frame.body);
  };
  f.dan.set_network(false);
  EXPECT_EQ(f.run(f.ann, {{"type", "add_members"}, {"users", Json::array({f.id_of(f.dan)})}}), "done");
  f.expect_all_see({&f.ben}, "[Ann added Dan]");
  EXPECT_EQ(f.say(f.ben, "welcome"), "done");
  f.expect_all_see({&f.ann, &f.ben}, "Ben: welcome");
  f.dan.set_network(true);
  ASSERT_TRUE(f.world.run_until([&] { return f.dan.is_online(); }));
  ASSERT_TRUE(f.chat(f.dan).is_null()) << "nothing has brought him in yet";
  EXPECT_EQ(join(f.dan), "joined");
  const auto welcomes = [&] {
    const Lines seen = f.seen(f.dan);
    return std::ranges::count(seen, "Ben: welcome");
  };
  EXPECT_TRUE(f.world.run_until([&] { return welcomes() > 0; })) << Json(f.seen(f.dan)).dump(1);
  EXPECT_EQ(f.say(f.dan, "thanks"), "done");
  f.expect_all_see({&f.ann, &f.ben, &f.dan}, "Dan: thanks");
  EXPECT_EQ(welcomes(), 1);
  EXPECT_EQ(f.roster(f.dan), "Ann owner, Ben member, Dan member");
  EXPECT_EQ(f.dan.warnings["not_joined"], 0);
}

TEST_F(Invites, what_was_written_before_a_link_was_refused_does_not_wait) {
  ASSERT_EQ(invite(f.ann), "done");
  ASSERT_EQ(f.remove(f.ann, f.ben), "done");
  f.expect_all_see({&f.ben}, "[Ann removed Ben]");
  f.world.server.refuse_commits = 2;
  f.ben.tell({{"type", "join_group"}, {"link", link}});
  ASSERT_TRUE(f.world.run_until([&] { return f.world.server.refuse_commits == 1; })) << "he is to come later";
  f.world.server.refusal = wire::ErrorCode::invite_used_up;
  const auto sent = f.ben.ask({{"type", "send"}, {"conversation", f.conversation}, {"text", "hello again"}});
  ASSERT_TRUE(sent && (*sent)["type"] == "done");
  EXPECT_TRUE(f.world.run_until([&] { return f.chat(f.ben)["membership"] == "out"; }));
  EXPECT_EQ(f.ben.messages.at((*sent)["message"]["id"])["state"], "failed");
}

// A list that changes just then makes its commit void.
TEST_F(Invites, a_device_whose_user_is_in_already_is_not_told_that_the_link_leads_nowhere) {
  ASSERT_EQ(invite(f.ann), "done");
  EXPECT_EQ(join(f.dan), "joined");
  Client& tablet = f.world.add("Dan's tablet");
  // It has not heard of the group.
  f.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body); &client == &tablet && sync != nullptr) sync->heads.clear();
    return &client != &tablet || !std::holds_alternative<wire::EntryHint>(frame.body);
  };
  test::link(f.world, f.dan, tablet, "+41790000004");
  f.world.server.refuse_commits = 1;
  f.world.server.refusal = wire::ErrorCode::invalid_commit;
  EXPECT_EQ(join(tablet), "joined");
  EXPECT_EQ(f.world.server.refuse_commits, 0);
}

// Whoever comes by a link comes into a group that knows it.
TEST_F(Invites, a_group_that_does_not_know_the_link_is_not_entered_whatever_the_server_shows) {
  ASSERT_EQ(invite(f.ann), "done");
  f.world.server.judges_groups = false;
  auto forged = *InviteLink::parse(link);
  forged.seed[0] ^= 1;
  EXPECT_EQ(ask(f.dan, "join_group", forged.code())["error"], "group_refused");
  EXPECT_TRUE(f.chat(f.dan).is_null());
  EXPECT_EQ(f.roster(f.ann), "Ann owner, Ben member");
}

TEST_F(Invites, who_is_held_back_for_a_while_comes_in_later) {
  ASSERT_EQ(invite(f.ann), "done");
  f.world.server.refuse_commits = 2;
  const std::int64_t before = f.world.now();
  EXPECT_EQ(join(f.cleo), "joined");
  EXPECT_GE(f.world.now() - before, 10'000) << "as long as the server said, each time";
  EXPECT_TRUE(f.world.run_until([&] { return f.roster(f.ann) == "Ann owner, Ben member, Cleo member"; }));
}

TEST_F(Invites, a_full_group_is_named_to_who_has_a_link) {
  ASSERT_EQ(invite(f.ann), "done");
  f.world.server.max_group_members = 2;
  EXPECT_EQ(join(f.cleo), "group_full");
  EXPECT_TRUE(f.chat(f.cleo).is_null());
  f.world.server.max_group_members = 3;
  EXPECT_EQ(join(f.cleo), "joined");
}

}  // namespace
}  // namespace kith::client::test
