// A server that makes keys of its own: it can neither get in under anybody's name, nor take a device back to keys that
// it has used, nor show two members two logs for long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/record.h"
#include "client/core/test/people.h"
#include "keys/device.h"
#include "keys/recovery_key.h"
#include "mls/group.h"
#include "mls/profile.h"

namespace kith::client::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

wire::Error trimmed() {
  wire::Error error;
  error.code = wire::ErrorCode::trimmed;
  return error;
}

// A device under somebody's user id, with a chain of certificates that holds in itself.
struct Ghost {
  explicit Ghost(const UserId& user) : user(user), device(DeviceId{{0xDE}}), entropy(99) {
    const auto identity = keys::RecoveryKey::generate(entropy).identity_key();
    const auto generation = keys::AccountGeneration::generate(0, entropy);
    const auto certificate = keys::GenerationCertificate::sign(user, generation, identity);
    leaf_key = crypto::Suite::product().generate_signature_key(entropy);
    const auto credential = keys::DeviceCredential::make(user, device, identity.public_key, certificate, generation,
                                                         crypto::Suite::product().id(), leaf_key.public_key);
    leaf.credential = mls::Credential::basic(credential.encode());
    leaf.capabilities = mls::profile::capabilities();
    leaf.lifetime = mls::profile::lifetime(1'700'000'000);
  }
  Bytes bound(const ConversationId& id, const HistoryId& history, const ClientId& client) const {
    return keys::AuthenticatedData{.conversation = id,
                                   .history_id = history,
                                   .client_id = client,
                                   .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                   .last_seq = {},
                                   .extra = {}}
        .encode();
  }

  UserId user;
  DeviceId device;
  kith::test::SeededEntropy entropy;
  crypto::SignatureKeyPair leaf_key;
  mls::LeafParameters leaf;
};

struct Talk : Acquainted {
  using Acquainted::Acquainted;
  // An external commit by the ghost at the end of the log.
  void enter(Ghost& ghost) {
    const auto info = *mls::decoded_message<mls::GroupInfo>(conversation().group_info);
    const auto group = kith::test::ModelServer::shown(conversation());
    const ClientId client{{0xC1}};
    const auto pending =
        *mls::Group::join_external(group, info,
                                   {.leaf = ghost.leaf,
                                    .remove = {},
                                    .authenticated_data = ghost.bound(id(), world.server.history, client),
                                    .tree_in_group_info = true},
                                   ghost.leaf_key, ghost.entropy);
    auto& log = conversation().log;
    log.push_back({.seq = log.back().seq.next(),
                   .time_ms = world.now(),
                   .sender = {ghost.user, ghost.device},
                   .client_id = client,
                   .kind = wire::EntryKind::commit,
                   .epoch = conversation().epoch,
                   .payload = pending.commit});
    conversation().epoch = {pending.effects.epoch};
    conversation().group_info = pending.group_info;
    conversation().change += 1'000;
  }
  bool said(const std::string& what) {
    return std::ranges::any_of(world.said, [&](const auto& line) { return line.find(what) != std::string::npos; });
  }
};

TEST(GhostServer, cannot_join_under_the_readers_own_name_and_hears_nothing_more) {
  Talk t;
  Ghost ghost(*UserId::from_text(t.alice_id));
  t.alice.set_network(false);
  t.enter(ghost);
  t.alice.set_network(true);
  t.world.run_for(30'000);
  EXPECT_EQ(t.alice.warnings["entry_refused"], 1);
  // Nor is she led back in by the group that the server shows.
  EXPECT_GE(t.alice.warnings["group_refused"], 1);
  EXPECT_TRUE(t.said("a device of one user hangs on another identity"));
  t.alice.tell({{"type", "send"}, {"user", t.bob_id}, {"text", "secret"}});
  t.world.run_for(120'000);
  EXPECT_EQ(t.messages_in_log(), 2U);
}

TEST(GhostServer, cannot_join_under_a_peers_name_and_hears_nothing_more) {
  Talk t;
  Ghost ghost(*UserId::from_text(t.bob_id));
  t.alice.set_network(false);
  t.bob.set_network(false);
  t.enter(ghost);
  t.alice.set_network(true);
  t.bob.set_network(true);
  t.world.run_for(30'000);
  EXPECT_EQ(t.alice.warnings["entry_refused"], 1);
  EXPECT_EQ(t.bob.warnings["entry_refused"], 1) << "all decide alike";
  t.alice.tell({{"type", "send"}, {"user", t.bob_id}, {"text", "secret"}});
  t.bob.tell({{"type", "send"}, {"user", t.alice_id}, {"text", "secret"}});
  t.world.run_for(120'000);
  EXPECT_EQ(t.messages_in_log(), 2U);
}

TEST(GhostServer, cannot_invite_to_a_group_with_a_second_identity_of_the_invited) {
  Pair p;
  const UserId alice = *UserId::from_text(p.alice_id);
  const UserId bob = *UserId::from_text(p.bob_id);
  const auto tokens = *mls::decoded<TokenRecord>(p.bob.rows[row_key::tokens()]);
  const auto claimed =
      p.world.server.http("POST", "/v1/users/" + p.alice_id + "/key_packages/claim", tokens.access, "{}");
  const auto package = from_base64url(Json::parse(claimed.body)["key_packages"][0]["key_package"].get<std::string>());
  Ghost ghost(alice);
  const auto id = keys::direct_conversation(alice, bob);
  const auto suite = crypto::Suite::product();
  const auto group = *mls::Group::create(
      suite,
      {.group_id = keys::group_id(id, 0), .leaf = ghost.leaf, .extensions = {mls::profile::required_capabilities()}},
      ghost.leaf_key, ghost.entropy);
  mls::CommitOptions options;
  options.adds = {*mls::VerifiedKeyPackage::verify_message(*package, suite, std::nullopt)};
  const auto pending = *group.commit(options, ghost.entropy);
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &p.alice) return true;
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) sync->mailbox_head = {1};
    if (std::holds_alternative<wire::Error>(frame.body)) {  // what else it would say of that group
      frame.body = wire::Group{.epoch = {1}, .head_seq = {1}, .group_info = pending.group_info, .nodes = {}};
    }
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) {
      mails->head_seq = {1};
      mails->mails = {{.seq = {1},
                       .time_ms = 0,
                       .kind = wire::MailKind::welcome,
                       .conversation = id,
                       .conversation_seq = {1},
                       .sender_user = bob,
                       .payload = pending.welcome}};
    }
    return true;
  };
  p.alice.crash();
  p.world.run_for(30'000);
  p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "secret"}});
  p.world.run_for(30'000);
  EXPECT_EQ(p.alice.warnings["rejoining"], 1);
  EXPECT_THAT(p.world.said, ::testing::Contains(HasSubstr("a device of one user hangs on another identity")));
  EXPECT_TRUE(p.world.server.conversations.empty());
}

