// Random lives of groups: adds, removes, updates, returns from outside, lost races and crashes, in any order. Whatever
// happened, all members agree and can talk, and so does a server that follows along without a secret.
//
// KITH_SEEDS is how many lives (1000 by default), KITH_FIRST_SEED where they begin. A failure names its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "mls/test/people.h"

namespace kith::mls {
namespace {

using test::House;
using test::Person;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

class Life {
 public:
  explicit Life(std::uint64_t seed) : house_(crypto::Suite::find(seed % 8 == 0 ? 1 : 3).value(), seed), random_(seed) {
    house_.found(1 + below(8));
  }

  void step() {
    switch (below(8)) {
      case 0:
      case 1:
        return house_.people.size() < kMostPeople ? house_.add(anybody(), 1 + below(3)) : shrink();
      case 2:
        return house_.people.size() > 2 ? shrink() : house_.update(anybody());
      case 3:
        return house_.update(anybody());
      case 4:
        return return_from_outside();
      case 5:
        return race();
      case 6:
        return crash();
      default:
        return change_everything();
    }
  }

  void check() {
    for (const Person& p : house_.people) {
      ASSERT_EQ(p.group->epoch_authenticator(), house_.people[0].group->epoch_authenticator());
      ASSERT_EQ(p.group->public_group().context(), house_.server->context());
    }
    ASSERT_TRUE(house_.server->tree().verify(as_view("group"), house_.server->context().extensions));
    house_.disk->expect_holds(house_.server->tree());
    // One of them says something; several times, and it may arrive in another order.
    Person& by = house_.people[anybody()];
    std::vector<Bytes> sealed;
    for (std::uint64_t i = 0; i <= below(3); ++i) {
      sealed.push_back(by.group->protect(as_view("aad"), to_bytes(std::to_string(i)), house_.entropy).value());
    }
    std::shuffle(sealed.begin(), sealed.end(), random_);
    for (Person& p : house_.people) {
      if (&p == &by) continue;
      for (const Bytes& message : sealed) {
        const auto opened = p.group->unprotect(message);
        ASSERT_TRUE(opened) << opened.error().detail;
        ASSERT_FALSE(p.group->unprotect(message)) << "twice";
      }
    }
  }

 private:
  static constexpr std::size_t kMostPeople = 14;

  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }
  std::size_t anybody() { return below(house_.people.size()); }

  std::vector<LeafIndex> some_others(std::size_t by) {
    std::vector<LeafIndex> leaves;
    for (std::size_t i = 0; i < house_.people.size(); ++i) {
      if (i != by && below(3) == 0) leaves.push_back(house_.people[i].group->own_leaf());
    }
    return leaves;
  }
  void shrink() {
    const std::size_t by = anybody();
    house_.accept(by, house_.people[by].group->commit({.removes = some_others(by)}, house_.entropy).value());
  }
  // Removes, adds, new extensions and a new leaf of the committer's own, in one commit.
  void change_everything() {
    const std::size_t by = anybody();
    CommitOptions options{.removes = some_others(by)};
    Extensions extensions = house_.people[by].group->extensions();
    set_extension(extensions, profile::kPolicyExtension, to_bytes(std::to_string(below(1000))));
    options.extensions = extensions;
    options.new_leaf = house_.leaf(house_.people[by]);
    options.new_signature_key = house_.people[by].key = house_.suite.generate_signature_key(house_.entropy);
    house_.add(by, 1 + below(2), options);
  }
  PendingCommit from_outside(const Person& joiner, std::optional<LeafIndex> remove) {
    const auto info = decoded_message<GroupInfo>(house_.people[anybody()].group->group_info(true)).value();
    return Group::join_external(PublicGroup::open(info, std::nullopt).value(), info,
                                {.leaf = house_.leaf(joiner), .remove = remove}, joiner.key, house_.entropy)
        .value();
  }
  void return_from_outside() {
    const bool again = below(2) == 0 && house_.people.size() > 1;
    Person joiner = again ? house_.people.back() : house_.person("j" + std::to_string(++house_.born));
    auto pending = from_outside(joiner, again ? std::optional(joiner.group->own_leaf()) : std::nullopt);
    if (again) house_.people.pop_back();
    joiner.group.reset();
    house_.people.push_back(std::move(joiner));
    house_.accept(house_.people.size() - 1, std::move(pending));
  }
  // Two commit at once: the log takes one, the other is refused by everybody and made again.
  void race() {
    const std::size_t winner = anybody();
    const std::size_t loser = anybody();
    if (winner == loser) return house_.update(winner);
    auto first = house_.people[winner].group->commit({}, house_.entropy).value();
    const auto second = house_.people[loser].group->commit({}, house_.entropy).value();
    house_.accept(winner, std::move(first));
    for (const Person& p : house_.people) ASSERT_EQ(p.group->process(second.commit).error().code, Errc::wrong_epoch);
    house_.update(loser);
  }
  // Everybody starts again from what is stored; one of them with a commit under way, which the log has or has not.
  void crash() {
    const std::size_t by = anybody();
    auto pending = house_.people[by].group->commit({}, house_.entropy).value();
    const SecretBytes epoch = pending.next.epoch_record();
    const RatchetPieces ratchets = pending.next.ratchet_pieces();
    ASSERT_EQ(ratchets.size(), 1U);
    for (Person& p : house_.people) House::restart(p);
    if (below(2) == 0) return;
    pending.next = Group::restore(epoch, ratchets, house_.people[by].key).value();
    house_.accept(by, std::move(pending));
  }

  House house_;
  std::mt19937_64 random_;
};

TEST(RandomLives, of_groups_end_in_agreement) {
  const std::uint64_t first = number_from("KITH_FIRST_SEED", 1);
  const std::uint64_t count = number_from("KITH_SEEDS", 1000);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life(seed);
    for (int i = 0; i < 8; ++i) {
      life.step();
      life.check();
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
}

}  // namespace
}  // namespace kith::mls
