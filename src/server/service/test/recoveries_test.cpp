// Coming back into an account with its recovery key: what has to be proven, lost answers, lists that come first, and
// whose account a number is after somebody began anew with it.
#include <gmock/gmock.h>

#include "keys/handed_generation.h"
#include "server/service/test/world.h"

namespace kith::server::service::test {
namespace {

class Recoveries : public testing::Test {
 public:
  Recoveries() { w_.scheduler.run_for(std::chrono::hours(25)); }

  // Whoever has the number begins a registration.
  domain::RecoveryClaim proven(const std::string& phone) {
    const auto begun = w_.ok(w_.node->registrations.begin({.phone = phone, .region = {}, .email = {}}, "::1"));
    auto confirmed = w_.ok(w_.node->registrations.confirm(begun.registration, w_.sender.codes[phone], "::1"));
    account_ = confirmed.account;
    domain::RecoveryClaim claim;
    claim.registration = begun.registration;
    claim.proof = std::move(confirmed.proof);
    return claim;
  }
  // And signs for this device with this identity.
  static domain::RecoveryClaim signed_for(domain::RecoveryClaim claim, const Person& device, const UserId& user,
                                          const crypto::SignatureKeyPair& identity) {
    claim.device = device.device;
    claim.leaf_key = device.leaf_key.public_key;
    const auto signature = keys::RecoveryStatement{.registration = to_bytes(claim.registration.text()),
                                                   .user = user,
                                                   .device = claim.device,
                                                   .leaf_signature_key = claim.leaf_key}
                               .sign(identity);
    claim.signature = to_bytes(signature);
    return claim;
  }
  domain::RecoveryClaim claim(const Person& device) {
    last_claim_ = signed_for(proven("+4911"), device, ann_.user, ann_.identity);
    return last_claim_;
  }
  Task<Result<Grant>> add(const domain::RecoveryClaim& claim, const domain::DeviceChange& coming) {
    return w_.node->recoveries.add_device(claim, coming.added.at(0), coming.device_list, coming.next);
  }
  domain::DeviceChange comes(std::uint64_t version, const std::vector<const Person*>& listed, Person& device) {
    return w_.device_change(version, listed, {&device});
  }
  bool is_in(const Person& device, const Grant& grant) {
    const auto signature = w_.sign_refresh(device, grant.refresh_token);
    return w_.error(w_.node->accounts.refresh(device.caller(), grant.refresh_token,
                                              {signature.begin(), signature.end()})) == "ok";
  }