TEST(GhostServer, cannot_take_a_device_back_to_an_epoch_whose_keys_it_used) {
  Pair p;
  // Only the last resort is left of Alice's key packages: its private key stays.
  p.alice.set_network(false);
  const auto tokens = *mls::decoded<TokenRecord>(p.bob.rows[row_key::tokens()]);
  for (bool last = false; !last;) {
    const auto reply =
        p.world.server.http("POST", "/v1/users/" + p.alice_id + "/key_packages/claim", tokens.access, "{}");
    last = Json::parse(reply.body)["key_packages"][0]["last_resort"].get<bool>();
  }
  write(p.world, p.bob, p.alice_id, {"hello"});
  Bytes welcome;
  wire::Mail again;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    const auto* mails = std::get_if<wire::Mails>(&frame.body);
    if (&client == &p.alice && mails != nullptr && !mails->mails.empty() && welcome.empty()) {
      again = mails->mails.front();
      welcome = to_bytes(again.payload);
    }
    return true;
  };
  p.alice.set_network(true);
  ASSERT_TRUE(await_messages(p.world, p.alice, p.bob_id, 1));
  write(p.world, p.alice, p.bob_id, {"said in epoch 1"});
  ASSERT_TRUE(await_messages(p.world, p.bob, p.alice_id, 2));
  ASSERT_FALSE(welcome.empty());

  // Now the log is gone, the group cannot be joined from outside, and the old Welcome is there once more.
  again.payload = welcome;
  Seq mailbox_head{2};
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &p.alice) return true;
    if (auto* group = std::get_if<wire::Group>(&frame.body)) group->group_info = as_view("none");
    if (std::holds_alternative<wire::Entries>(frame.body)) frame.body = trimmed();
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) {
      sync->mailbox_head = mailbox_head;
      for (auto& head : sync->heads) head.head_seq = {50};
    }
    if (auto* mails = std::get_if<wire::Mails>(&frame.body)) {
      mails->head_seq = again.seq = mailbox_head;
      mails->mails = {again};
    }
    return true;
  };
  p.world.server.conversations.begin()->second.change += 1'000;
  p.alice.crash();
  p.world.run_for(30'000);
  mailbox_head = {3};  // and again, now that she is out
  p.alice.crash();
  p.world.run_for(30'000);
  p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "not under old keys"}});
  p.world.run_for(30'000);
  EXPECT_THAT(p.world.said, ::testing::Contains(HasSubstr("its invitation is to a past that it was in")));
  EXPECT_EQ(p.world.server.conversations.begin()->second.log.size(), 3U);
  p.world.to_client = nullptr;
  p.alice.crash();
  EXPECT_TRUE(await_messages(p.world, p.bob, p.alice_id, 3));
}

