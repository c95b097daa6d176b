#include "cli/receipt_text.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

class ReceiptText : public testing::Test {
 protected:
  void SetUp() override { ::setenv("NO_COLOR", "1", 1); }
  Names names = [] {
    Names all("me");
    all.put({{"user", "ana"}, {"name", "Ana\x1b[2J"}});
    all.put({{"user", "ben"}, {"name", "Ben"}});
    return all;
  }();
};

TEST_F(ReceiptText, names_who_has_read_received_and_neither) {
  const Json receipts{{"read", {"ben", "ana"}}, {"delivered", Json::array()}, {"waiting", {"0123456789abcdef"}}};
  EXPECT_EQ(receipts_page(receipts, names),
            "Read by\n"
            "  Ana[2J\n"
            "  Ben\n"
            "Not delivered yet to\n"
            "  01234567");
}

TEST_F(ReceiptText, of_a_large_group_are_numbers) {
  EXPECT_EQ(receipts_page({{"of", 300}, {"delivered_count", 200}, {"read_count", 7}}, names),
            "Read by 7 of 300\n"
            "Delivered to 200 of 300");
}

TEST_F(ReceiptText, say_so_where_nobody_is_left) {
  const Json nobody{{"read", Json::array()}, {"delivered", Json::array()}, {"waiting", Json::array()}};
  EXPECT_EQ(receipts_page(nobody, names), "Nobody who was there when this was sent is still there.");
}

TEST_F(ReceiptText, a_short_number_counts_and_anything_else_is_an_id) {
  EXPECT_EQ(number_of_message("2"), 2);
  EXPECT_EQ(number_of_message("99999"), 99'999);
  EXPECT_EQ(number_of_message("123456"), std::nullopt);
  EXPECT_EQ(number_of_message("ab12cd"), std::nullopt);
  EXPECT_EQ(number_of_message(""), std::nullopt);
}

}  // namespace
}  // namespace kith::cli
