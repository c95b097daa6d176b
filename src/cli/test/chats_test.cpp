#include "cli/chats.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

using Titles = std::vector<std::string>;

Titles titles(const Json& chats, bool archived) {
  Titles titles;
  for (const auto& chat : listed_chats(chats, archived)) titles.push_back(chat.at("title"));
  return titles;
}

TEST(Chats, pinned_ones_stand_first_and_archived_ones_by_themselves) {
  const Json chats{{{"title", "Ana"}, {"is_pinned", false}, {"is_put_away", false}},
                   {{"title", "Ben"}, {"is_pinned", false}, {"is_put_away", true}},
                   {{"title", "Cleo"}, {"is_pinned", true}, {"is_put_away", false}},
                   {{"title", "Dora"}},
                   {{"title", "Emil"}, {"is_pinned", true}, {"is_put_away", false}},
                   {{"title", "Fay"}, {"is_pinned", true}, {"is_put_away", true}}};
  EXPECT_EQ(titles(chats, false), (Titles{"Cleo", "Emil", "Ana", "Dora"}));
  EXPECT_EQ(titles(chats, true), (Titles{"Ben", "Fay"}));
}

TEST(Chats, a_line_says_what_is_pinned) {
  ::setenv("NO_COLOR", "1", 1);
  const std::string line = chat_line({{"title", "Ana"}, {"is_pinned", true}, {"muted", true}}, Names("me"), 0);
  EXPECT_TRUE(line.ends_with("  pinned  muted")) << line;
}

}  // namespace
}  // namespace kith::cli
