// Of which messages the user is to be told: by the chat's level, by a mute and its end, and by who is named.
#include <gtest/gtest.h>

#include "client/core/test/friends.h"

namespace kith::client::test {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

struct Told : Friends {
  explicit Told(std::uint64_t seed = 1) : Friends(seed) { found({&ben}); }

  // Ann says it; whether Ben's client asks to tell him.
  bool is_told(const std::string& text, Json mentions = Json::array()) {
    EXPECT_EQ(run(ann, {{"type", "send"}, {"text", text}, {"mentions", std::move(mentions)}}), "done");
    EXPECT_TRUE(await(ben, "Ann: " + text));
    for (const Json& event : ben.events) {
      if (event["type"] == "message" && event["is_new"] && event["message"].value("text", "") == text)
        return event["alert"];
    }
    ADD_FAILURE() << text << " was never new";
    return false;
  }
  bool is_told_when_named(const std::string& text) {
    return is_told(text, {{{"user", id_of(ben)}, {"start", 0}, {"length", 1}}});
  }
  std::string level(const std::string& level) { return run(ben, {{"type", "set_notifications"}, {"level", level}}); }
  std::string mute(const Json& until_ms) { return run(ben, {{"type", "mute"}, {"until_ms", until_ms}}); }
  void restart_ben() {
    ben.crash();
    EXPECT_TRUE(world.run_until([&] { return ben.is_running() && !ben.account.is_null(); }));
  }
};

TEST(Alerts, tell_of_what_others_say_and_of_nothing_else) {
  Told t;
  EXPECT_EQ(t.chat(t.ben)["notifications"], "all");
  EXPECT_EQ(t.chat(t.ben)["muted"], false);
  EXPECT_TRUE(t.is_told("hello"));
  EXPECT_EQ(t.run(t.ann, {{"type", "set_group"}, {"name", "Trip"}, {"may_add", "admins"}}), "done");
  EXPECT_TRUE(t.await(t.ben, "[Ann: may_add admins]"));
  EXPECT_EQ(t.say(t.ben, "mine"), "done");
  EXPECT_TRUE(t.await(t.ben, "Ben: mine"));
  for (const Json& event : t.ben.events) {
    if (event["type"] != "message") continue;
    EXPECT_EQ(event["alert"], event["message"].value("text", "") == "hello") << event.dump();
  }
}

TEST(Alerts, of_mentions_alone_or_of_nothing_follow_the_level_also_after_a_restart) {
  Told t;
  EXPECT_EQ(t.level("mentions"), "done");
  t.restart_ben();
  EXPECT_EQ(t.chat(t.ben)["notifications"], "mentions");
  EXPECT_FALSE(t.is_told("to all"));
  EXPECT_TRUE(t.is_told_when_named("to Ben"));
  // An answer to him names him too.
  EXPECT_EQ(t.say(t.ben, "well?"), "done");
  EXPECT_TRUE(t.await(t.ann, "Ben: well?"));
  std::string question;
  for (const auto& [id, message] : t.ann.messages) {
    if (message.value("text", "") == "well?") question = id;
  }
  EXPECT_EQ(t.run(t.ann, {{"type", "send"}, {"text", "well"}, {"reply_to", question}}), "done");
  EXPECT_TRUE(t.await(t.ben, "Ann: well"));
  for (const Json& event : t.ben.events) {
    if (event["type"] == "message" && event["is_new"] && event["message"].value("text", "") == "well")
      EXPECT_EQ(event["alert"], true);
  }
  EXPECT_EQ(t.level("none"), "done");
  EXPECT_FALSE(t.is_told_when_named("Ben once more"));
  EXPECT_EQ(t.level("all"), "done");
  EXPECT_TRUE(t.is_told("to all again"));
}

TEST(Alerts, are_silent_while_a_chat_is_muted_and_its_end_is_shown) {
  Told t;
  const std::int64_t until = t.world.now() + 8 * kHourMs;
  EXPECT_EQ(t.mute(until), "done");
  EXPECT_EQ(t.chat(t.ben)["muted"], true);
  EXPECT_EQ(t.chat(t.ben)["muted_until"], until);
  EXPECT_FALSE(t.is_told("psst"));
  EXPECT_FALSE(t.is_told_when_named("psst, Ben"));
  EXPECT_EQ(t.chat(t.ben)["unread"], 2) << "unread it is";
  EXPECT_EQ(t.chat(t.ben)["unread_mentions"], 1);
  // The program rests for the night; what wakes it is the end of the mute.
  t.restart_ben();
  t.ben.set_network(false);
  EXPECT_EQ(t.chat(t.ben)["muted"], true);
  t.world.run_for(2'000);
  t.ben.events.clear();
  t.world.run_for(until - t.world.now() + 1'000);
  bool is_shown = false;
  for (const Json& event : t.ben.events) is_shown |= event["type"] == "chat" && event["chat"]["muted"] == false;
  EXPECT_TRUE(is_shown);
  t.ben.set_network(true);
  EXPECT_TRUE(t.world.run_until([&] { return t.ben.is_online(); }));
  EXPECT_TRUE(t.is_told("good morning"));
  EXPECT_FALSE(t.chat(t.ben).contains("muted_until"));
}

TEST(Alerts, are_silent_for_ever_until_that_is_taken_back) {
  Told t;
  EXPECT_EQ(t.mute(nullptr), "done");
  t.world.run_for(30 * 24 * kHourMs);
  t.restart_ben();
  EXPECT_EQ(t.chat(t.ben)["muted"], true);
  EXPECT_FALSE(t.chat(t.ben).contains("muted_until"));
  EXPECT_FALSE(t.is_told("psst"));
  EXPECT_EQ(t.mute(0), "done");
  EXPECT_EQ(t.chat(t.ben)["muted"], false);
  EXPECT_TRUE(t.is_told("hello"));
  EXPECT_EQ(t.mute(t.world.now() - 1), "done") << "over already";
  EXPECT_TRUE(t.is_told("hello again"));
}

TEST(Alerts, what_is_no_level_and_no_time_changes_nothing) {
  Told t;
  const Json before = t.chat(t.ben);
  EXPECT_EQ(t.level("some"), "invalid_argument");
  EXPECT_EQ(t.run(t.ben, {{"type", "set_notifications"}}), "invalid_argument");
  EXPECT_EQ(t.run(t.ben, {{"type", "mute"}}), "invalid_argument");
  EXPECT_EQ(t.mute("tomorrow"), "invalid_argument");
  EXPECT_EQ(t.mute(-5), "invalid_argument");
  const std::string elsewhere(64, '1');
  EXPECT_EQ(t.run(t.ben, {{"type", "mute"}, {"conversation", elsewhere}, {"until_ms", 0}}), "unknown_conversation");
  EXPECT_EQ(t.chat(t.ben), before);
}

}  // namespace
}  // namespace kith::client::test
