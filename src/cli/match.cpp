#include "cli/match.h"

#include <algorithm>
#include <cctype>
#include <set>

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

template <class Matches>
void add_matching(std::vector<Json>& found, const Json& all, Matches matches) {
  std::ranges::copy_if(all, std::back_inserter(found), matches);
}

bool is_group(const Json& chat) { return chat.value("kind", "") == "group"; }

std::string candidate(const Json& one) {
  if (!is_group(one)) return one.value("user", "") + "  " + safe_line(one.value("address", ""));
  const bool is_out = one.value("membership", "") == "out";
  return one.value("conversation", "") + "  the group " + in_quotes(one.value("title", "")) +
         (is_out ? ", which you are not in any more" : "");
}

}  // namespace

std::string compared_name(const std::string& name) { return lower(name); }

bool is_same_name(const std::string& a, const std::string& b) { return lower(a) == lower(b); }

bool name_begins(const std::string& name, const std::string& beginning) {
  return !beginning.empty() && lower(name).starts_with(lower(beginning));
}

bool is_address(const std::string& who) {
  if (const auto at = who.find('@'); at != std::string::npos) return at > 0;
  const auto digits = std::ranges::count_if(who, [](unsigned char c) { return std::isdigit(c) != 0; });
  return digits >= 3 && std::ranges::all_of(who, [](unsigned char c) {
           return std::isdigit(c) != 0 || c == '+' || c == ' ' || c == '-' || c == '(' || c == ')' || c == '/' ||
                  c == '.';
         });
}

bool id_begins(const std::string& id, const std::string& beginning) {
  return beginning.size() >= kShortestIdPrefix && id.starts_with(beginning);
}

std::vector<Json> people_named(const Json& people, const std::string& who) {
  // As somebody is named in a text.
  if (who.starts_with('@')) return people_named(people, who.substr(1));
  std::vector<Json> found;
  add_matching(found, people, [&](const Json& p) { return is_same_name(p.value("name", ""), who); });
  if (found.empty() && is_address(who)) {
    add_matching(found, people,
                 [&](const Json& p) { return plain_address(p.value("address", "")) == plain_address(who); });
  }
  if (found.empty()) add_matching(found, people, [&](const Json& p) { return id_begins(p.value("user", ""), who); });
  return found;
}

std::vector<Json> people_known(const Json& contacts, const Json& chats) {
  std::set<std::string> written;
  for (const auto& chat : chats) {
    if (!is_group(chat)) written.insert(chat.value("user", ""));
  }
  std::vector<Json> known;
  add_matching(known, contacts,
               [&](const Json& c) { return !c.value("address", "").empty() || written.contains(c.value("user", "")); });
  return known;
}

std::vector<Json> groups_named(const Json& chats, const std::string& name) {
  std::vector<Json> found;
  const auto add = [&](const auto& matches) {
    if (found.empty()) add_matching(found, chats, [&](const Json& c) { return is_group(c) && matches(c); });
  };
  add([&](const Json& c) { return is_same_name(c.value("title", ""), name); });
  add([&](const Json& c) { return name_begins(c.value("title", ""), name); });
  add([&](const Json& c) { return id_begins(c.value("conversation", ""), name); });
  return found;
}

std::vector<Json> recipients_named(const Json& contacts, const Json& chats, const std::string& who) {
  if (who.starts_with('@')) return recipients_named(contacts, chats, who.substr(1));
  std::vector<Json> found;
  add_matching(found, contacts, [&](const Json& c) { return is_same_name(c.value("name", ""), who); });
  add_matching(found, chats, [&](const Json& c) { return is_group(c) && is_same_name(c.value("title", ""), who); });
  if (!found.empty()) return found;
  found = people_named(contacts, who);
  if (!is_address(who)) {
    add_matching(found, chats,
                 [&](const Json& c) { return is_group(c) && id_begins(c.value("conversation", ""), who); });
  }
  return found;
}

Problem more_than_one(const std::string& who, const std::vector<Json>& found) {
  std::string message = "There is more than one " + safe_line(who) + ". Say which by the id:";
  for (const auto& one : found) message += "\n  " + candidate(one);
  return {Exit::failed, message};
}

}  // namespace kith::cli
