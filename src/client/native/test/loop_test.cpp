#include "client/native/loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "client/native/file.h"
#include "client/native/test/peer.h"

namespace kith::client::native {
namespace {

TEST(Loop, turns_run_in_the_order_in_which_they_were_posted) {
  Loop loop;
  std::vector<int> order;
  loop.post([&] {
    order.push_back(1);
    loop.post([&] {
      order.push_back(3);
      loop.stop();
    });
  });
  loop.post([&] { order.push_back(2); });
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(order, (std::vector{1, 2, 3}));
}

TEST(Loop, an_alarm_that_was_moved_rings_once_at_its_new_time) {
  Loop loop;
  Alarm alarm(loop);
  int early = 0, late = 0;
  const auto start = loop.now();
  alarm.set(start + std::chrono::milliseconds(1), [&] { ++early; });
  alarm.set(start + std::chrono::milliseconds(40), [&] {
    ++late;
    loop.stop();
  });
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(early, 0);
  EXPECT_EQ(late, 1);
  EXPECT_GE(loop.now() - start, std::chrono::milliseconds(40));
}

TEST(Loop, an_alarm_that_was_taken_back_stays_silent) {
  Loop loop;
  Alarm taken_back(loop), other(loop);
  taken_back.set(loop.now(), [&] { FAIL(); });
  taken_back.set(std::nullopt, nullptr);
  other.set(loop.now() + std::chrono::milliseconds(20), [&] { loop.stop(); });
  ASSERT_TRUE(runs_to_its_end(loop));
}

TEST(Loop, an_alarm_may_set_itself_again) {
  Loop loop;
  Alarm alarm(loop);
  int rung = 0;
  std::function<void()> ring = [&] {
    if (++rung == 3) return loop.stop();
    alarm.set(loop.now(), ring);
  };
  alarm.set(loop.now(), ring);
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(rung, 3);
}

TEST(Loop, a_pipe_and_a_regular_file_are_read_alike) {
  Loop loop;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const File reader(ends[0]), writer(ends[1]);
  const File file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  int from_pipe = 0, from_file = 0;
  loop.watch(reader.get(), [&] {
    char c;
    EXPECT_EQ(::read(reader.get(), &c, 1), 1);
    if (++from_pipe == 2) loop.forget(reader.get());
    if (from_pipe == 2 && from_file >= 2) loop.stop();
  });
  loop.watch(file.get(), [&] {
    if (++from_file == 2) loop.forget(file.get());
    if (from_pipe == 2 && from_file == 2) loop.stop();
  });
  ASSERT_TRUE(write_all(writer.get(), as_view("abc")));
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(from_pipe, 2);
  EXPECT_EQ(from_file, 2);
}

TEST(Loop, a_signal_is_an_event) {
  Loop loop;
  int received = 0;
  loop.on_signals({SIGUSR1}, [&](int signal) {
    received = signal;
    loop.stop();
  });
  loop.post([] { ::raise(SIGUSR1); });
  ASSERT_TRUE(runs_to_its_end(loop));
  EXPECT_EQ(received, SIGUSR1);
}

}  // namespace
}  // namespace kith::client::native
