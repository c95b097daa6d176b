// Four people who know each other's numbers, and a group of some of them.
#pragma once

#include <initializer_list>

#include "client/core/test/people.h"

namespace kith::client::test {

struct Friends {
  explicit Friends(std::uint64_t seed = 1, std::uint64_t crash_at = 0);

  // The command until it is answered by something else than "offline": "done", or the error's name. A group's
  // conversation is filled in.
  std::string run(Client& by, Json command);
  // Ann makes the group, with these; waits until they are all in.
  void found(std::initializer_list<Client*> with);
  // Waits for them to be in, where they are not away.
  std::string add(Client& by, std::initializer_list<Client*> whom);
  std::string remove(Client& by, const Client& whom);
  std::string role(Client& by, const Client& whom, const std::string& role);
  std::string say(Client& by, const std::string& text);
  // Written once, though the answer may have been lost with a crash; a failure where it never is.
  void say_once(Client& by, const std::string& text);
  // What is in the log of the group at this client, oldest first: "Ann: hello", "[Ann added Ben, Cleo]".
  std::vector<std::string> seen(Client& by);
  // Until all of these see the same, which ends with that; a failure where they never do.
  void expect_all_see(std::initializer_list<Client*> who, const std::string& last);
  bool await(Client& who, const std::string& last);
  Json info(Client& by);
  // "Ann owner, Ben admin": as group_info tells it.
  std::string roster(Client& by);
  Json chat(Client& by);
  std::string id_of(const Client& client) const { return client.account["user"]; }
  [[nodiscard]] ConversationId id() const { return *ConversationId::from_text(conversation); }
  static ModelServer::Device device_of(const Client& client) {
    return {*UserId::from_text(client.account["user"].get<std::string>()),
            *DeviceId::from_text(client.account["device"].get<std::string>())};
  }
  ModelServer::Conversation& group() { return world.server.conversations.at(id()); }

  World world;
  Client& ann = world.add("Ann");
  Client& ben = world.add("Ben");
  Client& cleo = world.add("Cleo");
  Client& dan = world.add("Dan");
  std::string conversation;

 private:
  [[nodiscard]] std::string name_of(const std::string& user) const;
  [[nodiscard]] std::string names_of(const Json& users) const;
  [[nodiscard]] std::string told(const Json& change, const std::string& by) const;
  [[nodiscard]] std::vector<std::string> told(const Json& message) const;
};

}  // namespace kith::client::test
