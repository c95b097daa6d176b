// Whom of a node's live devices a message to the members of a large conversation reaches, however it comes.
#include "server/service/audiences.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "server/adapters/memory/in_process_bus.h"
#include "tests/support/manual_scheduler.h"

namespace kith::server::service::test {
namespace {

using Texts = std::vector<std::string>;

UserId user(std::uint32_t n) {
  UserId id;
  for (std::size_t i = 0; i < 4; ++i) id.value[i] = static_cast<std::uint8_t>(n >> (24 - 8 * i));
  return id;
}

class Device final : public LiveDevice {
 public:
  Device(LiveDevices& live, std::uint32_t of, std::uint8_t number = 1) : live_(live), caller_{user(of), {}} {
    caller_.device.value[0] = number;
    place_ = live_.enter(*this);
  }
  ~Device() override { live_.leave(place_); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  [[nodiscard]] const domain::Caller& caller() const override { return caller_; }
  void hear(const domain::BusMessage& message) override {
    if (message.kind == domain::BusMessageKind::lost) {
      heard.emplace_back("lost");
    } else {
      heard.emplace_back(as_text(*message.frame));
      frames.push_back(message.frame);
    }
  }
  Texts heard;
  std::vector<domain::SharedBytes> frames;

 private:
  LiveDevices& live_;
  domain::Caller caller_;
  LiveDevices::Place place_;
};

class AudiencesTest : public testing::Test {
 public:
  static constexpr std::uint32_t kMembers = 200;

  AudiencesTest() { store(Epoch{1}, 1, kMembers); }

  // The conversation, as loading it finds it: users first to last are in.
  void store(Epoch epoch, std::uint32_t first, std::uint32_t last) {
    domain::GroupRecord group{.kind = domain::ConversationKind::group, .epoch = epoch, .seats = {}};
    for (std::uint32_t n = first; n <= last; ++n) group.seats.push_back({{n}, user(n), {}});
    stored_ = std::make_shared<const domain::ConversationState>(
        domain::ConversationState::from(kId, std::move(group), epoch.value));
  }
  void online(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t n = first; n <= last; ++n) devices_.emplace(n, std::make_unique<Device>(live_, n));
  }
  static domain::ConversationMessage message(const std::string& text, Epoch epoch = Epoch{1}) {
    return {.conversation = kId, .epoch = epoch, .frame = std::make_shared<const Bytes>(to_bytes(text))};
  }
  void publish(domain::ConversationMessage message) { bus_->publish_to_members(std::move(message)); }
  void tell(domain::ConversationMessage message) {
    publish(std::move(message));
    scheduler_.run_ready();
  }
  // A commit that leaves this epoch.
  static domain::ConversationMessage commit(const std::string& text, Epoch epoch,
                                            const std::vector<std::uint32_t>& came,
                                            const std::vector<std::uint32_t>& gone) {
    auto made = message(text, epoch);
    made.ends_epoch = true;
    for (const auto n : came) made.came.push_back(user(n));
    for (const auto n : gone) made.gone.push_back(user(n));
    return made;
  }
  const Texts& heard(std::uint32_t n) { return devices_.at(n)->heard; }
  std::size_t hearing(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        devices_, [&](const auto& one) { return std::ranges::count(one.second->heard, text) == 1; }));
  }

  static constexpr ConversationId kId{{7}};
  kith::test::ManualScheduler scheduler_;
  adapters::InProcessBus hub_;
  std::unique_ptr<domain::Bus> bus_ = hub_.attach(scheduler_);
  LiveDevices live_;
  Audiences::State stored_, cached_;
  int loads_ = 0;
  bool fails_ = false;
  std::map<std::uint32_t, std::unique_ptr<Device>> devices_;
  Audiences audiences_{*bus_,
                       scheduler_,
                       live_,
                       {.cached = [this](const ConversationId&) { return cached_; },
                        .load = [this](ConversationId) -> Task<Result<Audiences::State>> {
                          ++loads_;
                          co_await scheduler_.yield();
                          if (fails_) co_return domain::fail(domain::Errc::internal, "a broken disk");
                          co_return stored_;
                        }},
                       100};
};

