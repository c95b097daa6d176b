#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/messages.h"
#include "cli/names.h"
#include "cli/notice.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

// Prints what is unread, each message once, in the order of its chat, and marks it read; then what comes.
class Reader {
 public:
  Reader(Session& session, const Settings& settings, const ReceiveOptions& options)
      : session_(session), settings_(settings), options_(options) {
    session_.listen([this](std::string_view, const Json& event) { see(event); });
  }

  void run() {
    names_ = Names::load(session_);
    const auto timeout = std::chrono::seconds(options_.timeout_s.value_or(30));
    const bool is_online = (options_.follow ? session_.come_online(timeout) : session_.catch_up(timeout));
    print_unread();
    is_live_ = true;
    print_arrived();
    if (options_.follow) {
      follow();
    } else if (!is_online) {
      throw Problem{Exit::offline, "The server can't be reached. This is what was here already."};
    }
    let_receipts_leave();
  }

 private:
  void see(const Json& event) {
    const std::string type = event.value("type", "");
    if (type == "contact") {
      names_.put(event.at("contact"));
    } else if (type == "chat") {
      keep_group(event.at("chat"));
    } else if (type == "message" && is_told(event.at("message"))) {
      arrived_.push_back(event.at("message"));
      if (is_doubt(event.at("message"))) doubts_.insert(event.at("message").at("id"));
    } else if (type == "message" && event.value("is_new", false) && !event.at("message").value("mine", false)) {
      // Printed from the loop of this class, never from inside an event: printing asks the core in turn.
      if (is_live_) arrived_.push_back(event.at("message"));
    }
  }

  void keep_group(const Json& chat) {
    if (chat.value("kind", "") == "group") groups_[chat.at("conversation")] = safe_line(chat.value("title", ""));
  }

  // A line that says that this user came into a group, or was put out of it.
  [[nodiscard]] bool is_of_membership(const Json& message) const {
    if (!is_notice(message) || message.at("notice").value("kind", "") != "group") return false;
    return std::ranges::any_of(message.at("notice").at("changes"), [this](const Json& change) {
      const std::string what = change.value("what", "");
      const auto is_own = [this](const Json& user) { return names_.is_own(user.get<std::string>()); };
      return (what == "added" || what == "removed") && std::ranges::any_of(change.at("users"), is_own);
    });
  }

  // Of the lines that nobody wrote, those that the user is to see.
  [[nodiscard]] bool is_told(const Json& message) const { return is_of_membership(message) || is_doubt(message); }

  // "Ana", or "Ana in Hiking". Who writes for the first time is known by id only, until the server has told the name.
  std::string sender_of(const Json& message) {
    const std::string user = message.value("sender", "");
    if (session_.connection() == "online" && !nameless_.contains(user)) {
      session_.run_until([&] { return !names_.find(user).empty(); }, std::chrono::seconds(2));
    }
    // Waited for once.
    if (names_.find(user).empty()) nameless_.insert(user);
    const auto group = groups_.find(message.at("conversation"));
    return names_.sender(message) + (group == groups_.end() ? "" : " in " + group->second);
  }

  void print_unread() {
    const Json chats = session_.must({{"type", "list_chats"}}).at("chats");
    for (const auto& chat : chats) keep_group(chat);
    for (auto it = chats.rbegin(); it != chats.rend(); ++it) {
      if (it->value("unread", 0) == 0) continue;
      const auto read_seq = it->value("read_seq", std::uint64_t{0});
      // Own messages are in between; those still waiting to be sent have no place in the log yet.
      const auto is_unread = [&](const Json& m) {
        return !m.contains("seq") || m.at("seq").get<std::uint64_t>() > read_seq || doubts_.contains(m.at("id"));
      };
      for (const auto& message : newest_messages(session_, it->at("conversation"), SIZE_MAX, is_unread)) {
        if (is_told(message) || (!message.value("mine", false) && !is_notice(message))) print(message);
      }
    }
    mark_read();
  }

  void print_arrived() {
    while (!arrived_.empty()) {
      const Json message = arrived_.front();
      arrived_.pop_front();
      print(message);
    }
    mark_read();
  }

  void print(const Json& message) {
    auto& printed = printed_[message.at("conversation")];
    const auto seq = message.value("seq", std::uint64_t{0});
    // A line of this device's own has the place of the message before it, and is in every chat with that person.
    if (is_doubt(message) ? !doubted_.insert(message.at("notice").dump()).second : seq <= printed) return;
    printed = std::max(printed, seq);
    if (settings_.json) {
      say_json({{"type", "message"}, {"message", message}, {"is_new", !is_notice(message)}});
    } else if (is_notice(message)) {
      const auto group = groups_.find(message.at("conversation"));
      const std::string where = group == groups_.end() || is_doubt(message) ? "" : group->second + ": ";
      (void)sender_of(message);  // whose name is waited for
      for (const std::string& line : notice_lines(message.at("notice"), names_, session_.loop().now().value))
        say(where + line);
    } else {
      say(message_line(message, sender_of(message), names_));
    }
  }

  void mark_read() {
    if (options_.peek) return;
    for (const auto& [conversation, seq] : printed_) {
      auto& marked = marked_[conversation];
      if (seq <= marked) continue;
      session_.must({{"type", "mark_read"}, {"conversation", conversation}, {"seq", seq}});
      marked = seq;
    }
  }

  void follow() {
    const auto now = [this] { return session_.loop().now(); };
    const auto end =
        options_.timeout_s ? std::optional(now() + std::chrono::seconds(*options_.timeout_s)) : std::nullopt;
    session_.on_interrupt([this] { is_over_ = true; });
    for (;;) {
      const auto left = end ? std::optional(std::max(*end - now(), std::chrono::milliseconds(0))) : std::nullopt;
      const bool moved = session_.run_until([this] { return is_over_ || !arrived_.empty(); }, left);
      print_arrived();
      if (is_over_ || !moved) return;
    }
  }

  // Receipts of a chat leave at most once a second; this one would otherwise wait for the next start.
  void let_receipts_leave() {
    if (printed_.empty() || session_.connection() != "online") return;
    session_.run_until([] { return false; }, std::chrono::milliseconds(1200));
  }

  Session& session_;
  const Settings& settings_;
  const ReceiveOptions& options_;
  Names names_;
  std::set<std::string> nameless_;                         // users
  std::set<std::string> doubts_;                           // ids of lines that came now
  std::set<std::string> doubted_;                          // what was said of somebody, once
  std::map<std::string, std::string> groups_;              // names by conversation
  std::map<std::string, std::uint64_t> printed_, marked_;  // seq by conversation
  std::deque<Json> arrived_;
  bool is_live_ = false;
  bool is_over_ = false;
};

}  // namespace

void run_receive(const Settings& settings, const ReceiveOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  Reader(session, settings, options).run();
  session.close();
}

}  // namespace kith::cli
