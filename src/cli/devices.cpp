// One's own devices: the code of a new one, taking it up, the list.
#include "cli/devices.h"

#include <unistd.h>

#include <array>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/incoming_history.h"
#include "cli/people.h"
#include "cli/qr_text.h"
#include "cli/text.h"

namespace kith::cli {

std::string device_name(const std::string& given) {
  if (!given.empty()) return given;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') return "terminal";
  return "kith on " + std::string(host.data());
}

namespace {

// A new device shows its code until somebody has taken it up.
class NewDevice {
 public:
  NewDevice(Session& session, const Settings& settings, const LinkOptions& options)
      : session_(session), settings_(settings), options_(options) {}

  void run() {
    if (session_.stage() == "removed") throw device_removed();
    if (session_.stage() != "new" && session_.stage() != "linking" && session_.stage() != "account") {
      throw Problem{Exit::not_registered,
                    "This profile has an account, or is about to. Use --profile NAME for another."};
    }
    const bool is_shown_already = session_.stage() == "linking" && options_.phone.empty() && options_.email.empty();
    if (!is_shown_already) begin();
    show();
    const bool is_done = session_.run_until(
        [this] {
          show();
          return session_.stage() != "linking";
        },
        options_.timeout_s ? std::optional(std::chrono::milliseconds(std::chrono::seconds(*options_.timeout_s)))
                           : std::nullopt);
    if (!is_done || session_.stage() != "ready")
      throw Problem{Exit::failed, "Nobody has taken up the code. Run kith link again to go on."};
    await_chats(session_, settings_);
  }

 private:
  void begin() {
    std::string address = options_.email.empty() ? options_.phone : options_.email;
    if (address.empty()) {
      const auto line = ask_line(session_, "The phone number or e-mail of your account");
      if (!line || line->empty())
        throw Problem{Exit::usage,
                      "Linking needs the account's address. In a script, give it with --phone or --email."};
      address = *line;
    }
    Json command = address_fields(address, options_.region);
    command["type"] = "begin_link";
    command["device_name"] = device_name(options_.device_name);
    session_.must(std::move(command));
  }

  // Each code once, and that it was taken up.
  void show() {
    const auto link = session_.account().find("link");
    if (link == session_.account().end() || !link->is_object()) return;
    const std::string code = link->value("code", "");
    const bool is_taken_up = link->value("is_taken_up", false);
    if (settings_.json) {
      if (std::pair(code, is_taken_up) != shown_) say_json(*link);
    } else if (code != shown_.first) {
      remark(shown_.first.empty()
                 ? "On a device that has your account, enter this code (in kith: kith devices add CODE):"
                 : "That code has run out. This one holds now:");
      say("");
      for (const auto& line : qr_lines(link->value("qr", ""), stdout_is_terminal() && !wants_no_colour())) say(line);
      say("");
      say("    " + painted(code, Paint::bold));
      say("");
      say("It will show " + painted(link->value("confirmation", ""), Paint::bold) + " before it asks you.");
    } else if (is_taken_up && !shown_.second) {
      remark("Your other device has the code. Say yes there if it shows " + link->value("confirmation", "") + ".");
    }
    shown_ = {code, is_taken_up};
  }

