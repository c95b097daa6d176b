// A new device comes into an account that another device is in already; and whoever else would like to.
#include "server/service/test/link_stage.h"

namespace kith::server::service::test {
namespace {

class Links : public testing::Test, public LinkStage {};

TEST_F(Links, a_new_device_comes_into_the_account_and_its_chats_hear_of_it) {
  const auto group = w_.start_direct(ann_, bob_);
  const auto bob_hears = w_.listen(bob_);
  const auto begun = *links().begin({.phone = "+4911", .region = {}, .email = {}}, "::1");
  EXPECT_EQ(begun.address, "+4911");
  EXPECT_EQ(begun.expires, w_.scheduler.now() + std::chrono::minutes(10));
  EXPECT_EQ(offer(), "ok");
  EXPECT_EQ(poll(), "waiting");
  const auto claimed = w_.ok(links().claim(ann_.caller(), kName));
  EXPECT_EQ(claimed.offer, kOffer);
  EXPECT_EQ(claimed.expires, begun.expires);
  EXPECT_EQ(poll(), "claimed");
  EXPECT_EQ(finish(ann_), "ok");
  const auto progress = w_.ok(links().poll(kName, token()));
  EXPECT_EQ(progress.state, LinkService::State::finished);
  EXPECT_EQ(progress.user, ann_.user);
  EXPECT_EQ(progress.sealed, kSealed);
  EXPECT_EQ(progress.device_list, w_.ok(w_.node->accounts.devices(ann_.user)).device_list);

  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  const auto grant = w_.ok(add(coming));
  EXPECT_EQ(grant.caller, tablet.caller());
  EXPECT_TRUE(is_in(tablet, grant));
  EXPECT_EQ(w_.ok(w_.node->accounts.devices(ann_.user)).device_list, coming.device_list);
  EXPECT_EQ(w_.ok(w_.node->key_packages.claim(bob_.caller(), ann_.user)).size(), 2U);
  w_.relayed();
  w_.scheduler.run_ready();
  EXPECT_EQ(*bob_hears, std::vector<std::string>{"changes"});
  const auto id = keys::direct_conversation(ann_.user, bob_.user);
  const auto grounds = w_.ok(w_.node->conversations.changes(bob_.caller(), id)).grounds;
  ASSERT_EQ(grounds.lists.size(), 1U);
  EXPECT_EQ(grounds.lists[0].list.encode(), coming.device_list);
}

TEST_F(Links, beginning_one_looks_nothing_up_and_stores_nothing) {
  const auto before = w_.dump();
  std::size_t steps = 0;
  w_.engine.fail_before = [&](std::string_view) { return ++steps > 0; };
  const auto known = links().begin({.phone = "+4911", .region = {}, .email = {}}, "::1");
  const auto unknown = links().begin({.phone = "+4999", .region = {}, .email = {}}, "::1");
  ASSERT_TRUE(known && unknown);
  EXPECT_EQ(known->expires, unknown->expires);
  EXPECT_EQ(links().begin({.phone = {}, .region = {}, .email = "Ann@Example.org"}, "::1")->address, "ann@example.org");
  EXPECT_EQ(links().begin({.phone = "?", .region = {}, .email = {}}, "::1").error().code, Errc::invalid_argument);
  EXPECT_EQ(links().begin({}, "::1").error().code, Errc::invalid_argument);
  EXPECT_EQ(steps, 0U) << "the store was asked";
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Links, what_cannot_be_offered_is_refused_and_changes_nothing) {
  const auto before = w_.dump();
  const auto attempt = [&](const std::function<void(LinkService::Offered&)>& spoil) {
    auto offer = offered();
    spoil(offer);
    return told(w_.run(links().offer(kName, offer, "::1")));
  };
  const auto now = w_.scheduler.now();
  EXPECT_EQ(attempt([](auto& o) { o.token.pop_back(); }), "invalid_argument: token: 32 bytes");
  EXPECT_EQ(attempt([](auto& o) { o.token.clear(); }), "invalid_argument: token: 32 bytes");
  EXPECT_EQ(attempt([](auto& o) { o.offer.clear(); }), "invalid_argument: offer: 1 to 512 bytes");
  EXPECT_EQ(attempt([](auto& o) { o.offer.resize(513); }), "invalid_argument: offer: 1 to 512 bytes");
  const std::string in_time = "invalid_argument: expires_at_ms: within the next ten minutes";
  EXPECT_EQ(attempt([&](auto& o) { o.expires = now; }), in_time);
  EXPECT_EQ(attempt([&](auto& o) { o.expires = {-1}; }), in_time);
  EXPECT_EQ(attempt([&](auto& o) { o.expires = {INT64_MAX}; }), in_time);
  EXPECT_EQ(attempt([&](auto& o) { o.expires = now + std::chrono::minutes(12); }), in_time);
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt([](auto& o) { o.offer.resize(512); }), "ok");
}

TEST_F(Links, offering_again_is_answered_as_the_first_time_and_nobody_else_takes_the_name) {
  EXPECT_EQ(offer(), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(offer(), "ok");
  EXPECT_EQ(offer(kName, 2), "link_known");
  auto other = offered();
  other.offer.push_back(0);
  EXPECT_EQ(w_.error(links().offer(kName, other, "::1")), "link_known");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(claim(ann_), "ok");
  EXPECT_EQ(offer(), "ok") << "a lost answer, though it was claimed meanwhile";
  EXPECT_EQ(poll(), "claimed");
}

TEST_F(Links, the_first_claim_binds_a_link_to_one_device_of_one_account) {
  EXPECT_EQ(claim(ann_), "not_found");
  offer();
  EXPECT_EQ(claim(ann_), "ok");
  const auto before = w_.dump();
  EXPECT_EQ(claim(ann_), "ok");
  EXPECT_EQ(claim(bob_), "link_foreign");
  EXPECT_EQ(claim(anns_laptop_), "link_used");
  EXPECT_EQ(finish(bob_), "link_used");
  EXPECT_EQ(finish(anns_laptop_), "link_used");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(finish(ann_), "ok");
  EXPECT_EQ(claim(ann_), "ok");
  EXPECT_EQ(claim(anns_laptop_), "link_used");
}

TEST_F(Links, whoever_saw_the_code_and_has_another_account_is_not_bound_to_it) {
  offer();
  const auto before = w_.dump();
  EXPECT_EQ(claim(bob_), "link_foreign");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(claim(ann_), "ok");
}

TEST_F(Links, of_two_who_claim_at_once_one_is_first) {
  offer();
  std::optional<Result<LinkService::Claimed>> ann;
  std::optional<Result<LinkService::Claimed>> laptop;
  const auto claims = [this](const Person& by, std::optional<Result<LinkService::Claimed>>& to) -> Task<void> {
    to = co_await links().claim(by.caller(), kName);
  };
  TaskScope both;
  both.spawn(claims(ann_, ann));
  both.spawn(claims(anns_laptop_, laptop));
  w_.scheduler.run_for(std::chrono::seconds(1));
  ASSERT_TRUE(ann && laptop);
  EXPECT_NE(ann->has_value(), laptop->has_value());
  EXPECT_EQ((*ann ? *laptop : *ann).error().code, Errc::link_used);
}

TEST_F(Links, a_link_is_finished_once_by_whoever_claimed_it) {
  EXPECT_EQ(finish(ann_), "not_found");
  offer();
  const auto before = w_.dump();
  EXPECT_EQ(finish(ann_), "not_found") << "nobody has claimed it";
  EXPECT_EQ(w_.dump(), before);
  claim(ann_);
  const auto claimed = w_.dump();
  EXPECT_EQ(w_.error(links().finish(ann_.caller(), kName, {})), "invalid_argument");
  EXPECT_EQ(w_.error(links().finish(ann_.caller(), kName, Bytes(163841, 1))), "invalid_argument");
  EXPECT_EQ(w_.dump(), claimed);
  EXPECT_EQ(finish(ann_), "ok");
  const auto finished = w_.dump();
  EXPECT_EQ(finish(ann_), "ok");
  EXPECT_EQ(w_.error(links().finish(ann_.caller(), kName, Bytes{9})), "ok") << "after a crash it is sealed anew";
  EXPECT_EQ(finish(bob_), "link_used");
  EXPECT_EQ(w_.dump(), finished);
}

TEST_F(Links, without_its_token_a_link_is_as_good_as_none) {
  make_finished();
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  const auto before = w_.dump();
  const auto unknown = told(w_.run(links().poll(kOther, token())));
  EXPECT_EQ(unknown, "not_found: there is no such link");
  for (const auto& wrong : {token(2), SecretBytes(), SecretBytes(31, 1)}) {
    EXPECT_EQ(told(w_.run(links().poll(kName, wrong))), unknown);
    EXPECT_EQ(told(w_.run(links().add_device(kName, wrong, coming.added[0], coming.device_list))), unknown);
  }
  EXPECT_EQ(told(w_.run(links().claim(bob_.caller(), kOther))), unknown);
  EXPECT_EQ(told(w_.run(links().finish(bob_.caller(), kOther, kSealed))), unknown);
  EXPECT_EQ(w_.dump(), before);
  w_.scheduler.run_for(std::chrono::minutes(10));
  EXPECT_EQ(told(w_.run(links().poll(kName, token()))), unknown) << "one that has expired";
  EXPECT_EQ(told(w_.run(links().poll(kName, token(2)))), unknown);
}

TEST_F(Links, a_link_ends_after_ten_minutes_wherever_it_is) {
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  const auto minutes = [&](int count) { w_.scheduler.run_for(std::chrono::minutes(count)); };
  offer();
  minutes(10);
  EXPECT_EQ(claim(ann_), "not_found");
  EXPECT_EQ(poll(), "not_found");
  offer();
  claim(ann_);
  minutes(10);
  EXPECT_EQ(claim(ann_), "not_found");
  EXPECT_EQ(finish(ann_), "not_found");
  EXPECT_EQ(poll(), "not_found");
  make_finished();
  minutes(10);
  EXPECT_EQ(finish(ann_), "not_found");
  EXPECT_EQ(poll(), "not_found");
  EXPECT_EQ(w_.error(add(coming)), "not_found");
  EXPECT_EQ(w_.ok(w_.node->accounts.devices(ann_.user)).devices.size(), 1U);
  make_finished();
  EXPECT_EQ(w_.error(add(coming)), "ok") << "the name is free again";
}

TEST_F(Links, whoever_claimed_it_and_was_revoked_brings_nobody_in) {
  add_laptop();
  make_finished();
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(4, {&anns_laptop_, &tablet}, tablet);
  w_.ok(w_.node->accounts.change_devices(anns_laptop_.caller(), w_.device_change(3, {&anns_laptop_}, {})));
  const auto before = w_.dump();
  EXPECT_EQ(poll(), "not_found");
  EXPECT_EQ(claim(ann_), "not_found");
  EXPECT_EQ(claim(anns_laptop_), "not_found");
  EXPECT_EQ(finish(ann_), "not_found");
  EXPECT_EQ(w_.error(add(coming)), "not_found");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(w_.ok(w_.node->accounts.devices(ann_.user)).devices.size(), 1U);
}

TEST_F(Links, every_step_survives_a_restart_of_the_server) {
  offer();
  w_.restart();
  EXPECT_EQ(poll(), "waiting");
  EXPECT_EQ(claim(ann_), "ok");
  w_.restart();
  EXPECT_EQ(claim(anns_laptop_), "link_used");
  EXPECT_EQ(finish(ann_), "ok");
  w_.restart();
  EXPECT_EQ(poll(), "finished");
  Person tablet = w_.another_device(ann_);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  w_.ok(add(coming));
  w_.restart();
  EXPECT_TRUE(is_in(tablet, w_.ok(add(coming))));
}

TEST_F(Links, asking_is_limited_for_each_address_and_claiming_for_each_account) {
  const auto count = [](const std::function<std::string(int)>& ask) {
    int answered = 0;
    for (int i = 0; i < 100; ++i) answered += ask(i) == "rate_limited" ? 0 : 1;
    return answered;
  };
  const auto begin = [&](const std::string& source) {
    const auto begun = links().begin({.phone = "+4911", .region = {}, .email = {}}, source);
    return begun ? "ok" : std::string(domain::name_of(begun.error().code));
  };
  EXPECT_EQ(count([&](int) { return begin("::1"); }), 60);
  EXPECT_EQ(begin("::2"), "ok");
  const auto offer_one = [&](int i, const std::string& source) {
    domain::LinkName name = kName;
    name.value[15] = static_cast<std::uint8_t>(i);
    return w_.error(links().offer(name, offered(), source));
  };
  EXPECT_EQ(count([&](int i) { return offer_one(i, "::1"); }), 60);
  EXPECT_EQ(offer_one(200, "::2"), "ok");
  EXPECT_EQ(count([&](int) { return claim(ann_, kOther); }), 10);
  EXPECT_EQ(claim(bob_, kOther), "not_found");
  w_.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_EQ(claim(ann_, kOther), "not_found");
}

TEST_F(Links, old_ones_are_swept_away_by_those_that_follow) {
  const auto stored = [&] {
    return w_.ok(w_.store.rows(domain::link_partition(kName), domain::RowKind::link, {}, {}, 1000)).size();
  };
  for (int i = 0; i < 300; ++i) {
    domain::LinkName name;
    w_.entropy.fill(name.value);
    name.value[0] = kName.value[0];
    ASSERT_EQ(offer(name), "ok");
    w_.scheduler.run_for(std::chrono::minutes(11));
  }
  EXPECT_LE(stored(), 16U);
  // What is not over stays.
  offer();
  for (int i = 0; i < 40; ++i) {
    domain::LinkName name;
    w_.entropy.fill(name.value);
    name.value[0] = kName.value[0];
    ASSERT_EQ(offer(name), "ok");
  }
  EXPECT_EQ(poll(), "waiting");
  EXPECT_GE(stored(), 41U);
}

}  // namespace
}  // namespace kith::server::service::test
