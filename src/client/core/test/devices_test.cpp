// Devices of the people in a chat come and go: whoever is there brings the chat's group in line, once, before the next
// message, and only as signed lists say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/test/devices_of.h"
#include "client/core/test/friends.h"
#include "client/core/test/people.h"
#include "mls/framing.h"
#include "mls/labels.h"
#include "mls/profile.h"

namespace kith::client::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Talk : Acquainted {
  using Acquainted::Acquainted;
  // Devices that sit in the group, of both.
  std::size_t seats() { return keys::seats_of(*conversation().group).value().size(); }
};

using Bob = DevicesOf;

TEST(Devices, a_new_one_is_added_once_and_can_join) {
  Talk t;
  Bob bob(t.bob);
  const auto tablet = bob.device(7);
  t.world.server.set_devices(bob.list(2, {&tablet}), {Bob::listed(tablet)});
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 3; }));
  t.world.run_for(60'000);
  EXPECT_EQ(t.conversation().epoch, Epoch{2}) << "one wins, and the other has nothing left to do";
  EXPECT_THAT(t.conversation().notes, IsEmpty());
  write(t.world, t.alice, t.bob_id, {"third"});
  expect_same_chat(t.world, t.alice, t.bob, 3);
  EXPECT_THAT(t.world.said, IsEmpty());
}

// The sender of such a Welcome does not tell who the other one is.
TEST(Devices, a_welcome_for_a_device_of_the_committers_own_user_brings_it_into_the_direct_chat) {
  Talk t;
  Bob bob(t.bob);
  Client& its = t.world.add("Bob's tablet");
  const auto tablet = bob.device(7);
  t.alice.stop();
  t.world.server.set_devices(bob.list(2, {&tablet}), {Bob::listed(tablet)});
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 3; }));
  EXPECT_EQ(t.conversation().log.back().sender.first, bob.record.user) << "Bob himself added it";
  bob.awake(t.world, its, tablet);
  write(t.world, t.bob, t.alice_id, {"third"});
  t.alice.start();
  write(t.world, t.alice, t.bob_id, {"fourth"});
  // With what was said before, from the archive.
  ASSERT_TRUE(await_messages(t.world, its, t.alice_id, 4));
  write(t.world, its, t.alice_id, {"fifth"});
  expect_same_chat(t.world, t.alice, t.bob, 5);
  EXPECT_THAT(texts_with(t.world, its, t.alice_id), ElementsAre("first", "second", "third", "fourth", "fifth"));
  EXPECT_THAT(t.world.said, IsEmpty());
}

TEST(Devices, a_welcome_for_a_device_of_the_committers_own_user_brings_it_into_the_group) {
  Friends f;
  f.found({&f.ben});
  DevicesOf anns(f.ann);
  Client& its = f.world.add("Ann's tablet");
  const auto tablet = anns.device(7);
  f.ben.stop();
  f.world.server.set_devices(anns.list(2, {&tablet}), {DevicesOf::listed(tablet)});
  ASSERT_TRUE(f.world.run_until([&] { return f.group().leaves.size() == 3; }));
  EXPECT_EQ(f.group().log.back().sender, Friends::device_of(f.ann));
  anns.awake(f.world, its, tablet);
  f.ben.start();
  EXPECT_EQ(f.say(f.ben, "hello both"), "done");
  ASSERT_TRUE(f.await(its, "Ben: hello both"));
  EXPECT_EQ(f.say(its, "from the tablet"), "done");
  ASSERT_TRUE(f.await(f.ben, "Ann: from the tablet"));
  EXPECT_THAT(f.world.said, IsEmpty());
}

