// What the server takes for a mark of a broken leaf: every field of it, and of the key package beside it, made wrong by
// who would like to speak for another, or for a leaf that is no more.
#include <functional>

#include "server/domain/key_package.h"
#include "server/service/test/group_chat.h"

namespace kith::server::service::test {
namespace {

using BrokenMarks = GroupChat;

TEST_F(BrokenMarks, are_by_their_own_device_for_the_leaf_of_now) {
  const auto before = w_.dump();
  const auto attempt = [&](const std::function<void(Broken&)>& spoil, const Person& signer) {
    Broken spoiled = broken(cleo_);
    spoil(spoiled);
    spoiled.mark.sign(signer.leaf_key);
    return mark(spoiled);
  };
  const auto by_cleo = [&](const std::function<void(Broken&)>& spoil) { return attempt(spoil, cleo_); };
  EXPECT_EQ(by_cleo([](auto& b) { b.mark.group_id[0] ^= 1; }), "invalid_argument: mark: of another group");
  EXPECT_EQ(by_cleo([&](auto& b) { b.mark.user = ann_.user; }), "invalid_argument: mark: another device's");
  EXPECT_EQ(by_cleo([&](auto& b) { b.mark.device = ann_.device; }), "invalid_argument: mark: another device's");
  EXPECT_EQ(by_cleo([](auto& b) { b.mark.encryption_key[0] ^= 1; }), "invalid_argument: mark: of another leaf");
  EXPECT_EQ(by_cleo([](auto& b) { b.mark.replacement[0] ^= 1; }),
            "invalid_argument: key_package: not the one that the mark names");
  EXPECT_EQ(attempt([](auto&) {}, ann_), "invalid_argument: mark: not signed by the device");
  Broken unsigned_mark = broken(cleo_);
  unsigned_mark.mark.signature[0] ^= 1;
  EXPECT_EQ(mark(unsigned_mark), "invalid_argument: mark: not signed by the device");
  Broken anothers = broken(bob_);
  anothers.device = &bobs_second_;
  EXPECT_EQ(mark(anothers), "invalid_argument: mark: another device's");
  const auto package = broken(cleo_).key_package;
  EXPECT_EQ(told(w_.run(service().mark_broken(cleo_.caller(), {id(), as_view("no mark"), package}))),
            "invalid_argument: mark: cannot be read");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(BrokenMarks, come_with_key_packages_of_the_same_device_that_others_can_use) {
  const auto before = w_.dump();
  const auto attempt = [&](const Bytes& package) {
    Broken with = broken(cleo_);
    const auto decoded = mls::decoded_message<mls::KeyPackage>(package);
    if (decoded) with.mark.replacement = decoded->leaf.encryption_key;
    with.mark.sign(cleo_.leaf_key);
    with.key_package = package;
    return mark(with);
  };
  EXPECT_EQ(attempt(w_.key_package(ann_)), "invalid_argument: key_package: another device's leaf key");
  EXPECT_EQ(attempt(w_.key_package(cleo_, true)), "invalid_argument: key_package: marked as a last resort");
  Bytes spoiled = w_.key_package(cleo_);
  spoiled.back() ^= 1;
  EXPECT_EQ(attempt(spoiled), "invalid_argument: key_package: bad_signature");
  EXPECT_EQ(attempt(to_bytes("no package")).substr(0, 30), "invalid_argument: key_package:");
  EXPECT_EQ(attempt(Bytes(domain::kMaxKeyPackageBytes + 1)), "invalid_argument: key_package: too large");
  Person renamed = cleo_;
  renamed.credential = keys::DeviceCredential::make(cleo_.user, cleo_.device, cleo_.identity.public_key,
                                                    cleo_.certificate, *cleo_.generation, 2, cleo_.leaf_key.public_key)
                           .encode();
  EXPECT_EQ(attempt(w_.key_package(renamed)), "invalid_argument: key_package: another credential");
  EXPECT_EQ(w_.dump(), before);
  EXPECT_EQ(attempt(w_.key_package(cleo_)), "ok");
}

TEST_F(BrokenMarks, are_of_those_who_have_a_leaf_and_stay) {
  Broken cleos = broken(cleo_);
  const Broken bobs = broken(bob_);
  Person leafless = w_.another_device(cleo_);
  w_.ok(w_.node->accounts.change_devices(cleo_.caller(), w_.device_change(2, {&cleo_, &leafless}, {&leafless})));
  w_.ok(w_.node->accounts.change_devices(leafless.caller(), w_.device_change(3, {&leafless}, {})));
  w_.relayed();
  ASSERT_EQ(leave(bob_), "ok");
  w_.relayed();
  const auto before = w_.dump();
  EXPECT_EQ(mark(cleos), "not_member: ") << "her device was revoked";
  for (Person* stranger : {&dan_, &leafless}) {
    cleos.device = stranger;
    EXPECT_EQ(mark(cleos), "not_member: ");
  }
  EXPECT_EQ(mark(bobs), "not_member: ") << "he is leaving";
  const Bytes bytes = bobs.mark.encode();
  EXPECT_EQ(w_.error(service().mark_broken(ann_.caller(), {ConversationId{}, bytes, bobs.key_package})), "not_member");
  EXPECT_EQ(w_.dump(), before);
}

TEST_F(BrokenMarks, are_as_many_in_a_minute_as_commits) {
  w_.limits.commits_per_minute = 2;
  w_.restart();
  const Broken cleos = broken(cleo_);
  EXPECT_EQ(mark(cleos), "ok");
  EXPECT_EQ(mark(cleos), "ok");
  EXPECT_EQ(mark(cleos), "rate_limited: ");
}

}  // namespace
}  // namespace kith::server::service::test
