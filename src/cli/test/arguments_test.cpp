#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace kith::cli {
namespace {

struct Parsed {
  std::optional<Exit> exit;  // absent: there is something to run
  std::string printed;
};

Parsed parse(std::vector<std::string> words) {
  words.insert(words.begin(), "kith");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto parsed = parse_arguments(static_cast<int>(argv.size()), argv.data());
  const std::string printed = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  const auto* exit = std::get_if<Exit>(&parsed);
  return {exit == nullptr ? std::nullopt : std::optional(*exit), printed};
}

void expect_runs(const std::vector<std::string>& words) {
  const auto parsed = parse(words);
  EXPECT_FALSE(parsed.exit.has_value()) << parsed.printed;
}

void expect_usage(const std::vector<std::string>& words) { EXPECT_EQ(parse(words).exit, Exit::usage) << words.back(); }

TEST(Arguments, every_group_command_is_understood) {
  expect_runs({"group", "create", "Hiking", "Ana", "+4915112345679", "--description", "Sundays", "--json"});
  expect_runs({"--profile", "bob", "group", "create", "Hiking", "Ana"});
  expect_runs({"group", "create", "Hiking"});
  expect_runs({"group", "add", "Hiking", "Ana", "Ben"});
  expect_runs({"group", "remove", "Hiking", "Ana"});
  expect_runs({"group", "remove", "Hiking", "Ana", "--revoke-links"});
  expect_runs({"group", "leave", "Hiking"});
  expect_runs({"group", "info", "Hiking"});
  expect_runs({"group", "role", "Hiking", "Ana", "owner"});
  expect_runs({"group", "set", "Hiking", "--name", "Walks", "--description", "", "--send", "admins"});
  expect_runs({"group", "set", "Hiking", "--edit", "everyone", "--add", "admins", "--json"});
  expect_runs({"group", "list"});
}

TEST(Arguments, a_pin_is_asked_about_set_or_taken_away) {
  expect_runs({"pin"});
  expect_runs({"pin", "set"});
  expect_runs({"pin", "set", "2468"});
  expect_runs({"pin", "set", "-"});
  expect_runs({"pin", "remove"});
  expect_runs({"register", "--anew", "--pin", "2468"});
  expect_usage({"pin", "2468"});
  expect_usage({"pin", "remove", "2468"});
}

TEST(Arguments, verify_marks_or_takes_back_but_not_both) {
  expect_runs({"verify", "Ana"});
  expect_runs({"verify", "Ana", "--scanned", "kith-safety:AQ", "--yes", "--json"});
  expect_runs({"verify", "Ana", "--undo"});
  expect_runs({"verify", "Ana", "--accept"});
  expect_usage({"verify"});
  expect_usage({"verify", "Ana", "--yes", "--undo"});
  expect_usage({"verify", "Ana", "--accept", "--yes"});
}

TEST(Arguments, answers_mutes_and_levels_are_understood) {
  expect_runs({"send", "Hiking", "yes", "--reply-to", "0123456789abcdef"});
  expect_runs({"history", "Hiking", "--ids"});
  expect_runs({"mute", "Hiking"});
  expect_runs({"mute", "Hiking", "8h", "--json"});
  expect_runs({"unmute", "Hiking"});
  expect_runs({"notify", "Hiking", "mentions"});
  expect_usage({"mute"});
  expect_usage({"notify", "Hiking"});
  expect_usage({"notify", "Hiking", "some"});
}

TEST(Arguments, chats_are_listed_or_one_of_them_is_moved) {
  expect_runs({"chats"});
  expect_runs({"chats", "--archived", "--json"});
  for (const char* how : {"pin", "unpin", "archive", "unarchive"}) {
    expect_runs({"chats", how, "Ana", "--json"});
    expect_usage({"chats", how});
  }
  expect_usage({"chats", "burn", "Ana"});
}

TEST(Arguments, the_history_is_exported_kept_or_not) {
  expect_runs({"export"});
  expect_runs({"export", "history.txt", "--chat", "Hiking", "--json"});
  expect_usage({"export", "a", "b"});
  expect_runs({"archive"});
  expect_runs({"archive", "on"});
  expect_runs({"archive", "off", "--yes"});
  expect_usage({"archive", "on", "--yes"});
  expect_usage({"archive", "perhaps"});
}

TEST(Arguments, keys_begin_anew_with_what_the_user_says_of_them) {
  expect_runs({"devices", "remove", "Laptop", "--recovery-key", "--remove-unreachable", "--yes"});
  expect_runs({"devices", "rotate", "--remove-unreachable"});
  expect_usage({"devices", "remove", "--remove-unreachable"});
  expect_usage({"devices", "list", "--remove-unreachable"});
}

TEST(Arguments, receipts_are_those_of_the_last_message_unless_another_is_named) {
  expect_runs({"receipts", "Hiking"});
  expect_runs({"receipts", "Hiking", "2", "--json"});
  expect_usage({"receipts"});
  expect_usage({"receipts", "Hiking", "2", "3"});
}

TEST(Arguments, people_in_a_group_may_be_called_like_a_command) {
  expect_runs({"group", "add", "list", "leave", "chat"});
  expect_runs({"group", "leave", "leave"});
}

TEST(Arguments, what_there_is_none_of_is_named) {
  EXPECT_EQ(parse({"fooo"}).printed, "kith: There is no command “fooo”. What there is: kith --help\n");
  EXPECT_EQ(parse({"--json", "fooo", "x"}).printed, "kith: There is no command “fooo”. What there is: kith --help\n");
  EXPECT_EQ(parse({"chats", "pinn", "x"}).printed,
            "kith: There is no command “chats pinn”. What there is: kith chats --help\n");
  EXPECT_EQ(parse({"recovery-key", "chek"}).printed,
            "kith: There is no command “recovery-key chek”. What there is: kith recovery-key --help\n");
  EXPECT_EQ(parse({"chats", "--nonsense"}).printed,
            "kith: There is no option “--nonsense”. What there is: kith chats --help\n");
  EXPECT_EQ(parse({"export", "a", "b", "c"}).printed,
            "kith: There is no place for “b c” here. What is expected: kith export --help\n");
  EXPECT_EQ(parse({"group", "set", "Hiking", "--name", "x", "y"}).printed,
            "kith: There is no place for “y” here. What is expected: kith group set --help\n");
  EXPECT_EQ(parse({"--", "fooo"}).printed, "kith: There is no command “fooo”. What there is: kith --help\n");
  for (const char* word : {"fooo", "--nonsense", "--"}) EXPECT_TRUE(parse({word}).exit.has_value());
}

TEST(Arguments, kith_alone_says_what_there_is) {
  const auto parsed = parse({});
  EXPECT_EQ(parsed.exit, Exit::ok);
  EXPECT_EQ(parsed.printed, parse({"--help"}).printed);
  EXPECT_NE(parsed.printed.find("\n  register "), std::string::npos);
  EXPECT_EQ(parse({"recovery-key"}).printed, parse({"recovery-key", "--help"}).printed);
}

TEST(Arguments, the_version_is_told) {
  EXPECT_EQ(parse({"--version"}).exit, Exit::ok);
  EXPECT_EQ(parse({"--version"}).printed, "kith 0.1.0\n");
}

TEST(Arguments, half_a_group_command_is_a_mistake_of_usage) {
  expect_usage({"group", "create"});
  expect_usage({"group", "add", "Hiking"});
  expect_usage({"group", "remove", "Hiking", "Ana", "Ben"});
  expect_usage({"group", "role", "Hiking", "Ana", "king"});
  expect_usage({"group", "role", "Hiking", "Ana"});
  expect_usage({"group", "set", "Hiking"});
  expect_usage({"group", "set", "Hiking", "--send", "nobody"});
  expect_usage({"group", "sing"});
}

TEST(Arguments, group_alone_says_what_there_is) {
  const auto parsed = parse({"group"});
  EXPECT_EQ(parsed.exit, Exit::ok);
  for (const char* command : {"create", "add", "remove", "leave", "info", "role", "set", "list"})
    EXPECT_NE(parsed.printed.find("\n  " + std::string(command) + " "), std::string::npos) << command;
  EXPECT_EQ(parse({"group", "--help"}).printed, parsed.printed);
}

}  // namespace
}  // namespace kith::cli
