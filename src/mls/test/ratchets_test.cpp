// The ratchets on disk, piece by piece: what a restart finds is all that there was, and nothing that was used up.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "mls/test/people.h"
#include "tests/support/insider.h"

namespace kith::mls {
namespace {

using kith::test::ratchets_of;
using test::House;
using test::Person;
using test::SeededEntropy;

// The rows of one group, as a client keeps them.
class Disk {
 public:
  void write(const RatchetPieces& changes) {
    for (const RatchetPiece& change : changes) {
      if (change.bytes.empty()) {
        rows_.erase(change.node);
      } else {
        rows_[change.node] = change.bytes;
      }
    }
  }
  void move(const Group& old, Group& next) {
    for (const NodeIndex n : old.ratchet_places()) rows_.erase(n);
    EXPECT_TRUE(rows_.empty()) << "something of the old epoch is left";
    write(next.take_ratchet_changes());
  }
  [[nodiscard]] RatchetPieces pieces() const {
    RatchetPieces all;
    for (const auto& [node, bytes] : rows_) all.push_back({node, bytes});
    return all;
  }
  [[nodiscard]] bool holds(ByteView secret) const {
    return std::ranges::any_of(rows_,
                               [&](const auto& row) { return !std::ranges::search(row.second, secret).empty(); });
  }
  [[nodiscard]] bool is_empty() const { return rows_.empty(); }

 private:
  std::map<NodeIndex, SecretBytes> rows_;
};

Result<Group> restored(const Group& group, const RatchetPieces& pieces, const Person& person) {
  return Group::restore(group.epoch_record(), pieces, person.key);
}
bool is_refused(const Group& group, const RatchetPieces& pieces, const Person& person) {
  const auto result = restored(group, pieces, person);
  return !result && result.error().code == Errc::bad_record;
}

// Everybody twice: one that never stops, and its twin, which starts again from its disk after every step.
class TwinLife {
 public:
  explicit TwinLife(std::uint64_t seed) : house_(crypto::Suite::product(), seed), random_(seed) {
    house_.found(2 + below(9));
    for (const Person& p : house_.people) {
      twins_.push_back({*p.group, {}});
      twins_.back().disk.write(twins_.back().group.take_ratchet_changes());
    }
    letters_.resize(house_.people.size());
  }

  void step() {
    const std::size_t who = below(house_.people.size());
    switch (below(16)) {
      case 0:
        commit(who);
        break;
      case 1:
        propose(who);
        break;
      case 2:
      case 3:
      case 4:
        send(who);
        break;
      default:
        receive(who);
    }
    for (std::size_t i = 0; i < twins_.size(); ++i) restart(i);
  }

 private:
  struct Twin {
    Group group;
    Disk disk;
  };
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }
  Group& live(std::size_t i) { return *house_.people[i].group; }

  void restart(std::size_t i) {
    auto& [group, disk] = twins_[i];
    disk.write(group.take_ratchet_changes());
    ASSERT_EQ(encoded_secret(disk.pieces()), encoded_secret(live(i).ratchet_pieces()));
    auto again = restored(group, disk.pieces(), house_.people[i]);
    ASSERT_TRUE(again) << again.error().detail;
    group = *std::move(again);
  }
  // Several at once, of which some may never arrive.
  void send(std::size_t by) {
    for (std::uint64_t i = 0; i <= below(4); ++i) {
      const std::uint64_t seed = random_();
      SeededEntropy one(seed);
      SeededEntropy same(seed);
      const auto sealed = live(by).protect({}, to_bytes(std::to_string(seed)), one);
      ASSERT_EQ(twins_[by].group.protect({}, to_bytes(std::to_string(seed)), same).value(), sealed.value());
      for (std::size_t to = 0; to < letters_.size(); ++to) {
        if (to != by) letters_[to].push_back(*sealed);
      }
    }
  }
  // Any of those that were sent in this epoch, in any order, some of them again and again.
  void receive(std::size_t at) {
    if (letters_[at].empty()) return;
    const Bytes& letter = letters_[at][below(letters_[at].size())];
    const auto wanted = live(at).unprotect(letter);
    const auto opened = twins_[at].group.unprotect(letter);
    ASSERT_EQ(opened.has_value(), wanted.has_value());
    if (wanted) {
      ASSERT_EQ(opened->data, wanted->data);
    } else {
      ASSERT_EQ(opened.error().code, Errc::generation_used);
      ASSERT_EQ(wanted.error().code, Errc::generation_used);
    }
  }
  void propose(std::size_t by) {
    const std::uint64_t seed = random_();
    SeededEntropy one(seed);
    SeededEntropy same(seed);
    const Proposal proposal = GroupContextExtensions{live(by).extensions()};
    const auto sealed = live(by).propose(proposal, {.as_private_message = true}, one).value();
    ASSERT_EQ(twins_[by].group.propose(proposal, {.as_private_message = true}, same).value().message, sealed.message);
    for (std::size_t i = 0; i < twins_.size(); ++i) {
      if (i != by) ASSERT_TRUE(twins_[i].group.process_proposal(sealed.message));
    }
  }
  // Half of them is private: its author's ratchet moves once more before the epoch ends.
  void commit(std::size_t by) {
    auto pending =
        (below(2) == 0 ? live(by).commit({}, house_.entropy) : live(by).commit_privately({}, house_.entropy));
    ASSERT_TRUE(pending);
    // What is said at the last moment changes pieces that are never written.
    if (below(2) == 0) (void)twins_[by].group.protect({}, as_view("x"), house_.entropy).value();
    for (std::size_t i = 0; i < twins_.size(); ++i) {
      Group next = i == by ? pending->next : *live(i).process(pending->commit)->next;
      live(i) = next;
      twins_[i].disk.move(twins_[i].group, next);
      twins_[i].group = std::move(next);
      letters_[i].clear();
    }
  }

