// WHO on the command line: a contact's name, a number or e-mail, or the beginning of a user id.
#pragma once

#include <string>

#include "cli/session.h"

namespace kith::cli {

struct Person {
  std::string user;  // id
  std::string name;  // safe to print
};

// Looks among the contacts first, and asks the server only for a number or address that is not among them.
// Throws Problem: failed (nobody, or more than one), offline.
Person find_person(Session& session, const std::string& who);

// Whether this looks like a number or an e-mail address rather than a name.
bool is_address(const std::string& who);
// The fields of `register` and `find_contact` for a number or address. Numbers without a "+" get the region: of
// --region, or of the locale.
Json address_fields(const std::string& address, const std::string& region);

// The chat with this user as `list_chats` shows it; null if there is none.
Json chat_with(Session& session, const std::string& user);

// What to call a contact.
std::string contact_name(const Json& contact);

}  // namespace kith::cli
