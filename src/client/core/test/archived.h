// Archives in tests: what is in them, and stories of people with two devices.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/core/test/friends.h"
#include "client/core/test/linked.h"
#include "wire/archive.h"

namespace kith::client::test {

inline ModelServer::Archive& archive_of(World& world, const Client& owner) {
  return world.server.archives[*UserId::from_text(owner.account["user"].get<std::string>())];
}

// Of all blocks that are not erased, oldest first; the account's key of now opens them.
std::vector<wire::ArchiveContent> contents_of(World& world, const Client& owner);
// The texts in them, oldest block first; lines as "*".
std::vector<std::string> texts_in(World& world, const Client& owner);
// Nothing is left to write: so many seconds without a block.
void settle(World& world);
// Until reading is done.
bool await_history(World& world, Client& client);
Json chat_of(Client& client, const std::string& conversation);

// Alice and Bob, who have written to each other, and what was said lies in their archives.
struct Archived : Acquainted {
  explicit Archived(std::uint64_t seed = 1, int more = 0) : Acquainted(seed) {
    write(world, bob, alice_id, numbered("bob ", more));
    EXPECT_TRUE(await_messages(world, alice, bob_id, 2 + static_cast<std::size_t>(more)));
    settle(world);
  }
  // Linked by Alice.
  Client& tablet = world.add("Alice's tablet");
  bool same_history(Client& one, Client& other) {
    return texts_with(world, one, bob_id) == texts_with(world, other, bob_id);
  }
  void expect_same_history() {
    EXPECT_TRUE(world.run_until([&] { return same_history(alice, tablet); }));
    EXPECT_EQ(texts_with(world, tablet, bob_id), texts_with(world, alice, bob_id));
  }
};

}  // namespace kith::client::test
