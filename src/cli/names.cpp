#include "cli/names.h"

#include <algorithm>

#include "cli/match.h"
#include "cli/text.h"

namespace kith::cli {

Names Names::load(Session& session) {
  Names names(session.account().value("user", ""));
  for (const auto& contact : session.must({{"type", "list_contacts"}}).at("contacts")) names.put(contact);
  return names;
}

void Names::put(const Json& contact) {
  const std::string user = contact.value("user", "");
  const std::string name = safe_line(contact.value("name", ""));
  if (name.empty()) return;
  Known& known = known_[user];
  std::erase_if(users_, [&](const auto& one) { return one.second == user; });
  users_.emplace(compared_name(name), user);
  known.name = name;
  // What tells only of a new name does not take the address away.
  if (contact.contains("address")) known.address = safe_line(contact.value("address", ""));
}

std::string Names::find(const std::string& user) const {
  const auto found = known_.find(user);
  if (found == known_.end()) return "";
  const std::string tag = tag_of(user, found->second);
  return found->second.name + (tag.empty() ? "" : " (" + tag + ")");
}

std::string Names::argument(const std::string& user) const {
  const auto found = known_.find(user);
  if (found == known_.end()) return "";
  const std::string tag = tag_of(user, found->second);
  return as_argument(tag.empty() ? found->second.name : tag);
}

// Empty where nobody else has the name.
std::string Names::tag_of(const std::string& user, const Known& known) const {
  const auto [first, end] = users_.equal_range(compared_name(known.name));
  if (first == end || std::next(first) == end) return "";
  if (!known.address.empty()) return known.address;
  // Ids of people who came at about the same time begin alike.
  std::size_t same = 0;
  for (auto other = first; other != end; ++other) {
    if (other->second == user) continue;
    const auto differs = std::ranges::mismatch(user, other->second).in1;
    same = std::max(same, static_cast<std::size_t>(differs - user.begin()));
  }
  return user.substr(0, std::max<std::size_t>(8, same + 1));
}

std::string Names::sender(const Json& message) const {
  if (message.value("mine", false)) return "You";
  const std::string user = message.value("sender", "");
  const std::string name = find(user);
  return name.empty() ? user.substr(0, 8) : name;
}

}  // namespace kith::cli
