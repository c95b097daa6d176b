// Commands about the account's history, and about how chats are shown on all of its devices.
#pragma once

#include "client/core/commands.h"

namespace kith::client {

class ArchiveCommands {
 public:
  explicit ArchiveCommands(Machine& machine) : machine_(machine) {}

  // Runs the command if it is one of these.
  bool run(const std::string& type, const Reply& reply, const Json& command);

 private:
  Machine& machine_;
};

}  // namespace kith::client
