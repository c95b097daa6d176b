#include "cli/chat_view.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/text.h"

namespace kith::cli {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

class ChatViewTest : public testing::Test {
 protected:
  explicit ChatViewTest(const Recipient& recipient = {.user = "bob", .conversation = "", .title = "Bob"})
      : view(recipient, false, names) {}
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  Json message(int order, std::string_view text, bool mine, std::string_view state = "received") {
    return {{"conversation", "c"}, {"id", std::to_string(order)},
            {"seq", order},        {"order", order},
            {"mine", mine},        {"sent_ms", kNow},
            {"time_ms", kNow},     {"state", state},
            {"text", text}};
  }
  // The rows of the screen without anything but their text.
  std::vector<std::string> rows(ScreenSize size = {80, 24}) {
    std::string plain;
    const std::string drawn = view.draw(editor, size, kNow);
    for (std::size_t at = 0; at < drawn.size(); ++at) {
      if (drawn[at] == '\x1b') {
        at = drawn.find_first_of("ABCDHJKhlm", at);
      } else if (drawn[at] != '\r') {
        plain.push_back(drawn[at]);
      }
    }
    std::vector<std::string> lines;
    std::istringstream in(plain);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  static std::size_t row_with(const std::vector<std::string>& rows, std::string_view text) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].find(text) != std::string::npos) return i;
    }
    return SIZE_MAX;
  }

  Names names{"me"};
  static Json from(const char* sender, Json message) {
    message["sender"] = sender;
    return message;
  }

  ChatView view;
  LineEditor editor;
};

class GroupViewTest : public ChatViewTest {
 protected:
  GroupViewTest() : ChatViewTest({.user = "", .conversation = "c", .title = "Hiking"}) {
    names.put({{"user", "ana"}, {"name", "Ana"}});
  }
};

TEST_F(ChatViewTest, every_picture_has_the_rows_and_columns_of_the_screen) {
  for (int i = 1; i < 40; ++i)
    view.put(message(i, std::string(static_cast<std::size_t>(i) * 5, 'x') + " 日本 word", i % 3 == 0, "sent"));
  for (const ScreenSize size : {ScreenSize{20, 6}, ScreenSize{80, 24}, ScreenSize{37, 11}, ScreenSize{200, 60}}) {
    for (int scrolled = 0; scrolled < 5; ++scrolled, view.scroll(3)) {
      const auto drawn = rows(size);
      EXPECT_EQ(drawn.size(), size.rows);
      for (const auto& line : drawn) EXPECT_LE(columns(line), size.columns) << line;
    }
    view.scroll_to_end();
  }
}

TEST_F(ChatViewTest, own_messages_stand_right_with_ticks_and_the_others_left) {
  view.put(message(1, "hello you", false));
  view.put(message(2, "hello yourself", true, "sent"));
  auto drawn = rows();
  EXPECT_TRUE(drawn[row_with(drawn, "hello you")].starts_with("  hello you  22:13"));
  EXPECT_TRUE(drawn[row_with(drawn, "hello yourself")].ends_with("hello yourself  22:13 ✓"));
  view.set_receipts(2, 0);
  drawn = rows();
  EXPECT_TRUE(drawn[row_with(drawn, "yourself")].ends_with("✓✓"));
  view.set_receipts(2, 2);
  drawn = rows();
  EXPECT_TRUE(drawn[row_with(drawn, "yourself")].ends_with("✓✓ read")) << "without colours the word says it";
}

TEST_F(ChatViewTest, a_message_that_moves_from_pending_into_the_log_is_shown_once) {
  Json pending = message(900, "on its way", true, "pending");
  pending["id"] = "x";
  view.put(pending);
  Json sent = message(3, "on its way", true, "sent");
  sent["id"] = "x";
  view.put(sent);
  const auto drawn = rows();
  const auto at = row_with(drawn, "on its way");
  ASSERT_NE(at, SIZE_MAX);
  EXPECT_EQ(row_with({drawn.begin() + static_cast<std::ptrdiff_t>(at) + 1, drawn.end()}, "on its way"), SIZE_MAX);
}

TEST_F(ChatViewTest, the_line_above_new_messages_stands_where_they_begin) {
  view.put(message(1, "old", false));
  view.put(message(2, "newer", false));
  view.put(message(3, "newest", false));
  view.set_unread_after(1);
  const auto drawn = rows();
  EXPECT_LT(row_with(drawn, "old "), row_with(drawn, "── new ──"));
  EXPECT_LT(row_with(drawn, "── new ──"), row_with(drawn, "newer"));
}

