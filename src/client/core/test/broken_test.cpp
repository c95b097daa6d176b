// Devices of a larger group that cannot follow it any more: one commit of somebody else brings back all who asked for
// it.
#include <gtest/gtest.h>

#include "client/core/test/crowd.h"
#include "keys/broken_mark.h"
#include "mls/framing.h"
#include "mls/profile.h"

namespace kith::client::test {
namespace {

// A garbled entry in the place of a commit loses the group of whoever reads it.
void garble_commits_for(Crowd& c, const std::vector<Client*>& victims) {
  c.world.to_client = [victims](Client& client, wire::Frame& frame) {
    if (std::ranges::find(victims, &client) == victims.end()) return true;
    static Bytes garbage = to_bytes("garbage");
    if (auto* hint = std::get_if<wire::EntryHint>(&frame.body)) {
      if (hint->entry.kind == wire::EntryKind::commit) hint->entry.payload = garbage;
    }
    if (auto* read = std::get_if<wire::Entries>(&frame.body)) {
      for (wire::Entry& entry : read->entries) {
        if (entry.kind == wire::EntryKind::commit) entry.payload = garbage;
      }
    }
    return true;
  };
}

TEST(Broken, many_who_lost_the_group_at_once_are_brought_back_by_one_commit) {
  Crowd c(31);
  EXPECT_EQ(c.say(c.ann, "hello"), "done");
  for (Client* client : c.everybody()) c.expect_all_see({client}, "Ann: hello");
  const std::vector<Client*> victims{&c.ben, &c.cleo, c.others[3], c.others[7], c.others[12]};
  const std::size_t before = c.group().log.size();
  garble_commits_for(c, victims);
  EXPECT_EQ(c.run(c.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  EXPECT_TRUE(c.world.run_until([&] { return c.group().broken.size() == victims.size(); }));
  c.world.to_client = nullptr;
  EXPECT_TRUE(c.world.run_until([&] { return c.group().broken.empty(); }));
  for (Client* client : victims) c.await_in(*client);
  const auto [all, external] = c.commits_since(before);
  EXPECT_EQ(external, 0);
  EXPECT_LE(all, 3) << "Ann's, and one or two that brought them back";
  EXPECT_EQ(c.say(c.ben, "here again"), "done");
  for (Client* client : c.everybody()) c.expect_all_see({client}, "Ben: here again");
}

TEST(Broken, what_was_said_meanwhile_comes_again) {
  Crowd c(32);
  garble_commits_for(c, {&c.ben});
  EXPECT_EQ(c.run(c.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  EXPECT_TRUE(c.world.run_until([&] { return c.group().broken.size() == 1; }));
  EXPECT_EQ(c.say(c.cleo, "meanwhile"), "done");
  c.world.to_client = nullptr;
  c.await_in(c.ben);
  EXPECT_TRUE(c.await(c.ben, "Cleo: meanwhile"));
  const auto seen = c.seen(c.ben);
  EXPECT_EQ(std::ranges::count(seen, "Cleo: meanwhile"), 1);
}

TEST(Broken, whoever_cannot_read_its_own_group_is_brought_back_as_well) {
  Crowd c(35);
  c.ben.stop();
  c.ben.rows.erase(row_key::group_epoch(c.id()));
  EXPECT_EQ(c.say(c.cleo, "meanwhile"), "done");
  c.expect_all_see({&c.ann}, "Cleo: meanwhile");
  const std::size_t before = c.group().log.size();
  c.ben.start();
  EXPECT_TRUE(c.await(c.ben, "Cleo: meanwhile"));
  EXPECT_EQ(c.commits_since(before), std::pair(1, 0));
  EXPECT_EQ(c.say(c.ben, "here again"), "done");
  c.expect_all_see({&c.ann, &c.cleo, c.others[3]}, "Ben: here again");
  EXPECT_EQ(c.ben.warnings["rejoining"], 1);
}

TEST(Broken, who_is_not_brought_back_in_time_comes_back_alone) {
  Crowd c(33);
  garble_commits_for(c, {&c.ben});
  EXPECT_EQ(c.run(c.ann, {{"type", "set_group"}, {"may_add", "admins"}}), "done");
  EXPECT_TRUE(c.world.run_until([&] { return c.chat(c.ben)["membership"] == "joining"; }));
  for (Client* client : c.everybody()) {
    if (client != &c.ben) client->set_network(false);
  }
  c.world.to_client = nullptr;
  const std::size_t before = c.group().log.size();
  EXPECT_TRUE(c.world.run_until([&] { return c.chat(c.ben)["membership"] == "member"; }));
  EXPECT_EQ(c.commits_since(before), std::pair(1, 1));
  for (Client* client : c.everybody()) client->set_network(true);
  EXPECT_EQ(c.say(c.ben, "here again"), "done");
  c.expect_all_see({&c.ann, &c.cleo}, "Ben: here again");
}

// The server names a mark that nobody made.
TEST(Broken, a_mark_that_its_device_did_not_sign_moves_nobody) {
  Crowd c(34);
  const auto ben = Friends::device_of(c.ben);
  kith::test::SeededEntropy entropy(9);
  const auto key = crypto::Suite::product().generate_signature_key(entropy);
  const auto account = stored_account(c.ben);
  const auto group = stored_group(c.ben, c.id());
  const auto leaf = *group.member(group.own_leaf());
  const auto package =
      mls::create_key_package(crypto::Suite::product(),
                              {.credential = leaf.credential,
                               .capabilities = mls::profile::capabilities(),
                               .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(c.world.now() / 1000)),
                               .extensions = {}},
                              *crypto::Suite::product().signature_key_from(account.leaf_key), false, entropy);
  keys::BrokenMark mark{.group_id = keys::group_id(c.id(), 0),
                        .user = ben.first,
                        .device = ben.second,
                        .encryption_key = leaf.encryption_key,
                        .replacement = package.key_package.leaf.encryption_key};
  mark.sign(key);
  c.group().broken.insert_or_assign(ben, std::pair(mark, mls::encoded_message(package.key_package)));
  const std::size_t before = c.group().log.size();
  for (Client* client : c.everybody()) client->stop();
  for (Client* client : c.everybody()) client->start();
  EXPECT_EQ(c.say(c.ann, "quiet"), "done");
  c.expect_all_see({&c.ben, &c.dan}, "Ann: quiet");
  c.world.run_for(60'000);
  EXPECT_EQ(c.commits_since(before).first, 0);
}

}  // namespace
}  // namespace kith::client::test
