// The last step of a link: the new device brings its list and its keys. What does not hold is refused and binds
// nothing; what was lost on the way is asked for again.
#include "server/service/test/link_stage.h"

namespace kith::server::service::test {
namespace {

class ComingDevices : public testing::Test, public LinkStage {
 public:
  std::string attempt(const domain::DeviceChange& coming) { return w_.error(add(coming)); }
  std::size_t devices() { return w_.ok(w_.node->accounts.devices(ann_.user)).devices.size(); }
};

TEST_F(ComingDevices, nobody_comes_before_the_link_is_finished) {
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  EXPECT_EQ(attempt(coming), "not_found");
  offer();
  EXPECT_EQ(attempt(coming), "not_found");
  claim(ann_);
  const auto before = w_.dump();
  EXPECT_EQ(attempt(coming), "not_found");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(ComingDevices, what_does_not_hold_is_refused_and_changes_nothing) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  Person phone = w_.another_device(ann_);
  Person bobs = w_.another_device(bob_);
  const auto good = comes(2, {&ann_, &tablet}, tablet);
  const auto before = w_.dump();
  const auto spoilt = [&](const std::function<void(domain::DeviceChange&)>& spoil) {
    auto coming = good;
    spoil(coming);
    return attempt(coming);
  };
  EXPECT_EQ(attempt(comes(1, {&ann_, &tablet}, tablet)), "stale_device_list");
  EXPECT_EQ(attempt(comes(3, {&ann_, &tablet}, tablet)), "stale_device_list");
  EXPECT_EQ(attempt(comes(2, {&tablet}, tablet)), "forged_certificate") << "it takes a device away";
  EXPECT_EQ(attempt(comes(2, {&ann_, &tablet, &phone}, tablet)), "forged_certificate") << "it adds another one";
  EXPECT_EQ(attempt(comes(2, {&ann_, &phone}, tablet)), "forged_certificate") << "it adds another one instead";
  EXPECT_EQ(attempt(comes(2, {&ann_}, tablet)), "forged_certificate") << "it adds nobody";
  EXPECT_EQ(attempt(comes(2, {&bob_, &bobs}, bobs)), "forged_certificate") << "another user's";
  EXPECT_EQ(spoilt([](auto& c) { c.device_list.back() ^= 1; }), "forged_certificate");
  EXPECT_EQ(spoilt([](auto& c) { c.device_list.clear(); }), "forged_certificate");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].device.credential.back() ^= 1; }), "forged_certificate");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].device.leaf_key.back() ^= 1; }), "forged_certificate");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].device.device.value[0] ^= 1; }), "forged_certificate");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].device.name = "line\nbreak"; }), "invalid_argument");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].key_packages[0].back() ^= 1; }), "key_package_invalid");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].last_resort = c.added[0].key_packages[0]; }), "key_package_invalid");
  EXPECT_EQ(spoilt([](auto& c) { c.added[0].key_packages[1] = c.added[0].key_packages[0]; }), "key_package_known");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(good), "ok") << "and nothing of it bound the link";
}

TEST_F(ComingDevices, a_link_brings_one_device_and_no_second_one) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  w_.ok(add(comes(2, {&ann_, &tablet}, tablet)));
  w_.relayed();
  const auto before = w_.dump();
  Person second = w_.another_device(ann_);
  EXPECT_EQ(attempt(comes(3, {&ann_, &tablet, &second}, second)), "link_used");
  Person other_key = w_.another_device(ann_);
  other_key.device = tablet.device;
  EXPECT_EQ(attempt(comes(3, {&ann_, &other_key}, other_key)), "link_used");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(devices(), 2U);
}

TEST_F(ComingDevices, a_lost_answer_is_asked_for_again_for_an_hour) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  w_.ok(add(coming));
  const auto again = w_.ok(add(coming));
  // Whatever became of the list meanwhile, and though the link would be over.
  w_.ok(w_.node->accounts.set_name(ann_.caller(), "Ann"));
  Person laptop = w_.another_device(ann_);
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(3, {&ann_, &tablet, &laptop}, {&laptop})));
  w_.scheduler.run_for(std::chrono::minutes(59));
  EXPECT_EQ(w_.ok(add(coming)).refresh_token, again.refresh_token);
  EXPECT_TRUE(is_in(tablet, again));
  EXPECT_EQ(attempt(coming), "unauthenticated") << "it has its tokens, and they are not taken from it";
  EXPECT_EQ(devices(), 3U);
  w_.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_EQ(attempt(coming), "not_found");
}

TEST_F(ComingDevices, one_that_was_revoked_again_does_not_come_back_over_its_link) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  w_.ok(add(coming));
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(3, {&ann_}, {})));
  w_.relayed();
  const auto before = w_.dump();
  EXPECT_EQ(attempt(coming), "stale_device_list");
  EXPECT_EQ(attempt(comes(4, {&ann_, &tablet}, tablet)), "forged_certificate");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(devices(), 1U);
}

TEST_F(ComingDevices, a_list_that_came_first_is_polled_and_followed) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  Person laptop = w_.another_device(ann_);
  const auto late = comes(2, {&ann_, &tablet}, tablet);
  const auto first = w_.device_change(2, {&ann_, &laptop}, {&laptop});
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), first));
  EXPECT_EQ(attempt(late), "stale_device_list");
  EXPECT_EQ(w_.ok(links().poll(kName, token())).device_list, first.device_list);
  const auto grant = w_.ok(add(comes(3, {&ann_, &laptop, &tablet}, tablet)));
  EXPECT_TRUE(is_in(tablet, grant));
  EXPECT_EQ(devices(), 3U);
}

// Between the link and the account: the list changes after the device was noted in its link.
TEST_F(ComingDevices, a_list_that_came_between_the_two_halves_of_coming_in_is_followed_by_the_same_device_alone) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  Person laptop = w_.another_device(ann_);
  const auto late = comes(2, {&ann_, &tablet}, tablet);
  const auto first = w_.device_change(2, {&ann_, &laptop}, {&laptop});
  int commits = 0;
  bool raced = false;
  w_.engine.fail_before = [&](std::string_view operation) {
    if (operation != "commit" || ++commits != 2 || raced) return false;
    return raced = true;
  };
  EXPECT_EQ(attempt(late), "internal");
  w_.engine.fail_before = nullptr;
  ASSERT_TRUE(raced);
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), first));
  EXPECT_EQ(attempt(late), "stale_device_list");
  Person thief = w_.another_device(ann_);
  EXPECT_EQ(attempt(comes(3, {&ann_, &laptop, &thief}, thief)), "link_used");
  EXPECT_TRUE(is_in(tablet, w_.ok(add(comes(3, {&ann_, &laptop, &tablet}, tablet)))));
  EXPECT_EQ(devices(), 3U);
}

TEST_F(ComingDevices, asked_twice_at_once_the_device_comes_once) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  std::vector<Result<Grant>> answers;
  const auto ask = [&]() -> Task<void> { answers.push_back(co_await add(coming)); };
  TaskScope both;
  both.spawn(ask());
  both.spawn(ask());
  w_.scheduler.run_for(std::chrono::seconds(2));
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(answers[0] || answers[1]);
  EXPECT_EQ(devices(), 2U);
  EXPECT_TRUE(is_in(tablet, w_.ok(add(coming))));
}

}  // namespace
}  // namespace kith::server::service::test
