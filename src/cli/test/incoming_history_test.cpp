// A command that waits for the account's history: until it is here, and never for what will not come.
#include "cli/incoming_history.h"

#include <gtest/gtest.h>

namespace kith::cli {
namespace {

using std::chrono::milliseconds;

Json blocks(std::int64_t done, std::int64_t total) {
  return {{"type", "history"}, {"blocks_done", done}, {"blocks_total", total}, {"conversations", Json::array()}};
}

// A session in which this is told, one event a minute, and nothing after it.
struct Story {
  explicit Story(std::vector<Json> events) : told(std::move(events)) { progress.take(blocks(0, 4)); }
  bool run_until(const std::function<bool()>& holds, milliseconds timeout) {
    const milliseconds end = now + timeout;
    while (!holds()) {
      const milliseconds next = now + std::chrono::minutes(1);
      if (told.empty() || next > end) {
        now = end;
        return false;
      }
      now = next;
      if (const Json event = told.front(); event.is_object()) progress.take(event);
      told.erase(told.begin());
    }
    return true;
  }
  // How long one waits.
  milliseconds wait(bool is_cut_off = false) {
    progress.wait([this](const auto& holds, auto timeout) { return run_until(holds, timeout); },
                  [=] { return is_cut_off; });
    return now;
  }
  std::vector<Json> told;
  HistoryProgress progress;
  milliseconds now{0};
};

TEST(IncomingHistory, is_waited_for_until_it_is_here) {
  Story story({blocks(1, 4), blocks(3, 4), blocks(4, 4), blocks(4, 4)});
  EXPECT_EQ(story.wait(), std::chrono::minutes(3));
  EXPECT_TRUE(story.progress.is_here());
}

TEST(IncomingHistory, that_the_core_refuses_is_not_waited_for_and_the_reason_is_known) {
  for (const char* code : {"archive_truncated", "archive_forged"}) {
    Story story({blocks(1, 4), {{"type", "warning"}, {"code", code}, {"message", "The server lies."}}, blocks(2, 4)});
    EXPECT_EQ(story.wait(), std::chrono::minutes(2)) << code;
    EXPECT_EQ(story.progress.refusal(), "The server lies.");
    EXPECT_FALSE(story.progress.is_here());
  }
}

TEST(IncomingHistory, goes_on_after_a_refusal_where_it_comes_all_the_same) {
  Story story({{{"type", "warning"}, {"code", "archive_forged"}, {"message", "The server lies."}}, blocks(1, 4)});
  story.wait();
  story.progress.take(blocks(1, 4));
  EXPECT_EQ(story.progress.refusal(), "");
}

TEST(IncomingHistory, is_waited_for_as_long_as_it_moves_and_not_for_ever) {
  std::vector<Json> slow;
  for (int block = 1; block < 4; ++block) slow.insert(slow.end(), {Json(), blocks(block, 4)});
  Story story(slow);
  EXPECT_EQ(story.wait(), std::chrono::minutes(8)) << "two of patience behind the last one";
  EXPECT_FALSE(story.progress.is_here());
}

TEST(IncomingHistory, is_not_waited_for_without_a_connection_and_where_nothing_comes_in) {
  EXPECT_EQ(Story({blocks(1, 4)}).wait(true), milliseconds(0));
  Story nothing({blocks(1, 4)});
  nothing.progress.take(blocks(0, 0));
  EXPECT_EQ(nothing.wait(), milliseconds(0));
}

TEST(IncomingHistory, other_warnings_do_not_end_it) {
  Story story({{{"type", "warning"}, {"code", "history_changed"}, {"message", "It was restored."}}, blocks(4, 4)});
  EXPECT_EQ(story.wait(), std::chrono::minutes(2));
  EXPECT_EQ(story.progress.tenths(), 10);
}

}  // namespace
}  // namespace kith::cli
