// Servers that shorten, swap, repeat or make up blocks of an archive are named, and nothing of theirs is shown; one
// that was restored is told again what it lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "client/core/test/archived.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// An archive of several blocks, whose tablet is about to read it.
struct Blocks : Archived {
  Blocks() : Archived(1, 1) {
    for (const std::string text : {"two", "three", "four"}) {
      write(world, bob, alice_id, {text});
      settle(world);
    }
    EXPECT_GE(blocks().size(), 4U);
    world.to_client = [&](Client& client, wire::Frame& frame) {
      auto* answer = std::get_if<wire::ArchiveBlocks>(&frame.body);
      if (answer != nullptr && &client == &tablet && lie) lie(*answer);
      return true;
    };
  }
  std::vector<ModelServer::Archive::Block>& blocks() { return archive_of(world, alice).blocks; }
  // Links the tablet and lets it read what it can.
  void read() {
    link(world, alice, tablet, kAlicePhone);
    world.run_for(20'000);
  }
  void expect_named(const char* warning) { EXPECT_GT(tablet.warnings[warning], 0); }
  void expect_nothing_shown() {
    const auto texts = texts_with(world, tablet, bob_id);
    for (const char* text : {"first", "second", "bob 0", "two", "three", "four"})
      EXPECT_THAT(texts, ::testing::Not(Contains(text)));
  }
  std::function<void(wire::ArchiveBlocks&)> lie;
};

TEST(HostileArchive, one_that_is_shorter_than_the_linking_device_said_is_named) {
  Blocks t;
  const std::string code = code_on(t.world, t.tablet, kAlicePhone);
  EXPECT_EQ((*t.alice.ask({{"type", "link_device"}, {"code", code}}))["type"], "done");
  t.blocks().pop_back();
  t.world.run_for(20'000);
  EXPECT_EQ(t.tablet.account["stage"], "ready");
  t.expect_named("archive_truncated");
}

TEST(HostileArchive, one_that_shrinks_is_named_by_a_device_that_knew_more) {
  Blocks t;
  t.blocks().pop_back();
  t.alice.crash();
  ASSERT_TRUE(t.world.run_until([&] { return t.alice.warnings["archive_truncated"] > 0; }));
  // Nothing is written on top of it.
  const std::size_t size = t.blocks().size();
  write(t.world, t.bob, t.alice_id, {"later"});
  settle(t.world);
  EXPECT_EQ(t.blocks().size(), size);
}

TEST(HostileArchive, blocks_in_another_order_are_refused) {
  Blocks t;
  t.lie = [](wire::ArchiveBlocks& answer) {
    if (answer.blocks.size() >= 2) std::swap(answer.blocks[0].payload, answer.blocks[1].payload);
  };
  t.read();
  t.expect_named("archive_forged");
  t.expect_nothing_shown();
}

TEST(HostileArchive, a_block_in_the_place_of_another_is_refused) {
  Blocks t;
  t.lie = [](wire::ArchiveBlocks& answer) {
    if (answer.blocks.size() >= 2) answer.blocks[0].payload = answer.blocks[1].payload;
  };
  t.read();
  t.expect_named("archive_forged");
  t.expect_nothing_shown();
}

TEST(HostileArchive, a_block_that_nobody_sealed_is_refused) {
  Blocks t;
  Bytes made_up;
  t.lie = [&](wire::ArchiveBlocks& answer) {
    if (answer.blocks.empty()) return;
    made_up = to_bytes(answer.blocks[0].payload);
    if (!made_up.empty()) made_up.back() ^= 1;
    answer.blocks[0].payload = made_up;
  };
  t.read();
  t.expect_named("archive_forged");
  t.expect_nothing_shown();
}

TEST(HostileArchive, another_accounts_blocks_are_refused) {
  Blocks t;
  const auto bobs = archive_of(t.world, t.bob).blocks;
  ASSERT_FALSE(bobs.empty());
  t.lie = [&](wire::ArchiveBlocks& answer) {
    if (!answer.blocks.empty()) answer.blocks[0].payload = bobs.back().payload;
  };
  t.read();
  t.expect_named("archive_forged");
}

TEST(HostileArchive, a_block_that_is_said_to_be_erased_takes_nothing_of_the_others_away) {
  Blocks t;
  auto& block = t.blocks()[1];
  block.erased = wire::Hash{crypto::sha256(block.payload)};
  block.payload.clear();
  t.read();
  ASSERT_TRUE(await_history(t.world, t.tablet));
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id), Contains("four"));
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id), Contains("first"));
  EXPECT_EQ(t.tablet.warnings["archive_forged"], 0);
}

TEST(HostileArchive, an_erased_block_with_another_hash_is_refused) {
  Blocks t;
  auto& block = t.blocks()[1];
  block.erased = wire::Hash{{9}};
  block.payload.clear();
  t.read();
  t.expect_named("archive_forged");
}

TEST(HostileArchive, hints_out_of_place_are_harmless) {
  Blocks t;
  t.read();
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.lie = nullptr;
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (auto* hint = std::get_if<wire::ArchiveHint>(&frame.body); hint != nullptr && &client == &t.tablet)
      hint->block.payload = t.blocks()[0].payload;
    return true;
  };
  write(t.world, t.bob, t.alice_id, {"five"});
  settle(t.world);
  t.expect_same_history();
  EXPECT_EQ(texts_in(t.world, t.alice).size(), 7U);
}

TEST(HostileArchive, a_server_that_was_restored_is_told_again_what_it_lost) {
  Blocks t;
  t.blocks().resize(2);
  t.world.server.history = HistoryId{{2}};
  t.alice.crash();
  t.bob.crash();
  settle(t.world);
  EXPECT_EQ(t.alice.warnings["archive_truncated"], 0);
  EXPECT_EQ(t.alice.warnings["archive_forged"], 0);
  const auto texts = texts_in(t.world, t.alice);
  EXPECT_THAT(texts, ::testing::UnorderedElementsAre("first", "second", "bob 0", "two", "three", "four"));
  write(t.world, t.bob, t.alice_id, {"five"});
  settle(t.world);
  t.read();
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.expect_same_history();
  EXPECT_THAT(texts_with(t.world, t.tablet, t.bob_id), SizeIs(7));
}

TEST(HostileArchive, a_full_archive_is_named_and_messages_go_on) {
  Blocks t;
  t.world.server.archive_is_full = true;
  write(t.world, t.bob, t.alice_id, {"five"});
  ASSERT_TRUE(await_messages(t.world, t.alice, t.bob_id, 7));
  ASSERT_TRUE(t.world.run_until([&] { return t.alice.warnings["archive_full"] > 0; }));
  write(t.world, t.alice, t.bob_id, {"six"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 8));
}

}  // namespace
}  // namespace kith::client::test
