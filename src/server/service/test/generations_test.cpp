// The next generation of an account: what the server takes as one, who gets it, and what is left of who was revoked.
#include "server/service/test/direct_chat.h"

namespace kith::server::service::test {
namespace {

class Generations : public DirectChat {
 public:
  Generations() {
    w_.ok(accounts().change_devices(ann_.caller(),
                                    w_.device_change(2, {&ann_, &tablet_, &laptop_}, {&tablet_, &laptop_})));
  }
  AccountService& accounts() { return w_.node->accounts; }
  std::string attempt(const domain::DeviceChange& change) {
    return w_.error(accounts().change_devices(ann_.caller(), change));
  }
  std::uint32_t generation() { return w_.present_generation(ann_); }
  std::string stored_for_the_recovery_key() {
    const auto row =
        w_.ok(w_.store.row(domain::account_partition(ann_.user), {domain::RowKind::sealed_generation, {}}));
    return row ? to_hex(row->value) : "nothing";
  }
  std::vector<std::string> mail_of(const Person& device) {
    std::vector<std::string> mails;
    const auto read = w_.ok(service().read_mailbox(device.caller(), {}, 1 << 20));
    for (const auto& mail : read.mails) {
      const bool is_generation = mail.kind == domain::MailKind::generation && mail.conversation == ConversationId{} &&
                                 mail.sender == ann_.user;
      mails.push_back((is_generation ? "generation " : "other ") + to_hex(mail.payload));
    }
    return mails;
  }
  // Without the laptop.
  domain::DeviceChange revoking() { return w_.device_change(3, {&ann_, &tablet_}, {}); }
  // The same devices under a generation of the test's own making.
  domain::DeviceChange under(const keys::AccountGeneration& generation,
                             const keys::GenerationCertificate& certificate) {
    return w_.begin_generation(3, {&ann_, &tablet_, &laptop_}, generation, certificate);
  }
  // That goes to nobody and is the recovery key's.
  domain::DeviceChange under_identity(std::uint32_t number) {
    const auto next = keys::AccountGeneration::generate(number, w_.entropy);
    return under(next, keys::GenerationCertificate::sign(ann_.user, next, ann_.identity));
  }

