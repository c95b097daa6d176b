// Is what stands on the paper still the key of this account?
#include "cli/commands.h"
#include "cli/console.h"

namespace kith::cli {

void run_recovery_key_check(const Settings& settings, const std::string& given) {
  Session session(settings, false);
  session.start_with_account();
  std::string key = given;
  if (key.empty() || key == "-") key = ask_line(session, "The recovery key").value_or("");
  const Json answer = session.must({{"type", "check_recovery_key"}, {"recovery_key", key}});
  const bool is_right = answer.value("is_right", false);
  if (settings.json) say_json({{"is_right", is_right}});
  if (!is_right) throw Problem{Exit::failed, "That is a recovery key, but not the one of this account."};
  if (!settings.json) say("That is the recovery key of this account.");
  session.close();
}

}  // namespace kith::cli