TEST(Devices, a_revoked_one_is_gone_before_the_next_message_whenever_a_client_crashes) {
  with_a_crash_everywhere([](std::uint64_t crash_at, std::uint64_t& boundaries) {
    Talk t;
    Bob bob(t.bob);
    const auto tablet = bob.device(7);
    t.world.server.set_devices(bob.list(2, {&tablet}), {Bob::listed(tablet)});
    ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 3; }));
    t.world.run_for(10'000);
    // Nobody hears of it but by being refused.
    t.world.to_client = [](Client&, wire::Frame& frame) {
      return !std::holds_alternative<wire::ChangesHint>(frame.body);
    };
    t.world.server.set_devices(bob.list(3, {}), {});
    t.world.boundaries = 0;
    t.world.crash_at = crash_at;
    write(t.world, t.alice, t.bob_id, {"third"});
    expect_same_chat(t.world, t.alice, t.bob, 3);
    EXPECT_EQ(t.seats(), 2U);
    EXPECT_THAT(t.conversation().notes, IsEmpty());
    EXPECT_EQ(t.conversation().log.back().kind, wire::EntryKind::application);
    EXPECT_EQ(t.conversation().log[t.conversation().log.size() - 2].kind, wire::EntryKind::commit);
    EXPECT_THAT(t.world.said, IsEmpty());
    boundaries = t.world.boundaries;
  });
}

TEST(Devices, one_without_a_key_package_holds_nobody_up) {
  Talk t;
  Bob bob(t.bob);
  const auto tablet = bob.device(7);
  t.world.server.set_devices(bob.list(2, {&tablet}), {{tablet.id, {}}});
  write(t.world, t.alice, t.bob_id, {"third"});
  expect_same_chat(t.world, t.alice, t.bob, 3);
  EXPECT_EQ(t.seats(), 2U);
}