  House house_;
  std::mt19937_64 random_;
  std::vector<Twin> twins_;
  std::vector<std::vector<Bytes>> letters_;
};

TEST(Ratchets, of_a_group_that_starts_again_after_every_message_open_what_they_would_have_opened) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TwinLife life(seed);
    for (int i = 0; i < 40; ++i) {
      life.step();
      ASSERT_FALSE(testing::Test::HasFailure()) << "step " << i;
    }
  }
}

class RatchetsOnDisk : public testing::Test {
 protected:
  RatchetsOnDisk() {
    house.found(16);
    (void)reader().take_ratchet_changes();
  }
  Group& reader() { return *house.people[0].group; }
  Bytes say(std::size_t who) { return house.people[who].group->protect({}, as_view("x"), house.entropy).value(); }
  // What the reader writes when this member says something.
  RatchetPieces heard(std::size_t who) {
    EXPECT_TRUE(reader().unprotect(say(who)));
    return reader().take_ratchet_changes();
  }
  House house{crypto::Suite::product()};
};

TEST_F(RatchetsOnDisk, change_by_one_small_piece_a_message_and_on_a_leafs_first_by_those_beside_its_way) {
  EXPECT_EQ(reader().ratchet_pieces().size(), 1U) << "the root";
  EXPECT_EQ(heard(5).size(), 6U) << "the root is erased; the leaf, and what is beside each node of its way";
  EXPECT_EQ(heard(5).size(), 1U);
  EXPECT_EQ(heard(4).size(), 1U) << "it takes the place of its own node";
  EXPECT_EQ(heard(7).size(), 3U);
  for (std::size_t who = 1; who < 16; ++who) heard(who);
  EXPECT_EQ(reader().ratchet_pieces().size(), 16U);
  for (const RatchetPiece& piece : heard(9)) {
    EXPECT_EQ(piece.node, to_node({9}));
    EXPECT_LT(piece.bytes.size(), 120U);
  }
  EXPECT_TRUE(reader().take_ratchet_changes().empty());
  EXPECT_FALSE(reader().unprotect(Bytes{1, 2, 3}));
  EXPECT_TRUE(reader().take_ratchet_changes().empty()) << "what is refused changes nothing";
}

TEST_F(RatchetsOnDisk, hold_no_key_that_was_used_and_no_secret_that_leads_to_it) {
  Disk disk;
  disk.write(reader().ratchet_pieces());
  const SecretBytes root = to_secret(ByteView(reader().ratchet_pieces()[0].bytes).last(house.suite.hash_size()));
  ASSERT_TRUE(disk.holds(root));
  const SecretTree fresh = ratchets_of(reader());
  std::vector<MessageKey> keys;
  std::vector<Bytes> sealed;
  for (std::uint32_t i = 0; i < 4; ++i) {
    keys.push_back(fresh.peek({3}, RatchetKind::application, i).value());
    sealed.push_back(say(3));
  }
  std::vector<int> known = {0, 0, 0, 0};
  for (const std::size_t next : {std::size_t{2}, std::size_t{0}, std::size_t{3}, std::size_t{1}}) {
    ASSERT_TRUE(reader().unprotect(sealed[next]));
    disk.write(reader().take_ratchet_changes());
    EXPECT_FALSE(disk.holds(root));
    EXPECT_FALSE(disk.holds(keys[next].key) || disk.holds(keys[next].nonce)) << next;
    known[next] = -1;
    if (next == 2) known[0] = known[1] = 1;
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(disk.holds(keys[i].key), known[i] == 1) << i << " after " << next;
    // Nor can any of it be derived from what is there.
    const SecretTree left = ratchets_of(restored(reader(), disk.pieces(), house.people[0]).value());
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(left.peek({3}, RatchetKind::application, static_cast<std::uint32_t>(i)).has_value(), known[i] >= 0);
    }
  }
  Group& author = *house.people[3].group;
  Disk authors;
  authors.write(author.ratchet_pieces());
  for (const MessageKey& key : keys) EXPECT_FALSE(authors.holds(key.key)) << "nor at its author's";
}

