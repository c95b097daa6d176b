#include "server/service/test/world.h"

#include <functional>

namespace kith::server::service::test {
namespace {

class Accounts : public testing::Test {
 public:
  Result<Grant> refresh(const Person& p, const SecretBytes& token) {
    const auto signature = w_.sign_refresh(p, token);
    return w_.run(w_.node->accounts.refresh(p.caller(), token, {signature.begin(), signature.end()}));
  }
  World w_;
};

TEST_F(Accounts, a_new_account_is_found_by_its_address_and_shows_its_devices) {
  const auto ann = w_.register_person("+4911");
  const auto bob = w_.register_person("+4922");
  const auto found = w_.ok(w_.node->accounts.find(bob.caller(), {.phone = "+4911", .region = {}, .email = {}}));
  EXPECT_EQ(found.profile.user, ann.user);
  EXPECT_EQ(found.profile.name, "Person at +4911");
  EXPECT_EQ(found.profile.identity_key, ann.identity.public_key);
  EXPECT_EQ(found.address, "+4911");
  const auto devices = w_.ok(w_.node->accounts.devices(ann.user));
  ASSERT_EQ(devices.devices.size(), 1U);
  EXPECT_EQ(devices.devices[0].device, ann.device);
  EXPECT_EQ(devices.devices[0].credential, ann.credential);
  EXPECT_EQ(w_.error(w_.node->accounts.find(bob.caller(), {.phone = "+4933", .region = {}, .email = {}})), "not_found");
  EXPECT_EQ(w_.error(w_.node->accounts.profile(UserId{})), "not_found");
  EXPECT_EQ(w_.error(w_.node->accounts.devices(UserId{})), "not_found");
}

TEST_F(Accounts, user_ids_are_uuids_of_version_7) {
  const auto ann = w_.register_person("+4911");
  EXPECT_EQ(ann.user.value[6] >> 4, 7);
  EXPECT_EQ(ann.user.value[8] >> 6, 2);
}

TEST_F(Accounts, whatever_is_forged_is_refused_and_changes_nothing) {
  struct Forgery {
    const char* what;
    std::function<void(World&, Person&, domain::NewAccount&)> forge;
  };
  const auto flip = [](Bytes& bytes, std::size_t from_end) { bytes[bytes.size() - 1 - from_end] ^= 1; };
  const Forgery forgeries[] = {
      {"identity key", [&](auto&, auto&, auto& a) { flip(a.identity_key, 3); }},
      {"generation signature", [&](auto&, auto&, auto& a) { flip(a.generation, 3); }},
      {"credential signature", [&](auto&, auto&, auto& a) { flip(a.device.credential, 3); }},
      {"leaf key", [&](auto&, auto&, auto& a) { flip(a.device.leaf_key, 3); }},
      {"list signature", [&](auto&, auto&, auto& a) { flip(a.device_list, 3); }},
      {"another device id", [&](auto&, auto&, auto& a) { a.device.device.value[0] ^= 1; }},
      {"another person's certificate",
       [](World&, Person& p, domain::NewAccount& a) {
         UserId other = p.user;
         other.value[15] ^= 1;
         a.generation = keys::GenerationCertificate::sign(other, *p.generation, p.identity).encode();
       }},
      {"no generation", [](auto&, auto&, auto& a) { a.generation.clear(); }},
      {"no list", [](auto&, auto&, auto& a) { a.device_list.clear(); }},
      {"a list with a stranger's device",
       [](World&, Person& p, domain::NewAccount& a) {
         auto list = *keys::DeviceList::decode(a.device_list);
         DeviceId stranger;
         stranger.value[0] = 1;
         list.devices.push_back({stranger, p.leaf_key.public_key});
         list.sign(*p.generation);
         a.device_list = list.encode();
       }},
  };
  int n = 0;
  for (const auto& forgery : forgeries) {
    SCOPED_TRACE(forgery.what);
    Person person = w_.new_person("+49" + std::to_string(1000 + n++));
    auto account = w_.account_of(person);
    forgery.forge(w_, person, account);
    const auto before = w_.dump();
    EXPECT_EQ(w_.error(w_.node->accounts.create(std::move(account))), "forged_certificate");
    EXPECT_EQ(w_.dump(), before);
  }
}

TEST_F(Accounts, a_name_or_a_key_package_that_cannot_be_is_refused_and_changes_nothing) {
  Person person = w_.new_person("+4911");
  const auto good = w_.account_of(person);
  const auto before = w_.dump();
  const auto attempt = [&](const std::function<void(domain::NewAccount&)>& spoil) {
    auto account = good;
    spoil(account);
    return w_.error(w_.node->accounts.create(std::move(account)));
  };
  EXPECT_EQ(attempt([](auto& a) { a.name.clear(); }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.name = std::string(129, 'a'); }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.name = "\xff\xfe"; }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.name = "line\nbreak"; }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.identity_key.pop_back(); }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.sealed_generation.clear(); }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.sealed_generation.resize(4097); }), "invalid_argument");
  EXPECT_EQ(attempt([](auto& a) { a.key_packages[1] = a.key_packages[0]; }), "key_package_known");
  EXPECT_EQ(attempt([](auto& a) { a.key_packages[0][40] ^= 1; }), "key_package_invalid");
  EXPECT_EQ(attempt([](auto& a) { a.last_resort = a.key_packages[0]; }), "key_package_invalid");
  EXPECT_EQ(attempt([](auto& a) { a.proof[0] ^= 1; }), "unauthenticated");
  EXPECT_EQ(attempt([](auto& a) { a.registration = {}; }), "not_found");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt([](auto&) {}), "ok");
}

