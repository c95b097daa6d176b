#include "cli/names.h"

#include "cli/text.h"

namespace kith::cli {

Names Names::load(Session& session) {
  Names names(session.account().value("user", ""));
  for (const auto& contact : session.must({{"type", "list_contacts"}}).at("contacts")) names.put(contact);
  return names;
}

void Names::put(const Json& contact) {
  const std::string name = safe_line(contact.value("name", ""));
  if (!name.empty()) names_[contact.value("user", "")] = name;
}

std::string Names::find(const std::string& user) const {
  const auto found = names_.find(user);
  return found == names_.end() ? "" : found->second;
}

std::string Names::sender(const Json& message) const {
  if (message.value("mine", false)) return "You";
  const std::string user = message.value("sender", "");
  const std::string name = find(user);
  return name.empty() ? user.substr(0, 8) : name;
}

}  // namespace kith::cli
