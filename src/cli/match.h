// How what was typed for a person or a group is compared with those that are known. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace kith::cli {

// Names are compared without regard to case: as this.
std::string compared_name(const std::string& name);
bool is_same_name(const std::string& a, const std::string& b);
bool name_begins(const std::string& name, const std::string& beginning);

// Whether this looks like a number or an e-mail address rather than a name.
bool is_address(const std::string& who);

// Whether the id begins like this; at least six characters are needed.
bool id_begins(const std::string& id, const std::string& beginning);

// Those among `people` (with user, name and perhaps address) who are meant: by name, else by number or address, else by
// the beginning of the user id.
std::vector<Json> people_named(const Json& people, const std::string& who);

// Those among `contacts` whom the user knows: with a number or address, or a chat of two among `chats`. The others were
// only met in a group, under a name of their own choice.
std::vector<Json> people_known(const Json& contacts, const Json& chats);

// The groups among `chats` that are meant by name, else by the beginning of a name, else by that of the id.
std::vector<Json> groups_named(const Json& chats, const std::string& name);

// The contacts and groups that are meant where both may be. A group by its whole name only: who mistypes a person's
// name must not write to many. Nor does a group's id count that looks like a number, since others choose it.
std::vector<Json> recipients_named(const Json& contacts, const Json& chats, const std::string& who);

// Names all that were found, people and chats, with their ids.
Problem more_than_one(const std::string& who, const std::vector<Json>& found);

}  // namespace kith::cli
