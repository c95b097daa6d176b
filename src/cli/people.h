// WHO on the command line where only a person will do: a contact's name, a number or e-mail, or the beginning of a user
// id.
#pragma once

#include <string>
#include <vector>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

struct Person {
  std::string user;  // id
  std::string name;  // safe to print
};

// Looks among the contacts first, and asks the server only for a number or address that is not among them.
// Throws Problem: failed (nobody, or more than one), offline.
Person find_person(Session& session, const std::string& who);
// Each once, also who was named twice.
std::vector<Person> find_people(Session& session, const std::vector<std::string>& who);

// Asks the server for a number or address. -> Contact. Throws Problem: failed (nobody), offline.
Json find_contact(Session& session, const std::string& address, const std::string& region);

// The fields of `register` and `find_contact` for a number or address. Numbers without a "+" get the region: of
// --region, or of the locale.
Json address_fields(const std::string& address, const std::string& region);

// A contact, or a member of a group, by what tells it apart from others of its name.
Person person_of(const Json& contact, const Names& names);
// What it calls itself.
std::string contact_name(const Json& contact);

}  // namespace kith::cli
