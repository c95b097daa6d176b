#include "cli/commands.h"
#include "cli/console.h"
#include "cli/match.h"
#include "cli/people.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::string standing(const Json& contact) {
  if (contact.value("identity_changed", false)) return "  " + painted("identity changed", Paint::danger);
  return contact.value("verified", false) ? "  " + painted("✓ verified", Paint::accent) : "";
}

}  // namespace

void run_contacts_list(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  const auto contacts = people_known(session.must({{"type", "list_contacts"}}).at("contacts"),
                                     session.must({{"type", "list_chats"}}).at("chats"));
  for (const auto& contact : contacts) {
    if (settings.json) {
      say_json({{"type", "contact"}, {"contact", contact}});
    } else {
      say(fit(contact_name(contact), 24) + "  " + fit(safe_line(contact.value("address", "")), 24) + "  " +
          painted(contact.value("user", "").substr(0, 12), Paint::faint) + standing(contact));
    }
  }
  if (contacts.empty() && !settings.json) remark("No contacts yet. Add one with: kith contacts add NUMBER");
  session.close();
}

void run_contacts_add(const Settings& settings, const std::string& address, const std::string& region) {
  Session session(settings, false);
  session.start_with_account();
  if (!is_address(address))
    throw Problem{Exit::usage, "\"" + safe_line(address) + "\" is neither a number nor an e-mail address."};
  const Json contact = find_contact(session, address, region);
  if (settings.json) {
    say_json({{"type", "contact"}, {"contact", contact}});
  } else {
    say(contact_name(contact) + " is a contact now.");
  }
  session.close();
}

}  // namespace kith::cli