TEST(Devices, a_list_that_its_user_did_not_sign_moves_nobody) {
  Talk t;
  Bob bob(t.bob);
  const auto tablet = bob.device(7);
  auto forged = bob.list(2, {&tablet});
  forged.list.devices.erase(forged.list.devices.begin());  // "Bob's phone is gone"
  t.world.server.set_devices(forged, {Bob::listed(tablet)});
  t.world.run_for(30'000);
  EXPECT_EQ(t.conversation().epoch, Epoch{1});
  EXPECT_GE(t.alice.warnings["device_list_refused"], 1);
  EXPECT_GE(t.bob.warnings["device_list_refused"], 1);
}

TEST(Devices, an_older_list_than_one_that_was_seen_moves_nobody) {
  Talk t;
  Bob bob(t.bob);
  const auto tablet = bob.device(7);
  const auto first = bob.list(2, {&tablet});
  t.world.server.set_devices(first, {Bob::listed(tablet)});
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 3; }));
  t.world.server.set_devices(bob.list(3, {}), {});
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 2; }));
  t.world.run_for(10'000);
  t.world.server.set_devices(first, {Bob::listed(tablet)});
  t.world.run_for(60'000);
  EXPECT_THAT(t.world.said, IsEmpty()) << "for a moment every server shows an old one";
  t.world.run_for(120'000);
  EXPECT_EQ(t.seats(), 2U) << "neither by Alice nor by Bob himself";
  EXPECT_GE(t.alice.warnings["device_list_refused"], 1);
  EXPECT_GE(t.bob.warnings["device_list_refused"], 1);
  EXPECT_THAT(t.world.said, Contains(HasSubstr("it is an old one")));
}

// The revoked tablet itself, with a server that helps it, comes in from outside by a list that is over.
TEST(Devices, one_that_comes_back_by_an_old_list_is_not_written_to) {
  Talk t;
  Bob bob(t.bob);
  const auto tablet = bob.device(7);
  const auto with_tablet = bob.list(2, {&tablet});
  t.world.server.set_devices(with_tablet, {Bob::listed(tablet)});
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 3; }));
  const auto newest = bob.list(3, {});
  t.world.server.set_devices(newest, {});
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 2; }));
  write(t.world, t.alice, t.bob_id, {"third"});
  expect_same_chat(t.world, t.alice, t.bob, 3);

  const ConversationId id = t.world.server.conversations.begin()->first;
  const auto info = *mls::decoded_message<mls::GroupInfo>(t.conversation().group_info);
  const ClientId client{{0xAB}};
  const keys::AuthenticatedData bound{.conversation = id,
                                      .history_id = t.world.server.history,
                                      .client_id = client,
                                      .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                      .last_seq = {},
                                      .extra = keys::Grounds{.lists = {with_tablet}}.encode()};
  const mls::LeafParameters leaf{.credential = tablet.package.key_package.leaf.credential,
                                 .capabilities = mls::profile::capabilities(),
                                 .lifetime = {},
                                 .extensions = {}};
  const auto pending =
      *mls::Group::join_external(kith::test::ModelServer::shown(t.conversation()), info,
                                 {.leaf = leaf, .authenticated_data = bound.encode()}, tablet.key, bob.entropy);
  auto& log = t.conversation().log;
  log.push_back({.seq = log.back().seq.next(),
                 .time_ms = t.world.now(),
                 .sender = {bob.record.user, tablet.id},
                 .client_id = client,
                 .kind = wire::EntryKind::commit,
                 .epoch = t.conversation().epoch,
                 .payload = pending.commit});
  kith::test::ModelServer::follow(t.conversation(),
                                  {id, client, t.conversation().epoch, pending.commit, pending.group_info, {}});
  t.conversation().change += 1'000;
  // Whoever asks for the newest list gets this one as well.
  t.world.http_to_client = [&](ModelServer::HttpReply& reply) {
    Json body = Json::parse(reply.body, nullptr, false);
    if (!body.is_object() || body.value("device_list", "") != to_base64url(newest.list.encode())) return;
    body["device_list"] = to_base64url(with_tablet.list.encode());
    reply.body = body.dump();
  };
  const auto before = t.messages_in_log();
  for (Client* client_of : {&t.alice, &t.bob}) client_of->crash();
  t.world.run_for(10'000);
  t.alice.tell({{"type", "send"}, {"user", t.bob_id}, {"text", "secret"}});
  t.bob.tell({{"type", "send"}, {"user", t.alice_id}, {"text", "secret"}});
  t.world.run_for(180'000);
  EXPECT_EQ(t.seats(), 3U);
  EXPECT_EQ(t.messages_in_log(), before);
  EXPECT_GE(t.alice.warnings["device_list_refused"], 1);
  EXPECT_GE(t.bob.warnings["device_list_refused"], 1);
  // The server is honest again: who asks is told the newest list, the tablet goes, and what waited is sent.
  t.world.http_to_client = nullptr;
  for (Client* client_of : {&t.alice, &t.bob}) client_of->crash();
  ASSERT_TRUE(t.world.run_until([&] { return t.seats() == 2; }));
  EXPECT_TRUE(await_messages(t.world, t.alice, t.bob_id, 5));
}

TEST(Devices, one_that_cannot_be_added_holds_nobody_up) {
  Talk t;
  Bob bob(t.bob);
  t.bob.stop();
  // Its key package carries the key of somebody who is in the group already.
  auto tablet = bob.device(7);
  const auto taken = stored_group(t.bob, t.world.server.conversations.begin()->first).own_leaf_node().encryption_key;
  tablet.package.key_package.leaf.encryption_key = taken;
  auto& package = tablet.package.key_package;
  const auto suite = crypto::Suite::product();
  mls::sign(suite, package.leaf, {}, tablet.key);
  package.signature = mls::sign_with_label(suite, tablet.key, "KeyPackageTBS", mls::key_package_tbs(package));
  t.world.server.set_devices(bob.list(2, {&tablet}), {Bob::listed(tablet)});
  t.alice.tell({{"type", "send"}, {"user", t.bob_id}, {"text", "third"}});
  EXPECT_TRUE(t.world.run_until([&] { return t.messages_in_log() == 3; }));
  EXPECT_EQ(t.seats(), 2U);
}

}  // namespace
}  // namespace kith::client::test
