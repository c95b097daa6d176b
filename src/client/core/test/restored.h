// A server that goes back to a backup.
#pragma once

#include <initializer_list>
#include <map>

#include "client/core/test/world.h"

namespace kith::client::test {

using Backup = std::map<ConversationId, ModelServer::Conversation>;

// To what its conversations were then; who is named was connected.
inline void restore(World& world, const Backup& backup, std::initializer_list<Client*> online) {
  for (Client* client : online) client->set_network(false);
  world.server.conversations = backup;
  ++world.server.history.value[0];
  for (Client* client : online) client->set_network(true);
}

inline void forget_everything(World& world, std::initializer_list<Client*> online) { restore(world, {}, online); }

}  // namespace kith::client::test
