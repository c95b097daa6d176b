#include "base/padme.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(Padme, sizes_are_those_of_the_paper) {
  EXPECT_EQ(padme(1), 1U);
  EXPECT_EQ(padme(9), 10U);
  EXPECT_EQ(padme(100), 104U);
  EXPECT_EQ(padme(1000), 1024U);
  EXPECT_EQ(padme(1024), 1024U);
  EXPECT_EQ(padme(1025), 1088U);
}

}  // namespace
}  // namespace kith
