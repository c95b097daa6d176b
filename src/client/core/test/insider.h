// Alice's device in the hands of somebody who means it no good, at the model server.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/core/record.h"
#include "client/core/test/people.h"
#include "keys/conversation.h"
#include "mls/profile.h"
#include "tests/support/forger/workshop.h"
#include "tests/support/seeded_entropy.h"

namespace kith::client::test {

// Her group and her key, read from her rows, while her own client is stopped.
struct Insider : Pair {
  // After a first exchange, or before there is a conversation.
  explicit Insider(bool has_talked = true) {
    if (has_talked) {
      said = {"before", "answer"};
      write(world, alice, bob_id, {said[0]});
      EXPECT_TRUE(await_messages(world, bob, alice_id, 1));
      write(world, bob, alice_id, {said[1]});
      EXPECT_TRUE(await_messages(world, alice, bob_id, 2));
    }
    alice.stop();
    account = stored_account(alice);
    key = *suite.signature_key_from(account.leaf_key);
    if (has_talked) group = stored_group(alice, id());
  }
  const ConversationId& id() { return world.server.conversations.begin()->first; }
  ModelServer::Conversation& conversation() { return world.server.conversations.begin()->second; }

  mls::LeafParameters leaf() const {
    return {.credential = mls::Credential::basic(account.credential),
            .capabilities = mls::profile::capabilities(),
            .lifetime = mls::profile::lifetime(static_cast<std::uint64_t>(world.now() / 1000)),
            .extensions = {}};
  }
  Bytes bound(wire::EntryKind kind, const ClientId& client) { return bound(id(), kind, client); }
  Bytes bound(const ConversationId& conversation_id, wire::EntryKind kind, const ClientId& client) {
    return keys::AuthenticatedData{.conversation = conversation_id,
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
                   .sender = {account.user, account.device},
                   .client_id = client,
                   .kind = kind,
                   .epoch = conversation().epoch,
                   .payload = payload});
    conversation().change += 1;
  }
  // The log has the commit, and the server follows it as far as it can.
  void put_commit(const ClientId& client, const kith::test::Request& commit) {
    put(wire::EntryKind::commit, client, commit.commit);
    ModelServer::follow(conversation(), {id(), client, conversation().epoch, commit.commit, commit.group_info, {}});
  }
  kith::test::Request commit(const ClientId& client, const kith::test::Hands& hands) {
    return kith::test::make_commit(
        kith::test::known_to(*group, key),
        {.authenticated_data = bound(wire::EntryKind::commit, client), .tree_in_group_info = true}, hands, entropy);
  }
  // With new keys for her leaf, and the forger's hands in it.
  void put_forged(const kith::test::Hands& hands) {
    const ClientId client = next_client();
    put_commit(client, commit(client, hands));
  }

  // Her device comes back from outside.
  kith::test::Request come_back(const ClientId& client, const kith::test::Hands& hands) {
    return kith::test::make_external_commit(ModelServer::shown(conversation()),
                                            *mls::decoded_message<mls::GroupInfo>(conversation().group_info),
                                            {.proposals = {mls::Remove{group->own_leaf()}},
                                             .leaf = leaf(),
                                             .authenticated_data = bound(wire::EntryKind::commit, client),
                                             .tree_in_group_info = true},
                                            key, hands, entropy);
  }
  // She begins the conversation, with a key package of Bob's device that the server gave her.
  void begin(const kith::test::Hands& hands) {
    const UserId bob_user = *UserId::from_text(bob_id);
    const auto tokens = *mls::decoded<TokenRecord>(alice.rows.at(row_key::tokens()));
    const auto claimed =
        Json::parse(world.server.http("POST", "/v1/users/" + bob_id + "/key_packages/claim", tokens.access, "{}").body);
    const auto package = *from_base64url(claimed["key_packages"][0]["key_package"].get<std::string>());
    const auto conversation_id = keys::direct_conversation(account.user, bob_user);
    const ClientId client = next_client();
    const auto request =
        kith::test::make_first_commit({.group_id = keys::group_id(conversation_id, 0),
                                       .leaf = leaf(),
                                       .extensions = {mls::profile::required_capabilities()}},
                                      {.proposals = {mls::Add{*mls::decoded_message<mls::KeyPackage>(package)}},
                                       .authenticated_data = bound(conversation_id, wire::EntryKind::commit, client)},
                                      key, hands, entropy);
    const auto connection = world.server.open();
    world.server.receive(connection, wire::encode({.id = 1, .body = wire::Hello{.token = tokens.access}}));
    world.server.receive(
        connection,
        wire::encode({.id = 2,
                      .body = wire::CreateDirect{.peer = bob_user,
                                                 .client_id = client,
                                                 .payload = request.commit,
                                                 .group_info = request.group_info,
                                                 .welcomes = {{bob_user, stored_account(bob).device, request.welcome}},
                                                 .founding = request.founding}}));
    world.server.close(connection);
    world.deliver_sent();
  }

  // Alice is herself again; in the end both talk, and everything that was acked is there.
  void all_is_well_in_the_end() {
    alice.start();
    world.run_for(120'000);
    for (int i = 0; i < 2; ++i) {
      write(world, alice, bob_id, {"from Alice " + std::to_string(i)});
      write(world, bob, alice_id, {"from Bob " + std::to_string(i)});
    }
    std::vector<std::string> all = said;
    for (const char* more : {"from Alice 0", "from Bob 0", "from Alice 1", "from Bob 1"}) all.emplace_back(more);
    EXPECT_TRUE(world.run_until([&] { return texts_with(world, bob, alice_id).size() >= all.size(); }));
    EXPECT_TRUE(world.run_until([&] { return texts_with(world, alice, bob_id).size() >= all.size(); }));
    EXPECT_THAT(texts_with(world, bob, alice_id), ::testing::IsSupersetOf(all));
    EXPECT_THAT(texts_with(world, alice, bob_id), ::testing::IsSupersetOf(all));
  }

  crypto::Suite suite = crypto::Suite::product();
  kith::test::SeededEntropy entropy{77};
  crypto::SignatureKeyPair key;
  AccountRecord account;
  std::optional<mls::Group> group;
  std::vector<std::string> said;
  std::uint8_t clients = 0;
};

}  // namespace kith::client::test
