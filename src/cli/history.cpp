#include "cli/commands.h"
#include "cli/console.h"
#include "cli/messages.h"
#include "cli/names.h"
#include "cli/notice.h"
#include "cli/recipient.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {

void run_history(const Settings& settings, const HistoryOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Recipient recipient = find_recipient(session, options.who);
  const Json chat = chat_of(session, recipient);
  if (chat.is_null()) throw Problem{Exit::failed, "There are no messages with " + recipient.title + " yet."};
  const Names names = Names::load(session);
  std::string day;
  const auto all = [](const Json&) { return true; };
  for (const auto& message :
       newest_messages(session, chat.at("conversation"), static_cast<std::size_t>(options.limit), all)) {
    if (settings.json) {
      say_json({{"type", "message"}, {"message", message}, {"is_new", false}});
      continue;
    }
    const auto when = message.value("time_ms", message.value("sent_ms", std::int64_t{0}));
    if (const std::string its_day = day_text(when, session.loop().now().value); its_day != day) {
      day = its_day;
      say(painted("── " + day + " ──", Paint::faint));
    }
    if (is_notice(message)) {
      say(notice_text(message, names, session.loop().now().value));
      continue;
    }
    const std::string id = options.ids ? "  " + painted(message.value("id", "").substr(0, 8), Paint::faint) : "";
    say(message_line(message, names.sender(message), names) + id);
  }
  session.close();
}

}  // namespace kith::cli
