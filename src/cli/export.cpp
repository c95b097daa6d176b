// kith export: what this device has, as text to read or as JSON lines.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/export_text.h"
#include "cli/incoming_history.h"
#include "cli/names.h"
#include "cli/recipient.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

// A new file that only the user can read, or the standard output. What is not whole in the end is taken away.
class Sink {
 public:
  explicit Sink(const std::string& path) : path_(path) {
    if (path_.empty()) {
      out_ = stdout;
      return;
    }
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0 && errno == EEXIST) throw Problem{Exit::failed, safe_line(path_) + " is there already."};
    if (file >= 0) out_ = ::fdopen(file, "w");
    if (out_ == nullptr) throw Problem{Exit::failed, safe_line(path_) + " can't be written."};
  }
  ~Sink() {
    if (path_.empty() || out_ == nullptr) return;
    std::fclose(out_);
    ::unlink(path_.c_str());
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void write(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), out_) != text.size()) fail();
  }

  void finish() {
    if (std::fflush(out_) != 0) fail();
    if (path_.empty()) return;
    const bool is_written = ::fsync(::fileno(out_)) == 0 && std::fclose(out_) == 0;
    out_ = nullptr;
    if (is_written) return;
    ::unlink(path_.c_str());
    fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw Problem{Exit::failed, (path_.empty() ? "The output" : safe_line(path_)) + " can't be written."};
  }

  std::string path_;
  std::FILE* out_ = nullptr;
};

std::string json_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

class Export {
 public:
  Export(Session& session, const Settings& settings, Sink& sink)
      : session_(session), is_json_(settings.json), sink_(sink), names_(Names::load(session)) {}

  void title() {
    if (!is_json_) sink_.write(export_title(session_.account().value("name", "")));
  }

  // From the core it comes from the end to the beginning: what is read becomes text at once, and is kept until then.
  void chat(const Json& chat) {
    constexpr std::size_t kPage = 200;
    std::vector<std::string> newest_first;
    Span span;
    // One that moves from pending into the log between two pages is in both.
    std::set<std::string> seen;
    Json command{{"type", "list_messages"}, {"conversation", chat.at("conversation")}, {"limit", kPage}};
    for (bool more = true; more;) {
      const Json page = session_.must(command);
      const Json& messages = page.at("messages");
      std::string text;
      for (const Json& message : messages) {
        if (!seen.insert(message.value("id", "")).second) continue;
        span.take(message);
        if (!message.contains("notice")) ++messages_;
        text += is_json_ ? json_line({{"type", "message"}, {"message", message}}) : export_lines(message, names_);
      }
      newest_first.push_back(std::move(text));
      more = page.value("more", false) && !messages.empty();
      if (more) command["before"] = messages.front().at("order");
    }
    if (span.is_empty()) return;
    ++chats_;
    sink_.write(is_json_ ? json_line({{"type", "chat"}, {"chat", chat}})
                         : export_heading(chat, people_of(chat), span, names_));
    for (auto page = newest_first.rbegin(); page != newest_first.rend(); ++page) sink_.write(*page);
  }

  // "1 message of 2 chats is"
  [[nodiscard]] std::string summary() const {
    return std::to_string(messages_) + (messages_ == 1 ? " message" : " messages") + " of " + std::to_string(chats_) +
           (chats_ == 1 ? " chat" : " chats") + (messages_ == 1 ? " is" : " are");
  }

 private:
  std::optional<std::vector<std::string>> people_of(const Json& chat) {
    if (chat.value("kind", "") != "group")
      return std::vector<std::string>{session_.account().value("user", ""), chat.value("user", "")};
    if (chat.value("membership", "") != "member") return std::nullopt;
    const Json group = session_.must({{"type", "group_info"}, {"conversation", chat.at("conversation")}}).at("group");
    std::vector<std::string> people;
    for (const auto& member : group.value("members", Json::array())) people.push_back(member.value("user", ""));
    return people;
  }

  Session& session_;
  bool is_json_;
  Sink& sink_;
  Names names_;
  int messages_ = 0, chats_ = 0;
};

// All, the newest first, whatever is pinned; or the one that is meant.
std::vector<Json> chosen_chats(Session& session, const std::string& who) {
  if (!who.empty()) {
    const Recipient recipient = find_recipient(session, who);
    const Json chat = chat_of(session, recipient);
    if (chat.is_null()) throw Problem{Exit::failed, "There are no messages with " + recipient.title + " yet."};
    return {chat};
  }
  std::vector<Json> chats = session.must({{"type", "list_chats"}}).at("chats");
  std::ranges::sort(chats, [](const Json& a, const Json& b) {
    const auto a_ms = a.value("last_ms", std::int64_t{0}), b_ms = b.value("last_ms", std::int64_t{0});
    return a_ms != b_ms ? a_ms > b_ms : a.value("conversation", "") < b.value("conversation", "");
  });
  return chats;
}

}  // namespace

void run_export(const Settings& settings, const ExportOptions& options) {
  Session session(settings, false);
  IncomingHistory incoming(session, settings);
  session.start_with_account();
  constexpr int kCatchUpS = 30;
  if (!session.catch_up(std::chrono::seconds(kCatchUpS)) || !incoming.wait())
    remark("There is no connection: what is exported is what is here already.");
  const auto chats = chosen_chats(session, options.chat);
  const std::string path = options.file == "-" ? "" : options.file;
  Sink sink(path);
  Export text(session, settings, sink);
  text.title();
  for (const auto& chat : chats) text.chat(chat);
  sink.finish();
  if (!path.empty())
    remark(text.summary() + " in " + safe_line(path) + ". It is not encrypted: whoever has it can read it.");
  session.close();
}

}  // namespace kith::cli
