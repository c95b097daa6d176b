#include "cli/safety_text.h"

#include <gtest/gtest.h>

#include "cli/qr_text.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::string says(const char* identity, const char* log) {
  return comparison_text({{"identity", identity}, {"log", log}}, "Ana");
}

TEST(SafetyText, groups_digits_in_three_lines_of_four) {
  std::string digits;
  for (int i = 0; i < 60; ++i) digits += std::to_string(i % 10);
  const std::vector<std::string> lines(3, "01234 56789 01234 56789");
  EXPECT_EQ(digit_lines(digits), lines);
}

TEST(SafetyText, says_what_a_comparison_means) {
  EXPECT_EQ(says("same", "same"), "The safety numbers are the same. So is the chat.");
  EXPECT_EQ(says("same", "none"), "The safety numbers are the same.");
  EXPECT_NE(says("same", "unknown").find("Try again when both are up to date."), std::string::npos);
  EXPECT_NE(says("same", "forked").find("differently"), std::string::npos);
  EXPECT_NE(says("theirs_differs", "none").find("on Ana's device"), std::string::npos);
  EXPECT_NE(says("mine_differs", "none").find("knows you"), std::string::npos);
  EXPECT_NE(says("changed", "none").find("--accept"), std::string::npos);
}

TEST(QrText, is_a_square_of_half_blocks_that_fits_a_terminal) {
  const auto lines = qr_lines(std::string(240, 'x'), false);
  ASSERT_FALSE(lines.empty());
  const std::size_t width = columns(lines.front());
  EXPECT_LE(width, 80U);
  EXPECT_EQ(lines.size(), (width + 1) / 2);
  for (const auto& line : lines) EXPECT_EQ(columns(line), width);
  // Only the quiet zone around it is empty.
  EXPECT_EQ(lines[1], std::string(width, ' '));
  EXPECT_EQ(lines[2].substr(0, 4), "    ");
  EXPECT_NE(lines[2].substr(4, 3), "   ");
}

TEST(QrText, is_black_on_white_in_colour) {
  const auto lines = qr_lines("x", true);
  EXPECT_TRUE(lines.front().starts_with("\x1b[38;5;16;48;5;231m"));
  EXPECT_TRUE(lines.front().ends_with("\x1b[0m"));
}

TEST(QrText, of_what_no_code_holds_is_empty) { EXPECT_TRUE(qr_lines(std::string(5'000, 'x'), false).empty()); }

}  // namespace
}  // namespace kith::cli
