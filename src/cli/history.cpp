#include "cli/commands.h"
#include "cli/console.h"
#include "cli/messages.h"
#include "cli/notice.h"
#include "cli/people.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string chat_line(const Json& chat, std::int64_t now_ms) {
  const std::string title = safe_line(chat.value("title", ""));
  const auto last_ms = chat.value("last_ms", std::int64_t{0});
  std::string last;
  if (chat.contains("last_message")) {
    const Json& message = chat.at("last_message");
    last = safe_line(message.value("text", ""));
    if (message.value("mine", false)) last = ticks(message.value("state", ""), false) + " " + last;
  }
  const int unread = chat.value("unread", 0);
  const std::string when = is_same_day(last_ms, now_ms) ? clock_text(last_ms) : day_text(last_ms, now_ms);
  return painted(fit(title, 20), Paint::bold) + "  " + painted(fit(last_ms == 0 ? "" : when, 11), Paint::faint) + "  " +
         (unread > 0 ? painted(fit("(" + std::to_string(unread) + ")", 6), Paint::accent) : std::string(6, ' ')) + " " +
         cut_to(last, 36);
}

}  // namespace

void run_chats(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  const Json chats = session.must({{"type", "list_chats"}}).at("chats");
  for (const auto& chat : chats) {
    say(settings.json ? dumped({{"type", "chat"}, {"chat", chat}}) : chat_line(chat, session.loop().now().value));
  }
  if (chats.empty() && !settings.json) remark("No chats yet. Begin one with: kith chat NAME");
  session.close();
}

void run_history(const Settings& settings, const HistoryOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Person person = find_person(session, options.who);
  const Json chat = chat_with(session, person.user);
  if (chat.is_null()) throw Problem{Exit::failed, "There are no messages with " + person.name + " yet."};
  std::string day;
  const auto all = [](const Json&) { return true; };
  for (const auto& message :
       newest_messages(session, chat.at("conversation"), static_cast<std::size_t>(options.limit), all)) {
    if (settings.json) {
      say(dumped({{"type", "message"}, {"message", message}, {"is_new", false}}));
      continue;
    }
    const auto when = message.value("time_ms", message.value("sent_ms", std::int64_t{0}));
    if (const std::string its_day = day_text(when, session.loop().now().value); its_day != day) {
      day = its_day;
      say(painted("── " + day + " ──", Paint::faint));
    }
    if (is_notice(message)) {
      say(notice_line(message, session.loop().now().value));
    } else {
      say(message_line(message, message.value("mine", false) ? "You" : person.name));
    }
  }
  session.close();
}

}  // namespace kith::cli
