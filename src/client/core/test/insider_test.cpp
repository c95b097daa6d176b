// A member that means it no good, with good keys: what only members can tell is wrong. The others notice, come back by
// themselves, go on talking, and nothing that was acked is lost. Every field is in forger_test.
#include "client/core/test/insider.h"

namespace kith::client::test {
namespace {

// A key for joiners that nobody has.
kith::test::Hands poisoned(Insider& t) {
  return {.group_info = [key = t.suite.generate_kem_key(t.entropy).public_key](mls::GroupInfo& info) {
    mls::set_extension(info.extensions, mls::extension_type::kExternalPub, mls::encoded(key));
  }};
}

TEST(Insider, with_a_poisoned_external_pub_does_not_keep_anybody_out) {
  Insider t;
  t.bob.stop();
  t.put_forged(poisoned(t));
  // Bob lost his group: his only way back is that GroupInfo.
  t.bob.rows.erase(row_key::group_epoch(t.id()));
  t.bob.start();
  t.all_is_well_in_the_end();
}

TEST(Insider, with_a_poisoned_external_pub_is_put_right_by_the_others) {
  Insider t;
  t.put_forged(poisoned(t));
  t.world.run_for(10'000);
  EXPECT_GE(t.bob.warnings["group_refused"], 1);
  const auto info = *mls::decoded_message<mls::GroupInfo>(t.conversation().group_info);
  EXPECT_EQ(*mls::find_extension(info.extensions, mls::extension_type::kExternalPub),
            mls::encoded(stored_group(t.bob, t.id()).external_pub()));
  // Bob loses his group, and comes back at the first attempt.
  t.bob.stop();
  t.bob.rows.erase(row_key::group_epoch(t.id()));
  t.bob.start();
  const auto epoch = t.conversation().epoch;
  write(t.world, t.bob, t.alice_id, {"back"});
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().epoch == epoch.next(); }));
  t.world.run_for(30'000);
  EXPECT_EQ(t.conversation().epoch, epoch.next());
  t.all_is_well_in_the_end();
}

TEST(Insider, that_writes_what_nobody_can_read_is_named_and_costs_nobody_anything) {
  Insider t;
  for (int i = 0; i < 3; ++i) {
    const ClientId client = t.next_client();
    auto sealed = *t.group->protect(t.bound(wire::EntryKind::application, client), as_view("x"), t.entropy);
    sealed.back() ^= 1;
    t.put(wire::EntryKind::application, client, sealed);
  }
  t.world.run_for(30'000);
  EXPECT_EQ(t.bob.warnings["entry_unreadable"], 3);
  EXPECT_EQ(t.bob.warnings["rejoining"], 0) << "one such entry is no reason to leave and come back";
  write(t.world, t.bob, t.alice_id, {"I go on"});
  EXPECT_EQ(texts_with(t.world, t.bob, t.alice_id).back(), "I go on");
}

}  // namespace
}  // namespace kith::client::test