TEST(GhostServer, that_gives_two_members_two_histories_from_the_start_is_noticed) {
  World world;
  Client& alice = world.add("Alice");
  Client& bob = world.add("Bob");
  world.to_client = [&](Client& client, wire::Frame& frame) {
    if (&client != &bob) return true;
    if (auto* hello = std::get_if<wire::HelloOk>(&frame.body)) hello->history_id = HistoryId{{0xB0}};
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) sync->history_id = HistoryId{{0xB0}};
    return true;
  };
  register_account(world, alice, kAlicePhone);
  register_account(world, bob, kBobPhone);
  const std::string bob_id = find(world, alice, kBobPhone);
  write(world, alice, bob_id, {"hello"});
  world.run_for(10'000);
  EXPECT_EQ(bob.warnings["log_forked"], 1);
}

TEST(GhostServer, that_begins_a_log_in_the_middle_is_not_believed) {
  Pair p;
  p.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* appended = std::get_if<wire::Appended>(&frame.body);
    if (&client == &p.alice && appended != nullptr && appended->seq.value == 1) appended->seq = {2};
    return true;
  };
  p.alice.tell({{"type", "send"}, {"user", p.bob_id}, {"text", "hello"}});
  p.world.run_for(30'000);
  EXPECT_GE(p.alice.warnings["connection_refused"], 1);
  p.world.to_client = nullptr;
  EXPECT_TRUE(await_messages(p.world, p.bob, p.alice_id, 1));
}

TEST(GhostServer, that_shows_different_logs_after_both_sides_rejoined_is_noticed) {
  Talk t;
  // Neither can read on; each comes back from outside, once, and nobody is left who knows the chain.
  t.alice.set_network(false);
  t.bob.set_network(false);
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    if (client.warnings["rejoining"] > 0) return true;
    if (std::holds_alternative<wire::Entries>(frame.body)) frame.body = trimmed();
    if (auto* sync = std::get_if<wire::SyncOk>(&frame.body)) {
      for (auto& head : sync->heads) head.head_seq = head.head_seq.next();
    }
    return true;
  };
  t.conversation().change += 1'000;
  t.alice.set_network(true);
  t.bob.set_network(true);
  ASSERT_TRUE(t.world.run_until([&] { return t.alice.warnings["rejoining"] > 0 && t.bob.warnings["rejoining"] > 0; }));
  t.world.to_client = nullptr;
  ASSERT_TRUE(t.world.run_until([&] { return t.conversation().epoch.value == 3; }));
  write(t.world, t.alice, t.bob_id, {"back"});
  ASSERT_TRUE(await_messages(t.world, t.bob, t.alice_id, 3));
  write(t.world, t.bob, t.alice_id, {"me too"});
  ASSERT_TRUE(await_messages(t.world, t.alice, t.bob_id, 4));
  EXPECT_EQ(t.alice.warnings["log_forked"] + t.bob.warnings["log_forked"], 0);

  const Seq next = t.conversation().log.back().seq.next();
  t.world.to_client = [&](Client& client, wire::Frame& frame) {
    auto* hint = std::get_if<wire::EntryHint>(&frame.body);
    if (&client == &t.bob && hint != nullptr && hint->entry.seq == next) hint->entry.time_ms += 60'000;
    return true;
  };
  for (const char* text : {"a", "b"}) {
    const std::size_t before = chat_with(t.world, t.alice, t.bob_id).size();
    write(t.world, t.alice, t.bob_id, {text});
    ASSERT_TRUE(await_messages(t.world, t.alice, t.bob_id, before + 1));
    t.world.run_for(2'000);
  }
  EXPECT_EQ(t.bob.warnings["log_forked"], 1);
}

}  // namespace
}  // namespace kith::client::test
