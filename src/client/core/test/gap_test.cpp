// One gap: what is believed of whom, what is waited for, and how much is remembered.
#include "client/core/gap.h"

#include <gtest/gtest.h>

namespace kith::client::test {
namespace {

constexpr UserId kMe{{1}};
constexpr UserId kPeer{{2}};
constexpr DeviceId kHere{{1}};
constexpr DeviceId kTablet{{2}};  // mine too
constexpr DeviceId kPhone{{3}};   // the peer's
constexpr DeviceId kLaptop{{4}};  // the peer's too

// From behind 10 to before 20.
struct TestGap {
  explicit TestGap(std::uint64_t before = 20) {
    gap.grow({10}, {before}, {1'000});
    gap.is_known_to(kMe, kHere);
    gap.is_known_to(kMe, kTablet);
    gap.is_known_to(kPeer, kPhone);
    gap.is_known_to(kPeer, kLaptop);
  }
  void list(const UserId& user, const DeviceId& device, std::uint64_t seq,
            wire::EntryKind kind = wire::EntryKind::application) {
    gap.list({{seq}, static_cast<std::int64_t>(seq * 100), user, device, {}, kind, {}, {}});
  }
  // The peer's phone wrote 11 and 12, my tablet 13, this device 14.
  void list_all() {
    list(kPeer, kPhone, 11);
    list(kPeer, kPhone, 12);
    list(kMe, kTablet, 13);
    list(kMe, kHere, 14);
    list(kPeer, kPhone, 15, wire::EntryKind::commit);
    for (std::uint64_t seq = 16; seq < 20; ++seq) list(kMe, kHere, seq);
    record.asked = record.before;
  }
  bool ends(const UserId& user, const DeviceId& device, std::vector<Seq> unshown = {}, Seq after = {10}) {
    return gap.ends(user, device, {after, record.before, std::move(unshown)});
  }
  void end_all() { EXPECT_TRUE(ends(kMe, kTablet) && ends(kPeer, kPhone) && ends(kPeer, kLaptop)); }
  GapRecord record{.id = {}, .after = {10}};
  Gap gap{record, kMe, kHere};
};

LossRecord lost(std::uint32_t count, std::int64_t from_ms, std::int64_t to_ms) { return {count, from_ms, to_ms}; }

TEST(Gap, expects_the_messages_of_all_devices_but_this_one) {
  TestGap t;
  EXPECT_FALSE(t.gap.is_listed());
  t.list_all();
  EXPECT_TRUE(t.gap.is_listed());
  ASSERT_EQ(t.record.missing.size(), 3U);
  EXPECT_TRUE(t.gap.is_waiting());
  EXPECT_FALSE(t.gap.loss());
  t.end_all();
  EXPECT_EQ(t.gap.loss(), lost(3, 1100, 1300));
}

TEST(Gap, what_came_again_is_not_missing_and_comes_once) {
  TestGap t;
  t.list_all();
  EXPECT_TRUE(t.gap.takes(kPeer, {12}));
  EXPECT_FALSE(t.gap.takes(kPeer, {12}));
  t.end_all();
  EXPECT_EQ(t.gap.loss(), lost(2, 1100, 1300));
  EXPECT_TRUE(t.gap.takes(kPeer, {11}) && t.gap.takes(kMe, {13}));
  EXPECT_FALSE(t.gap.loss());
  EXPECT_TRUE(t.gap.is_whole());
}

TEST(Gap, what_came_before_the_server_told_of_it_is_not_expected_again) {
  TestGap t;
  EXPECT_TRUE(t.gap.takes(kPeer, {12}));
  t.list_all();
  EXPECT_EQ(t.record.missing.size(), 2U);
}

TEST(Gap, nobody_fills_or_excuses_the_places_of_another) {
  TestGap t;
  t.list_all();
  EXPECT_TRUE(t.gap.takes(kPeer, {13})) << "whatever the server told, it may be the peer's";
  EXPECT_TRUE(t.ends(kPeer, kPhone, {{11}, {12}, {13}}));
  ASSERT_EQ(t.record.missing.size(), 1U);
  EXPECT_EQ(t.record.missing[0].seq, Seq{13});
  EXPECT_TRUE(t.gap.takes(kMe, {13}));
  EXPECT_TRUE(t.record.missing.empty());
}

TEST(Gap, each_author_is_waited_for_and_another_device_of_the_account_may_know_as_well) {
  TestGap t;
  t.list_all();
  EXPECT_TRUE(t.gap.takes(kMe, {13}));
  // The laptop knows what of the phone's was not for people. Of the rest only the phone can say that it is gone.
  EXPECT_TRUE(t.ends(kPeer, kLaptop, {{11}}));
  EXPECT_TRUE(t.gap.is_waiting());
  EXPECT_FALSE(t.gap.loss());
  EXPECT_TRUE(t.ends(kPeer, kPhone));
  EXPECT_FALSE(t.gap.is_waiting());
  EXPECT_EQ(t.gap.loss(), lost(1, 1200, 1200));
}

TEST(Gap, is_kept_until_every_device_has_answered_or_the_time_is_over) {
  for (const bool in_time : {true, false}) {
    TestGap t;
    t.list_all();
    EXPECT_TRUE(t.gap.takes(kPeer, {11}) && t.gap.takes(kPeer, {12}) && t.gap.takes(kMe, {13}));
    EXPECT_TRUE(t.ends(kMe, kTablet) && t.ends(kPeer, kPhone));
    EXPECT_FALSE(t.gap.is_whole()) << "the laptop may have what the server did not tell of";
    if (in_time) {
      EXPECT_TRUE(t.ends(kPeer, kLaptop));
    } else {
      t.record.is_overdue = true;
    }
    EXPECT_TRUE(t.gap.is_whole());
    t.gap.close();
    EXPECT_TRUE(t.gap.holds({11}) && !t.gap.holds({10}) && !t.gap.holds({20}));
  }
}

TEST(Gap, an_end_that_does_not_reach_so_far_counts_nothing) {
  TestGap t;
  t.list_all();
  EXPECT_TRUE(t.gap.takes(kMe, {13}));
  EXPECT_TRUE(t.ends(kPeer, kPhone, {}, {11}));
  EXPECT_EQ(t.gap.loss(), LossRecord{}) << "what was at 11 is not known";
  EXPECT_TRUE(t.gap.takes(kPeer, {11}));
  EXPECT_EQ(t.gap.loss(), lost(1, 1200, 1200));
}

TEST(Gap, of_places_that_nobody_told_of_the_peer_knows_best) {
  TestGap t;
  t.gap.blur({19});
  t.record.asked = t.record.before;
  EXPECT_TRUE(t.gap.is_waiting());
  EXPECT_TRUE(t.ends(kMe, kTablet));
  EXPECT_TRUE(t.gap.is_waiting());
  t.record.is_overdue = true;
  EXPECT_EQ(t.gap.loss(), LossRecord{});
  EXPECT_TRUE(t.ends(kPeer, kPhone, {}, {12}));
  EXPECT_EQ(t.gap.loss(), LossRecord{}) << "of what was up to 12 the phone does not speak";
  EXPECT_TRUE(t.ends(kPeer, kLaptop));
  EXPECT_FALSE(t.gap.loss());
}

TEST(Gap, only_the_end_of_the_newest_question_counts) {
  TestGap t;
  t.list_all();
  t.record.asked = {};
  EXPECT_FALSE(t.ends(kPeer, kPhone)) << "nobody has asked yet";
  t.record.asked = {31};
  EXPECT_FALSE(t.gap.ends(kPeer, kPhone, {{10}, {30}, {}}));
  EXPECT_TRUE(t.gap.ends(kPeer, kPhone, {{10}, {31}, {}}));
  EXPECT_FALSE(t.ends(kPeer, kPhone)) << "once";
  EXPECT_FALSE(t.ends(kPeer, DeviceId{{9}})) << "it was not here then";
  // This device was lost once more: all are asked for more.
  t.gap.grow({25}, {40}, {2'000});
  EXPECT_EQ(t.record.missing.size(), 3U);
  EXPECT_EQ(t.record.listed, Seq{25});
  EXPECT_FALSE(t.gap.ends(kPeer, kPhone, {{10}, {31}, {}}));
  t.record.asked = {40};
  EXPECT_TRUE(t.gap.ends(kPeer, kPhone, {{10}, {40}, {}}));
}

TEST(Gap, remembers_so_much_and_no_more) {
  TestGap t(100'000);
  EXPECT_EQ(t.record.listed, Seq{100'000 - 1 - kMaxExpected});
  EXPECT_TRUE(t.record.is_blurred);
  for (std::uint64_t seq = t.record.listed.value + 1; seq < 100'000; ++seq)
    t.list(kPeer, DeviceId{{static_cast<std::uint8_t>(seq), static_cast<std::uint8_t>(seq >> 8), 7}}, seq);
  EXPECT_EQ(t.record.others.size(), kMaxOthers);
  EXPECT_LT(t.record.missing.size(), kMaxOthers);
  TestGap grown(11 + kMaxExpected);
  for (std::uint64_t seq = 11; seq < 11 + kMaxExpected; ++seq) grown.list(kPeer, kPhone, seq);
  EXPECT_EQ(grown.record.missing.size(), kMaxExpected);
  EXPECT_FALSE(grown.record.is_blurred);
  grown.gap.grow({2'000}, {2'010}, {2'000});
  for (std::uint64_t seq = 2'001; seq < 2'010; ++seq) grown.list(kPeer, kPhone, seq);
  EXPECT_EQ(grown.record.missing.size(), kMaxExpected);
  EXPECT_TRUE(grown.record.is_blurred);
  for (std::uint64_t seq = 11; seq < 5'000; ++seq) (void)t.gap.takes(kPeer, {seq});
  EXPECT_EQ(t.record.filled.size(), kMaxFilled);
  EXPECT_TRUE(t.gap.takes(kMe, {50})) << "nobody uses up the room of another";
}

}  // namespace
}  // namespace kith::client::test
