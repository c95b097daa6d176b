#include "cli/commands.h"
#include "cli/console.h"
#include "cli/line_chat.h"
#include "cli/recipient.h"
#include "cli/screen_chat.h"

namespace kith::cli {

void run_chat(const Settings& settings, const std::string& who) {
  Session session(settings, false);
  session.start_with_account();
  const Recipient recipient = find_recipient(session, who);
  if (stdin_is_terminal() && stdout_is_terminal() && !settings.json) {
    ScreenChat chat(session, recipient);
    chat.run();
    session.close();
  } else {
    LineChat chat(session, recipient, settings.json);
    chat.run();
    session.close();
  }
}

}  // namespace kith::cli
