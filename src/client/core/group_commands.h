// The commands about groups of schema/core.d.ts.
#pragma once

#include <functional>
#include <string>

#include "client/core/commands.h"

namespace kith::client {

class Chat;

class GroupCommands {
 public:
  explicit GroupCommands(Machine& machine) : machine_(machine) {}
  // False where it is none of them.
  bool run(const std::string& type, const Reply& reply, const Json& command);

 private:
  using Change = void (GroupCommands::*)(Chat&, const Reply&, const Json&);

  void create(const Reply& reply, const Json& command);
  // A group that this user is in, whose rows are loaded, and a connection: for what the server has to take.
  void with_group(const Reply& reply, const Json& command, Change change);
  void info(const Reply& reply, const Json& command);
  void add(Chat& chat, const Reply& reply, const Json& command);
  void remove(Chat& chat, const Reply& reply, const Json& command);
  void leave(Chat& chat, const Reply& reply, const Json& command);
  void set_role(Chat& chat, const Reply& reply, const Json& command);
  void set(Chat& chat, const Reply& reply, const Json& command);
  void set_profile(Chat& chat, const Reply& reply, const Json& command, const std::function<void()>& then);

  Machine& machine_;
};

}  // namespace kith::client
