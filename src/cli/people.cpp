#include "cli/people.h"

#include <algorithm>
#include <cstdlib>

#include "cli/match.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::string region_of_locale() {
  for (const char* name : {"LC_ALL", "LC_TELEPHONE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || value[0] == '\0') continue;
    const std::string_view locale(value);
    const auto at = locale.find('_');
    return at != std::string_view::npos && locale.size() >= at + 3 ? std::string(locale.substr(at + 1, 2)) : "";
  }
  return "";
}

}  // namespace

std::string contact_name(const Json& contact) {
  const std::string name = safe_line(contact.value("name", ""));
  return name.empty() ? contact.value("user", "").substr(0, 8) : name;
}

Person person_of(const Json& contact, const Names& names) {
  const std::string name = names.find(contact.at("user"));
  return {contact.at("user"), name.empty() ? contact_name(contact) : name};
}

Json address_fields(const std::string& address, const std::string& region) {
  if (address.find('@') != std::string::npos) return {{"email", address}};
  Json fields{{"phone", address}};
  const std::string known = region.empty() ? region_of_locale() : region;
  if (!address.starts_with('+') && !known.empty()) fields["region"] = known;
  return fields;
}

Json find_contact(Session& session, const std::string& address, const std::string& region) {
  if (!session.come_online(std::chrono::seconds(10))) {
    throw Problem{Exit::offline, "The server can't be reached to look for " + safe_line(address) + "."};
  }
  Json command = address_fields(address, region);
  command["type"] = "find_contact";
  const Answer answer = session.ask(std::move(command));
  if (answer.error() == "not_found")
    throw Problem{Exit::failed, "Nobody with this number or address is on this server."};
  if (!answer.is_done()) throw problem_of(answer.event);
  return answer.event.at("contact");
}

Person find_person(Session& session, const std::string& who) {
  const auto found = people_named(session.must({{"type", "list_contacts"}}).at("contacts"), who);
  if (found.size() > 1) throw more_than_one(who, found);
  if (found.size() == 1) return person_of(found.front(), Names::load(session));
  if (is_address(who)) return person_of(find_contact(session, who, ""), Names::load(session));
  throw Problem{Exit::failed,
                "There is no contact named " + safe_line(who) + ". Add one with: kith contacts add NUMBER"};
}

std::vector<Person> find_people(Session& session, const std::vector<std::string>& who) {
  std::vector<Person> people;
  for (const auto& one : who) {
    Person person = find_person(session, one);
    if (std::ranges::find(people, person.user, &Person::user) == people.end()) people.push_back(std::move(person));
  }
  return people;
}

}  // namespace kith::cli