TEST_F(Accounts, creating_again_after_a_lost_answer_gives_a_new_grant_and_nobody_else_gets_one) {
  Person person = w_.new_person("+4911");
  const auto account = w_.account_of(person);
  w_.ok(w_.node->accounts.create(account));
  auto grant = w_.ok(w_.node->accounts.create(account));
  EXPECT_TRUE(refresh(person, grant.refresh_token));

  Person thief = w_.new_person("+4911");
  thief.user = person.user;
  auto stolen = account;
  stolen.identity_key = thief.identity.public_key;
  const auto certificate = keys::GenerationCertificate::sign(person.user, *thief.generation, thief.identity);
  stolen.generation = certificate.encode();
  stolen.device = {thief.device, "thief", {}, thief.leaf_key.public_key};
  stolen.device.credential = keys::DeviceCredential::make(person.user, thief.device, thief.identity.public_key,
                                                          certificate, *thief.generation, 3, thief.leaf_key.public_key)
                                 .encode();
  keys::DeviceList list;
  list.user = person.user;
  list.version = 1;
  list.devices = {{thief.device, thief.leaf_key.public_key}};
  list.sign(*thief.generation);
  stolen.device_list = list.encode();
  thief.credential = stolen.device.credential;
  stolen.key_packages.clear();
  stolen.last_resort = w_.key_package(thief, true);
  const auto before = w_.dump();
  EXPECT_EQ(w_.error(w_.node->accounts.create(stolen)), "unauthenticated");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Accounts, a_number_that_is_registered_again_belongs_to_the_new_account) {
  const auto ann = w_.register_person("+4911");
  w_.scheduler.run_for(std::chrono::hours(25));
  const auto next = w_.register_person("+4911");
  EXPECT_NE(ann.user, next.user);
  const auto found = w_.ok(w_.node->accounts.find(ann.caller(), {.phone = "+4911", .region = {}, .email = {}}));
  EXPECT_EQ(found.profile.user, next.user);
}

TEST_F(Accounts, a_refresh_token_gives_a_successor_and_stays_good_until_that_is_used) {
  const auto ann = w_.register_person("+4911");
  const auto first = refresh(ann, ann.refresh_token);
  const auto again = refresh(ann, ann.refresh_token);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->refresh_token, again->refresh_token);
  EXPECT_EQ(first->expires_in, std::chrono::minutes(15));
  ASSERT_TRUE(refresh(ann, first->refresh_token));
  EXPECT_EQ(w_.error(w_.node->accounts.check_access(ann.caller())), "ok");
}

TEST_F(Accounts, a_refresh_token_that_comes_back_after_its_successor_was_used_logs_the_device_out) {
  const auto ann = w_.register_person("+4911");
  const auto heard = w_.listen(ann);
  const auto second = refresh(ann, ann.refresh_token);
  const auto third = refresh(ann, second->refresh_token);
  EXPECT_EQ(refresh(ann, ann.refresh_token).error().code, Errc::refresh_reused);
  w_.scheduler.run_ready();
  EXPECT_EQ(*heard, std::vector<std::string>{"logged out"});
  const auto before = w_.dump();
  EXPECT_EQ(refresh(ann, third->refresh_token).error().code, Errc::unauthenticated);
  EXPECT_EQ(w_.error(w_.node->accounts.check_access(ann.caller())), "unauthenticated");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Accounts, a_token_that_was_never_given_or_is_not_signed_by_the_device_changes_nothing) {
  const auto ann = w_.register_person("+4911");
  const auto bob = w_.register_person("+4922");
  const auto before = w_.dump();
  EXPECT_EQ(refresh(ann, SecretBytes(32, 1)).error().code, Errc::refresh_unknown);
  EXPECT_EQ(refresh(ann, bob.refresh_token).error().code, Errc::refresh_unknown);
  const auto by_bob = w_.sign_refresh(bob, ann.refresh_token);
  EXPECT_EQ(w_.error(w_.node->accounts.refresh(ann.caller(), ann.refresh_token, {by_bob.begin(), by_bob.end()})),
            "unauthenticated");
  EXPECT_EQ(w_.error(w_.node->accounts.refresh(ann.caller(), ann.refresh_token, {})), "unauthenticated");
  EXPECT_EQ(w_.error(w_.node->accounts.refresh({ann.user, bob.device}, ann.refresh_token, {})), "unauthenticated");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(Accounts, names_change_and_are_sealed_in_the_store) {
  const auto ann = w_.register_person("+4911");
  EXPECT_EQ(w_.ok(w_.node->accounts.set_name(ann.caller(), "Ann Example")).name, "Ann Example");
  EXPECT_EQ(w_.ok(w_.node->accounts.profile(ann.user)).name, "Ann Example");
  EXPECT_EQ(w_.dump().find(to_hex(as_view("Ann Example"))), std::string::npos);
  EXPECT_EQ(w_.error(w_.node->accounts.set_name(ann.caller(), "")), "invalid_argument");
}

TEST_F(Accounts, looking_for_people_is_limited) {
  const auto ann = w_.register_person("+4911");
  int answered = 0;
  for (int i = 0; i < 700; ++i) {
    const auto found = w_.run(
        w_.node->accounts.find(ann.caller(), {.phone = "+49" + std::to_string(10000 + i), .region = {}, .email = {}}));
    if (found.error().code == Errc::not_found) ++answered;
  }
  EXPECT_EQ(answered, 600);
}

}  // namespace
}  // namespace kith::server::service::test