TEST_F(AudiencesTest, one_message_is_heard_by_all_live_members_in_the_same_bytes_and_by_nobody_else) {
  online(50, 210);
  auto sent = message("hello");
  sent.except = devices_.at(60)->caller();
  const Device second(live_, 60, 2);
  // A stranger's choice of the same device id.
  const Device namesake(live_, 61, 1);
  tell(sent);
  EXPECT_EQ(hearing("hello"), 150U);  // 50 to 200, one of them the sender
  EXPECT_TRUE(heard(60).empty());
  EXPECT_EQ(second.heard, Texts{"hello"});
  EXPECT_EQ(namesake.heard, Texts{"hello"});
  EXPECT_TRUE(heard(201).empty());
  EXPECT_EQ(devices_.at(50)->frames[0].get(), sent.frame.get());
  EXPECT_EQ(loads_, 1);
}

TEST_F(AudiencesTest, nothing_is_loaded_where_nobody_is_online) {
  tell(message("hello"));
  EXPECT_EQ(loads_, 0);
  EXPECT_EQ(audiences_.size(), 0U);
}

TEST_F(AudiencesTest, who_comes_online_later_is_told_and_who_went_offline_costs_nothing) {
  online(1, 100);
  tell(message("one"));
  devices_.erase(5);
  online(150, 205);
  tell(message("two"));
  EXPECT_EQ(hearing("two"), 99U + 51U);
  EXPECT_EQ(heard(150), Texts{"two"});
  EXPECT_TRUE(heard(205).empty());
  // More than are remembered one by one.
  for (std::size_t i = 0; i < LiveDevices::kRemembered; ++i) const Device passing(live_, 300);
  online(120, 130);
  tell(message("three"));
  EXPECT_EQ(heard(125), Texts{"three"});
  EXPECT_EQ(heard(150), (Texts{"two", "three"}));
  EXPECT_EQ(loads_, 1);
}

TEST_F(AudiencesTest, who_is_removed_hears_the_removing_commit_and_nothing_after_and_who_is_added_hears_from_its_on) {
  online(1, 201);
  tell(message("before"));
  publish(message("with it"));
  publish(commit("commit", Epoch{1}, {201}, {7}));
  publish(message("after", Epoch{2}));
  scheduler_.run_ready();
  EXPECT_EQ(heard(7), (Texts{"before", "with it", "commit"}));
  EXPECT_EQ(heard(201), (Texts{"commit", "after"}));
  EXPECT_EQ(heard(8), (Texts{"before", "with it", "commit", "after"}));
  // Also by devices that come online when it is over.
  const Device removed(live_, 7, 2);
  const Device added(live_, 201, 2);
  tell(message("later", Epoch{2}));
  EXPECT_TRUE(removed.heard.empty());
  EXPECT_EQ(added.heard, Texts{"later"});
  EXPECT_EQ(loads_, 1) << "nothing was loaded again for it";
  // A state that was loaded meanwhile by whoever sends says the same.
  store(Epoch{2}, 8, 201);
  cached_ = stored_;
  const Device again(live_, 201, 3);
  const Device never(live_, 7, 3);
  tell(message("last", Epoch{2}));
  EXPECT_EQ(again.heard, Texts{"last"});
  EXPECT_TRUE(never.heard.empty());
  EXPECT_EQ(heard(201).back(), "last");
}

TEST_F(AudiencesTest, who_left_by_a_note_hears_nothing_more_of_the_same_epoch) {
  online(1, 200);
  tell(message("before"));
  auto left = message("");
  left.frame.reset();
  left.gone = {user(9)};
  publish(left);
  publish(message("changes"));
  scheduler_.run_ready();
  EXPECT_EQ(heard(9), Texts{"before"});
  const Device second(live_, 9, 2);
  tell(message("after"));
  EXPECT_TRUE(second.heard.empty());
  EXPECT_EQ(heard(10), (Texts{"before", "changes", "after"}));
}

TEST_F(AudiencesTest, a_message_that_is_late_is_not_for_those_who_came_since) {
  online(1, 201);
  tell(message("before"));
  tell(commit("commit", Epoch{1}, {201}, {7}));
  tell(message("late", Epoch{1}));
  EXPECT_EQ(heard(8), (Texts{"before", "commit", "late"}));
  EXPECT_EQ(heard(201), Texts{"commit"});
  EXPECT_EQ(heard(7), (Texts{"before", "commit"}));
}

