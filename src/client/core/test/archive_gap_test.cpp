// What one device of an account was not shown, or could not believe, its other devices have: it comes from the archive,
// once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/missing.h"
#include "client/core/test/archived.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;

TEST(ArchiveGap, what_was_shown_wrongly_to_one_device_it_has_from_another_one) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto spoil = [](wire::Entry& entry) {
      if (entry.kind == wire::EntryKind::application) entry.client_id.value[0] ^= 1;
    };
    if (&client != &t.alice) return true;
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) spoil(hint->entry);
    if (auto* entries = std::get_if<wire::Entries>(&frame.body)) std::ranges::for_each(entries->entries, spoil);
    return true;
  };
  write(t.world, t.bob, t.alice_id, {"hidden"});
  ASSERT_TRUE(t.world.run_until([&] { return t.alice.warnings["entry_refused"] == 1; }));
  t.world.to_client = nullptr;
  write(t.world, t.bob, t.alice_id, {"seen"});
  settle(t.world);
  t.expect_same_history();
  EXPECT_THAT(texts_with(t.world, t.alice, t.bob_id), ::testing::IsSupersetOf({"hidden", "seen"}));
}

TEST(ArchiveGap, what_the_archive_had_before_the_log_was_looked_at_is_not_waited_for) {
  Archived t;
  link(t.world, t.alice, t.tablet, kAlicePhone);
  ASSERT_TRUE(await_history(t.world, t.tablet));
  settle(t.world);
  t.tablet.stop();
  write(t.world, t.bob, t.alice_id, {"missed"});
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.alice, t.bob_id, "missed"); }));
  settle(t.world);
  t.bob.stop();  // he sends nothing again
  t.tablet.rows.erase(row_key::group_epoch(t.id()));
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    return &client != &t.tablet || !std::holds_alternative<wire::Group>(frame.body);
  };
  t.tablet.start();
  ASSERT_TRUE(t.world.run_until([&] { return has_text(t.world, t.tablet, t.bob_id, "missed"); }));
  const auto before = t.conversation().epoch;
  t.world.to_client = nullptr;
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().epoch > before; }));
  t.world.run_for(Missing::kPatienceMs + 86'400'000);
  t.expect_same_history();
}

// Its invitation is useless, so it comes in from outside, and what was said before is sent to it once more.
TEST(ArchiveGap, what_came_again_is_not_shown_once_more_from_the_archive) {
  Pair p;
  Client& tablet = p.world.add("Alice's tablet");
  link(p.world, p.alice, tablet, kAlicePhone);
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto move = [](wire::Mail& mail) {
      if (mail.kind == wire::MailKind::welcome) mail.conversation_seq.value += 1;
    };
    if (&client != &p.alice) return true;
    if (auto* hint = std::get_if<wire::MailHint>(&frame.body)) move(hint->mail);
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) std::ranges::for_each(mails->mails, move);
    return true;
  };
  write(p.world, p.bob, p.alice_id, {"one", "two"});
  ASSERT_TRUE(p.world.run_until([&] { return has_text(p.world, p.alice, p.bob_id, "two"); }));
  EXPECT_GT(p.alice.warnings["rejoining"], 0);
  settle(p.world);
  p.world.run_for(60'000);
  EXPECT_THAT(texts_with(p.world, p.alice, p.bob_id), ElementsAre("one", "two"));
  EXPECT_THAT(texts_with(p.world, tablet, p.bob_id), ElementsAre("one", "two"));
}

}  // namespace
}  // namespace kith::client::test
