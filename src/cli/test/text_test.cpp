#include "cli/text.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(Text, what_others_wrote_can_not_command_the_terminal) {
  EXPECT_EQ(safe_text("a\x1b[2Jb\x07 \x9b"
                      "c\x7f"),
            "a[2Jb �c");
  EXPECT_EQ(safe_text("\xc2\x9b"
                      "31m"),
            "31m")
      << "a C1 control, as two bytes of UTF-8";
  EXPECT_EQ(safe_text("abc\xe2\x80\xae"
                      "def"),
            "abcdef")
      << "right-to-left override";
  EXPECT_EQ(safe_text("line\nline\ttab\r"), "line\nline  tab");
  EXPECT_EQ(safe_line("two\nlines"), "two lines");
}

TEST(Text, what_is_not_utf8_becomes_a_replacement_character) {
  EXPECT_EQ(safe_text("\xff"), "�");
  EXPECT_EQ(safe_text("\xc0\xaf"), "��") << "over-long";
  EXPECT_EQ(safe_text("\xe2\x82"), "�") << "cut short";
  EXPECT_EQ(safe_text("\xed\xa0\x80"), "�") << "a surrogate";
  EXPECT_EQ(safe_text("grüße 😀"), "grüße 😀");
}

TEST(Text, columns_are_what_a_terminal_gives) {
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("grüße"), 5U);
  EXPECT_EQ(columns("日本"), 4U);
  EXPECT_EQ(columns("😀"), 2U);
  EXPECT_EQ(columns("e\xcc\x81"), 1U) << "a combining accent";
}

TEST(Text, text_is_cut_and_padded_to_columns) {
  EXPECT_EQ(cut_to("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to("日本語", 4), "日…");
  EXPECT_EQ(cut_to("abc", 3), "abc");
  EXPECT_EQ(cut_to("abc", 0), "");
  EXPECT_EQ(fit("ab", 4), "ab  ");
  EXPECT_EQ(columns(fit("日本語", 4)), 4U);
}

TEST(Text, names_are_listed_as_people_do) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"Ana"}), "Ana");
  EXPECT_EQ(listed({"Ana", "Ben"}), "Ana and Ben");
  EXPECT_EQ(listed({"Ana", "Ben", "Cleo"}), "Ana, Ben and Cleo");
  EXPECT_EQ(in_quotes("Hi\nking\x1b"), "“Hi king”");
}

TEST(Text, lines_break_between_words_and_long_words_break_anywhere) {
  EXPECT_EQ(wrap("the quick brown fox", 9), (Lines{"the quick", "brown fox"}));
  EXPECT_EQ(wrap("the quick brown fox", 10), (Lines{"the quick", "brown fox"}));
  EXPECT_EQ(wrap("abcdefgh", 3), (Lines{"abc", "def", "gh"}));
  EXPECT_EQ(wrap("日本語", 5), (Lines{"日本", "語"}));
  EXPECT_EQ(wrap("", 5), (Lines{""}));
  EXPECT_EQ(wrap("a\n\nb\n", 5), (Lines{"a", "", "b", ""}));
}

TEST(Text, no_wrapped_line_is_wider_than_asked_and_nothing_is_lost) {
  const std::string text = "one 日本語テキスト two three-four-five 😀😀😀 sixseveneightnine ten";
  for (std::size_t width = 2; width < 40; ++width) {
    std::string joined;
    for (const auto& line : wrap(text, width)) {
      EXPECT_LE(columns(line), width);
      joined += line;
    }
    std::string expected = text;
    std::erase(expected, ' ');
    std::erase(joined, ' ');
    EXPECT_EQ(joined, expected) << width;
  }
}

TEST(Text, days_are_named_as_people_do) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  constexpr std::int64_t kNow = 1'700'000'000'000;  // Tuesday, 14 November 2023, 22:13
  EXPECT_EQ(clock_text(kNow), "22:13");
  EXPECT_EQ(day_text(kNow - 1000, kNow), "Today");
  EXPECT_EQ(day_text(kNow - 86'400'000, kNow), "Yesterday");
  EXPECT_EQ(day_text(kNow - 3 * 86'400'000LL, kNow), "Sat 11 Nov");
  EXPECT_EQ(day_text(kNow - 400 * 86'400'000LL, kNow), "10 Oct 2022");
  EXPECT_EQ(day_within_sentence(kNow, kNow), "today");
  EXPECT_EQ(day_within_sentence(kNow - 86'400'000, kNow), "yesterday");
  EXPECT_EQ(day_within_sentence(kNow - 3 * 86'400'000LL, kNow), "Sat 11 Nov");
}

TEST(Text, what_is_to_be_copied_is_one_word_for_a_shell_whoever_chose_it) {
  EXPECT_EQ(as_argument("Ana"), "Ana");
  EXPECT_EQ(as_argument("+4915112345678"), "+4915112345678");
  EXPECT_EQ(as_argument("Jörg"), "Jörg");
  EXPECT_EQ(as_argument("Ana Lund"), "'Ana Lund'");
  EXPECT_EQ(as_argument("x; rm -r $(pwd)"), "'x; rm -r $(pwd)'");
  EXPECT_EQ(as_argument("O'Neil"), "'O'\\''Neil'");
  EXPECT_EQ(as_argument(""), "''");
}

TEST(Text, what_comes_from_elsewhere_becomes_a_sentence) {
  EXPECT_EQ(as_sentence("the disk is full"), "The disk is full.");
  EXPECT_EQ(as_sentence("Is it?"), "Is it?");
  EXPECT_EQ(as_sentence(""), "");
}

TEST(Durations, are_said_as_people_do_and_never_too_short) {
  EXPECT_EQ(duration_text(1), "a second");
  EXPECT_EQ(duration_text(59'001), "60 seconds");
  EXPECT_EQ(duration_text(100'000), "2 minutes");
  EXPECT_EQ(duration_text(300'000), "5 minutes");
  EXPECT_EQ(duration_text(4 * 3'600'000), "4 hours");
  EXPECT_EQ(duration_text(23 * 3'600'000 + 1), "a day");
  EXPECT_EQ(duration_text(86'400'000), "a day");
}

}  // namespace
}  // namespace kith::cli
