// More people than are told of each receipt, and have to come back one by one.
#pragma once

#include <gtest/gtest.h>

#include "client/core/test/friends.h"
#include "mls/framing.h"

namespace kith::client::test {

// Ann's group of twenty.
struct Crowd : Friends {
  explicit Crowd(std::uint64_t seed) : Friends(seed) {
    for (int i = 0; i < 16; ++i) {
      Client& client = world.add("M" + std::to_string(i));
      register_account(world, client, "+41790001" + std::to_string(100 + i));
      others.push_back(&client);
    }
    Json members = Json::array();
    for (Client* client : everybody()) {
      if (client != &ann) members.push_back(id_of(*client));
    }
    conversation =
        (*ann.ask({{"type", "create_group"}, {"name", "Crowd"}, {"members", members}}))["chat"]["conversation"];
    EXPECT_TRUE(world.run_until([&] { return !world.server.conversations.empty() && group().leaves.size() == 20; }));
    for (Client* client : everybody()) await_in(*client);
  }
  std::vector<Client*> everybody() {
    std::vector<Client*> all{&ann, &ben, &cleo, &dan};
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }
  void await_in(Client& client) {
    EXPECT_TRUE(world.run_until([&] {
      const Json here = chat(client);
      return here.is_object() && here["membership"] == "member" && here["title"] == "Crowd";
    })) << client.name;
  }
  // Commits since, and those among them that came from outside.
  std::pair<int, int> commits_since(std::size_t from) {
    int all = 0, external = 0;
    for (std::size_t i = from; i < group().log.size(); ++i) {
      if (group().log[i].kind != wire::EntryKind::commit) continue;
      ++all;
      const auto message = mls::decoded_message<mls::PublicMessage>(group().log[i].payload);
      if (message && message->content.sender.type == mls::SenderType::new_member_commit) ++external;
    }
    return {all, external};
  }
  std::vector<Client*> others;
};

}  // namespace kith::client::test
