// Members and servers that mean no good make no lines without end, and hide nothing that its author sends again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/missing.h"
#include "client/core/test/away.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kMinuteMs = 60'000;

// An entry in Alice's name that she never made.
void invent_entry(Away& t) {
  auto& log = t.conversation().log;
  const UserId user = *UserId::from_text(t.alice_id);
  const DeviceId device = stored_account(t.alice).device;
  log.push_back({.seq = log.back().seq.next(),
                 .time_ms = std::int64_t{1} << 62,
                 .sender = {user, device},
                 .client_id = ClientId{{0xEE, static_cast<std::uint8_t>(log.size())}},
                 .kind = wire::EntryKind::application,
                 .epoch = t.conversation().epoch,
                 .payload = Bytes(100, 7)});
  t.conversation().change += 1;
}

TEST(LostHostile, a_server_that_invents_entries_makes_no_lines_without_end) {
  Away t;
  const auto lines = [&] {
    return std::ranges::count_if(t.bob_sees(), [](const auto& s) { return s.ends_with("lost)"); });
  };
  for (int i = 1; i <= 10; ++i) {
    t.bob.stop();
    invent_entry(t);
    t.bob_comes_back();
    ASSERT_TRUE(t.await({"first", "second", "(" + std::to_string(i) + " lost)"})) << i;
    EXPECT_LT(t.line()["time_ms"], 253'402'300'800'000) << "a time that every calendar has";
  }
  EXPECT_EQ(t.stored_chat(t.bob).gaps.size(), 1U) << "one gap, since nothing was shown in between";
  // Only where people write there may be another: never two without a message between them.
  for (int i = 1; i <= 7; ++i) {
    write(t.world, t.bob, t.alice_id, {"m" + std::to_string(i)});
    t.world.run_for(1'000);
    for (int j = 0; j < 2; ++j) {
      t.bob.stop();
      invent_entry(t);
      t.bob_comes_back();
      ASSERT_TRUE(t.world.run_until([&] { return t.bob_sees().back() == "(" + std::to_string(j + 1) + " lost)"; }))
          << i;
    }
    EXPECT_EQ(lines(), i + 1);
    EXPECT_LE(t.stored_chat(t.bob).gaps.size(), Missing::kMaxGaps);
  }
}

TEST(LostHostile, a_gap_that_newer_ones_push_out_is_waited_for_no_longer) {
  Away t;
  t.alice.stop();
  for (std::size_t i = 0; i <= Missing::kMaxGaps; ++i) {
    EXPECT_FALSE(t.was_said());
    t.bob.stop();
    invent_entry(t);
    t.bob_comes_back();
    write(t.world, t.bob, t.alice_id, {"b" + std::to_string(i)});
    ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 3 + i + (i == Missing::kMaxGaps ? 1 : 0)));
  }
  EXPECT_TRUE(t.was_said());
  EXPECT_EQ(t.stored_chat(t.bob).gaps.size(), Missing::kMaxGaps);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(some may be missing)", "b0", "b1", "b2", "b3", "b4"));
}

TEST(LostHostile, a_server_that_tells_of_very_much_is_not_remembered_without_end) {
  Away t;
  t.bob.stop();
  for (int i = 0; i < 5'000; ++i) invent_entry(t);
  t.bob_comes_back();
  ASSERT_TRUE(t.world.run_until([&] { return t.line().is_object(); }));
  EXPECT_EQ(t.stored_chat(t.bob).gaps[0].missing.size(), kMaxExpected);
}

TEST(LostHostile, a_message_that_the_server_hides_in_the_gap_is_shown_when_it_comes_again) {
  Away t;
  t.bob_misses({"one", "two"});
  // Of the log before Bob's return the server tells that it was all commits.
  const Seq head = t.conversation().log.back().seq;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* entries = std::get_if<wire::Entries>(&frame.body); &client == &t.bob && entries != nullptr) {
      for (wire::Entry& entry : entries->entries) {
        if (entry.seq <= head) entry.kind = wire::EntryKind::commit;
      }
    }
    return true;
  };
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "one", "two"}));
  t.world.run_for(kMinuteMs);
  EXPECT_FALSE(t.was_said());
}

TEST(LostHostile, ends_of_answers_to_nothing_say_nothing) {
  Away t;
  const auto end = [](std::uint64_t after, std::uint64_t before) {
    return OutgoingRecord{.kind = OutgoingKind::again_done, .after = {after}, .before = {before}};
  };
  t.alice_sends({end(0, 2), end(7, 3), end(0, 0), end(0, UINT64_MAX), end(UINT64_MAX, 1)});
  t.world.run_for(8 * kDayMs);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second"));
  EXPECT_FALSE(t.was_said());
}

TEST(LostHostile, an_author_says_the_end_once) {
  Away t;
  t.bob_misses({"one", "two"});
  t.alice_loses("one");
  t.bob_comes_back();
  ASSERT_TRUE(t.await({"first", "second", "(1 lost)", "two"}));
  const Seq before = t.stored_chat(t.bob).gaps[0].before;
  std::vector<OutgoingRecord> more;
  for (std::uint64_t i = 0; i < 5; ++i) {
    more.push_back({.kind = OutgoingKind::again_done,
                    .after = {i % 2 == 0 ? UINT64_MAX : 0},
                    .before = before,
                    .unshown = {t.conversation().log[3].seq}});
  }
  t.alice_sends(std::move(more));
  t.world.run_for(8 * kDayMs);
  EXPECT_THAT(t.bob_sees(), ElementsAre("first", "second", "(1 lost)", "two"));
}

}  // namespace
}  // namespace kith::client::test
