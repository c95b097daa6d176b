// What the people at the clients do: they try again until it is done, as people do when a program crashes under their
// hands.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client/core/record.h"
#include "client/core/test/world.h"

namespace kith::client::test {

// Registers until the stage is "ready"; anew, where the number has an account.
void register_account(World& world, Client& client, const std::string& phone);
// Finds the other by number; their user id.
std::string find(World& world, Client& client, const std::string& phone);
// Writes each text once, in this order: looks first whether it is there already.
void write(World& world, Client& client, const std::string& user, const std::vector<std::string>& texts);
// Everything in the chat with this user, oldest first, as list_messages tells it (again until it is told).
std::vector<Json> chat_with(World& world, Client& client, const std::string& user);
// The same as texts; lines as "(3 lost)", "(some may be missing)" "(identity changed)" or "(new keys)".
std::vector<std::string> texts_with(World& world, Client& client, const std::string& user);
bool has_text(World& world, Client& client, const std::string& user, const std::string& text);
std::string conversation_of(const Client& client, const std::string& user);
// What lies in its rows: its account, ...
AccountRecord stored_account(const Client& client);
// ... the pieces of a group's ratchets, ...
mls::RatchetPieces stored_ratchets(const Client& client, const ConversationId& conversation);
// ... and the group of a conversation as it would be restored; for one that can be.
mls::Group stored_group(const Client& client, const ConversationId& conversation);
// Waits until the chat has this many messages that are in the log.
bool await_messages(World& world, Client& client, const std::string& user, std::size_t count);
std::vector<std::string> numbered(const std::string& prefix, int count);
// The same texts by the same senders in the same order on both sides, each once.
void expect_same_chat(World& world, Client& a, Client& b, std::size_t count);
// Runs a story without a crash, and then with one at every boundary that it has.
void with_a_crash_everywhere(const std::function<void(std::uint64_t crash_at, std::uint64_t& boundaries)>& story,
                             std::uint64_t stride = 1);

inline constexpr const char* kAlicePhone = "+41790000001";
inline constexpr const char* kBobPhone = "+41790000002";

// Alice and Bob, registered, who know each other.
struct Pair {
  explicit Pair(std::uint64_t seed = 1, std::uint64_t crash_at = 0) : world(seed) {
    world.crash_at = crash_at;
    register_account(world, alice, kAlicePhone);
    register_account(world, bob, kBobPhone);
    bob_id = find(world, alice, kBobPhone);
    alice_id = find(world, bob, kAlicePhone);
  }
  World world;
  Client& alice = world.add("Alice");
  Client& bob = world.add("Bob");
  std::string alice_id;
  std::string bob_id;
};

// The same, who have written to each other once.
struct Acquainted : Pair {
  explicit Acquainted(std::uint64_t seed = 1);
  ModelServer::Conversation& conversation() { return world.server.conversations.begin()->second; }
  const ConversationId& id() { return world.server.conversations.begin()->first; }
  std::size_t messages_in_log();
};

}  // namespace kith::client::test
