// A member that means it no good, with good keys: what only members can tell is wrong. The others notice, come back by
// themselves, go on talking, and nothing that was acked is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/record.h"
#include "client/core/test/people.h"
#include "keys/conversation.h"
#include "mls/group.h"
#include "mls/transcript.h"
#include "tests/support/insider.h"

namespace kith::client::test {
namespace {

using ::testing::IsSupersetOf;

// Alice's device in other hands: her group and her key, read from her rows, while her own client is stopped.
struct Insider : Pair {
  Insider() {
    write(world, alice, bob_id, {"before"});
    EXPECT_TRUE(await_messages(world, bob, alice_id, 1));
    write(world, bob, alice_id, {"answer"});
    EXPECT_TRUE(await_messages(world, alice, bob_id, 2));
    alice.stop();
    const AccountRecord account = stored_account(alice);
    key = *suite.signature_key_from(account.leaf_key);
    user = account.user;
    device = account.device;
    group = stored_group(alice, id());
  }
  const ConversationId& id() { return world.server.conversations.begin()->first; }
  ModelServer::Conversation& conversation() { return world.server.conversations.begin()->second; }

  Bytes bound(wire::EntryKind kind, const ClientId& client) {
    return keys::AuthenticatedData{.conversation = id(),
                                   .history_id = world.server.history,
                                   .client_id = client,
                                   .kind = static_cast<std::uint8_t>(kind),
                                   .last_seq = {},
                                   .extra = {}}
        .encode();
  }
  ClientId next_client() { return ClientId{{0xEE, ++clients}}; }
  void put(wire::EntryKind kind, const ClientId& client, const Bytes& payload) {
    auto& log = conversation().log;
    log.push_back({.seq = log.back().seq.next(),
                   .time_ms = world.now(),
                   .sender = {user, device},
                   .client_id = client,
                   .kind = kind,
                   .epoch = conversation().epoch,
                   .payload = payload});
    conversation().change += 1;
  }
  mls::PendingCommit commit(const ClientId& client) {
    mls::CommitOptions options;
    options.authenticated_data = bound(wire::EntryKind::commit, client);
    options.tree_in_group_info = true;
    return *group->commit(options, entropy);
  }
  void put_commit(const ClientId& client, const Bytes& commit, const Bytes& group_info) {
    put(wire::EntryKind::commit, client, commit);
    kith::test::ModelServer::follow(conversation(), {id(), client, conversation().epoch, commit, group_info, {}});
  }
  // The commit changed, and signed and tagged again as only a member can. Its GroupInfo says the same, so that a server
  // finds nothing wrong.
  void put_forged(const std::function<void(mls::AuthenticatedContent&, mls::GroupInfo&)>& forge) {
    const ClientId client = next_client();
    const auto pending = commit(client);
    auto content = mls::decoded_message<mls::PublicMessage>(pending.commit)->authenticated();
    auto info = *mls::decoded_message<mls::GroupInfo>(pending.group_info);
    const Bytes tag = content.auth.confirmation_tag;
    forge(content, info);
    const Bytes forged_tag = content.auth.confirmation_tag;
    mls::sign(suite, content, group->public_group().context(), key);
    content.auth.confirmation_tag = forged_tag;
    info.group_context.confirmed_transcript_hash =
        mls::confirmed_transcript_hash(suite, group->public_group().interim_transcript_hash(), content);
    mls::sign(suite, info, key);
    put_commit(client,
               mls::encoded_message(
                   mls::protect_public(suite, content, group->public_group().context(),
                                       kith::test::secret_of(*group, kith::test::MemberSecret::membership_key))),
               mls::encoded_message(info));
  }

  // Alice is herself again; in the end both talk, and everything that was acked is there.
  void all_is_well_in_the_end() {
    alice.start();
    world.run_for(120'000);
    for (int i = 0; i < 2; ++i) {
      write(world, alice, bob_id, {"from Alice " + std::to_string(i)});
      write(world, bob, alice_id, {"from Bob " + std::to_string(i)});
    }
    const std::vector<std::string> all = {"before",     "answer",       "from Alice 0",
                                          "from Bob 0", "from Alice 1", "from Bob 1"};
    EXPECT_TRUE(world.run_until([&] { return texts_with(world, bob, alice_id).size() >= all.size(); }));
    EXPECT_TRUE(world.run_until([&] { return texts_with(world, alice, bob_id).size() >= all.size(); }));
    EXPECT_THAT(texts_with(world, bob, alice_id), IsSupersetOf(all));
    EXPECT_THAT(texts_with(world, alice, bob_id), IsSupersetOf(all));
  }

  crypto::Suite suite = crypto::Suite::product();
  kith::test::SeededEntropy entropy{77};
  crypto::SignatureKeyPair key;
  UserId user;
  DeviceId device;
  std::optional<mls::Group> group;
  std::uint8_t clients = 0;
};

TEST(Insider, with_a_wrong_confirmation_tag_annoys_and_breaks_nothing) {
  Insider t;
  t.put_forged([](mls::AuthenticatedContent& content, mls::GroupInfo& info) {
    content.auth.confirmation_tag[0] ^= 1;
    info.confirmation_tag = content.auth.confirmation_tag;
  });
  t.world.run_for(30'000);
  EXPECT_GE(t.bob.warnings["entry_refused"] + t.bob.warnings["rejoining"], 1);
  t.all_is_well_in_the_end();
}

TEST(Insider, with_a_wrong_membership_tag_annoys_and_breaks_nothing) {
  Insider t;
  const ClientId client = t.next_client();
  const auto pending = t.commit(client);
  auto message = *mls::decoded_message<mls::PublicMessage>(pending.commit);
  message.membership_tag[5] ^= 1;
  t.put_commit(client, mls::encoded_message(message), pending.group_info);
  t.world.run_for(30'000);
  EXPECT_GE(t.bob.warnings["entry_refused"], 1);
  t.all_is_well_in_the_end();
}

TEST(Insider, with_a_path_secret_that_is_garbage_annoys_and_breaks_nothing) {
  Insider t;
  t.put_forged([](mls::AuthenticatedContent& content, mls::GroupInfo&) {
    auto& path = *std::get<mls::Commit>(content.content.content).path;
    for (auto& node : path.nodes) {
      for (auto& secret : node.encrypted_path_secrets) secret.ciphertext[3] ^= 1;
    }
  });
  t.world.run_for(30'000);
  EXPECT_GE(t.bob.warnings["entry_refused"], 1);
  t.all_is_well_in_the_end();
}

TEST(Insider, with_a_poisoned_external_pub_does_not_keep_anybody_out) {
  Insider t;
  t.bob.stop();
  t.put_forged([&](mls::AuthenticatedContent&, mls::GroupInfo& info) {
    const auto poison = t.suite.generate_kem_key(t.entropy);
    mls::set_extension(info.extensions, mls::extension_type::kExternalPub, mls::encoded(poison.public_key));
  });
  // Bob lost his group: his only way back is that GroupInfo.
  t.bob.rows.erase(row_key::group_epoch(t.id()));
  t.bob.start();
  t.all_is_well_in_the_end();
}

TEST(Insider, with_a_poisoned_external_pub_is_put_right_by_the_others) {
  Insider t;
  t.put_forged([&](mls::AuthenticatedContent&, mls::GroupInfo& info) {
    const auto poison = t.suite.generate_kem_key(t.entropy);
    mls::set_extension(info.extensions, mls::extension_type::kExternalPub, mls::encoded(poison.public_key));
  });
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
