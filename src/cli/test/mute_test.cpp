#include "cli/mute.h"

#include <gtest/gtest.h>

#include "cli/chats.h"

namespace kith::cli {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;  // 14 November 2023, 22:13
constexpr std::int64_t kHourMs = 3'600'000;

TEST(Mute, a_time_is_a_number_with_its_unit_or_always) {
  EXPECT_EQ(mute_time_ms("8h"), 8 * kHourMs);
  EXPECT_EQ(mute_time_ms("3d"), 72 * kHourMs);
  EXPECT_EQ(mute_time_ms("1w"), 168 * kHourMs);
  EXPECT_EQ(mute_time_ms("always"), kAlways);
  for (const char* text : {"", "8", "h", "0h", "-1h", "8m", "8hh", "8 h", "99999w", "99999999999999999999h", "never"})
    EXPECT_EQ(mute_time_ms(text), std::nullopt) << text;
}

TEST(Mute, a_chat_says_what_it_tells_of) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  Json chat{{"notifications", "all"}, {"muted", false}};
  EXPECT_EQ(alerts_text(chat, kNow), "all notifications");
  chat["notifications"] = "mentions";
  chat["muted"] = true;
  EXPECT_EQ(alerts_text(chat, kNow), "notifications of mentions, muted");
  chat["muted_until"] = kNow + kHourMs;
  EXPECT_EQ(alerts_text(chat, kNow), "notifications of mentions, muted until 23:13");
  chat["notifications"] = "none";
  chat["muted_until"] = kNow + 8 * kHourMs;
  EXPECT_EQ(alerts_text(chat, kNow), "no notifications, muted until 15 Nov, 06:13");
}

TEST(Mute, the_list_of_chats_says_it_and_where_one_is_named) {
  ::setenv("NO_COLOR", "1", 1);
  Json chat{{"title", "Hiking"}, {"kind", "group"}, {"unread", 3}, {"last_ms", kNow}};
  EXPECT_NE(chat_line(chat, Names("me"), kNow).find("(3)"), std::string::npos);
  chat["unread_mentions"] = 1;
  chat["muted"] = true;
  const std::string line = chat_line(chat, Names("me"), kNow);
  EXPECT_NE(line.find("(@3)"), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("  muted")) << line;
}

}  // namespace
}  // namespace kith::cli
