#include "cli/chat_command.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

using Kind = ChatCommand::Kind;

TEST(ChatCommands, what_is_written_is_a_message_as_it_is) {
  for (const char* line : {"hello", "/etc/hosts is a file", "/1 or /2", "a /quit", " /quit", "/"}) {
    EXPECT_EQ(chat_command(line).kind, Kind::message) << line;
    EXPECT_EQ(chat_command(line).text, line);
  }
  EXPECT_EQ(chat_command("").kind, Kind::nothing);
  EXPECT_EQ(chat_command(" \n ").kind, Kind::nothing);
  EXPECT_EQ(chat_command("//quit now").text, "/quit now");
}

TEST(ChatCommands, a_command_that_is_not_known_is_refused_with_a_hint) {
  const auto unknown = chat_command("/leave Hiking");
  EXPECT_EQ(unknown.kind, Kind::unknown);
  EXPECT_EQ(unknown.text, "There is no /leave here, but /reply and /quit. To send it as it is: //leave");
  EXPECT_EQ(chat_command("/quit").kind, Kind::quit);
}

TEST(ChatCommands, an_answer_names_the_message_by_its_place_from_the_end) {
  const auto reply = chat_command("/reply 2  yes,\nlet us");
  EXPECT_EQ(reply.kind, Kind::message);
  EXPECT_EQ(reply.answers, 2U);
  EXPECT_EQ(reply.text, "yes,\nlet us");
  for (const char* line :
       {"/reply", "/reply 2", "/reply 2  ", "/reply yes", "/reply 0 yes", "/reply -1 yes", "/reply 2x yes"})
    EXPECT_EQ(chat_command(line).kind, Kind::unknown) << line;
  EXPECT_EQ(answers_so_far("/reply 3"), 3U);
  EXPECT_EQ(answers_so_far("/reply 12 ye"), 12U);
  EXPECT_EQ(answers_so_far("/reply"), 0U);
  EXPECT_EQ(answers_so_far("reply 3"), 0U);
}

}  // namespace
}  // namespace kith::cli
