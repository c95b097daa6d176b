#include "cli/group_text.h"

#include <gtest/gtest.h>

#include "cli/chats.h"
#include "cli/recipient.h"

namespace kith::cli {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

class GroupText : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    ::setenv("NO_COLOR", "1", 1);
    names.put({{"user", "ana"}, {"name", "Ana"}});
  }
  static Json chat(const char* membership, bool may_send) {
    return {{"conversation", "0123456789abcdef"}, {"kind", "group"},      {"title", "Hiking"}, {"role", "admin"},
            {"membership", membership},           {"may_send", may_send}, {"last_ms", kNow}};
  }
  Names names{"me"};
};

TEST_F(GroupText, a_page_says_who_is_in_it_and_what_they_may_do) {
  const Json group{{"conversation", "0123"},
                   {"name", "Hiking"},
                   {"description", "Sundays,\nearly. \x1b[2J"},
                   {"members",
                    {{{"user", "me"}, {"name", "Dora"}, {"role", "owner"}},
                     {{"user", "ben"}, {"name", "Ben"}, {"role", "admin"}},
                     {{"user", "cleo"}, {"name", "Cleo\nEvil"}, {"role", "member"}}}},
                   {"waiting", {"ana"}},
                   {"may_send", "everyone"},
                   {"may_edit", "admins"},
                   {"may_add", "admins"},
                   {"requests", {{{"user", "dan"}, {"name", "Dan\nx"}}}},
                   {"invites",
                    {{{"invite", "1a2b3c4d5e"}, {"needs_approval", false}, {"link", "#join=abc"}, {"max_uses", 1}},
                     {{"invite", "99887766aa"}, {"needs_approval", true}, {"by", "ana"}},
                     {{"invite", "77665544aa"}, {"needs_approval", true}, {"by", "me"}},
                     {{"invite", "55443322aa"}, {"needs_approval", true}, {"expires_ms", kNow - 1}}}}};
  EXPECT_EQ(group_page(group, names, "https://kith.example", kNow),
            "Hiking\n"
            "  Sundays,\n"
            "  early. [2J\n"
            "\n"
            "  You                       owner\n"
            "  Ben                       admin\n"
            "  Cleo Evil\n"
            "  Ana                       is being added\n"
            "\n"
            "Everyone can send messages.\n"
            "Only admins can change the name and the description.\n"
            "Only admins can add people.\n"
            "Dan x asks to join.\n"
            "Link 1a2b3c4d: whoever has it can join, 1 person at most\n"
            "  https://kith.example/#join=abc\n"
            "Link 99887766: whoever has it can ask to join; made by Ana\n"
            "Link 77665544: whoever has it can ask to join; made on another device of yours\n"
            "Link 55443322: nobody joins by it any more, expired 14 Nov 22:13\n"
            "0123");
}

TEST_F(GroupText, two_members_of_one_name_are_told_apart) {
  names.put({{"user", "ben1"}, {"name", "Ben"}, {"address", "+49 151 2"}});
  names.put({{"user", "0123456789"}, {"name", "Ben"}});
  const Json group{{"conversation", "0123"},
                   {"name", "Hiking"},
                   {"members",
                    {{{"user", "ben1"}, {"name", "Ben"}, {"role", "member"}},
                     {{"user", "0123456789"}, {"name", "Ben"}, {"role", "member"}}}}};
  const std::string page = group_page(group, names, "", kNow);
  EXPECT_NE(page.find("  Ben (+49 151 2)\n  Ben (01234567)\n"), std::string::npos) << page;
  const Json chat{{"conversation", "d"}, {"kind", "direct"}, {"user", "ben1"}, {"title", "Ben"}};
  EXPECT_TRUE(chat_line(chat, names, kNow).starts_with("Ben (+49 151 2)")) << chat_line(chat, names, kNow);
}

TEST_F(GroupText, a_table_says_what_one_is_in_each_group) {
  EXPECT_EQ(group_line(chat("member", true)), "Hiking                    admin               0123456789ab");
  EXPECT_EQ(group_line(chat("out", false)), "Hiking                    not in it any more  0123456789ab");
}

TEST_F(GroupText, who_could_not_be_added_is_told_with_the_reason) {
  const Json not_added = {{{"user", "ana"}, {"error", "no_device"}, {"message", "no device"}},
                          {{"user", "0123456789"}, {"error", "group_full"}, {"message", ""}}};
  EXPECT_EQ(not_added_text(not_added, names),
            "Ana could not be added: This person has no device that can receive messages.\n"
            "01234567 could not be added: The group is full.");
}

TEST_F(GroupText, a_chat_in_which_nothing_can_be_written_says_why) {
  EXPECT_EQ(why_closed(chat("member", true)), "");
  EXPECT_EQ(why_closed(chat("member", false)), "Only admins can send messages here.");
  EXPECT_EQ(why_closed(chat("out", false)), "You are not in this group any more.");
  EXPECT_EQ(why_closed(chat("joining", false)), "You are not in this group yet.");
  EXPECT_EQ(why_closed(Json()), "") << "the first message makes the chat";
  EXPECT_EQ(why_closed({{"kind", "direct"}, {"user", "ana"}}), "");
}

TEST_F(GroupText, a_recipient_is_the_chat_of_one_person_or_one_group) {
  const Recipient ana{"ana", "", "Ana"}, hiking{"", "0123456789abcdef", "Hiking"};
  const Json direct{{"conversation", "d"}, {"kind", "direct"}, {"user", "ana"}};
  EXPECT_TRUE(ana.is_chat(direct));
  EXPECT_FALSE(ana.is_chat(chat("member", true)));
  EXPECT_TRUE(hiking.is_chat(chat("member", true)));
  EXPECT_FALSE(hiking.is_chat(direct));
  EXPECT_EQ(ana.field(), (Json{{"user", "ana"}}));
  EXPECT_EQ(hiking.field(), (Json{{"conversation", "0123456789abcdef"}}));
}

TEST_F(GroupText, the_list_of_chats_says_who_spoke_last_in_a_group) {
  const auto last = [&](const Json& message) {
    Json c = chat("member", true);
    c["last_message"] = message;
    return chat_line(c, names, kNow).substr(42);
  };
  EXPECT_EQ(last({{"sender", "ana"}, {"mine", false}, {"text", "hello"}}), "Ana: hello");
  EXPECT_EQ(last({{"sender", "me"}, {"mine", true}, {"state", "sent"}, {"text", "hello"}}), "✓ hello");
  EXPECT_EQ(
      last({{"mine", false}, {"notice", {{"kind", "group"}, {"by", "ana"}, {"changes", {{{"what", "created"}}}}}}}),
      "Ana created the group.");
  Json direct = chat("member", true);
  direct["kind"] = "direct";
  direct["last_message"] = {{"sender", "ana"}, {"mine", false}, {"text", "hello"}};
  EXPECT_EQ(chat_line(direct, names, kNow).substr(42), "hello");
}

}  // namespace
}  // namespace kith::cli
