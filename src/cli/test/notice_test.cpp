#include "cli/notice.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;  // 14 November 2023
constexpr std::int64_t kDayMs = 86'400'000;

using Lines = std::vector<std::string>;

Names names() {
  Names names("me");
  for (const char* name : {"Ana", "Ben", "Cleo"}) names.put({{"user", name}, {"name", name}});
  return names;
}

std::string words(const Json& notice) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const auto lines = notice_lines(notice, names(), kNow);
  return lines.size() == 1 ? lines.front() : "not one line";
}

std::string change(const std::string& by, const Json& what) {
  return words({{"kind", "group"}, {"by", by}, {"changes", Json::array({what})}});
}

Json with_users(const char* what, const Lines& users) { return {{"what", what}, {"users", users}}; }

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

TEST(Notice, says_whose_identity_changed) {
  EXPECT_EQ(words({{"kind", "identity_changed"}, {"user", "Ana"}}),
            "Ana's identity has changed. Compare safety numbers: kith verify Ana");
  EXPECT_EQ(words({{"kind", "identity_changed"}, {"user", "nobody"}}),
            "Somebody's identity has changed. Compare safety numbers: kith verify");
}

TEST(Notice, says_whose_keys_are_new_without_the_recovery_key) {
  EXPECT_EQ(words({{"kind", "generation_unsigned"}, {"user", "Ana"}}),
            "Ana removed a device or made new keys, without the recovery key. Compare safety numbers: kith verify Ana");
}

TEST(Notice, of_a_later_version_is_no_message_either) {
  EXPECT_TRUE(is_notice({{"notice", {{"kind", "something"}}}}));
  EXPECT_EQ(words({{"kind", "something"}}), "Something that this version does not show yet.");
  EXPECT_FALSE(is_notice({{"text", "notice"}}));
}

TEST(Notice, of_a_group_says_who_came_and_went) {
  EXPECT_EQ(change("me", {{"what", "created"}}), "You created the group.");
  EXPECT_EQ(change("Ana", with_users("added", {"Ben", "Cleo"})), "Ana added Ben and Cleo.");
  EXPECT_EQ(change("Ana", with_users("added", {"Ben", "me", "Cleo"})), "Ana added Ben, you and Cleo.");
  EXPECT_EQ(change("me", with_users("removed", {"Ben"})), "You removed Ben.");
  EXPECT_EQ(change("Ana", with_users("left", {"Ben"})), "Ben left.") << "whoever took the keys away did nothing else";
  EXPECT_EQ(change("Ana", with_users("left", {"me"})), "You left.");
  EXPECT_EQ(change("Ben", with_users("joined", {"Ben"})), "Ben joined by an invite link.");
  EXPECT_EQ(change("me", with_users("joined", {"me"})), "You joined by an invite link.");
  EXPECT_EQ(change("Ana", {{"what", "invite_made"}}), "Ana made an invite link.");
  EXPECT_EQ(change("me", {{"what", "invite_revoked"}}), "You revoked an invite link.");
}

TEST(Notice, of_a_group_counts_those_whose_names_are_not_known) {
  EXPECT_EQ(change("x", with_users("added", {"y"})), "Somebody added somebody.");
  EXPECT_EQ(change("Ana", with_users("added", {"x", "y"})), "Ana added 2 people.");
  EXPECT_EQ(change("Ana", with_users("added", {"x", "Ben"})), "Ana added Ben and somebody else.");
  EXPECT_EQ(change("Ana", with_users("added", {"x", "Ben", "y"})), "Ana added Ben and 2 others.");
  EXPECT_EQ(change("Ana", with_users("left", {"x"})), "Somebody left.");
}

TEST(Notice, of_a_group_says_who_is_what) {
  const auto role = [](const char* user, const char* role) {
    return Json{{"what", "role"}, {"user", user}, {"role", role}};
  };
  EXPECT_EQ(change("Ana", role("Ben", "admin")), "Ana made Ben an admin.");
  EXPECT_EQ(change("me", role("Ben", "owner")), "You made Ben the owner.");
  EXPECT_EQ(change("Ana", role("me", "member")), "Ana made you a member.");
  EXPECT_EQ(change("Ana", role("Ana", "admin")), "Ana is an admin now.");
  EXPECT_EQ(change("me", role("me", "admin")), "You are an admin now.");
}

TEST(Notice, of_a_group_says_what_it_is_and_who_may_do_what) {
  EXPECT_EQ(change("Ana", {{"what", "name"}, {"name", "Hiking"}}), "Ana named the group “Hiking”.");
  EXPECT_EQ(change("Ana", {{"what", "name"}, {"name", "a\x1b[2J\nb"}}), "Ana named the group “a[2J b”.");
  EXPECT_EQ(change("me", {{"what", "description"}}), "You changed the description.");
  EXPECT_EQ(change("me", {{"what", "may_send"}, {"who", "admins"}}), "You allowed only admins to send messages.");
  EXPECT_EQ(change("me", {{"what", "may_edit"}, {"who", "everyone"}}),
            "You allowed everyone to change the name and the description.");
  EXPECT_EQ(change("me", {{"what", "may_add"}, {"who", "admins"}}), "You allowed only admins to add people.");
  EXPECT_EQ(change("me", {{"what", "mood"}}), "Something that this version does not show yet.");
}

TEST(Notice, of_several_changes_is_as_many_lines) {
  const Json notice{
      {"kind", "group"}, {"by", "Ana"}, {"changes", {{{"what", "created"}}, {{"what", "added"}, {"users", {"Ben"}}}}}};
  EXPECT_EQ(notice_lines(notice, names(), kNow), (Lines{"Ana created the group.", "Ana added Ben."}));
}

}  // namespace
}  // namespace kith::cli
