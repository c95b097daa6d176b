// kith archive: whether the account's history is kept for its devices.
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/session.h"

namespace kith::cli {
namespace {

constexpr int kCatchUpS = 30;

void say_state(const Settings& settings, const Session& session) {
  if (settings.json) return say_json({{"type", "archive"}, {"is_on", session.is_archive_on()}});
  say(session.is_archive_on()
          ? "Your history is kept: new devices of yours get your messages. The server can't read them; whoever gets "
            "into "
            "one of your devices or has your recovery key can, also what was said long ago."
          : "Your history is not kept: new devices begin empty, and the messages of a device that is lost are gone.");
}

void confirm_off(Session& session) {
  remark(
      "What the server keeps of your messages is erased, for all your devices. New ones begin empty, and the messages "
      "of a device that is lost are gone. What this device has stays here.");
  if (!says_yes(session, "Turn it off?")) throw Problem{Exit::failed, "It was not turned off."};
}

}  // namespace

void run_archive_status(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  // Another device may have said otherwise.
  if (!session.catch_up(std::chrono::seconds(kCatchUpS)))
    remark("There is no connection: this is what this device knows.");
  say_state(settings, session);
  session.close();
}

void run_archive_set(const Settings& settings, const ArchiveOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  if (!options.is_on && !options.is_confirmed) confirm_off(session);
  session.must({{"type", "set_archive"}, {"is_on", options.is_on}});
  if (!session.catch_up(std::chrono::seconds(kCatchUpS)))
    remark("The server can't be reached: it is told of it when it can.");
  say_state(settings, session);
  session.close();
}

}  // namespace kith::cli
