#include "cli/match.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

const Json kContacts = Json::array({{{"user", "aaaaaa11"}, {"name", "Ana"}, {"address", "+49 151 1"}},
                                    {{"user", "bbbbbb22"}, {"name", "Ben"}, {"address", "ben@example.org"}},
                                    {{"user", "123456cc"}, {"name", "Chess"}}});
const Json kChats = Json::array({{{"conversation", "d0"}, {"kind", "direct"}, {"user", "aaaaaa11"}, {"title", "Ana"}},
                                 {{"conversation", "cccccc33"}, {"kind", "group"}, {"title", "Hiking"}},
                                 {{"conversation", "cccccc44"}, {"kind", "group"}, {"title", "Hiking in May"}},
                                 {{"conversation", "49151234"}, {"kind", "group"}, {"title", "Chess"}},
                                 {{"conversation", "bbbbbb55"}, {"kind", "group"}, {"title", ""}}});

using Ids = std::vector<std::string>;

Ids ids(const std::vector<Json>& found) {
  Ids ids;
  for (const auto& one : found) ids.push_back(one.value("conversation", one.value("user", "")));
  return ids;
}
Ids people(const char* who) { return ids(people_named(kContacts, who)); }
Ids groups(const char* name) { return ids(groups_named(kChats, name)); }
Ids recipients(const char* who) { return ids(recipients_named(kContacts, kChats, who)); }

TEST(Match, a_person_is_meant_by_name_address_or_the_beginning_of_the_id) {
  EXPECT_EQ(people("ANA"), Ids{"aaaaaa11"});
  EXPECT_EQ(people("+49-151-1"), Ids{"aaaaaa11"});
  EXPECT_EQ(people("Ben@Example.org"), Ids{"bbbbbb22"});
  EXPECT_EQ(people("bbbbbb"), Ids{"bbbbbb22"});
  EXPECT_EQ(people("bbbbb"), Ids{}) << "too short for an id";
  EXPECT_EQ(people("An"), Ids{}) << "not the whole name";
  EXPECT_EQ(people("@ana"), Ids{"aaaaaa11"}) << "as in a text";
  EXPECT_EQ(recipients("@ana"), Ids{"aaaaaa11"});
  EXPECT_FALSE(is_address("@ana"));
}

TEST(Match, people_who_were_only_met_in_a_group_are_not_known) {
  const Json chess = {{"conversation", "d1"}, {"kind", "direct"}, {"user", "123456cc"}, {"title", "Chess"}};
  Json chats = kChats;
  EXPECT_EQ(ids(people_known(kContacts, chats)), (Ids{"aaaaaa11", "bbbbbb22"}));
  chats.push_back(chess);
  EXPECT_EQ(ids(people_known(kContacts, chats)), (Ids{"aaaaaa11", "bbbbbb22", "123456cc"})) << "written with";
}

TEST(Match, a_group_is_meant_by_its_name_the_beginning_of_it_or_that_of_its_id) {
  EXPECT_EQ(groups("hiking"), Ids{"cccccc33"}) << "the whole name wins over a beginning";
  EXPECT_EQ(groups("hik"), (Ids{"cccccc33", "cccccc44"}));
  EXPECT_EQ(groups("Hiking i"), Ids{"cccccc44"});
  EXPECT_EQ(groups("cccccc3"), Ids{"cccccc33"});
  EXPECT_EQ(groups("49151234"), Ids{"49151234"});
  EXPECT_EQ(groups("Ana"), Ids{}) << "a chat of two is no group";
}

TEST(Match, a_message_goes_to_a_group_by_its_whole_name_only) {
  EXPECT_EQ(recipients("HIKING"), Ids{"cccccc33"});
  EXPECT_EQ(recipients("Hiking i"), Ids{});
  EXPECT_EQ(recipients("cccccc4"), Ids{"cccccc44"});
}

TEST(Match, neither_a_person_nor_a_group_takes_the_others_messages) {
  EXPECT_EQ(recipients("chess"), (Ids{"123456cc", "49151234"})) << "both are asked about";
  EXPECT_EQ(recipients("bbbbbb"), (Ids{"bbbbbb22", "bbbbbb55"}));
  EXPECT_EQ(recipients("49151234"), Ids{}) << "a number is nobody's group, whatever its id is";
  EXPECT_EQ(recipients("Ana"), Ids{"aaaaaa11"}) << "a chat of two is its person";
}

TEST(Match, names_that_are_not_enough_list_who_may_be_meant) {
  Json left = kChats.at(3);
  left["membership"] = "out";
  const auto problem = more_than_one("chess", {kContacts.at(0), kChats.at(1), left});
  EXPECT_EQ(problem.code, Exit::failed);
  EXPECT_EQ(problem.message,
            "There is more than one chess. Say which by the id:\n"
            "  aaaaaa11  +49 151 1\n"
            "  cccccc33  the group “Hiking”\n"
            "  49151234  the group “Chess”, which you are not in any more");
}

}  // namespace
}  // namespace kith::cli
