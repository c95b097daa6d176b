#include <algorithm>
#include <array>
#include <cctype>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/devices.h"
#include "cli/people.h"
#include "cli/qr_text.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

// Registration as a walk over the account's stages: each step asks for what is not on the command line, and a walk that
// was broken off goes on where it was.
class Registration {
 public:
  Registration(Session& session, const Settings& settings, const RegisterOptions& options)
      : session_(session), settings_(settings), options_(options) {}

  void run() {
    if (session_.stage() == "ready") {
      throw Problem{Exit::not_registered, "This profile is registered already, as " +
                                              safe_line(session_.account().value("name", "")) +
                                              ". Use --profile NAME for another account."};
    }
    if (session_.stage() == "removed") throw device_removed();
    // An address on the command line begins anew: the code of an earlier walk may long have expired.
    const bool begins =
        session_.stage() == "new" || ((session_.stage() == "code" || session_.stage() == "account") && has_address());
    if (begins) give_address();
    if (session_.stage() == "code") confirm_code();
    if (session_.stage() == "account") {
      choose_account();
      if (session_.stage() == "ready") return;
    }
    if (session_.stage() == "name") create_account();
    if (session_.stage() == "recovery_key") confirm_recovery_key();
    if (session_.stage() != "ready") throw Problem{Exit::failed, "Registration did not come to its end."};
    if (!settings_.json)
      say("Welcome, " + safe_line(session_.account().value("name", "")) +
          ". Find somebody with: kith contacts add NUMBER");
  }

 private:
  [[nodiscard]] bool has_address() const { return !options_.phone.empty() || !options_.email.empty(); }

  std::string answer(const std::string& given, std::string_view question, std::string_view flag) {
    if (!given.empty()) return given;
    const auto line = ask_line(session_, question);
    if (line && !line->empty()) return *line;
    throw Problem{Exit::usage,
                  "Registration needs an answer here. In a script, give it with " + std::string(flag) + "."};
  }

  void give_address() {
    const std::string given = options_.email.empty() ? options_.phone : options_.email;
    for (;;) {
      const std::string address = answer(given, "Your phone number (as +49 151 …) or e-mail", "--phone or --email");
      Json command = address_fields(address, options_.region);
      command["type"] = "register";
      const auto result = session_.ask(std::move(command));
      if (result.is_done()) break;
      const bool may_retry = result.error() == "invalid_argument" && given.empty() && stdin_is_terminal();
      if (!may_retry) throw problem_of(result.event);
      remark("That is not a number or an e-mail address. A number begins with + and the country's code.");
    }
    if (!settings_.json)
      remark("A code is on its way to " + safe_line(session_.account().value("address", "you")) + ".");
  }

  void confirm_code() {
    for (;;) {
      const std::string code =
          answer(options_.code, "The code that was sent to " + safe_line(session_.account().value("address", "you")),
                 "--code");
      // What cannot be one costs no attempt.
      if (options_.code.empty() && stdin_is_terminal() && code.find_first_not_of("0123456789 ") != std::string::npos) {
        remark("The code is six digits.");
        continue;
      }
      const auto result = session_.ask({{"type", "confirm_code"}, {"code", code}});
      if (result.is_done()) return;
      const bool may_retry = result.error() == "wrong_code" && options_.code.empty() && stdin_is_terminal();
      if (!may_retry) throw problem_of(result.event);
      const int left = result.event.value("attempts_left", 0);
      remark("That is not the code." + (left > 0 ? " Attempts left: " + std::to_string(left) + "." : ""));
    }
  }

  // The address has an account: back into it, or a new one.
  void choose_account() {
    if (session_.account().value("is_recovering", false)) return await_recovery();
    const std::string choice = !options_.recover_with.empty() ? "recover" : options_.begins_anew ? "anew" : chosen();
    if (choice == "recover") return recover();
    if (choice == "anew") {
      session_.must({{"type", "register_anew"}});
      return;
    }
    LinkOptions link;
    link.phone = session_.account().value("address", "");
    link.device_name = options_.device_name;
    link_this_device(session_, settings_, link);
  }

  std::string chosen() {
    remark(safe_line(session_.account().value("address", "")) + " has an account already.");
    remark("  recover  with your recovery key: this device becomes one of the account's, and is in all its chats");
    remark("  link     with a device at hand that has the account: it takes up a code");
    remark("  anew     with neither: a new account. Your contacts see a new person; groups and messages stay behind");
    for (;;) {
      const std::string choice = answer("", "recover, link or anew", "--recovery-key or --anew");
      if (choice == "recover" || choice == "link" || choice == "anew") return choice;
      if (!stdin_is_terminal()) throw Problem{Exit::usage, "The answer is recover, link or anew."};
    }
  }

  void recover() {
    const bool is_given = !options_.recover_with.empty() && options_.recover_with != "-";
    for (;;) {
      const std::string key = answer(is_given ? options_.recover_with : "", "Your recovery key", "--recovery-key");
      const auto result = recover_with(key);
      if (result.is_done()) return came_back();
      const bool is_wrong = result.error().starts_with("recovery_key_") || result.error() == "wrong_recovery_key";
      if (!is_wrong || is_given || !stdin_is_terminal()) throw problem_of(result.event);
      remark(problem_of(result.event).message);
    }
  }

  void came_back() {
    await_chats(session_, settings_);
    if (!options_.removes_others)
      remark("If a device was lost or stolen, remove it from your account: kith devices remove DEVICE");
  }

