#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

TEST(RequestPaceTest, over_its_rate_a_device_waits_in_order_and_only_far_over_it_is_it_refused) {
  World w;
  w.limits.requests_per_second = 2;
  w.restart();
  const Caller caller{};
  const auto start = w.scheduler.now();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(w.error(w.node->pace.admit(caller)), "ok");
  EXPECT_EQ(w.scheduler.now(), start);

  std::vector<std::pair<int, std::int64_t>> admitted;
  int refused = 0;
  TaskScope scope;
  for (int i = 0; i < 15; ++i) {
    scope.spawn([](World& world, int number, UnixMillis since, auto& in, int& out) -> Task<void> {
      const auto answer = co_await world.node->pace.admit({});
      if (answer) {
        in.emplace_back(number, (world.scheduler.now() - since).count());
      } else {
        EXPECT_EQ(answer.error().code, Errc::rate_limited);
        EXPECT_GT(answer.error().retry_after_ms, 5000U);
        ++out;
      }
    }(w, i, start, admitted, refused));
  }
  w.scheduler.run_for(std::chrono::seconds(6));
  EXPECT_EQ(refused, 5);
  ASSERT_EQ(admitted.size(), 10U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(admitted[i], std::pair(i, std::int64_t{500} * (i + 1)));

  // Another user's device is not held up, though it calls itself the same.
  Caller other = caller;
  other.user.value[0] = 1;
  const auto now = w.scheduler.now();
  EXPECT_EQ(w.error(w.node->pace.admit(other)), "ok");
  EXPECT_EQ(w.scheduler.now(), now);
}

TEST(RequestPaceTest, what_costs_more_waits_longer_and_addresses_are_counted_by_themselves) {
  World w;
  w.limits.requests_per_second = 2;
  w.limits.open_requests_per_source_second = 1;
  w.restart();
  const auto start = w.scheduler.now();
  EXPECT_EQ(w.error(w.node->pace.admit({}, 20)), "ok");
  EXPECT_EQ(w.error(w.node->pace.admit_source("192.0.2.1", 10)), "ok");
  EXPECT_EQ(w.scheduler.now(), start);
  EXPECT_EQ(w.error(w.node->pace.admit({}, 4)), "ok");
  EXPECT_EQ(w.scheduler.now() - start, std::chrono::seconds(2));
  EXPECT_EQ(w.error(w.node->pace.admit_source("192.0.2.1", 8)), "rate_limited");
  EXPECT_EQ(w.error(w.node->pace.admit_source("192.0.2.1", 4)), "ok");
  EXPECT_EQ(w.scheduler.now() - start, std::chrono::seconds(4));
  EXPECT_EQ(w.error(w.node->pace.admit_source("192.0.2.2", 10)), "ok");
  EXPECT_EQ(w.scheduler.now() - start, std::chrono::seconds(4));
}

}  // namespace
}  // namespace kith::server::service::test