TEST_F(ChatViewTest, scrolling_ends_at_the_oldest_message_and_says_that_it_is_there) {
  for (int i = 1; i <= 100; ++i) view.put(message(i, "number " + std::to_string(i) + ".", false));
  rows();
  EXPECT_FALSE(view.reaches_oldest());
  EXPECT_TRUE(view.is_at_end());
  view.scroll(100'000);
  const auto drawn = rows();
  EXPECT_TRUE(view.reaches_oldest());
  EXPECT_FALSE(view.is_at_end());
  EXPECT_NE(row_with(drawn, "number 1."), SIZE_MAX);
  EXPECT_NE(row_with(drawn, "Older messages"), SIZE_MAX);
}

TEST_F(ChatViewTest, a_failed_message_says_why_and_what_to_do) {
  Json failed = message(1, "no luck", true, "failed");
  failed["failure"] = {{"error", "no_device"}, {"message", "Nobody can read it."}};
  view.put(failed);
  EXPECT_NE(row_with(rows(), "Nobody can read it. Ctrl-R tries again."), SIZE_MAX);
  EXPECT_EQ(view.failed_messages(), std::vector<std::string>{"1"});
}

TEST_F(ChatViewTest, what_is_lost_is_said_in_the_middle_and_is_nobodys_message) {
  view.put(message(1, "old", false));
  view.put(message(4, "new one", false));
  Json line = message(3, "", false);
  line.erase("text");
  line["notice"] = {{"kind", "messages_lost"}, {"count", 3}, {"from_ms", kNow}, {"to_ms", kNow}};
  view.put(line);
  view.set_unread_after(1);
  constexpr std::string_view kWords = "3 messages from 14 Nov could not be restored on this device.";
  auto drawn = rows();
  const auto at = row_with(drawn, kWords);
  ASSERT_NE(at, SIZE_MAX);
  EXPECT_EQ(drawn[at], std::string((80 - kWords.size()) / 2, ' ') + std::string(kWords)) << "no time, no name";
  EXPECT_LT(row_with(drawn, "old "), at);
  EXPECT_LT(at, row_with(drawn, "── new ──")) << "it is not unread";
  EXPECT_EQ(view.newest_received_seq(), 4U);
  line["notice"]["count"] = 1;
  view.put(line);
  EXPECT_NE(row_with(rows(), "1 message from 14 Nov could"), SIZE_MAX);
  for (const auto& row : rows({20, 30})) EXPECT_LE(columns(row), 20U);
  view.erase("3");
  EXPECT_EQ(row_with(rows(), "restored"), SIZE_MAX);
}

TEST_F(GroupViewTest, an_answer_stands_under_what_it_answers_and_names_the_user_in_bold) {
  Json reply = from("ana", message(2, "see here @Dora B " + std::string(300, 'x'), false));
  reply["reply"] = {{"message", "1"}, {"sender", "me"}, {"text", "where is it?\nsay"}, {"known", true}};
  reply["mentions"] = {{{"user", "me"}, {"start", 9}, {"length", 7}}};
  view.put(reply);
  const auto drawn = rows();
  const auto at = row_with(drawn, "┃ You: where is it? say");
  ASSERT_NE(at, SIZE_MAX);
  EXPECT_NE(drawn[at + 1].find("see here @Dora\u00A0B"), std::string::npos) << drawn[at + 1];
  EXPECT_NE(view.draw(editor, {80, 24}, kNow).find("\x1b[1m@Dora\u00A0B\x1b[0m"), std::string::npos);
  for (const auto& row : rows({20, 30})) EXPECT_LE(columns(row), 20U) << row;
}

TEST_F(GroupViewTest, messages_are_counted_from_the_end_for_who_answers_one) {
  view.put(from("ana", message(1, "shall we?", false)));
  Json line = from("ana", message(2, "", false));
  line.erase("text");
  line["notice"] = {{"kind", "group"}, {"by", "ana"}, {"changes", {{{"what", "created"}}}}};
  view.put(line);
  view.put(from("me", message(3, "yes\nsure", true, "sent")));
  Json pending = from("me", message(900, "on its way", true, "pending"));
  pending.erase("seq");
  view.put(pending);
  EXPECT_EQ(view.from_end(1)->line, "You: yes sure") << "what is not in the log yet cannot be answered";
  EXPECT_EQ(view.from_end(2)->line, "Ana: shall we?") << "nor what nobody wrote";
  EXPECT_EQ(view.from_end(2)->id, "1");
  EXPECT_FALSE(view.from_end(3).has_value());
  EXPECT_FALSE(view.from_end(0).has_value());
}

TEST_F(GroupViewTest, in_a_group_each_run_of_messages_has_its_senders_name) {
  view.put(from("ana", message(1, "one", false)));
  view.put(from("ana", message(2, "two", false)));
  view.put(from("abcdef0123", message(3, "three", false)));
  view.put(from("me", message(4, "four", true, "sent")));
  view.put(from("ana", message(5, "five", false)));
  auto drawn = rows();
  const auto at = row_with(drawn, "  one");
  ASSERT_NE(at, SIZE_MAX);
  EXPECT_EQ(drawn[at - 1], "  Ana");
  EXPECT_TRUE(drawn[at + 1].starts_with("  two"));
  EXPECT_EQ(drawn[at + 2], "");
  EXPECT_EQ(drawn[at + 3], "  abcdef01") << "a name that is not known yet";
  EXPECT_TRUE(drawn[at + 4].starts_with("  three"));
  EXPECT_TRUE(drawn[at + 6].ends_with("four  22:13 ✓")) << "own ones need no name";
  EXPECT_EQ(drawn[at + 8], "  Ana");
  EXPECT_TRUE(drawn[at + 9].starts_with("  five"));
  names.put({{"user", "abcdef0123"}, {"name", "Cleo\nEvil"}});
  EXPECT_NE(row_with(rows(), "  Cleo Evil"), SIZE_MAX) << "told later";
}

TEST_F(GroupViewTest, what_happened_in_a_group_is_a_line_a_change_and_has_no_sender) {
  Json line = from("ana", message(1, "", false));
  line.erase("text");
  line["notice"] = {
      {"kind", "group"}, {"by", "ana"}, {"changes", {{{"what", "created"}}, {{"what", "added"}, {"users", {"me"}}}}}};
  view.put(line);
  view.set_unread_after(0);
  const auto drawn = rows();
  const auto at = row_with(drawn, "  Ana created the group.");
  ASSERT_NE(at, SIZE_MAX);
  EXPECT_TRUE(drawn[at + 1].ends_with("  Ana added you."));
  EXPECT_EQ(row_with(drawn, "── new ──"), SIZE_MAX);
  EXPECT_EQ(view.newest_received_seq(), 0U);
}

TEST_F(GroupViewTest, where_nothing_can_be_written_the_reason_stands_in_the_place_of_the_input) {
  EXPECT_NE(row_with(rows(), "only its members can read them"), SIZE_MAX);
  editor.press({Key::Kind::text, "half a"});
  view.set_closed("Only admins can send messages here.");
  EXPECT_EQ(rows().size(), 24U);
  EXPECT_TRUE(rows().back().starts_with("  Only admins can send messages here.  ")) << rows().back();
  EXPECT_EQ(view.draw(editor, {80, 24}, kNow).find("\x1b[?25h"), std::string::npos) << "no cursor";
  for (const auto& row : rows({20, 6})) EXPECT_LE(columns(row), 20U);
  view.set_closed("");
  EXPECT_EQ(rows().back(), "› half a") << "what was begun is kept";
}

TEST_F(ChatViewTest, an_empty_chat_says_that_it_is_encrypted) {
  EXPECT_NE(row_with(rows(), "end-to-end encrypted"), SIZE_MAX);
  view.put(message(1, "hi", false));
  EXPECT_EQ(row_with(rows(), "end-to-end encrypted"), SIZE_MAX);
}

TEST_F(ChatViewTest, what_the_other_side_wrote_can_not_draw) {
  view.put(message(1, "evil \x1b[2J\x1b]0;title\x07 text", false));
  EXPECT_EQ(view.draw(editor, {80, 24}, kNow).find("\x1b]0"), std::string::npos);
}

TEST_F(ChatViewTest, a_long_input_takes_at_most_five_rows_around_its_cursor) {
  editor.press({Key::Kind::text, std::string(1000, 'y') + "END"});
  const auto drawn = rows();
  ASSERT_EQ(drawn.size(), 24U);
  EXPECT_NE(row_with(drawn, "END"), SIZE_MAX);
  EXPECT_TRUE(drawn[18].starts_with("────"));
}

}  // namespace
}  // namespace kith::cli
