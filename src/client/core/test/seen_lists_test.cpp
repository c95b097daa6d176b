// Of what servers and members show of a user's devices, what is older than the newest, or stands beside it, is refused.
#include "client/core/seen_lists.h"

#include <gtest/gtest.h>

#include "keys/recovery_key.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client {
namespace {

struct Person {
  kith::test::SeededEntropy entropy{5};
  UserId user{{1}};
  crypto::SignatureKeyPair identity = keys::RecoveryKey::generate(entropy).identity_key();
  // Generation 0, two that were begun on it without the recovery key, one behind the first, and one that ends them all.
  keys::AccountGeneration g0 = keys::AccountGeneration::generate(0, entropy);
  keys::AccountGeneration g1 = keys::AccountGeneration::generate(1, entropy);
  keys::AccountGeneration beside1 = keys::AccountGeneration::generate(1, entropy);
  keys::AccountGeneration g2 = keys::AccountGeneration::generate(2, entropy);
  keys::AccountGeneration g3 = keys::AccountGeneration::generate(3, entropy);
  keys::GenerationCertificate c0 = keys::GenerationCertificate::sign(user, g0, identity);
  keys::GenerationCertificate c1 = c0.next(g1, g0).value();
  keys::GenerationCertificate c_beside = c0.next(beside1, g0).value();
  keys::GenerationCertificate c2 = c1.next(g2, g1).value();
  keys::GenerationCertificate c3 = keys::GenerationCertificate::sign(user, g3, identity);

  std::optional<keys::GenerationCertificate> newest{};
  ListAge list{};
  ListSeen see(const keys::GenerationCertificate& certificate, std::uint64_t version) {
    keys::FollowedList followed{certificate, {}};
    followed.list.user = user;
    followed.list.version = version;
    followed.list.generation = certificate.generation;
    return take_news(newest, list, followed);
  }
};

TEST(SeenLists, of_one_generation_go_by_their_version) {
  Person p;
  EXPECT_EQ(p.see(p.c0, 5), ListSeen::news);
  EXPECT_EQ(p.see(p.c0, 5), ListSeen::known);
  EXPECT_EQ(p.see(p.c0, 4), ListSeen::refused);
  EXPECT_EQ(p.see(p.c0, 6), ListSeen::news);
  EXPECT_EQ(p.list, (ListAge{0, 6}));
}

TEST(SeenLists, of_an_ended_generation_are_refused_whatever_their_version) {
  Person p;
  EXPECT_EQ(p.see(p.c0, 5), ListSeen::news);
  EXPECT_EQ(p.see(p.c2, 6), ListSeen::news);
  EXPECT_EQ(p.see(p.c0, 99), ListSeen::refused);
  EXPECT_EQ(p.see(p.c1, 99), ListSeen::refused);
  EXPECT_EQ(p.see(p.c3, 2), ListSeen::news) << "what the identity signed later counts";
  EXPECT_EQ(p.see(p.c2, 99), ListSeen::refused);
}

TEST(SeenLists, of_a_generation_beside_the_newest_are_refused) {
  Person p;
  EXPECT_EQ(p.see(p.c1, 6), ListSeen::news);
  EXPECT_EQ(p.see(p.c_beside, 99), ListSeen::refused);
  EXPECT_EQ(p.newest, p.c1);
  EXPECT_EQ(p.list, (ListAge{1, 6}));
  EXPECT_EQ(p.see(p.c3, 7), ListSeen::news);
}

TEST(SeenLists, leaves_may_show_a_generation_before_any_list_of_it) {
  Person p;
  EXPECT_EQ(p.see(p.c0, 5), ListSeen::news);
  EXPECT_TRUE(take_news(p.newest, p.c1));
  EXPECT_FALSE(take_news(p.newest, p.c1));
  EXPECT_FALSE(take_news(p.newest, p.c0)) << "a leaf that lags behind is no news";
  EXPECT_FALSE(take_news(p.newest, p.c_beside));
  EXPECT_EQ(p.see(p.c0, 6), ListSeen::refused);
  EXPECT_EQ(p.see(p.c1, 6), ListSeen::news);
  EXPECT_EQ(p.see(p.c1, 5), ListSeen::refused);
}

}  // namespace
}  // namespace kith::client
