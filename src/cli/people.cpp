#include "cli/people.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <vector>

#include "cli/text.h"

namespace kith::cli {
namespace {

constexpr std::size_t kShortestIdPrefix = 6;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
  });
  return text;
}

// What tells two spellings of one number or address apart does not count.
std::string plain_address(const std::string& address) {
  if (address.find('@') != std::string::npos) return lower(address);
  std::string digits;
  std::ranges::copy_if(address, std::back_inserter(digits),
                       [](unsigned char c) { return std::isdigit(c) != 0 || c == '+'; });
  return digits;
}

bool is_id_prefix(const std::string& who) {
  return who.size() >= kShortestIdPrefix && who.size() <= 32 &&
         std::ranges::all_of(who, [](unsigned char c) { return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f'); });
}

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

template <class Matches>
std::vector<Json> matching(const Json& contacts, Matches matches) {
  std::vector<Json> found;
  std::ranges::copy_if(contacts, std::back_inserter(found), matches);
  return found;
}

Person person_of(const Json& contact) { return {contact.at("user"), contact_name(contact)}; }

}  // namespace

std::string contact_name(const Json& contact) {
  const std::string name = safe_line(contact.value("name", ""));
  return name.empty() ? contact.value("user", "").substr(0, 8) : name;
}

bool is_address(const std::string& who) {
  if (who.find('@') != std::string::npos) return true;
  const auto digits = std::ranges::count_if(who, [](unsigned char c) { return std::isdigit(c) != 0; });
  return digits >= 3 && std::ranges::all_of(who, [](unsigned char c) {
           return std::isdigit(c) != 0 || c == '+' || c == ' ' || c == '-' || c == '(' || c == ')' || c == '/' ||
                  c == '.';
         });
}

Json address_fields(const std::string& address, const std::string& region) {
  if (address.find('@') != std::string::npos) return {{"email", address}};
  Json fields{{"phone", address}};
  const std::string known = region.empty() ? region_of_locale() : region;
  if (!address.starts_with('+') && !known.empty()) fields["region"] = known;
  return fields;
}

Person find_person(Session& session, const std::string& who) {
  const Json contacts = session.must({{"type", "list_contacts"}}).at("contacts");
  auto found = matching(contacts, [&](const Json& c) { return lower(c.value("name", "")) == lower(who); });
  if (found.empty() && is_address(who)) {
    found =
        matching(contacts, [&](const Json& c) { return plain_address(c.value("address", "")) == plain_address(who); });
  }
  if (found.empty() && is_id_prefix(who)) {
    found = matching(contacts, [&](const Json& c) { return c.value("user", "").starts_with(who); });
  }
  if (found.size() == 1) return person_of(found.front());
  if (found.size() > 1) {
    std::string message = "There is more than one " + safe_line(who) + ". Say which by the id:";
    for (const auto& c : found) message += "\n  " + c.value("user", "") + "  " + safe_line(c.value("address", ""));
    throw Problem{Exit::failed, message};
  }
  if (!is_address(who)) {
    throw Problem{Exit::failed,
                  "There is no contact named " + safe_line(who) + ". Add one with: kith contacts add NUMBER"};
  }
  if (!session.come_online(std::chrono::seconds(10))) {
    throw Problem{Exit::offline, "The server can't be reached to look for " + safe_line(who) + "."};
  }
  Json command = address_fields(who, "");
  command["type"] = "find_contact";
  return person_of(session.must(std::move(command)).at("contact"));
}

Json chat_with(Session& session, const std::string& user) {
  const Json chats = session.must({{"type", "list_chats"}}).at("chats");
  const auto found = std::ranges::find_if(chats, [&](const Json& c) { return c.value("user", "") == user; });
  return found == chats.end() ? Json() : *found;
}

}  // namespace kith::cli
