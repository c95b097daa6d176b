#include "cli/chats.h"

#include "cli/chat_change.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/notice.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::string last_words(const Json& chat, const Names& names, std::int64_t now_ms) {
  if (!chat.contains("last_message")) return "";
  const Json& message = chat.at("last_message");
  if (is_notice(message)) return notice_lines(message.at("notice"), names, now_ms).back();
  const std::string text = safe_line(message.value("text", ""));
  if (message.value("mine", false)) return ticks(message.value("state", ""), false) + " " + text;
  return chat.value("kind", "") == "group" ? names.sender(message) + ": " + text : text;
}

}  // namespace

std::string chat_line(const Json& chat, const Names& names, std::int64_t now_ms) {
  const std::string person = names.find(chat.value("user", ""));
  const std::string title = person.empty() ? safe_line(chat.value("title", "")) : person;
  const auto last_ms = chat.value("last_ms", std::int64_t{0});
  const int unread = chat.value("unread", 0);
  const std::string when = is_same_day(last_ms, now_ms) ? clock_text(last_ms) : day_text(last_ms, now_ms);
  // Of what is muted nobody needs to take notice.
  const bool is_muted = chat.value("muted", false);
  const std::string count = (chat.value("unread_mentions", 0) > 0 ? "(@" : "(") + std::to_string(unread) + ")";
  return painted(fit(title, 20), Paint::bold) + "  " + painted(fit(last_ms == 0 ? "" : when, 11), Paint::faint) + "  " +
         (unread > 0 ? painted(fit(count, 6), is_muted ? Paint::faint : Paint::accent) : std::string(6, ' ')) + " " +
         cut_to(last_words(chat, names, now_ms), 36) +
         (chat.value("is_pinned", false) ? painted("  pinned", Paint::faint) : "") +
         (is_muted ? painted("  muted", Paint::faint) : "");
}

std::vector<Json> listed_chats(const Json& chats, bool archived) {
  std::vector<Json> listed, unpinned;
  for (const auto& chat : chats) {
    if (chat.value("is_put_away", false) != archived) continue;
    const bool stands_first = !archived && chat.value("is_pinned", false);
    (stands_first ? listed : unpinned).push_back(chat);
  }
  listed.insert(listed.end(), unpinned.begin(), unpinned.end());
  return listed;
}

void run_chats(const Settings& settings, const ChatsOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Names names = Names::load(session);
  const Json chats = session.must({{"type", "list_chats"}}).at("chats");
  const auto listed = listed_chats(chats, options.archived);
  for (const auto& chat : listed) {
    if (settings.json) {
      say_json({{"type", "chat"}, {"chat", chat}});
    } else {
      say(chat_line(chat, names, session.loop().now().value));
    }
  }
  const std::size_t away = options.archived ? 0 : chats.size() - listed.size();
  if (!settings.json && away > 0)
    remark(std::to_string(away) + (away == 1 ? " chat is" : " chats are") + " archived: kith chats --archived");
  if (!settings.json && listed.empty() && away == 0)
    remark(options.archived ? "No chat is archived." : "No chats yet. Begin one with: kith chat NAME");
  session.close();
}

namespace {

// Sends the command for a chat, and says in `words` what it is now.
void change(const Settings& settings, const std::string& who, Json command, std::string_view words) {
  Session session(settings, false);
  session.start_with_account();
  const auto [recipient, chat] = change_chat(session, who, std::move(command));
  if (settings.json) {
    say_json({{"type", "chat"}, {"chat", chat}});
  } else {
    say(recipient.title + " is " + std::string(words) + ".");
  }
  tell_other_devices(session);
  session.close();
}

}  // namespace

void run_chats_pin(const Settings& settings, const std::string& who, bool is_pinned) {
  change(settings, who, {{"type", "pin_chat"}, {"is_pinned", is_pinned}}, is_pinned ? "pinned" : "not pinned");
}

void run_chats_archive(const Settings& settings, const std::string& who, bool is_put_away) {
  change(settings, who, {{"type", "put_away"}, {"is_put_away", is_put_away}},
         is_put_away ? "archived" : "not archived");
}

}  // namespace kith::cli
