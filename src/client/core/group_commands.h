// The commands about groups of schema/core.d.ts.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "client/core/commands.h"
#include "client/core/invite_link.h"
#include "wire/frame.h"

namespace kith::client {

class Chat;

class GroupCommands {
 public:
  explicit GroupCommands(Machine& machine) : machine_(machine) {}
  // False where it is none of them.
  bool run(const std::string& type, const Reply& reply, const Json& command);
  void disconnected();

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
  // group_invite_commands.cpp
  void create_invite(Chat& chat, const Reply& reply, const Json& command);
  void revoke_invite(Chat& chat, const Reply& reply, const Json& command);
  void decline_request(Chat& chat, const Reply& reply, const Json& command);
  void look_at_invite(const Reply& reply, const Json& command);
  void join(const Reply& reply, const Json& command);
  void ask_to_join(const Reply& reply, const InviteLink& link);
  void with_link(const Reply& reply, const Json& command,
                 const std::function<void(const InviteLink&, const wire::Error*)>& then);
  void ask(const Reply& reply, wire::Body body, std::function<void(const wire::Body&)> then);
  [[nodiscard]] bool is_in(const InviteLink& link) const;

  std::map<std::uint64_t, Reply> asked_;  // questions that are not answered yet, in their order
  std::uint64_t asked_so_far_ = 0;
  Machine& machine_;
};

}  // namespace kith::client