  Person tablet_ = w_.another_device(ann_);
  Person laptop_ = w_.another_device(ann_);
};

TEST_F(Generations, one_that_revokes_a_device_lies_in_the_mailboxes_of_the_others_and_for_the_recovery_key) {
  const auto hears = w_.listen(tablet_);
  ASSERT_EQ(attempt(revoking()), "ok");
  w_.relayed();
  w_.scheduler.run_ready();
  EXPECT_EQ(generation(), 1U);
  EXPECT_EQ(mail_of(tablet_), std::vector{"generation " + to_hex(tablet_.device.view())});
  EXPECT_TRUE(mail_of(ann_).empty()) << "who began it has it";
  EXPECT_TRUE(mail_of(laptop_).empty());
  EXPECT_EQ(stored_for_the_recovery_key(), "01");
  EXPECT_EQ(*hears, std::vector<std::string>{"mail 1"});
  EXPECT_EQ(w_.error(accounts().check_access(laptop_.caller())), "unauthenticated");
  EXPECT_EQ(w_.error(accounts().refresh(laptop_.caller(), {}, {})), "device_removed") << "it learns why";
}

TEST_F(Generations, who_looks_while_one_begins_is_shown_a_list_and_what_signed_it) {
  w_.engine.delay = [](std::string_view) { return std::chrono::milliseconds(5); };
  int shown = 0;
  const auto look = [](AccountService& accounts, UserId user, int& count) -> Task<void> {
    const auto directory = co_await accounts.devices(user);
    if (!directory) co_return;
    const auto certificate = keys::GenerationCertificate::decode(directory->generation);
    const auto list = keys::DeviceList::decode(directory->device_list);
    EXPECT_TRUE(certificate && list && list->verify(*certificate).has_value()) << count;
    ++count;
  };
  TaskScope scope;
  scope.spawn([](Task<Result<void>> task) -> Task<void> {
    EXPECT_TRUE((co_await std::move(task)).has_value());
  }(accounts().change_devices(ann_.caller(), revoking())));
  for (int i = 0; i < 100; ++i) {
    scope.spawn(look(accounts(), ann_.user, shown));
    w_.scheduler.run_for(std::chrono::milliseconds(1));
  }
  w_.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(shown, 100);
  EXPECT_EQ(generation(), 1U);
}

TEST_F(Generations, a_device_goes_only_with_one) {
  keys::DeviceList list = World::list_of(3, {&ann_, &tablet_});
  list.sign(*ann_.generation);
  const auto before = w_.dump();
  EXPECT_EQ(attempt({.device_list = list.encode(), .added = {}}), "generation_needed");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Generations, one_may_begin_though_all_devices_stay_and_ends_what_the_identity_key_signed_before) {
  const auto next = under(World::generation_of(ann_, 1), World::certificate_of(ann_, 1));
  ASSERT_EQ(attempt(next), "ok");
  EXPECT_EQ(attempt(next), "ok") << "a lost answer";
  EXPECT_EQ(mail_of(laptop_).size(), 1U);
  EXPECT_EQ(generation(), 1U);
  auto signed_by_identity = under_identity(2);
  EXPECT_EQ(attempt(signed_by_identity), "stale_device_list");
  auto list = keys::DeviceList::decode(signed_by_identity.device_list).value();
  ++list.version;
  const auto second = keys::AccountGeneration::generate(2, w_.entropy);
  signed_by_identity = w_.begin_generation(4, {&ann_, &tablet_, &laptop_}, second,
                                           keys::GenerationCertificate::sign(ann_.user, second, ann_.identity));
  EXPECT_EQ(attempt(signed_by_identity), "ok");
  EXPECT_EQ(generation(), 2U);
}

// This server was restored from a backup of before the first of the two.
TEST_F(Generations, one_may_begin_behind_others_that_were_forgotten) {
  ASSERT_EQ(attempt(under(World::generation_of(ann_, 2), World::certificate_of(ann_, 2))), "ok");
  EXPECT_EQ(generation(), 2U);
  EXPECT_EQ(mail_of(tablet_).size(), 1U);
}

TEST_F(Generations, one_that_does_not_hold_is_refused_by_name_and_changes_nothing) {
  struct Case {
    std::string name, error;
    std::function<void(domain::DeviceChange&)> change;
  };
  const auto beside = keys::AccountGeneration::generate(1, w_.entropy);
  const auto of_nobody = keys::AccountGeneration::generate(0, w_.entropy);
  const auto unsigned_one =
      keys::GenerationCertificate::sign(ann_.user, of_nobody, bob_.identity).next(beside, of_nobody).value();
  const auto handed_to = [](domain::DeviceChange& c) -> auto& { return c.next->handed; };
  const std::vector<Case> cases{
      {"no certificate", "forged_certificate", [](auto& c) { c.next->certificate.clear(); }},
      {"a changed certificate", "forged_certificate", [](auto& c) { c.next->certificate.back() ^= 1; }},
      {"bob's", "forged_certificate",
       [&](auto& c) {
         c.next->certificate = keys::GenerationCertificate::sign(bob_.user, beside, bob_.identity).encode();
       }},
      {"of no identity", "forged_certificate", [&](auto& c) { c.next->certificate = unsigned_one.encode(); }},
      {"the present one again", "forged_certificate",
       [&](auto& c) { c.next->certificate = ann_.certificate.encode(); }},
      {"behind one beside the present one", "forged_certificate",
       [&](auto& c) {
         const auto later = keys::AccountGeneration::generate(2, w_.entropy);
         const auto first = keys::GenerationCertificate::sign(ann_.user, of_nobody, ann_.identity);
         c = under(later, first.next(beside, of_nobody).value().next(later, beside).value());
       }},
      {"signed by the identity key, and not after the present one", "forged_certificate",
       [&](auto& c) { c = under_identity(0); }},
      {"a list that the present one signed", "forged_certificate",
       [&](auto& c) {
         auto list = keys::DeviceList::decode(c.device_list).value();
         list.sign(*ann_.generation);
         c.device_list = list.encode();
       }},
      {"nothing for the recovery key", "invalid_argument", [](auto& c) { c.next->sealed.clear(); }},
      {"too much for it", "invalid_argument",
       [](auto& c) { c.next->sealed.resize(domain::kMaxSealedGenerationBytes + 1); }},
      {"handed to nobody", "invalid_argument", [&](auto& c) { handed_to(c).clear(); }},
      {"handed to the one that goes", "invalid_argument",
       [&](auto& c) { handed_to(c).push_back({laptop_.device, Bytes{1}}); }},
      {"handed to itself", "invalid_argument", [&](auto& c) { handed_to(c).push_back({ann_.device, Bytes{1}}); }},
      {"handed twice", "invalid_argument", [&](auto& c) { handed_to(c).push_back(handed_to(c).front()); }},
      {"an empty one", "invalid_argument", [&](auto& c) { handed_to(c).front().sealed.clear(); }},
      {"too large", "invalid_argument",
       [&](auto& c) { handed_to(c).front().sealed.resize(domain::kMaxSealedGenerationBytes + 1); }},
      {"without who begins it", "invalid_argument",
       [&](auto& c) {
         c = w_.begin_generation(3, {&tablet_}, World::generation_of(ann_, 1), World::certificate_of(ann_, 1));
       }},
  };
  const auto before = w_.dump();
  for (const Case& one : cases) {
    auto change = revoking();
    one.change(change);
    EXPECT_EQ(attempt(change), one.error) << one.name;
    EXPECT_EQ(w_.dump(), before) << one.name;
  }
  EXPECT_EQ(attempt(revoking()), "ok");
}

// What it kept: tokens, the secret of the generation, its leaf's key.
TEST_F(Generations, a_revoked_device_certifies_and_signs_nothing_that_the_server_takes) {
  const auto group = w_.start_direct(ann_, bob_);
  Person accomplice = w_.another_device(laptop_);  // under the generation that is about to end
  ASSERT_EQ(attempt(revoking()), "ok");
  w_.relayed();
  const auto before = w_.dump();
  keys::DeviceList list = World::list_of(4, {&laptop_, &accomplice});
  list.sign(*laptop_.generation);
  domain::DeviceChange change{.device_list = list.encode(), .added = {}};
  change.added.push_back({{accomplice.device, "mine", accomplice.credential, accomplice.leaf_key.public_key},
                          {},
                          w_.key_package(accomplice, true)});
  EXPECT_EQ(w_.error(accounts().change_devices(laptop_.caller(), change)), "forged_certificate");
  // It begins a generation of its own beside the account's.
  const auto own = keys::AccountGeneration::generate(1, w_.entropy);
  change = w_.begin_generation(4, {&laptop_}, own, ann_.certificate.next(own, *ann_.generation).value());
  EXPECT_EQ(w_.error(accounts().change_devices(laptop_.caller(), change)), "forged_certificate");
  const auto second = keys::AccountGeneration::generate(2, w_.entropy);
  const auto chain = ann_.certificate.next(own, *ann_.generation).value().next(second, own).value();
  change = w_.begin_generation(4, {&laptop_}, second, chain);
  EXPECT_EQ(w_.error(accounts().change_devices(laptop_.caller(), change)), "forged_certificate")
      << "it does not follow the present one";
  for (const Person* thief : {&laptop_, &accomplice}) {
    EXPECT_EQ(outcome(*thief, external_commit(*thief, bob_)),
              "invalid_commit: payload: a change of devices without a list that says so");
  }
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Generations, key_packages_of_the_one_before_stay_good_and_those_of_the_next_are_taken) {
  ASSERT_EQ(attempt(revoking()), "ok");
  w_.relayed();
  const auto beginning = w_.begin_direct(bob_, ann_);
  EXPECT_EQ(beginning.welcomes.size(), 2U) << "the phone and the tablet, by what they left there before";
  w_.ok(w_.node->conversations.create_direct(bob_.caller(), beginning.request(ann_.user)));
  Person renewed = tablet_;
  renewed.credential =
      keys::DeviceCredential::make(ann_.user, tablet_.device, ann_.identity.public_key, World::certificate_of(ann_, 1),
                                   World::generation_of(ann_, 1), 3, tablet_.leaf_key.public_key)
          .encode();
  const auto upload = [&](Person& device) {
    return w_.error(w_.node->key_packages.upload(tablet_.caller(), {{w_.key_package(device)}, std::nullopt}));
  };
  EXPECT_EQ(upload(renewed), "ok");
  renewed.credential = ann_.credential;
  EXPECT_EQ(upload(renewed), "key_package_invalid") << "another device's";
}

}  // namespace
}  // namespace kith::server::service::test