  World w_;
  Person ann_ = w_.register_person("+4911");
  Person bob_ = w_.register_person("+4922");
  std::optional<UserId> account_;
  domain::RecoveryClaim last_claim_;
};

TEST_F(Recoveries, the_right_code_tells_whose_account_the_address_has) {
  proven("+4911");
  EXPECT_EQ(account_, ann_.user);
  proven("+4933");
  EXPECT_EQ(account_, std::nullopt);
}

TEST_F(Recoveries, the_recovery_key_shows_the_account_and_lets_a_device_in) {
  Person tablet = w_.another_device(ann_);
  const auto claimed = claim(tablet);
  const auto shown = w_.ok(w_.node->recoveries.show(claimed));
  EXPECT_EQ(shown.profile.user, ann_.user);
  EXPECT_EQ(shown.profile.identity_key, ann_.identity.public_key);
  EXPECT_EQ(shown.sealed_generation, to_bytes("sealed for +4911"));
  EXPECT_EQ(keys::DeviceList::decode(shown.device_list)->version, 1U);

  const auto grant = w_.ok(add(claimed, comes(2, {&ann_, &tablet}, tablet)));
  EXPECT_EQ(grant.caller, tablet.caller());
  EXPECT_TRUE(is_in(tablet, grant));
  EXPECT_EQ(w_.ok(w_.node->accounts.devices(ann_.user)).devices.size(), 2U);
}

TEST_F(Recoveries, nobody_without_the_key_of_this_very_account_is_shown_anything) {
  Person tablet = w_.another_device(ann_);
  const auto good = claim(tablet);
  const auto before = w_.dump();
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  const auto not_shown = [&](const domain::RecoveryClaim& claim, const std::string& error) {
    EXPECT_EQ(w_.error(w_.node->recoveries.show(claim)), error);
  };
  const auto refused = [&](const domain::RecoveryClaim& claim, const std::string& error) {
    not_shown(claim, error);
    EXPECT_EQ(w_.error(add(claim, coming)), error);
    EXPECT_EQ(w_.dump(), before);
  };
  const auto with = [&](const std::function<void(domain::RecoveryClaim&)>& spoil) {
    auto claim = good;
    spoil(claim);
    return claim;
  };
  refused(signed_for(good, tablet, ann_.user, bob_.identity), "wrong_recovery_key");
  refused(signed_for(good, tablet, bob_.user, ann_.identity), "wrong_recovery_key");
  refused(with([](auto& c) { c.signature.clear(); }), "wrong_recovery_key");
  // Who comes in says it with all that it brings.
  not_shown(with([](auto& c) { c.leaf_key.back() ^= 1; }), "wrong_recovery_key");
  not_shown(with([](auto& c) { c.device.value[0] ^= 1; }), "wrong_recovery_key");
  refused(with([](auto& c) { c.proof[0] ^= 1; }), "unauthenticated");
  refused(with([](auto& c) { c.registration.value.back() ^= 1; }), "not_found");
  refused(with([](auto& c) { c.registration = {}; }), "not_found");
  w_.scheduler.run_for(domain::kProofLife);
  refused(good, "code_expired");
}

TEST_F(Recoveries, a_signature_for_one_registration_is_of_no_use_to_another) {
  Person tablet = w_.another_device(ann_);
  const auto first = claim(tablet);
  w_.scheduler.run_for(std::chrono::hours(25));
  auto second = proven("+4911");
  second.device = first.device;
  second.leaf_key = first.leaf_key;
  second.signature = first.signature;
  EXPECT_EQ(w_.error(w_.node->recoveries.show(second)), "wrong_recovery_key");
}

TEST_F(Recoveries, what_comes_with_a_good_key_has_to_hold_as_any_new_device) {
  Person tablet = w_.another_device(ann_);
  Person phone = w_.another_device(ann_);
  const auto claimed = claim(tablet);
  const auto good = comes(2, {&ann_, &tablet}, tablet);
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(add(claimed, comes(3, {&ann_, &tablet}, tablet))), "stale_device_list");
  EXPECT_EQ(w_.error(add(claimed, comes(2, {&tablet}, tablet))), "forged_certificate") << "it takes a device away";
  EXPECT_EQ(w_.error(add(claimed, comes(2, {&ann_, &phone}, phone))), "wrong_recovery_key") << "another device's claim";
  auto spoilt = good;
  spoilt.added[0].device.credential.back() ^= 1;
  EXPECT_EQ(w_.error(add(claimed, spoilt)), "forged_certificate");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(w_.error(add(claimed, good)), "ok");
}

TEST_F(Recoveries, a_lost_answer_is_asked_for_again_and_a_list_that_came_first_is_followed) {
  Person tablet = w_.another_device(ann_);
  Person laptop = w_.another_device(ann_);
  const auto claimed = claim(tablet);
  const auto late = comes(2, {&ann_, &tablet}, tablet);
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(2, {&ann_, &laptop}, {&laptop})));
  EXPECT_EQ(w_.error(add(claimed, late)), "stale_device_list");
  const auto coming = comes(3, {&ann_, &laptop, &tablet}, tablet);
  w_.ok(add(claimed, coming));
  EXPECT_TRUE(is_in(tablet, w_.ok(add(claimed, coming))));
  EXPECT_EQ(w_.ok(w_.node->accounts.devices(ann_.user)).devices.size(), 3U);
}

TEST_F(Recoveries, a_request_that_is_transmitted_twice_at_once_lets_the_device_in_by_both) {
  Person tablet = w_.another_device(ann_);
  const auto claimed = claim(tablet);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  w_.engine.delay = [](std::string_view) { return std::chrono::milliseconds(5); };
  std::optional<Result<Grant>> first, second;
  const auto keep = [](Task<Result<Grant>> task, std::optional<Result<Grant>>& out) -> Task<void> {
    out.emplace(co_await std::move(task));
  };
  TaskScope scope;
  scope.spawn(keep(add(claimed, coming), first));
  scope.spawn(keep(add(claimed, coming), second));
  w_.scheduler.run_for(std::chrono::seconds(1));
  w_.engine.delay = nullptr;
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(*first);
  ASSERT_TRUE(*second) << second->error().detail;
  EXPECT_TRUE(is_in(tablet, **second));
  EXPECT_EQ(w_.ok(w_.node->accounts.devices(ann_.user)).devices.size(), 2U);
}

// ---- and generations ----