  Answer recover_with(const std::string& key) {
    Json command = {{"type", "recover"}, {"recovery_key", key}, {"device_name", device_name(options_.device_name)}};
    if (options_.removes_others) command["removes_others"] = true;
    auto result = session_.ask(command);
    if (result.error() != "keys_taken" || options_.removes_others) return result;
    if (!stdin_is_terminal())
      throw Problem{Exit::failed, result.event.value("message", "") + " In a script: --remove-other-devices."};
    remark(result.event.value("message", ""));
    remark(
        "They are logged out, and what was said since then is not on this device. Your contacts see the same person.");
    if (!says_yes(session_, "Take the account back without its other devices?"))
      throw Problem{Exit::failed, "It was not taken back."};
    command["removes_others"] = true;
    return session_.ask(std::move(command));
  }

  // An earlier walk gave the key, and the answer to it was lost.
  void await_recovery() {
    constexpr std::chrono::seconds kPatience{60};
    session_.run_until([this] { return !session_.account().value("is_recovering", false); }, kPatience);
    if (session_.stage() != "ready") throw Problem{Exit::failed, "The account has not come back. Try again later."};
    came_back();
  }

  void create_account() {
    const std::string name = answer(options_.name, "Your name, as others see it", "--name");
    Json command{{"type", "create_account"}, {"name", name}, {"device_name", device_name(options_.device_name)}};
    const bool is_given = !options_.pin.empty() && options_.pin != "-";
    if (is_given) command["pin"] = options_.pin;
    for (;;) {
      const auto result = session_.ask(command);
      if (result.is_done()) return;
      const bool is_wrong = result.error() == "wrong_pin" || result.error() == "invalid_argument";
      const bool asks = result.error() == "pin_needed" || (is_wrong && command.contains("pin") && stdin_is_terminal());
      if (!asks || is_given) throw problem_of(result.event);
      remark(problem_of(result.event).message);
      command["pin"] = answer("", "Its PIN", "--pin");
    }
  }

  void confirm_recovery_key() {
    const auto key = session_.account().value("recovery_key", std::vector<std::string>{});
    if (options_.is_written_down || options_.recovery_key.empty()) show_key(key);
    for (;;) {
      const auto result = session_.ask({{"type", "confirm_recovery_key"}, {"groups", chosen_groups(key)}});
      if (result.is_done()) return;
      const bool may_retry =
          result.error() == "wrong_recovery_key" && options_.recovery_key.empty() && stdin_is_terminal();
      if (!may_retry) throw problem_of(result.event);
      remark("That is not what is written above. Once more.");
    }
  }

  void show_key(const std::vector<std::string>& key) {
    std::string line;
    for (const auto& group : key) line += (line.empty() ? "" : " ") + group;
    if (settings_.json) {
      say(Json{{"recovery_key", key}}.dump());
      return;
    }
    say("");
    say("Your recovery key. It alone brings your account back when this device is lost; write it down now:");
    say("");
    say("    " + painted(line, Paint::bold));
    say("");
    if (!stdout_is_terminal()) return;
    std::ranges::replace(line, ' ', '-');
    for (const auto& row : qr_lines(line, !wants_no_colour())) say(row);
    say("");
  }

  Json group(std::size_t index, const std::string& text) { return {{"index", index}, {"text", text}}; }

  // The groups that the core is to compare: typed ones, unless the command line says otherwise.
  Json chosen_groups(const std::vector<std::string>& key) {
    if (key.size() < 2) throw Problem{Exit::failed, "The recovery key is not there any more."};
    if (options_.is_written_down) return Json::array({group(0, key[0]), group(1, key[1])});
    if (!options_.recovery_key.empty()) return typed_whole(key.size());
    std::array<std::uint8_t, 2> random{};
    session_.entropy().fill(random);
    const std::size_t first = random[0] % key.size();
    const std::size_t second = (first + 1 + random[1] % (key.size() - 1)) % key.size();
    Json groups = Json::array();
    for (const std::size_t index : {std::min(first, second), std::max(first, second)}) {
      const std::string question = "Type group " + std::to_string(index + 1) + " of " + std::to_string(key.size());
      groups.push_back(group(index, answer("", question, "--yes-i-wrote-it-down")));
    }
    return groups;
  }

  Json typed_whole(std::size_t count) {
    std::string plain;
    std::ranges::copy_if(options_.recovery_key, std::back_inserter(plain),
                         [](unsigned char c) { return std::isalnum(c) != 0; });
    if (plain.size() % count != 0 || plain.empty()) throw Problem{Exit::failed, "That is not the whole recovery key."};
    const std::size_t size = plain.size() / count;
    Json groups = Json::array();
    for (std::size_t i = 0; i < count; ++i) groups.push_back(group(i, plain.substr(i * size, size)));
    return groups;
  }

  Session& session_;
  const Settings& settings_;
  const RegisterOptions& options_;
};

}  // namespace

void run_register(const Settings& settings, const RegisterOptions& options) {
  Session session(settings, true);
  session.start();
  if (session.stage() == "new" || session.stage() == "code")
    session.profile().remember_server(session.profile().server());
  Registration(session, settings, options).run();
  if (settings.json) say(Json{{"type", "account"}, {"account", session.account()}}.dump());
  session.close();
}

}  // namespace kith::cli