  Session& session_;
  const Settings& settings_;
  const LinkOptions& options_;
  std::pair<std::string, bool> shown_;
};

std::string day_of(const Json& device, const char* field) {
  const std::int64_t at = device.value(field, std::int64_t{0});
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return at == 0 ? "" : day_within_sentence(at, now);
}

// What people call it; the server may not name one that the account has.
std::string title_of(const Json& device) {
  const std::string name = safe_line(device.value("name", ""));
  return name.empty() ? "a device without a name" : name;
}

Json devices_of(Session& session) { return session.must({{"type", "list_devices"}}).value("devices", Json::array()); }

// The one that this names: its whole name, or the beginning of its id.
Json find_device(Session& session, const std::string& which) {
  std::vector<Json> found;
  for (const Json& device : devices_of(session)) {
    if (device.value("name", "") == which || device.value("device", "").starts_with(which)) found.push_back(device);
  }
  if (found.empty()) throw Problem{Exit::failed, "You have no such device."};
  if (found.size() > 1) throw Problem{Exit::failed, "More than one of your devices fits. Say it by its id."};
  return found.front();
}

}  // namespace

void link_this_device(Session& session, const Settings& settings, const LinkOptions& options) {
  NewDevice(session, settings, options).run();
}

void await_chats(Session& session, const Settings& settings) {
  constexpr std::chrono::seconds kCatchUp{60};
  if (!settings.json)
    say("Welcome back, " + safe_line(session.account().value("name", "")) + ". Your chats are coming in.");
  IncomingHistory history(session, settings);
  if (!session.catch_up(kCatchUp)) {
    remark("There is no connection now; the chats come later.");
  } else if (!history.wait()) {
    remark("There is no connection any more; the rest of your history comes later.");
  }
}

void run_link(const Settings& settings, const LinkOptions& options) {
  Session session(settings, true);
  session.start();
  if (session.stage() == "new") session.profile().remember_server(session.profile().server());
  link_this_device(session, settings, options);
  if (settings.json) say(Json{{"type", "account"}, {"account", session.account()}}.dump());
  session.close();
}

void run_devices_list(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  const Json answer = session.must({{"type", "list_devices"}});
  for (const Json& device : answer.value("devices", Json::array())) {
    if (settings.json) {
      say_json(device);
      continue;
    }
    std::string line = painted(device.value("device", "").substr(0, 8), Paint::faint) + "  " + title_of(device) +
                       (device.value("is_this", false) ? " (this one)" : "");
    if (const auto added = day_of(device, "added_at"); !added.empty()) line += ", added " + added;
    if (const auto seen = day_of(device, "last_seen"); !seen.empty()) line += ", last seen " + seen;
    say(line);
  }
  if (!settings.json && session.account().value("awaits_keys", false))
    remark("This device waits for the account's new keys, which another one of yours has made.");
  if (!settings.json && !answer.value("keys_by_recovery_key", true))
    remark(
        "Your keys were last made without the recovery key. If that was not you: kith devices rotate "
        "--recovery-key");
  session.close();
}

void run_devices_add(const Settings& settings, const DeviceOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  std::string code = options.code;
  if (code == "-") code = ask_line(session, "").value_or("");
  // What is handed over is what this device has: the account's keys as they are now, its chats and people.
  session.catch_up(std::chrono::seconds(10));
  const Json looked = session.must({{"type", "look_at_link"}, {"code", code}});
  const std::string name = looked.value("device_name", "");
  if (!options.is_confirmed) {
    remark("The code is of " + in_quotes(name.empty() ? "a device without a name" : name) +
           ". Whoever holds it will read and write everything in your name.");
    if (!says_yes(session, "Does it show " + looked.value("confirmation", "") + "?"))
      throw Problem{Exit::failed, "It was not added."};
  }
  session.must({{"type", "link_device"}, {"code", code}});
  if (settings.json) {
    say_json({{"device_name", name}, {"confirmation", looked.value("confirmation", "")}});
  } else {
    say((name.empty() ? "A device without a name" : in_quotes(name)) +
        " is coming into your account. It is in kith devices once it is there.");
  }
  session.close();
}

void run_devices_rename(const Settings& settings, const DeviceOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Json device = find_device(session, options.which);
  session.must({{"type", "rename_device"}, {"device", device.at("device")}, {"name", options.name}});
  if (!settings.json) say("It is called " + in_quotes(options.name) + " now.");
  session.close();
}

namespace {

// What the user is about to pay for beginning them without the recovery key.
void tell_price(const DeviceOptions& options) {
  if (options.asks_recovery_key) return;
  remark(
      "Without your recovery key (--recovery-key) your contacts are told that your keys are new, and whoever has "
      "verified you has to compare safety numbers again.");
}

// What the account's keys begin anew with: the recovery key, or nothing but this device's word.
void begin_generation(Session& session, Json command, const DeviceOptions& options) {
  if (options.asks_recovery_key) {
    const auto key = ask_line(session, "Your recovery key");
    if (!key || key->empty())
      throw Problem{Exit::usage, "The recovery key is read from the terminal, or the standard input."};
    command["recovery_key"] = *key;
  }
  if (options.removes_unreachable) command["removes_unreachable"] = true;
  // Another device may have made new keys since this one was last here: they follow one another.
  session.catch_up(std::chrono::seconds(10));
  const auto answer = session.ask(std::move(command));
  if (answer.is_done()) return;
  if (answer.error() == "wrong_recovery_key")
    throw Problem{Exit::failed, "This is not the recovery key of your account."};
  throw problem_of(answer.event);
}

}  // namespace

void run_devices_remove(const Settings& settings, const DeviceOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Json device = find_device(session, options.which);
  const std::string called = device.value("name", "");
  const std::string name = called.empty() ? "A device without a name" : in_quotes(called);
  if (device.value("is_this", false))
    throw Problem{Exit::failed, "This is the device that you sit at. Remove it from another one of yours."};
  if (!options.is_confirmed) {
    remark(name +
           " will be logged out at once. It can read nothing that is written from then on; what it has it keeps.");
    tell_price(options);
    if (!says_yes(session, "Remove it from your account?")) throw Problem{Exit::failed, "It was not removed."};
  }
  begin_generation(session, {{"type", "revoke_device"}, {"device", device.at("device")}}, options);
  if (!settings.json) say(name + " is none of your devices any more.");
  // The chats are to be without it before anybody writes.
  session.catch_up(std::chrono::seconds(10));
  session.close();
}

void run_devices_rotate(const Settings& settings, const DeviceOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  if (!options.is_confirmed && !options.asks_recovery_key) {
    tell_price(options);
    if (!says_yes(session, "Make new keys without it?")) throw Problem{Exit::failed, "No keys were made."};
  }
  begin_generation(session, {{"type", "rotate_keys"}}, options);
  if (!settings.json) say("Your account has new keys.");
  session.close();
}

void run_forget(const Settings& settings, bool is_confirmed) {
  Session session(settings, false);
  session.start();
  if (session.stage() != "removed")
    throw Problem{Exit::failed, "This device belongs to an account. Remove it from another one first."};
  if (!is_confirmed && !says_yes(session, "Delete everything that this device kept of the account?"))
    throw Problem{Exit::failed, "Nothing was deleted."};
  session.must({{"type", "forget_device"}});
  if (!settings.json) say("It is deleted. Begin anew with: kith link, or kith register");
  session.close();
}

}  // namespace kith::cli
