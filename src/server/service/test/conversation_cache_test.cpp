// What a node keeps in memory: states by their weight, and places of live devices.
#include "server/service/conversation_cache.h"

#include <gtest/gtest.h>

#include "server/service/live_devices.h"

namespace kith::server::service::test {
namespace {

ConversationId id(std::uint8_t n) {
  ConversationId made;
  made.value[0] = n;
  return made;
}

ConversationCache::State state(std::uint8_t n, std::uint32_t leaves, domain::Version version = 1) {
  domain::GroupRecord group{.kind = domain::ConversationKind::group, .epoch = Epoch{version}, .seats = {}};
  for (std::uint32_t i = 0; i < leaves; ++i) group.seats.push_back({{i}, {}, {}});
  return std::make_shared<const domain::ConversationState>(
      domain::ConversationState::from(id(n), std::move(group), version));
}

TEST(ConversationCacheTest, a_large_conversation_takes_the_place_of_several_small_ones) {
  ConversationCache cache(100);
  for (std::uint8_t n = 0; n < 100; ++n) cache.keep(state(n, 2));
  EXPECT_EQ(cache.size(), 100U);
  ASSERT_NE(cache.find(id(0)), nullptr);  // used last
  cache.keep(state(200, 800));            // weighs 51
  EXPECT_EQ(cache.size(), 50U);
  EXPECT_NE(cache.find(id(0)), nullptr);
  EXPECT_EQ(cache.find(id(1)), nullptr);
  EXPECT_NE(cache.find(id(99)), nullptr);
  // One that has become small makes room.
  cache.keep(state(200, 2, 2));
  for (std::uint8_t n = 100; n < 150; ++n) cache.keep(state(n, 2));
  EXPECT_EQ(cache.size(), 100U);
}

TEST(ConversationCacheTest, one_that_is_too_large_for_it_is_kept_alone) {
  ConversationCache cache(10);
  cache.keep(state(1, 2));
  cache.keep(state(2, 16'000));
  EXPECT_EQ(cache.find(id(1)), nullptr);
  EXPECT_NE(cache.find(id(2)), nullptr);
  cache.keep(state(3, 2));
  EXPECT_EQ(cache.find(id(2)), nullptr);
  EXPECT_EQ(cache.size(), 1U);
}

class Silent final : public LiveDevice {
 public:
  explicit Silent(std::uint8_t user) { caller_.user.value[0] = user; }
  [[nodiscard]] const domain::Caller& caller() const override { return caller_; }
  void hear(const domain::BusMessage&) override {}

 private:
  domain::Caller caller_{};
};

TEST(LiveDevicesTest, a_place_is_its_devices_alone_also_when_another_sits_there_later) {
  LiveDevices live;
  Silent first(1);
  Silent second(2);
  const auto left = live.enter(first);
  live.leave(left);
  const auto place = live.enter(second);
  EXPECT_EQ(place.number, left.number);
  EXPECT_EQ(live.at(left), nullptr);
  EXPECT_EQ(live.at(place), &second);
  EXPECT_EQ(live.size(), 1U);
  EXPECT_TRUE(live.of(first.caller().user).empty());
}

TEST(LiveDevicesTest, devices_of_a_user_are_told_in_the_order_in_which_they_came) {
  LiveDevices live;
  Silent a(1);
  Silent b(1);
  Silent c(1);
  const auto first = live.enter(a);
  const auto second = live.enter(b);
  const auto third = live.enter(c);
  EXPECT_EQ(live.of(a.caller().user), (std::vector{first, second, third}));
  live.leave(second);
  EXPECT_EQ(live.of(a.caller().user), (std::vector{first, third}));
  live.leave(first);
  EXPECT_EQ(live.of(a.caller().user), std::vector{third});
  const auto again = live.enter(a);
  EXPECT_EQ(live.of(a.caller().user), (std::vector{third, again}));
}

}  // namespace
}  // namespace kith::server::service::test
