// Messages that answer others, and those that name people: what is shown of them, and what a member that means no good
// can make of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/away.h"
#include "client/core/test/friends.h"
#include "keys/conversation.h"
#include "wire/content.h"

namespace kith::client::test {
namespace {

using ::testing::IsEmpty;

struct Talk : Friends {
  explicit Talk(std::uint64_t seed = 1) : Friends(seed) { found({&ben, &cleo}); }
  [[nodiscard]] ConversationId id() const { return *ConversationId::from_text(conversation); }

  // As list_messages shows it; null where it is not there.
  Json message(Client& by, const std::string& text) {
    if (!by.is_running() || by.account.is_null()) return {};
    const auto answer = by.ask({{"type", "list_messages"}, {"conversation", conversation}, {"limit", 100}});
    if (!answer || (*answer)["type"] != "done") return {};
    for (const Json& one : (*answer)["messages"]) {
      if (one.value("text", "") == text) return one;
    }
    return {};
  }
  Json await_message(Client& by, const std::string& text) {
    EXPECT_TRUE(world.run_until([&] { return !message(by, text).is_null(); })) << by.name << ": " << text;
    return message(by, text);
  }
  // The newest event of this message.
  static Json event(const Client& client, const std::string& text) {
    for (auto at = client.events.rbegin(); at != client.events.rend(); ++at) {
      if ((*at)["type"] == "message" && (*at)["message"].value("text", "") == text) return *at;
    }
    return {};
  }
  std::string answer(Client& by, const Json& to, const std::string& text) {
    return run(by, {{"type", "send"}, {"text", text}, {"reply_to", to["id"]}});
  }
  std::string mention(Client& by, const std::string& text, const Json& mentions) {
    return run(by, {{"type", "send"}, {"text", text}, {"mentions", mentions}});
  }
  Json one_mention(const Client& who, int start, int length) {
    return {{{"user", id_of(who)}, {"start", start}, {"length", length}}};
  }
  // What Ann's device says in the hands of somebody else; she does not come back.
  void ann_says(const std::vector<wire::Content>& contents) {
    ann.stop();
    const AccountRecord account = stored_account(ann);
    auto mls_group = stored_group(ann, id());
    auto& log = group().log;
    for (const wire::Content& content : contents) {
      const ClientId client{{0xEE, ++forged}};
      const Bytes bound = keys::AuthenticatedData{
          .conversation = id(),
          .history_id = world.server.history,
          .client_id = client,
          .kind = static_cast<std::uint8_t>(wire::EntryKind::application),
          .last_seq = {},
          .extra = {}}.encode();
      log.push_back({.seq = log.back().seq.next(),
                     .time_ms = world.now(),
                     .sender = {account.user, account.device},
                     .client_id = client,
                     .kind = wire::EntryKind::application,
                     .epoch = group().epoch,
                     .payload = *mls_group.protect(bound, wire::encode_padded(content), entropy)});
      group().change += 1;
    }
    ben.crash();
  }
  [[nodiscard]] UserId user(const Client& client) const { return *UserId::from_text(id_of(client)); }

