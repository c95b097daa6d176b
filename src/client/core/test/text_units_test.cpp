#include "client/core/text_units.h"

#include <gtest/gtest.h>

namespace kith::client {
namespace {

TEST(TextUnits, are_those_of_utf16_there_and_back) {
  const std::string_view text = "aë你🙂b";
  const std::size_t bytes[] = {0, 1, 3, 6, 10, 11};
  const std::size_t units[] = {0, 1, 2, 3, 5, 6};
  for (std::size_t i = 0; i < std::size(bytes); ++i) {
    EXPECT_EQ(units_of(text, bytes[i]), units[i]);
    EXPECT_EQ(bytes_of(text, units[i]), bytes[i]);
  }
  EXPECT_EQ(bytes_of(text, 4), std::nullopt) << "within the smile";
  EXPECT_EQ(bytes_of(text, 7), std::nullopt) << "behind the text";
}

}  // namespace
}  // namespace kith::client
