#include "server/edge/ws/watched.h"

#include <gtest/gtest.h>

namespace kith::server::edge {
namespace {

ConversationId chat(std::uint8_t number) { return {{number}}; }

TEST(Watched, are_the_few_that_were_asked_for_last) {
  Watched watched;
  for (std::uint8_t i = 1; i <= 4; ++i) watched.add(chat(i));
  watched.add(chat(1));
  watched.add(chat(5));
  EXPECT_FALSE(watched.contains(chat(2))) << "the oldest";
  for (const std::uint8_t i : std::initializer_list<std::uint8_t>{1, 3, 4, 5})
    EXPECT_TRUE(watched.contains(chat(i))) << int{i};
  watched.remove(chat(3));
  watched.remove(chat(9));
  EXPECT_FALSE(watched.contains(chat(3)));
  EXPECT_TRUE(watched.contains(chat(4)));
}

}  // namespace
}  // namespace kith::server::edge