TEST_F(Recoveries, the_newest_generation_is_shown_and_a_device_comes_in_under_no_other) {
  Person laptop = w_.another_device(ann_);
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(2, {&ann_, &laptop}, {&laptop})));
  Person early = w_.another_device(ann_);  // whose account was shown before
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(3, {&ann_}, {})));
  const auto shown = w_.ok(w_.node->recoveries.show(claim(early)));
  EXPECT_EQ(shown.sealed_generation, Bytes{1}) << "what came with the generation";
  EXPECT_EQ(keys::DeviceList::decode(shown.device_list)->generation, 1U);

  const auto before = w_.dump();
  auto late = comes(4, {&ann_, &early}, early);
  EXPECT_EQ(w_.error(add(last_claim_, late)), "forged_certificate") << "certified by the one before";
  auto list = World::list_of(4, {&ann_, &early});
  list.sign(*ann_.generation);
  late.device_list = list.encode();
  EXPECT_EQ(w_.error(add(last_claim_, late)), "forged_certificate") << "and listed by it";
  EXPECT_EQ(w_.dump(), before);

  w_.scheduler.run_for(std::chrono::hours(25));
  Person tablet = w_.another_device(ann_);
  const auto grant = w_.ok(add(claim(tablet), comes(4, {&ann_, &tablet}, tablet)));
  EXPECT_TRUE(is_in(tablet, grant));
  // Which then has its part in what begins next.
  w_.ok(w_.node->accounts.change_devices(tablet.caller(), w_.device_change(5, {&tablet}, {})));
  EXPECT_EQ(w_.present_generation(ann_), 2U);
  EXPECT_EQ(w_.error(w_.node->accounts.check_access(ann_.caller())), "unauthenticated") << "the lost one is out";
}

TEST_F(Recoveries, a_device_that_was_revoked_gets_nothing_by_what_it_came_with) {
  Person tablet = w_.another_device(ann_);
  const auto claimed = claim(tablet);
  const auto coming = comes(2, {&ann_, &tablet}, tablet);
  const auto grant = w_.ok(add(claimed, coming));
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(3, {&ann_}, {})));
  w_.relayed();
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(add(claimed, coming)), "stale_device_list") << "no lost answer any more";
  auto again = coming;
  again.device_list = comes(4, {&ann_, &tablet}, tablet).device_list;
  EXPECT_EQ(w_.error(add(claimed, again)), "forged_certificate") << "of the generation before";
  again.added[0].device.credential = w_.another_device(ann_).credential;
  EXPECT_EQ(w_.error(add(claimed, again)), "forged_certificate");
  EXPECT_FALSE(is_in(tablet, grant));
  EXPECT_EQ(w_.dump(), before);
}

// A thief with ann's tablet takes her other devices away and leaves something of no use for the recovery key.
class Stolen : public Recoveries {
 public:
  Stolen() {
    w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(2, {&ann_, &tablet_}, {&tablet_})));
    w_.ok(w_.node->accounts.change_devices(tablet_.caller(), w_.device_change(3, {&tablet_}, {})));
    w_.relayed();
  }
  // This device comes into ann's account, as its only one, under generation `number`, which `identity` signs.
  domain::DeviceChange takes_it_back(Person& device, std::uint64_t version, std::uint32_t number,
                                     const crypto::SignatureKeyPair& identity) {
    const auto next = keys::AccountGeneration::generate(number, w_.entropy);
    device.certificate = keys::GenerationCertificate::sign(ann_.user, next, identity);
    device.credential = keys::DeviceCredential::make(ann_.user, device.device, ann_.identity.public_key,
                                                     device.certificate, next, 3, device.leaf_key.public_key)
                            .encode();
    auto change = w_.begin_generation(version, {&device}, next, device.certificate);
    change.added.push_back({{device.device, "another", device.credential, device.leaf_key.public_key},
                            {w_.key_package(device)},
                            w_.key_package(device, true)});
    return change;
  }
  Person tablet_ = w_.another_device(ann_);
  Person phone_ = w_.another_device(ann_);
};

TEST_F(Stolen, what_the_identity_key_signed_is_shown_as_long_as_others_stand_on_it) {
  const auto shown = w_.ok(w_.node->recoveries.show(claim(phone_)));
  EXPECT_EQ(shown.sealed_generation, Bytes{1}) << "what the thief left";
  EXPECT_EQ(shown.sealed_root, to_bytes("sealed for +4911"));
  EXPECT_EQ(keys::GenerationCertificate::decode(shown.generation)->generation, 1U);
  w_.ok(w_.node->accounts.change_devices(
      tablet_.caller(),
      w_.begin_generation(4, {&tablet_}, World::generation_of(ann_, 2), World::certificate_of(ann_, 2))));
  EXPECT_EQ(w_.ok(w_.node->recoveries.show(last_claim_)).sealed_root, shown.sealed_root) << "however often";
}

