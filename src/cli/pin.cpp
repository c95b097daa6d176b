// The registration lock: whether there is one, set and taken away.
#include "cli/commands.h"
#include "cli/console.h"

namespace kith::cli {

namespace {

void set(const Settings& settings, Session& session, const Json& pin) {
  session.must({{"type", "set_pin"}, {"pin", pin}});
  if (settings.json) {
    say_json({{"has_pin", !pin.is_null()}});
  } else {
    say(pin.is_null() ? "Your number is not locked any more." : "Your number is locked by this PIN.");
  }
  session.close();
}

}  // namespace

void run_pin(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  const bool has_pin = session.must({{"type", "has_pin"}}).value("has_pin", false);
  if (settings.json) {
    say_json({{"has_pin", has_pin}});
  } else {
    say(has_pin ? "Your number is locked by a PIN." : "Your number is not locked. Lock it with: kith pin set");
  }
  session.close();
}

void run_pin_set(const Settings& settings, const std::string& given) {
  Session session(settings, false);
  session.start_with_account();
  const bool is_given = !given.empty() && given != "-";
  set(settings, session, is_given ? given : ask_line(session, "A PIN of 4 to 20 digits").value_or(""));
}

void run_pin_remove(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  set(settings, session, nullptr);
}

}  // namespace kith::cli