TEST_F(RatchetsOnDisk, of_another_epoch_are_refused_each_and_all) {
  // Two commits that lead to the same number, and the epoch before.
  const Group before = reader();
  Group one = before.commit({}, house.entropy)->next;
  Group other = before.commit({}, house.entropy)->next;
  ASSERT_EQ(one.epoch(), other.epoch());
  const Person& person = house.people[0];
  for (const Group* wrong : {&before, static_cast<const Group*>(&other)}) {
    EXPECT_TRUE(is_refused(one, wrong->ratchet_pieces(), person));
  }
  for (Group* group : {&one, &other}) (void)group->protect({}, as_view("x"), house.entropy).value();
  const RatchetPieces good = one.ratchet_pieces();
  ASSERT_TRUE(restored(one, good, person));
  for (std::size_t i = 0; i < good.size(); ++i) {
    RatchetPieces mixed = good;
    mixed[i] = other.ratchet_pieces()[i];
    ASSERT_EQ(mixed[i].node, good[i].node);
    EXPECT_TRUE(is_refused(one, mixed, person)) << "a piece of the other at " << good[i].node.value;
  }
  RatchetPieces more = good;
  more.push_back(before.ratchet_pieces()[0]);
  EXPECT_TRUE(is_refused(one, more, person)) << "a piece that was to be erased";
}

TEST_F(RatchetsOnDisk, are_whole_or_refused) {
  const RatchetPieces fresh = reader().ratchet_pieces();
  heard(5);
  heard(6);
  const RatchetPieces good = reader().ratchet_pieces();
  const Person& person = house.people[0];
  EXPECT_TRUE(restored(reader(), RatchetPieces(good.rbegin(), good.rend()), person)) << "in any order";
  for (std::size_t i = 0; i < good.size(); ++i) {
    RatchetPieces changed = good;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_TRUE(is_refused(reader(), changed, person)) << "without " << i;
    changed.push_back({{good[i].node.value + 2}, good[i].bytes});
    EXPECT_TRUE(is_refused(reader(), changed, person)) << i << " somewhere else";
    changed = good;
    changed.push_back(good[i]);
    EXPECT_TRUE(is_refused(reader(), changed, person)) << i << " twice";
    changed = good;
    changed[i].bytes.push_back(0);
    EXPECT_TRUE(is_refused(reader(), changed, person)) << i << " with more behind it";
    for (std::size_t n = 0; n < good[i].bytes.size(); ++n) {
      changed[i].bytes = SecretBytes(good[i].bytes.begin(), good[i].bytes.begin() + static_cast<std::ptrdiff_t>(n));
      EXPECT_TRUE(is_refused(reader(), changed, person)) << i << " cut at " << n;
    }
  }
  RatchetPieces changed = good;
  changed.push_back(fresh[0]);
  EXPECT_TRUE(is_refused(reader(), changed, person)) << "the root was expanded, and is there again";
  changed = fresh;
  changed[0].bytes = std::ranges::find(good, to_node({5}), &RatchetPiece::node)->bytes;
  EXPECT_TRUE(is_refused(reader(), changed, person)) << "ratchets of the root";
  EXPECT_TRUE(is_refused(reader(), {}, person));
}

TEST_F(RatchetsOnDisk, keep_as_many_skipped_keys_as_allowed_in_one_piece_of_bounded_size) {
  std::vector<Bytes> sealed;
  for (std::uint32_t i = 0; i < kMaxGenerationSkip + 500; ++i) sealed.push_back(say(1));
  Disk disk;
  disk.write(reader().ratchet_pieces());
  // The second message leaves one key behind, the next 999 more, the last too many.
  for (const std::size_t next : {std::size_t{1}, std::size_t{1001}, sealed.size() - 1, std::size_t{1200}}) {
    ASSERT_TRUE(reader().unprotect(sealed[next])) << next;
    disk.write(reader().take_ratchet_changes());
    const auto all = disk.pieces();
    const auto piece = std::ranges::find(all, to_node({1}), &RatchetPiece::node);
    ASSERT_NE(piece, all.end());
    EXPECT_LT(piece->bytes.size(), kMaxGenerationSkip * 50 + 150);
    if (next == 1001) EXPECT_GT(piece->bytes.size(), kMaxGenerationSkip * 50);
    reader() = restored(reader(), all, house.people[0]).value();
    EXPECT_FALSE(reader().unprotect(sealed[next])) << "twice";
  }
  EXPECT_FALSE(reader().unprotect(sealed[2])) << "the oldest went first";
  EXPECT_TRUE(reader().unprotect(sealed[1000]));
  EXPECT_TRUE(reader().unprotect(sealed[sealed.size() - 2]));
}

}  // namespace
}  // namespace kith::mls
