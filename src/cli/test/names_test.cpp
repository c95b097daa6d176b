#include "cli/names.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

TEST(Names, whoever_has_a_name_alone_is_called_by_it) {
  Names names{"me"};
  names.put({{"user", "ana"}, {"name", "Ana\nEvil"}, {"address", "+49 1"}});
  EXPECT_EQ(names.find("ana"), "Ana Evil");
  EXPECT_EQ(names.find("nobody"), "");
  EXPECT_EQ(names.sender({{"sender", "0123456789ab"}}), "01234567");
}

TEST(Names, people_of_one_name_are_told_apart_by_address_or_id) {
  Names names{"me"};
  names.put({{"user", "0199aaaa11112222"}, {"name", "Ben"}, {"address", "+49 151 2"}});
  names.put({{"user", "0199aaaa11113333"}, {"name", "ben"}});
  names.put({{"user", "0199aaaa99993333"}, {"name", "Ben"}});
  names.put({{"user", "cleo"}, {"name", "Cleo"}});
  EXPECT_EQ(names.find("0199aaaa11112222"), "Ben (+49 151 2)");
  EXPECT_EQ(names.find("0199aaaa11113333"), "ben (0199aaaa11113)") << "as much of the id as needs be";
  EXPECT_EQ(names.find("0199aaaa99993333"), "Ben (0199aaaa9)");
  EXPECT_EQ(names.sender({{"sender", "0199aaaa99993333"}}), "Ben (0199aaaa9)");
  EXPECT_EQ(names.find("cleo"), "Cleo");
}

TEST(Names, who_gets_another_name_is_called_by_that_alone) {
  Names names{"me"};
  names.put({{"user", "one"}, {"name", "Ben"}, {"address", "a@b.c"}});
  names.put({{"user", "two"}, {"name", "Ben"}});
  names.put({{"user", "two"}, {"name", "Benjamin"}});
  EXPECT_EQ(names.find("one"), "Ben");
  EXPECT_EQ(names.find("two"), "Benjamin");
}

}  // namespace
}  // namespace kith::cli
