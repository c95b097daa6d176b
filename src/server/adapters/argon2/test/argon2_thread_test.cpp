#include "server/adapters/argon2/argon2_thread.h"

#include <gtest/gtest.h>

#include "tests/support/manual_scheduler.h"

namespace kith::server::adapters {
namespace {

constexpr crypto::Argon2Cost kCheap{.passes = 1, .memory_kib = 8};
// As dear as it takes for the others to be asked for meanwhile.
constexpr crypto::Argon2Cost kDear{.passes = 2, .memory_kib = 64 * 1024};

SecretBytes pin(std::string_view digits) { return to_secret(as_view(digits)); }

TEST(Argon2Thread, answers_on_the_scheduler_of_whoever_asked) {
  Argon2Thread thread;
  kith::test::ManualScheduler scheduler;
  const auto pins = thread.attach(scheduler);
  const crypto::Argon2Salt salt{1};
  const auto answer = scheduler.run(pins->stretch(pin("2468"), salt, kCheap));
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, *crypto::argon2id(as_view("2468"), salt, kCheap));
}

TEST(Argon2Thread, what_cannot_be_stretched_is_an_error) {
  Argon2Thread thread;
  kith::test::ManualScheduler scheduler;
  const auto pins = thread.attach(scheduler);
  const auto answer = scheduler.run(pins->stretch(pin("2468"), {}, {.passes = 1, .memory_kib = 1}));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, domain::Errc::overloaded);
}

TEST(Argon2Thread, too_many_at_once_are_told_to_come_later_and_the_others_get_their_answer) {
  Argon2Thread thread;
  kith::test::ManualScheduler scheduler;
  const auto pins = thread.attach(scheduler);
  std::size_t stretched = 0, refused = 0;
  const auto ask = [&](crypto::Argon2Cost cost) -> Task<void> {
    const auto answer = co_await pins->stretch(pin("2468"), {}, cost);
    ++(answer ? stretched : refused);
    if (!answer) {
      EXPECT_EQ(answer.error().code, domain::Errc::overloaded);
    }
  };
  TaskScope all;
  const std::size_t asked = Argon2Thread::kMaxWaiting + 2;
  all.spawn(ask(kDear));
  for (std::size_t i = 1; i < asked; ++i) all.spawn(ask(kCheap));
  EXPECT_GE(refused, 1U);
  while (stretched + refused < asked) {
    ASSERT_TRUE(scheduler.wait());
    scheduler.run_ready();
  }
  EXPECT_GE(stretched, Argon2Thread::kMaxWaiting);
}

TEST(Argon2Thread, whoever_goes_while_it_waits_is_not_answered) {
  Argon2Thread thread;
  kith::test::ManualScheduler scheduler;
  bool is_answered = false;
  {
    const auto pins = thread.attach(scheduler);
    TaskScope all;
    const auto ask = [&]() -> Task<void> {
      (void)co_await pins->stretch(pin("2468"), {}, kDear);
      is_answered = true;
    };
    all.spawn(ask());
  }
  const auto others = thread.attach(scheduler);
  EXPECT_TRUE(scheduler.run(others->stretch(pin("2468"), {}, kCheap)));
  EXPECT_FALSE(is_answered);
}

}  // namespace
}  // namespace kith::server::adapters
