// What messages and commits write of a group's ratchets, and that nothing of an epoch that is over stays on disk.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "client/core/test/people.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

struct Talk : Acquainted {
  using Acquainted::Acquainted;
  std::uint64_t epoch() { return conversation().epoch.value; }
};

// e, t, r, p or q: which row of a group a key names; 0: another one.
char part_of(const Bytes& key, const ConversationId& conversation) {
  const Bytes prefix = row_key::group(conversation);
  const bool is_of_group = key.size() > prefix.size() && std::ranges::equal(prefix, ByteView(key).first(prefix.size()));
  return is_of_group ? static_cast<char>(key[prefix.size()]) : '\0';
}

bool is_exactly_what_is_stored(const Client& client, const ConversationId& id) {
  const mls::Group group = stored_group(client, id);
  return mls::encoded_secret(group.ratchet_pieces()) == mls::encoded_secret(stored_ratchets(client, id));
}

TEST(RatchetRows, of_a_message_are_one_and_small_whether_it_was_sent_or_received) {
  Talk t;
  int batches = 0;
  t.world.on_written = [&](Client&, const Batch& batch) {
    std::size_t messages = 0;
    std::size_t pieces = 0;
    for (const Write& write : batch.writes) {
      if (write.key[0] == 'm') ++messages;
      const char part = part_of(write.key, t.id());
      if (part == 'r') {
        ++pieces;
        ASSERT_TRUE(write.value);
        EXPECT_LT(write.value->size(), 120U);
      }
      EXPECT_TRUE(part == 0 || part == 'r' || part == 'q') << "a message changed more of its group: " << part;
      if (write.value) EXPECT_LT(write.value->size(), 1'000U);
    }
    EXPECT_LE(pieces, 1U);
    EXPECT_LE(batch.writes.size(), 2 * messages + 3) << "each message, what waited to be sent, the chat, its ratchet";
    if (pieces > 0) ++batches;
  };
  for (int i = 0; i < 20; ++i) {
    write(t.world, t.alice, t.bob_id, {"a" + std::to_string(i)});
    write(t.world, t.bob, t.alice_id, {"b" + std::to_string(i)});
    t.world.run_for(100);
  }
  EXPECT_EQ(t.alice.new_messages, 21);
  EXPECT_EQ(batches, 80) << "every message was sent by one and received by the other";
  for (const Client* client : {&t.alice, &t.bob}) {
    EXPECT_EQ(stored_ratchets(*client, t.id()).size(), 2U) << "one for each leaf, whatever was said";
    EXPECT_TRUE(is_exactly_what_is_stored(*client, t.id()));
  }
}

TEST(RatchetRows, of_an_epoch_that_is_over_are_gone_and_the_new_one_has_one) {
  Talk t;
  mls::RatchetPieces old = stored_ratchets(t.alice, t.id());
  std::ranges::copy(stored_ratchets(t.bob, t.id()), std::back_inserter(old));
  ASSERT_EQ(old.size(), 4U);
  t.alice.stop();
  t.bob.stop();
  t.world.run_for(8 * kDayMs);
  t.alice.start();
  t.bob.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.epoch() == 3; }));
  t.world.run_for(1'000);
  for (const Client* client : {&t.alice, &t.bob}) {
    EXPECT_EQ(stored_ratchets(*client, t.id()).size(), 1U);
    EXPECT_TRUE(is_exactly_what_is_stored(*client, t.id()));
    for (const auto& [key, value] : client->rows) {
      // The last secret of every piece; its generation and no skipped key follow.
      for (const mls::RatchetPiece& piece : old)
        EXPECT_TRUE(std::ranges::search(value, ByteView(piece.bytes).last(32 + 4 + 1).first(32)).empty());
    }
  }
  write(t.world, t.alice, t.bob_id, {"third"});
  write(t.world, t.bob, t.alice_id, {"fourth"});
  expect_same_chat(t.world, t.alice, t.bob, 4);
  EXPECT_TRUE(is_exactly_what_is_stored(t.alice, t.id()));
  EXPECT_THAT(t.world.said, IsEmpty());
}

// Whichever row is gone, the device comes back from outside, and of the group that was there nothing is left.
TEST(RatchetRows, of_a_group_that_cannot_be_read_are_erased_with_it) {
  std::vector<Bytes> lost;
  {
    const Talk t;
    for (const auto& [key, value] : t.bob.rows) {
      const char part = key[0] == 'g' ? static_cast<char>(key[row_key::group({}).size()]) : '\0';
      if (part == 'e' || part == 'r') lost.push_back(key);
    }
  }
  ASSERT_EQ(lost.size(), 3U);
  for (const Bytes& key : lost) {
    SCOPED_TRACE(to_hex(key));
    Talk t;
    t.bob.stop();
    ASSERT_EQ(t.bob.rows.erase(key), 1U);
    write(t.world, t.alice, t.bob_id, {"third"});
    bool is_erased = false;
    t.world.on_written = [&](Client& client, const Batch& batch) {
      if (&client != &t.bob || is_erased) return;
      const auto is_end = [&](const Write& w) { return w.key == row_key::group_epoch(t.id()) && !w.value; };
      is_erased = std::ranges::any_of(batch.writes, is_end);
      if (is_erased) EXPECT_THAT(stored_ratchets(t.bob, t.id()), IsEmpty());
    };
    t.bob.start();
    ASSERT_TRUE(t.world.run_until([&] { return t.bob.new_messages == 1; })) << "sent again by its author";
    EXPECT_TRUE(is_erased);
    EXPECT_EQ(t.bob.warnings["rejoining"], 1);
    t.world.run_for(10'000);
    EXPECT_TRUE(is_exactly_what_is_stored(t.bob, t.id()));
    EXPECT_THAT(texts_with(t.world, t.bob, t.alice_id), ElementsAre("first", "second", "third"));
  }
}

TEST(RatchetRows, of_a_group_that_is_given_up_are_erased_at_once) {
  Talk t;
  // What Bob missed is in the log no more.
  t.bob.stop();
  const Seq head = t.conversation().log.back().seq.next();
  write(t.world, t.alice, t.bob_id, {"third"});
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().log.back().seq == head; }));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto* entries = std::get_if<wire::Entries>(&frame.body);
    if (&client != &t.bob || entries == nullptr || entries->entries.empty()) return true;
    if (entries->entries.front().seq > head) return true;
    wire::Error error;
    error.code = wire::ErrorCode::trimmed;
    frame.body = error;
    return true;
  };
  std::size_t without = 0;
  t.world.on_written = [&](Client& client, const Batch&) {
    if (&client != &t.bob || t.bob.rows.contains(row_key::group_epoch(t.id()))) return;
    ++without;
    EXPECT_THAT(stored_ratchets(t.bob, t.id()), IsEmpty());
  };
  t.bob.start();
  ASSERT_TRUE(t.world.run_until([&] { return t.bob.new_messages == 1; }));
  EXPECT_GT(without, 0U);
  EXPECT_TRUE(is_exactly_what_is_stored(t.bob, t.id()));
}

}  // namespace
}  // namespace kith::client::test