TEST_F(Stolen, the_recovery_key_takes_the_account_back_with_a_generation_that_it_signs) {
  const auto heard = w_.listen(tablet_);
  const auto back = takes_it_back(phone_, 4, 500'000, ann_.identity);
  w_.ok(add(claim(phone_), back));
  w_.relayed();
  w_.scheduler.run_ready();
  EXPECT_TRUE(is_in(phone_, w_.ok(add(last_claim_, back)))) << "the first answer was lost";
  EXPECT_THAT(*heard, testing::Contains("logged out"));
  EXPECT_EQ(w_.error(w_.node->accounts.check_access(tablet_.caller())), "unauthenticated");
  const auto directory = w_.ok(w_.node->accounts.devices(ann_.user));
  ASSERT_EQ(directory.devices.size(), 1U);
  EXPECT_EQ(directory.devices[0].device, phone_.device);
  EXPECT_EQ(directory.generation, phone_.certificate.encode());
  const auto shown = w_.ok(w_.node->recoveries.show(last_claim_));
  EXPECT_EQ(shown.sealed_generation, back.next->sealed);
  EXPECT_TRUE(shown.sealed_root.empty());
}

TEST_F(Stolen, nothing_else_takes_devices_away_from_there) {
  const auto claimed = claim(phone_);
  const auto before = w_.dump();
  const auto good = takes_it_back(phone_, 4, 2, ann_.identity);
  EXPECT_EQ(w_.error(add(claimed, takes_it_back(phone_, 4, 2, bob_.identity))), "forged_certificate");
  EXPECT_EQ(w_.error(add(claimed, takes_it_back(phone_, 4, 1, ann_.identity))), "forged_certificate");
  EXPECT_EQ(w_.error(add(claimed, takes_it_back(phone_, 5, 2, ann_.identity))), "stale_device_list");
  auto handed = takes_it_back(phone_, 4, 2, ann_.identity);
  handed.next->handed.push_back({phone_.device, Bytes{1}});
  EXPECT_EQ(w_.error(add(claimed, handed)), "invalid_argument");
  auto unsigned_for = claimed;
  unsigned_for.signature.back() ^= 1;
  EXPECT_EQ(w_.error(add(unsigned_for, good)), "wrong_recovery_key");
  EXPECT_EQ(w_.dump(), before);
}

// Whose first device is revoked within the hour that its registration is good for.
TEST_F(Recoveries, an_account_is_not_created_again_for_a_device_that_was_revoked) {
  Person cleo = w_.new_person("+4933");
  const auto account = w_.account_of(cleo);
  w_.ok(w_.node->accounts.create(account));
  Person tablet = w_.another_device(cleo);
  w_.ok(w_.node->accounts.change_devices(cleo.caller(), w_.device_change(2, {&cleo, &tablet}, {&tablet})));
  w_.ok(w_.node->accounts.change_devices(tablet.caller(), w_.device_change(3, {&tablet}, {})));
  w_.relayed();
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(w_.node->accounts.create(account)), "unauthenticated");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Recoveries, who_begins_anew_is_another_user_and_the_old_key_leads_nowhere_from_this_address) {
  const auto anew = w_.register_person("+4911");
  EXPECT_NE(anew.user, ann_.user);
  EXPECT_EQ(w_.ok(w_.node->accounts.profile(ann_.user)).identity_key, ann_.identity.public_key);
  w_.scheduler.run_for(std::chrono::hours(25));
  Person tablet = w_.another_device(ann_);
  EXPECT_EQ(w_.error(w_.node->recoveries.show(claim(tablet))), "wrong_recovery_key");
  EXPECT_EQ(account_, anew.user);
}

TEST_F(Recoveries, asking_again_after_a_lost_answer_tells_whoever_was_not_told) {
  Person laptop = w_.another_device(ann_);
  w_.ok(w_.node->accounts.change_devices(ann_.caller(), w_.device_change(2, {&ann_, &laptop}, {&laptop})));
  w_.relayed();
  Person tablet = w_.another_device(ann_);
  tablet.credential =
      keys::DeviceCredential::make(ann_.user, tablet.device, ann_.identity.public_key, World::certificate_of(ann_, 1),
                                   World::generation_of(ann_, 1), 3, tablet.leaf_key.public_key)
          .encode();
  const auto coming = comes(3, {&tablet}, tablet);
  const auto claimed = claim(tablet);
  const auto hears = w_.listen(laptop);
  w_.engine.fail_after = [](std::string_view operation) { return operation == "commit"; };
  EXPECT_EQ(w_.error(add(claimed, coming)), "internal");
  w_.engine.fail_after = nullptr;
  w_.scheduler.run_ready();
  EXPECT_TRUE(hears->empty());
  EXPECT_TRUE(is_in(tablet, w_.ok(add(claimed, coming))));
  EXPECT_EQ(*hears, (std::vector<std::string>{"lost", "logged out"}));
}

}  // namespace
}  // namespace kith::server::service::test
