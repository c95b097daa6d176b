#include "server/service/test/world.h"

#include <set>

namespace kith::server::service::test {
namespace {

class KeyPackages : public testing::Test {
 public:
  KeyPackages() : ann_(w_.register_person("+4911")), bob_(w_.register_person("+4922", 4)) {}
  Result<std::vector<KeyPackageService::Claimed>> claim(const Person& by, const Person& of) {
    return w_.run(w_.node->key_packages.claim(by.caller(), of.user));
  }
  World w_;
  Person ann_;
  Person bob_;
};

TEST_F(KeyPackages, each_single_use_one_is_given_once_and_then_the_last_resort_again_and_again) {
  std::set<Bytes> seen;
  for (int i = 0; i < 4; ++i) {
    const auto claimed = claim(ann_, bob_);
    ASSERT_TRUE(claimed);
    ASSERT_EQ(claimed->size(), 1U);
    EXPECT_FALSE(claimed->front().last_resort);
    EXPECT_EQ(claimed->front().device, bob_.device);
    EXPECT_TRUE(seen.insert(claimed->front().key_package).second);
  }
  EXPECT_EQ(w_.ok(w_.node->key_packages.available(bob_.caller())), 0U);
  for (int i = 0; i < 2; ++i) {
    const auto claimed = claim(ann_, bob_);
    ASSERT_TRUE(claimed);
    EXPECT_TRUE(claimed->front().last_resort);
    seen.insert(claimed->front().key_package);
  }
  EXPECT_EQ(seen.size(), 5U);
}

TEST_F(KeyPackages, of_those_who_claim_at_once_no_two_get_the_same) {
  std::vector<Bytes> given;
  TaskScope scope;
  for (int i = 0; i < 4; ++i) {
    scope.spawn([](KeyPackages& self, std::vector<Bytes>& out) -> Task<void> {
      const auto claimed = co_await self.w_.node->key_packages.claim(self.ann_.caller(), self.bob_.user);
      if (claimed) out.push_back(claimed->front().key_package);
    }(*this, given));
  }
  w_.scheduler.run_ready();
  EXPECT_EQ(given.size(), 4U);
  EXPECT_EQ(std::set<Bytes>(given.begin(), given.end()).size(), 4U);
}

TEST_F(KeyPackages, one_that_was_uploaded_before_is_refused_also_after_it_was_claimed) {
  const auto fresh = w_.key_package(bob_);
  EXPECT_EQ(w_.ok(w_.node->key_packages.upload(bob_.caller(), {{fresh}, {}})), 5U);
  auto before = w_.dump();
  EXPECT_EQ(w_.error(w_.node->key_packages.upload(bob_.caller(), {{fresh}, {}})), "key_package_known");
  EXPECT_EQ(w_.error(w_.node->key_packages.upload(bob_.caller(), {{w_.key_package(bob_), fresh}, {}})),
            "key_package_known");
  EXPECT_EQ(w_.dump(), before);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(claim(ann_, bob_));
  before = w_.dump();
  EXPECT_EQ(w_.error(w_.node->key_packages.upload(bob_.caller(), {{fresh}, {}})), "key_package_known");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(KeyPackages, what_others_could_not_use_is_refused) {
  const auto before = w_.dump();
  const auto upload = [&](Bytes message) {
    return w_.error(w_.node->key_packages.upload(bob_.caller(), {{std::move(message)}, {}}));
  };
  EXPECT_EQ(upload(w_.key_package(ann_)), "key_package_invalid");
  EXPECT_EQ(upload(w_.key_package(bob_, true)), "key_package_invalid");
  EXPECT_EQ(upload({}), "key_package_invalid");
  EXPECT_EQ(upload(Bytes(9000, 1)), "key_package_invalid");
  auto broken = w_.key_package(bob_);
  broken.back() ^= 1;
  EXPECT_EQ(upload(broken), "key_package_invalid");
  const auto late = w_.key_package(bob_);
  w_.scheduler.run_for(std::chrono::hours(24 * 91));
  EXPECT_EQ(upload(late), "key_package_invalid");
  EXPECT_EQ(w_.error(w_.node->key_packages.upload({bob_.user, ann_.device}, {})), "unauthenticated");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(KeyPackages, those_whose_time_is_over_are_not_given) {
  w_.scheduler.run_for(std::chrono::hours(24 * 91));
  EXPECT_EQ(claim(ann_, bob_).error().code, Errc::no_key_package);
}

TEST_F(KeyPackages, a_pool_of_which_the_time_is_over_is_empty_and_makes_room) {
  const auto fill = [&] {
    std::vector<Bytes> many;
    for (int i = 0; i < 100; ++i) many.push_back(w_.key_package(bob_));
    return w_.run(w_.node->key_packages.upload(bob_.caller(), {many, {}}));
  };
  ASSERT_TRUE(fill());
  w_.scheduler.run_for(std::chrono::hours(24 * 91));
  EXPECT_EQ(w_.ok(w_.node->key_packages.available(bob_.caller())), 0U);
  EXPECT_EQ(fill().value(), 100U);
  EXPECT_EQ(fill().value(), 200U);
  const auto rows = w_.ok(w_.store.rows(domain::account_partition(bob_.user), domain::RowKind::key_package,
                                        to_bytes(bob_.device.view()), {}, 1000));
  EXPECT_EQ(rows.size(), 200U) << "the old ones are gone";
}

// The backup does not know that one of them was given since, and its key is deleted by now.
TEST_F(KeyPackages, a_restored_store_gives_none_of_before_but_the_last_resort) {
  const auto backup = w_.engine.backup();
  ASSERT_TRUE(claim(ann_, bob_));
  HistoryId next;
  next.value.fill(9);
  w_.engine.restore(backup, next);
  w_.restart();
  EXPECT_EQ(w_.ok(w_.node->key_packages.available(bob_.caller())), 0U);
  EXPECT_TRUE(claim(ann_, bob_)->front().last_resort);
  const auto fresh = w_.key_package(bob_);
  EXPECT_EQ(w_.ok(w_.node->key_packages.upload(bob_.caller(), {{fresh}, {}})), 1U);
  EXPECT_EQ(claim(ann_, bob_)->front().key_package, fresh);
}

TEST_F(KeyPackages, a_new_last_resort_replaces_the_old_one) {
  const auto next = w_.key_package(bob_, true);
  EXPECT_EQ(w_.ok(w_.node->key_packages.upload(bob_.caller(), {{}, next})), 4U);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(claim(ann_, bob_));
  EXPECT_EQ(claim(ann_, bob_)->front().key_package, next);
}

TEST_F(KeyPackages, ones_own_device_is_left_out_and_unknown_people_are_not_found) {
  EXPECT_TRUE(claim(ann_, ann_)->empty());
  EXPECT_EQ(w_.error(w_.node->key_packages.claim(ann_.caller(), UserId{})), "not_found");
}

TEST_F(KeyPackages, claims_are_limited_by_target_and_by_claimer) {
  w_.limits.claims_per_target_hour = 2;
  w_.restart();
  ASSERT_TRUE(claim(ann_, bob_));
  ASSERT_TRUE(claim(ann_, bob_));
  const auto before = w_.dump();
  EXPECT_EQ(claim(ann_, bob_).error().code, Errc::rate_limited);
  EXPECT_GT(claim(ann_, bob_).error().retry_after_ms, 0U);
  EXPECT_EQ(w_.dump(), before);
  EXPECT_TRUE(claim(bob_, ann_));
}

TEST_F(KeyPackages, a_pool_has_an_end) {
  std::vector<Bytes> many;
  for (int i = 0; i < 101; ++i) many.push_back(w_.key_package(bob_));
  EXPECT_EQ(w_.error(w_.node->key_packages.upload(bob_.caller(), {many, {}})), "invalid_argument");
  many.pop_back();
  EXPECT_EQ(w_.error(w_.node->key_packages.upload(bob_.caller(), {many, {}})), "ok");
  for (auto& one : many) one = w_.key_package(bob_);
  EXPECT_EQ(w_.error(w_.node->key_packages.upload(bob_.caller(), {many, {}})), "invalid_argument");
}

// The device changes after an upload has looked and before it is written.
class LateUploads : public KeyPackages {
 public:
  std::string upload_while(const Person& device, Bytes package, const std::function<void()>& change) {
    w_.engine.delay = [this](std::string_view operation) {
      return std::chrono::milliseconds(operation == "commit" && !std::exchange(is_late_, true) ? 1 : 0);
    };
    std::optional<Result<std::uint32_t>> answer;
    TaskScope scope;
    scope.spawn([](KeyPackageService& packages, Caller by, KeyPackageService::Upload what,
                   std::optional<Result<std::uint32_t>>& out) -> Task<void> {
      out.emplace(co_await packages.upload(by, std::move(what)));
    }(w_.node->key_packages, device.caller(), {{std::move(package)}, {}}, answer));
    w_.scheduler.run_ready();
    EXPECT_FALSE(answer);
    change();
    w_.scheduler.run_for(std::chrono::milliseconds(1));
    return answer ? told(*answer) : "nothing";
  }

 private:
  bool is_late_ = false;
};

TEST_F(LateUploads, leave_nothing_of_a_device_that_went_meanwhile) {
  Person laptop = w_.another_device(bob_);
  w_.ok(w_.node->accounts.change_devices(bob_.caller(), w_.device_change(2, {&bob_, &laptop}, {&laptop})));
  const auto revoking = w_.device_change(3, {&bob_}, {});
  EXPECT_EQ(upload_while(laptop, w_.key_package(laptop),
                         [&] { w_.ok(w_.node->accounts.change_devices(bob_.caller(), revoking)); }),
            "unauthenticated: no such device");
  EXPECT_EQ(w_.ok(w_.node->key_packages.available(laptop.caller())), 0U);
}

TEST_F(LateUploads, are_tried_again_where_what_changed_has_nothing_to_do_with_them) {
  const auto rename = [&] { w_.ok(w_.node->accounts.rename_device(bob_.user, bob_.device, "another name")); };
  EXPECT_EQ(upload_while(bob_, w_.key_package(bob_), rename), "ok");
  EXPECT_EQ(w_.ok(w_.node->key_packages.available(bob_.caller())), 5U);
}

}  // namespace
}  // namespace kith::server::service::test
