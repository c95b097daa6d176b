#include <iostream>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/people.h"
#include "cli/qr_text.h"
#include "cli/safety_text.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

void show_number(Session& session, const Settings& settings, const Person& person, const std::string& who) {
  Json number = session.must({{"type", "safety_number"}, {"user", person.user}});
  if (settings.json) {
    number["type"] = "safety_number";
    number["user"] = person.user;
    number.erase("id");
    return say_json(number);
  }
  say("Your safety number with " + painted(person.name, Paint::bold) + ":");
  say("");
  for (const auto& line : digit_lines(number.value("digits", ""))) say("  " + line);
  say("");
  for (const auto& line : qr_lines(number.value("qr", ""), stdout_is_terminal() && !wants_no_colour())) say(line);
  if (number.value("identity_changed", false)) {
    say("Another identity of " + person.name + " was seen. This is the number of the one that you know.");
  } else {
    say(person.name + (number.value("verified", false) ? " is verified." : " is not verified."));
  }
  const std::string command = "kith verify " + as_argument(who);
  remark("Compare it outside of Kith. If it is the same on both devices: " + command + " --yes");
  remark("To compare by what the other QR code says, also of the chat: " + command + " --scanned TEXT");
}

// Throws Problem where the two do not match.
void compare(Session& session, const Settings& settings, const Person& person, const std::string& scanned) {
  Json comparison = session.must({{"type", "compare_safety_number"}, {"user", person.user}, {"scanned", scanned}});
  const std::string text = comparison_text(comparison, person.name);
  const bool matches = comparison.value("matches", false);
  if (settings.json) {
    comparison["type"] = "comparison";
    comparison["user"] = person.user;
    comparison.erase("id");
    say_json(comparison);
  } else if (matches) {
    say(text);
  }
  if (!matches) throw Problem{Exit::failed, text};
}

void change(Session& session, const Settings& settings, const Person& person, Json command, const std::string& said) {
  command["user"] = person.user;
  session.must(std::move(command));
  if (!settings.json) return say(said);
  for (const Json& contact : session.must({{"type", "list_contacts"}}).at("contacts")) {
    if (contact.at("user") == person.user) say_json({{"type", "contact"}, {"contact", contact}});
  }
}

}  // namespace

void run_verify(const Settings& settings, const VerifyOptions& options) {
  std::string scanned = options.scanned;
  if (scanned == "-" && !std::getline(std::cin, scanned))
    throw Problem{Exit::usage, "There is no safety number on the standard input."};
  Session session(settings, false);
  session.start_with_account();
  const Person person = find_person(session, options.who);
  // The chat is compared as well, where this device is up to date; the rest needs no server.
  if (!options.undo && !options.accept) session.catch_up(std::chrono::seconds(10));
  if (!scanned.empty()) compare(session, settings, person, scanned);
  if (options.accept) {
    change(session, settings, person, {{"type", "accept_identity"}},
           "You know " + person.name + " by the new identity now. It is not verified.");
  } else if (options.undo) {
    change(session, settings, person, {{"type", "set_verified"}, {"verified", false}},
           person.name + " is not verified any more.");
  } else if (options.yes) {
    change(session, settings, person, {{"type", "set_verified"}, {"verified", true}}, person.name + " is verified.");
  } else if (scanned.empty()) {
    show_number(session, settings, person, options.who);
  }
  session.close();
}

}  // namespace kith::cli