  kith::test::SeededEntropy entropy{9};
  std::uint8_t forged = 0;
};

TEST(Answers, show_what_they_answer_to_everybody_and_at_once) {
  Talk t;
  EXPECT_EQ(t.say(t.ann, "shall we?"), "done");
  const Json question = t.await_message(t.ben, "shall we?");
  EXPECT_EQ(t.answer(t.ben, question, "yes"), "done");
  for (Client* client : {&t.ann, &t.ben, &t.cleo}) {
    const Json reply = t.await_message(*client, "yes")["reply"];
    EXPECT_EQ(reply,
              (Json{{"message", question["id"]}, {"sender", t.id_of(t.ann)}, {"text", "shall we?"}, {"known", true}}))
        << client->name;
    EXPECT_EQ(Talk::event(*client, "yes")["message"]["reply"], reply) << client->name;
  }
  EXPECT_EQ(Talk::event(t.ann, "yes")["message"].value("mentions_me", false), true) << "an answer to her";
  EXPECT_FALSE(Talk::event(t.cleo, "yes")["message"].contains("mentions_me"));
  EXPECT_EQ(t.chat(t.ann)["unread_mentions"], 1);
  EXPECT_EQ(t.chat(t.cleo)["unread_mentions"], 0);
}

TEST(Answers, do_not_overtake_one_another_while_the_store_is_asked) {
  Talk t;
  EXPECT_EQ(t.say(t.ann, "first"), "done");
  const Json first = t.await_message(t.ben, "first");
  for (int i = 0; i < 6; ++i) {
    Json command = {{"type", "send"}, {"conversation", t.conversation}, {"text", "m" + std::to_string(i)}};
    if (i % 2 == 0) command["reply_to"] = first["id"];
    t.ben.tell(command);
  }
  t.expect_all_see({&t.ann, &t.ben, &t.cleo}, "Ben: m5");
  const auto seen = t.seen(t.cleo);
  EXPECT_EQ((std::vector<std::string>(seen.end() - 6, seen.end())),
            (std::vector<std::string>{"Ben: m0", "Ben: m1", "Ben: m2", "Ben: m3", "Ben: m4", "Ben: m5"}));
  std::vector<std::string> shown;
  for (const Json& event : t.cleo.events) {
    if (event["type"] == "message" && event["is_new"]) shown.push_back(event["message"]["text"]);
  }
  EXPECT_EQ((std::vector<std::string>(shown.end() - 6, shown.end())),
            (std::vector<std::string>{"m0", "m1", "m2", "m3", "m4", "m5"}));
}

TEST(Answers, of_a_message_far_back_are_found) {
  Acquainted t;
  const std::string first = chat_with(t.world, t.alice, t.bob_id).front()["id"];
  write(t.world, t.bob, t.alice_id, numbered("m", 300));
  ASSERT_TRUE(await_messages(t.world, t.alice, t.bob_id, 302));
  const auto answer =
      t.alice.ask({{"type", "send"}, {"user", t.bob_id}, {"text", "to the first"}, {"reply_to", first}});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ((*answer)["message"]["reply"]["message"], first) << answer->dump();
}

TEST(Answers, to_what_came_before_one_did_show_the_excerpt_and_say_so) {
  Talk t;
  const std::string long_ago = "long ago " + std::string(400, 'x');
  EXPECT_EQ(t.say(t.ann, long_ago), "done");
  const Json old = t.await_message(t.ben, long_ago);
  EXPECT_EQ(t.add(t.ann, {&t.dan}), "done");
  EXPECT_EQ(t.answer(t.ben, old, "as Ann said"), "done");
  const Json reply = t.await_message(t.dan, "as Ann said")["reply"];
  EXPECT_EQ(reply["known"], false);
  EXPECT_EQ(reply["sender"], t.id_of(t.ann));
  EXPECT_EQ(reply["text"], long_ago.substr(0, 300));
}

TEST(Answers, put_no_words_into_anybodys_mouth_where_the_original_is_known) {
  Talk t;
  EXPECT_EQ(t.say(t.cleo, "I like it"), "done");
  const Json original = t.await_message(t.ben, "I like it");
  const wire::ReplyTo lie{.client_id = *ClientId::from_text(original["id"].get<std::string>()),
                          .seq = {original["seq"].get<std::uint64_t>()},
                          .sender = t.user(t.ben),
                          .excerpt = "I hate it"};
  wire::ReplyTo elsewhere = lie;
  elsewhere.client_id.value[0] ^= 1;
  wire::ReplyTo beyond = lie;
  beyond.seq = {std::uint64_t{0} - 1};
  t.ann_says({{.sent_ms = 1, .text = "why?", .reply = lie},
              {.sent_ms = 1, .text = "another", .reply = elsewhere},
              {.sent_ms = 1, .text = "far", .reply = beyond}});
  const Json reply = t.await_message(t.ben, "why?")["reply"];
  EXPECT_EQ(reply["text"], "I like it");
  EXPECT_EQ(reply["sender"], t.id_of(t.cleo));
  EXPECT_EQ(reply["known"], true);
  EXPECT_EQ(t.await_message(t.ben, "another")["reply"]["known"], false) << "what is there is not what is named";
  EXPECT_EQ(t.await_message(t.ben, "far")["reply"]["known"], false);
}

TEST(Answers, to_nothing_are_refused_and_nothing_is_sent) {
  Talk t;
  const auto seen = t.seen(t.ann);
  EXPECT_EQ(t.run(t.ann, {{"type", "send"}, {"text", "x"}, {"reply_to", std::string(32, 'a')}}), "not_found");
  EXPECT_EQ(t.run(t.ann, {{"type", "send"}, {"text", "x"}, {"reply_to", "Ben"}}), "invalid_argument");
  EXPECT_EQ(t.say(t.ann, "and on"), "done");
  t.expect_all_see({&t.ben}, "Ann: and on");
  EXPECT_EQ(t.seen(t.ann).size(), seen.size() + 1);
}

TEST(Mentions, name_members_count_as_browsers_do_and_stay_whom_they_name) {
  Talk t;
  const std::string text = "🙂 @Ben, @Cleo?";  // the smile is two units
  Json mentions = t.one_mention(t.ben, 3, 4);
  mentions.push_back(t.one_mention(t.cleo, 9, 5)[0]);
  EXPECT_EQ(t.mention(t.ann, text, mentions), "done");
  for (Client* client : {&t.ann, &t.ben, &t.cleo}) {
    EXPECT_EQ(t.await_message(*client, text)["mentions"], mentions) << client->name;
    EXPECT_EQ(Talk::event(*client, text)["message"]["mentions"], mentions) << client->name;
  }
  EXPECT_EQ(t.await_message(t.ben, text)["mentions_me"], true);
  EXPECT_FALSE(t.await_message(t.ann, text).contains("mentions_me"));
  EXPECT_EQ(t.chat(t.ben)["unread_mentions"], 1);
  // Another name is another name of the same person.
  ASSERT_TRUE(t.ben.ask({{"type", "set_name"}, {"name", "Benjamin"}}));
  EXPECT_EQ(t.await_message(t.cleo, text)["mentions"][0]["user"], t.id_of(t.ben));
  // Read is read, also after a restart.
  const Json last = t.await_message(t.ben, text);
  EXPECT_EQ(t.mention(t.ann, "@Ben", t.one_mention(t.ben, 0, 4)), "done");
  t.await_message(t.ben, "@Ben");
  EXPECT_EQ(t.chat(t.ben)["unread_mentions"], 2);
  EXPECT_EQ(t.run(t.ben, {{"type", "mark_read"}, {"seq", last["seq"]}}), "done");
  EXPECT_TRUE(t.world.run_until([&] { return t.chat(t.ben)["unread_mentions"] == 1; }));
  t.ben.crash();
  EXPECT_TRUE(t.world.run_until([&] { return t.ben.is_running() && !t.ben.account.is_null(); }));
  EXPECT_EQ(t.chat(t.ben)["unread_mentions"], 1);
  EXPECT_EQ(t.await_message(t.ben, text)["mentions"], mentions);
  EXPECT_EQ(t.run(t.ben, {{"type", "mark_read"}, {"seq", t.message(t.ben, "@Ben")["seq"]}}), "done");
  EXPECT_EQ(t.chat(t.ben)["unread_mentions"], 0);
}

TEST(Mentions, that_are_left_unread_are_counted_behind_lines_and_own_messages_too) {
  Talk t;
  EXPECT_EQ(t.say(t.ann, "read this"), "done");
  for (const char* who : {"admins", "everyone", "admins"})
    EXPECT_EQ(t.run(t.ann, {{"type", "set_group"}, {"may_add", who}}), "done");
  EXPECT_EQ(t.mention(t.ann, "@Ben", t.one_mention(t.ben, 0, 4)), "done");
  t.await_message(t.ben, "@Ben");
  EXPECT_EQ(t.run(t.ben, {{"type", "mark_read"}, {"seq", t.message(t.ben, "read this")["seq"]}}), "done");
  EXPECT_TRUE(t.world.run_until([&] { return t.chat(t.ben)["unread"] == 1; }));
  EXPECT_EQ(t.chat(t.ben)["unread_mentions"], 1);
}

TEST(Mentions, that_stand_nowhere_or_name_nobody_here_are_refused_and_nothing_is_sent) {
  Talk t;
  const auto seen = t.seen(t.ann);
  const auto mention = [&](const Json& mentions) { return t.mention(t.ann, "🙂 @Ben", mentions); };
  EXPECT_EQ(mention(t.one_mention(t.dan, 3, 4)), "invalid_argument") << "Dan is no member";
  EXPECT_EQ(mention(t.one_mention(t.ben, 1, 4)), "invalid_argument") << "within a character";
  EXPECT_EQ(mention(t.one_mention(t.ben, 3, 5)), "invalid_argument");
  EXPECT_EQ(mention(t.one_mention(t.ben, 3, 0)), "invalid_argument");
  EXPECT_EQ(mention({{{"user", "Ben"}, {"start", 3}, {"length", 4}}}), "invalid_argument");
  EXPECT_EQ(mention({{{"user", t.id_of(t.ben)}, {"start", -1}, {"length", 4}}}), "invalid_argument");
  EXPECT_EQ(mention("Ben"), "invalid_argument");
  Json twice = t.one_mention(t.ben, 3, 4);
  twice.push_back(twice[0]);
  EXPECT_EQ(mention(twice), "invalid_argument");
  EXPECT_EQ(t.seen(t.ann), seen);
}

TEST(Mentions, of_strangers_are_plain_text_and_malformed_ones_are_named_and_not_shown) {
  Talk t;
  t.ann_says({{.sent_ms = 1, .text = "@Dan, @Ben", .mentions = {{t.user(t.dan), 0, 4}, {t.user(t.ben), 6, 4}}},
              {.sent_ms = 1, .text = "@Ben", .mentions = {{t.user(t.ben), 0, 40}}},
              {.sent_ms = 1, .text = "after"}});
  t.await_message(t.ben, "after");
  EXPECT_EQ(t.message(t.ben, "@Dan, @Ben")["mentions"], t.one_mention(t.ben, 6, 4));
  EXPECT_TRUE(t.message(t.ben, "@Ben").is_null());
  EXPECT_EQ(t.ben.warnings["entry_refused"], 1);
  EXPECT_EQ(t.say(t.ben, "we go on"), "done");
  t.expect_all_see({&t.cleo}, "Ben: we go on");
}

TEST(Mentions, and_answers_come_again_with_what_was_missed) {
  Talk t;
  EXPECT_EQ(t.say(t.ben, "who?"), "done");
  const Json question = t.await_message(t.cleo, "who?");
  t.ben.stop();
  EXPECT_EQ(t.run(t.cleo, {{"type", "send"},
                           {"text", "@Ben!"},
                           {"reply_to", question["id"]},
                           {"mentions", t.one_mention(t.ben, 0, 4)}}),
            "done");
  t.await_message(t.ann, "@Ben!");
  t.ben.rows.erase(row_key::group_epoch(t.id()));
  t.ben.start();
  const Json again = t.await_message(t.ben, "@Ben!");
  EXPECT_EQ(t.ben.warnings["rejoining"], 1);
  EXPECT_EQ(again["reply"]["text"], "who?");
  EXPECT_EQ(again["reply"]["known"], true);
  EXPECT_EQ(again["mentions"], t.one_mention(t.ben, 0, 4));
  EXPECT_EQ(Talk::event(t.ben, "@Ben!")["alert"], false) << "nobody is to be told of what comes again";
  EXPECT_THAT(t.cleo.warnings, IsEmpty());
}

TEST(Answers, to_what_came_again_are_known_to_who_missed_it_and_to_who_did_not) {
  Talk t;
  t.ben.stop();
  EXPECT_EQ(t.say(t.ann, "missed"), "done");
  const Json first = t.await_message(t.cleo, "missed");
  t.ben.rows.erase(row_key::group_epoch(t.id()));
  t.ben.start();
  const Json again = t.await_message(t.ben, "missed");
  ASSERT_NE(again["id"], first["id"]);
  EXPECT_EQ(t.answer(t.ben, again, "now I know"), "done");
  EXPECT_EQ(t.answer(t.cleo, first, "so do I"), "done");
  for (const char* text : {"now I know", "so do I"}) {
    for (Client* client : {&t.ann, &t.ben, &t.cleo}) {
      const Json reply = t.await_message(*client, text)["reply"];
      EXPECT_EQ(reply["message"], client == &t.ben ? again["id"] : first["id"]) << client->name << ": " << text;
      EXPECT_EQ(reply["text"], "missed");
      EXPECT_EQ(reply["sender"], t.id_of(t.ann));
      EXPECT_TRUE(t.world.run_until([&] { return t.message(*client, text)["reply"]["known"] == true; }))
          << client->name;
    }
  }
}

}  // namespace
}  // namespace kith::client::test
