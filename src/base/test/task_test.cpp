#include "base/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/scheduler.h"

namespace kith {
namespace {

Task<int> twice(OneShot<int> from) {
  const int value = co_await from;
  co_return value * 2;
}

Task<void> store_twice(OneShot<int> from, int& to) { to = co_await twice(from); }

Task<void> hold(OneShot<int> until, std::shared_ptr<int> held) {
  co_await until;
  *held += 1;
}

TEST(Task, a_value_travels_through_a_chain_of_tasks) {
  TaskScope scope;
  const OneShot<int> source;
  int result = 0;
  scope.spawn(store_twice(source, result));
  EXPECT_EQ(result, 0);
  EXPECT_EQ(scope.size(), 1U);
  source.set(21);
  EXPECT_EQ(result, 42);
  EXPECT_EQ(scope.size(), 0U);
}

TEST(Task, a_value_that_came_first_is_not_waited_for) {
  TaskScope scope;
  const OneShot<int> source;
  source.set(4);
  int result = 0;
  scope.spawn(store_twice(source, result));
  EXPECT_EQ(result, 8);
}

TEST(Task, clearing_a_scope_destroys_what_its_tasks_hold_and_a_late_value_wakes_nobody) {
  const OneShot<int> source;
  const OneShot<int> other;
  auto held = std::make_shared<int>(0);
  {
    TaskScope scope;
    scope.spawn(hold(source, held));
    scope.spawn(hold(other, held));
    EXPECT_GT(held.use_count(), 1);
    scope.clear();
    EXPECT_EQ(held.use_count(), 1);
  }
  source.set(1);
  other.set(1);
  EXPECT_EQ(*held, 0);
}

Task<void> many_turns(int& turns) {
  for (int i = 0; i < 1'000'000; ++i) {
    const OneShot<int> ready;
    ready.set(1);
    turns += co_await twice(ready) / 2;
  }
}

TEST(Task, a_million_awaits_do_not_grow_the_stack) {
  TaskScope scope;
  int turns = 0;
  scope.spawn(many_turns(turns));
  EXPECT_EQ(turns, 1'000'000);
}

}  // namespace
}  // namespace kith
