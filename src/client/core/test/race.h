// A group whose people do everything at once: one seeded source chooses who does what, which frame comes when, who
// loses the connection and whose program ends, and for how long nobody does anything.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "client/core/test/people.h"

namespace kith::client::test {

class Race {
 public:
  // Four to eight people, some of whom are in the group.
  explicit Race(std::uint64_t seed);

  // Something happens.
  void step();
  // Everybody is there again and nothing happens any more; false where that never comes about.
  bool settle();

  [[nodiscard]] ModelServer::Conversation& group() { return world.server.conversations.at(id); }
  [[nodiscard]] static UserId user_of(const Client& client) {
    return *UserId::from_text(client.account["user"].get<std::string>());
  }
  // Whoever has leaves in this epoch, as the server followed the commits.
  const std::set<UserId>& users_in(Epoch epoch);
  // Not those who are leaving.
  [[nodiscard]] bool is_in(const Client& client);
  // An answer of something else than "offline"; the world goes on meanwhile.
  Json ask(Client& client, Json command);
  // Everything that the group's chat shows at this client, oldest first.
  std::vector<Json> rows_of(Client& client);

  World world;
  std::vector<Client*> people;
  std::string conversation;
  ConversationId id{};
  std::set<std::string> taken;  // ids of messages that their sender's program said it has
  int duels = 0;                // two admins who remove each other
  int stuck_owners = 0;         // who wanted to leave, and may not
  int endings = 0;              // the last one left
  int joins = 0;                // by a link

 private:
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }
  Client& anybody() { return *people[below(people.size())]; }
  Client* client_of(const UserId& user);
  void tell(Client& client, Json command);
  void look_at_answers();
  void command(Client& by);
  void change_people(Client& by);
  void change_policy(Client& by);
  void use_links(Client& by);
  void duel();
  void owner_leaves();
  void disturb();
  void let_time_pass();

  std::mt19937_64 random_;
  std::set<Client*> cut_;
  std::map<Client*, std::size_t> looked_;  // at so many events of this life
  std::map<Epoch, std::set<UserId>> users_;
  std::vector<std::pair<std::string, std::string>> links_;  // with the invite's name
  int said_ = 0;
};

}  // namespace kith::client::test
