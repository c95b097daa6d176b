#include "cli/notice.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;  // 14 November 2023
constexpr std::int64_t kDayMs = 86'400'000;

std::string words(const Json& notice) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  return notice_text(notice, kNow);
}

Json lost(int count, std::int64_t from_ms, std::int64_t to_ms) {
  return {{"kind", "messages_lost"}, {"count", count}, {"from_ms", from_ms}, {"to_ms", to_ms}};
}

TEST(Notice, says_how_many_are_lost_and_from_when) {
  EXPECT_EQ(words(lost(3, kNow, kNow + 1)), "3 messages from 14 Nov could not be restored on this device.");
  EXPECT_EQ(words(lost(1, kNow, kNow)), "1 message from 14 Nov could not be restored on this device.");
  EXPECT_EQ(words(lost(2, kNow - 2 * kDayMs, kNow)),
            "2 messages from 12 Nov to 14 Nov could not be restored on this device.");
  EXPECT_EQ(words(lost(2, kNow - 400 * kDayMs, kNow - 400 * kDayMs)),
            "2 messages from 10 Oct 2022 could not be restored on this device.");
}

TEST(Notice, does_not_count_what_nobody_knows) {
  EXPECT_EQ(words({{"kind", "messages_lost"}}), "Some messages may be missing here.");
}

TEST(Notice, of_a_later_version_is_no_message_either) {
  EXPECT_TRUE(is_notice({{"notice", {{"kind", "something"}}}}));
  EXPECT_EQ(words({{"kind", "something"}}), "Something that this version does not show yet.");
  EXPECT_FALSE(is_notice({{"text", "notice"}}));
}

}  // namespace
}  // namespace kith::cli
