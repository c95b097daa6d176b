// kith mute, unmute, notify: of which messages of a chat the user is to be told, by whatever shows them.
#include "cli/chat_change.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/mute.h"

namespace kith::cli {
namespace {

// Sends the command for a chat; what the chat is then like is printed.
void change(const Settings& settings, const std::string& who, Json command) {
  Session session(settings, false);
  session.start_with_account();
  if (command.at("type") == "mute" && !command.contains("until_ms"))
    command["until_ms"] = session.loop().now().value + command.value("for_ms", std::int64_t{0});
  command.erase("for_ms");
  const auto [recipient, chat] = change_chat(session, who, std::move(command));
  if (settings.json) {
    say_json({{"type", "chat"}, {"chat", chat}});
  } else {
    say(recipient.title + ": " + alerts_text(chat, session.loop().now().value));
  }
  tell_other_devices(session);
  session.close();
}

}  // namespace

void run_mute(const Settings& settings, const MuteOptions& options) {
  const auto for_ms = mute_time_ms(options.how_long);
  if (!for_ms) throw Problem{Exit::usage, "How long is a number with h, d or w, as 8h, or \"always\"."};
  Json command{{"type", "mute"}};
  if (*for_ms == kAlways) {
    command["until_ms"] = nullptr;
  } else {
    command["for_ms"] = *for_ms;
  }
  change(settings, options.who, std::move(command));
}

void run_unmute(const Settings& settings, const std::string& who) {
  change(settings, who, {{"type", "mute"}, {"until_ms", 0}});
}

void run_notify(const Settings& settings, const NotifyOptions& options) {
  change(settings, options.who, {{"type", "set_notifications"}, {"level", options.level}});
}

}  // namespace kith::cli