TEST_F(AudiencesTest, a_message_of_an_epoch_to_come_leads_to_loading_and_what_came_before_it_is_still_right) {
  online(1, 201);
  tell(message("before"));
  store(Epoch{2}, 8, 201);  // 1 to 7 were removed, 201 was added
  tell(message("ahead", Epoch{2}));
  EXPECT_EQ(loads_, 2);
  EXPECT_EQ(heard(201), Texts{"ahead"});
  EXPECT_EQ(heard(7), Texts{"before"});
  tell(message("late", Epoch{1}));
  EXPECT_EQ(hearing("late"), 0U) << "who was in then is not known";
  tell(commit("commit", Epoch{1}, {201}, {1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(heard(201), (Texts{"ahead", "commit"}));
  EXPECT_EQ(heard(7), (Texts{"before", "commit"}));
  EXPECT_EQ(hearing("commit"), 201U);
  tell(message("after", Epoch{2}));
  EXPECT_EQ(hearing("after"), 194U);
}

TEST_F(AudiencesTest, a_large_audience_is_told_in_slices_between_which_others_have_their_turn) {
  store(Epoch{1}, 1, 2000);
  online(1, 2000);
  std::vector<std::size_t> told{0};
  std::function<void()> probe = [&] {
    told.push_back(hearing("hello"));
    if (told.back() < 2000) scheduler_.post(probe);
  };
  publish(message("hello"));
  scheduler_.post(probe);
  scheduler_.run_ready();
  EXPECT_EQ(told.back(), 2000U);
  for (std::size_t i = 1; i < told.size(); ++i) EXPECT_LE(told[i] - told[i - 1], Audiences::kSlice);
}

TEST_F(AudiencesTest, what_comes_while_others_are_told_is_told_behind_it_in_order) {
  store(Epoch{1}, 1, 500);
  online(1, 500);
  publish(message("0"));
  int sent = 0;
  std::function<void()> more = [&] {
    publish(message(std::to_string(++sent)));
    if (sent == 250) devices_.erase(250);
    if (sent < 400) scheduler_.post(more);
  };
  scheduler_.post(more);
  scheduler_.run_ready();
  Texts all;
  for (int i = 0; i <= 400; ++i) all.push_back(std::to_string(i));
  for (const auto& [n, device] : devices_) ASSERT_EQ(device->heard, all) << n;
}

TEST_F(AudiencesTest, too_much_that_waits_is_dropped_and_the_audience_looks_for_itself_but_who_is_in_stays_right) {
  online(1, 201);
  const std::string large(100'000, 'x');
  for (int i = 0; i < 8; ++i) publish(message(large));
  publish(commit("commit", Epoch{1}, {201}, {7}));
  for (int i = 0; i < 8; ++i) publish(message(large, Epoch{2}));
  publish(message("last", Epoch{2}));
  scheduler_.run_ready();
  EXPECT_EQ(std::ranges::count(heard(8), "lost"), 1);
  EXPECT_LE(std::ranges::count(heard(8), large), 16);
  EXPECT_EQ(heard(8).back(), "last");
  EXPECT_EQ(heard(201).back(), "last");
  EXPECT_NE(heard(7).back(), "last");
}

TEST_F(AudiencesTest, a_store_that_fails_costs_hints_and_nothing_else) {
  online(1, 200);
  fails_ = true;
  tell(message("unheard"));
  EXPECT_EQ(hearing("unheard"), 0U);
  fails_ = false;
  tell(message("heard"));
  EXPECT_EQ(hearing("heard"), 200U);
  fails_ = true;
  tell(message("ahead", Epoch{2}));
  EXPECT_EQ(heard(1), (Texts{"heard", "lost"}));
}

TEST_F(AudiencesTest, loss_on_the_bus_forgets_what_was_known) {
  online(1, 200);
  tell(message("one"));
  EXPECT_EQ(audiences_.size(), 1U);
  tell({.kind = domain::BusMessageKind::lost});
  EXPECT_EQ(audiences_.size(), 0U);
  store(Epoch{1}, 2, 200);
  tell(message("two"));
  EXPECT_EQ(heard(1), Texts{"one"});
  EXPECT_EQ(hearing("two"), 199U);
}

TEST_F(AudiencesTest, few_conversations_are_kept_where_they_are_large) {
  online(1, 10);
  for (std::uint8_t i = 0; i < 50; ++i) {
    auto sent = message("hello");
    sent.conversation.value[1] = i;
    tell(sent);
  }
  // Each weighs 13.
  EXPECT_LE(audiences_.size(), 8U);
  EXPECT_GE(audiences_.size(), 5U);
  EXPECT_EQ(heard(1).size(), 50U);
}

}  // namespace
}  // namespace kith::server::service::test
