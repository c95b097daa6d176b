// What people see and change of their own devices.
#include "server/service/test/link_stage.h"

namespace kith::server::service::test {
namespace {

class OwnDevices : public testing::Test, public LinkStage {
 public:
  AccountService& accounts() { return w_.node->accounts; }
  domain::OwnDevice own(const Person& device) {
    for (auto& one : w_.ok(accounts().own_devices(device.user)))
      if (one.device == device.device) return one;
    ADD_FAILURE() << "it is not there";
    return {};
  }
  static UnixMillis hour(UnixMillis time) { return domain::to_the_hour(time); }
};

TEST_F(OwnDevices, have_their_names_and_the_times_at_which_they_came_and_were_seen) {
  const auto begun = w_.scheduler.now();
  w_.scheduler.run_for(std::chrono::minutes(90));
  make_finished();
  Person tablet = w_.another_device(ann_);
  w_.ok(add(comes(2, {&ann_, &tablet}, tablet)));
  EXPECT_EQ(w_.ok(accounts().own_devices(ann_.user)).size(), 2U);
  EXPECT_EQ(own(ann_).name, "test");
  EXPECT_EQ(own(ann_).added, begun);
  EXPECT_EQ(own(ann_).last_seen, hour(begun));
  EXPECT_EQ(own(tablet).name, "another");
  EXPECT_EQ(own(tablet).added, w_.scheduler.now());
  EXPECT_EQ(own(tablet).last_seen, hour(w_.scheduler.now()));
}

TEST_F(OwnDevices, are_seen_when_they_connect_or_renew_their_tokens_and_that_is_written_once_an_hour) {
  w_.scheduler.run_for(std::chrono::hours(3));
  int commits = 0;
  w_.engine.fail_before = [&](std::string_view operation) {
    commits += operation == "commit" ? 1 : 0;
    return false;
  };
  for (int i = 0; i < 3; ++i) {
    accounts().see(ann_.caller());
    w_.scheduler.run_ready();
  }
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(own(ann_).last_seen, hour(w_.scheduler.now()));
  w_.scheduler.run_for(std::chrono::hours(1));
  accounts().see(ann_.caller());
  w_.scheduler.run_ready();
  EXPECT_EQ(commits, 2);
  w_.scheduler.run_for(std::chrono::hours(5));
  const auto signature = w_.sign_refresh(ann_, ann_.refresh_token);
  w_.ok(accounts().refresh(ann_.caller(), ann_.refresh_token, {signature.begin(), signature.end()}));
  EXPECT_EQ(commits, 3);
  EXPECT_EQ(own(ann_).last_seen, hour(w_.scheduler.now()));
}

TEST_F(OwnDevices, one_that_was_revoked_is_not_there_and_is_not_seen_again) {
  add_laptop();
  w_.ok(accounts().change_devices(anns_laptop_.caller(), w_.device_change(3, {&anns_laptop_}, {})));
  w_.relayed();
  w_.scheduler.run_for(std::chrono::hours(3));
  const auto before = w_.dump();
  accounts().see(ann_.caller());
  w_.scheduler.run_ready();
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(w_.ok(accounts().own_devices(ann_.user)).size(), 1U);
}

TEST_F(OwnDevices, are_renamed_and_their_names_are_sealed_in_the_store) {
  add_laptop();
  w_.ok(accounts().rename_device(ann_.user, anns_laptop_.device, "Kitchen tablet"));
  EXPECT_EQ(own(anns_laptop_).name, "Kitchen tablet");
  EXPECT_EQ(own(ann_).name, "test");
  EXPECT_EQ(w_.dump().find(to_hex(as_view("Kitchen tablet"))), std::string::npos);
  const auto before = w_.dump();
  const auto attempt = [&](const UserId& user, const DeviceId& device, const std::string& name) {
    return w_.error(accounts().rename_device(user, device, name));
  };
  EXPECT_EQ(attempt(ann_.user, ann_.device, ""), "invalid_argument");
  EXPECT_EQ(attempt(ann_.user, ann_.device, std::string(129, 'a')), "invalid_argument");
  EXPECT_EQ(attempt(ann_.user, ann_.device, "line\nbreak"), "invalid_argument");
  EXPECT_EQ(attempt(ann_.user, bob_.device, "Mine"), "not_found");
  EXPECT_EQ(attempt(bob_.user, ann_.device, "Mine"), "not_found");
  EXPECT_EQ(w_.dump(), before);
}

}  // namespace
}  // namespace kith::server::service::test
