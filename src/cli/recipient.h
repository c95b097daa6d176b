// WHO on the command line where a chat is meant: a person, or a group by its whole name or the beginning of its id.
// Neither wins where both have the same name: people name themselves, and groups are named by others.
#pragma once

#include <string>

#include "cli/session.h"

namespace kith::cli {

struct Recipient {
  std::string user;          // a person's id
  std::string conversation;  // a group's id
  std::string title;         // safe to print
  [[nodiscard]] bool is_group() const { return user.empty(); }
  // The field of `send` that names it.
  [[nodiscard]] Json field() const;
  [[nodiscard]] bool is_chat(const Json& chat) const;
};

// Looks among contacts and groups; asks the server only for a number or address that is not among them, and waits for
// what a server may still have for this device when there is nobody by this name.
// Throws Problem: failed (nobody, or more than one), offline.
Recipient find_recipient(Session& session, const std::string& who);

// The group as `list_chats` shows it, by its name, a beginning of it, or that of its id.
// Throws Problem: failed (none, or more than one).
Json find_group(Session& session, const std::string& name);

// The chat as `list_chats` shows it; null if there is none.
Json chat_of(Session& session, const Recipient& recipient);

// Why nothing can be written in this chat, as a sentence; empty where it can, and where there is none yet (null).
std::string why_closed(const Json& chat);

}  // namespace kith::cli
