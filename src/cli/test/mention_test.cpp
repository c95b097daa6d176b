#include "cli/mention.h"

#include <gtest/gtest.h>

#include "cli/console.h"

namespace kith::cli {
namespace {

const Json& members() {
  static const Json all = {{{"user", "me"}, {"name", "Dora"}},     {{"user", "ana"}, {"name", "Ana"}},
                           {{"user", "lee"}, {"name", "Ana Lee"}}, {{"user", "zoe"}, {"name", "Zoë"}},
                           {{"user", "ben1"}, {"name", "Ben"}},    {{"user", "ben2"}, {"name", "ben"}},
                           {{"user", "nobody"}, {"name", ""}}};
  return all;
}

Json mentions(std::string_view text) { return mentions_in(text, members(), "me"); }
Json one(const char* user, int start, int length) { return {{"user", user}, {"start", start}, {"length", length}}; }

Names names() {
  Names names("me");
  for (const auto& [user, name] : {std::pair{"ana", "Ana"}, {"ben1", "Ben"}})
    names.put({{"user", user}, {"name", name}});
  return names;
}

TEST(Mention, members_are_named_by_their_whole_name_wherever_it_stands) {
  EXPECT_EQ(mentions("@Ana?"), Json::array({one("ana", 0, 4)}));
  EXPECT_EQ(mentions("hi @ANA, @ana lee and (@zoë)"),
            Json::array({one("ana", 3, 4), one("lee", 9, 8), one("zoe", 23, 4)}));
  EXPECT_EQ(mentions("🙂@Ana's"), Json::array({one("ana", 2, 4)})) << "in UTF-16 units";
}

TEST(Mention, what_names_nobody_alone_stays_text) {
  for (const char* text : {"@Ben", "@Dora", "@Anabel", "@Anaë", "mail@Ana", "@", "@ Ana", "Ana", "@Cleo", ""})
    EXPECT_EQ(mentions(text), Json::array()) << text;
}

TEST(Mention, of_oneself_is_told_apart_and_keeps_together) {
  const Json message{{"text", "ask @Dora B or @Ana \x1b[2J"}, {"mentions", {one("me", 4, 7), one("ana", 15, 4)}}};
  const auto marked = marked_text(message, names());
  EXPECT_EQ(marked.text, "ask @Dora\u00A0B or @Ana [2J");
  ASSERT_EQ(marked.own, std::vector<std::string>{"@Dora\u00A0B"});
  EXPECT_EQ(with_own_painted(marked.text, marked.own, [](const std::string& name) { return "<" + name + ">"; }),
            "ask <@Dora\u00A0B> or @Ana [2J");
  EXPECT_EQ(marked_text({{"text", "@Ben!"}, {"mentions", {one("ana", 0, 4)}}}, names()).text, "@Ana!")
      << "who is named, not what was written";
  // Places that are none are left alone.
  EXPECT_EQ(marked_text({{"text", "hi"}, {"mentions", {one("me", 1, 9)}}}, names()).text, "hi");
}

TEST(Quote, says_who_wrote_what_and_whose_word_that_is) {
  ::setenv("NO_COLOR", "1", 1);
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  Json message{{"text", "yes"},
               {"sender", "ana"},
               {"state", "received"},
               {"time_ms", 1'700'000'000'000},
               {"reply", {{"message", "x"}, {"sender", "me"}, {"text", "shall\nwe?"}, {"known", true}}}};
  EXPECT_EQ(quote_line(message, names()), "┃ You: shall we?");
  EXPECT_EQ(message_line(message, "Ana", names()), "      ┃ You: shall we?\n22:13 Ana: yes");
  message["reply"] = {{"message", "x"}, {"sender", "ben1"}, {"text", ""}, {"known", false}};
  EXPECT_EQ(quote_line(message, names()), "┃ Ana quotes Ben: a message");
  message.erase("reply");
  EXPECT_EQ(quote_line(message, names()), "");
}

TEST(Mention, a_name_that_is_begun_is_completed) {
  const Json people = {{{"user", "me"}, {"name", "Anton"}},
                       {{"user", "ana"}, {"name", "Ana"}},
                       {{"user", "lee"}, {"name", "Ana Lee"}},
                       {{"user", "zoe"}, {"name", "Zoë"}},
                       {{"user", "zora"}, {"name", "Zora"}}};
  using Names = std::vector<std::string>;
  const auto complete = [&](std::string_view text) { return complete_name(text, people, "me"); };
  EXPECT_EQ(complete("hi @zoë").name, "Zoë ");
  EXPECT_EQ(complete("hi @zor").name, "Zora ");
  EXPECT_EQ(complete("hi @zor").typed_bytes, 3U);
  EXPECT_EQ(complete("@z").name, "Zo");
  EXPECT_EQ(complete("@z").choices, (Names{"Zora", "Zoë"}));
  EXPECT_EQ(complete("@Ana").name, "Ana") << "it may still go on";
  EXPECT_EQ(complete("@Ana").choices, (Names{"Ana", "Ana Lee"}));
  EXPECT_EQ(complete("@ana l").name, "Ana Lee ");
  EXPECT_EQ(complete("@").choices.size(), 4U) << "oneself is not named";
  for (const char* none : {"", "hello", "@x", "ana@z", "@anto"}) EXPECT_EQ(complete(none).name, "") << none;
}

}  // namespace
}  // namespace kith::cli
