#include "cli/line_chat.h"

#include <unistd.h>

#include "cli/console.h"
#include "cli/notice.h"
#include "cli/text.h"

namespace kith::cli {

void LineChat::run() {
  load();
  if (!closed_.empty()) remark("kith: " + closed_);
  mark_read(newest_);
  is_live_ = true;
  session_.on_interrupt([this] { is_input_over_ = is_hurried_ = true; });
  session_.loop().watch(STDIN_FILENO, [this] { read(); });
  session_.run_until([this] { return is_input_over_ && unanswered_ == 0; }, std::nullopt);
  session_.loop().forget(STDIN_FILENO);
  if (!is_hurried_) session_.run_until([this] { return pending_.empty(); }, std::chrono::seconds(10));
  if (!pending_.empty())
    remark("kith: Waiting for network. " + std::to_string(pending_.size()) + " messages are kept.");
  if (refused_ > 0)
    throw Problem{Exit::failed, (refused_ == 1 ? "A message was" : std::to_string(refused_) + " messages were") +
                                    " not sent: " + why_};
}

void LineChat::message(const Json& message, bool is_new) {
  const bool mine = message.value("mine", false);
  if (mine && is_live_) follow(message);
  if (!mine && !is_notice(message)) newest_ = std::max(newest_, message.value("seq", std::uint64_t{0}));
  if (json_) {
    say_json({{"type", "message"}, {"message", message}, {"is_new", is_new}});
  } else if (is_notice(message)) {
    say(notice_text(message, names_, session_.loop().now().value));
  } else if (!is_live_ || (is_new && !mine)) {
    say(message_line(message, names_.sender(message), names_));
  }
}

void LineChat::message_gone(const std::string&, const Json& event) {
  // What was printed stays printed.
  if (json_) say_json(event);
}

// An answer may tell of a message as pending after an event has told that it left.
void LineChat::follow(const Json& own) {
  const std::string id = own.value("id", "");
  const std::string state = own.value("state", "");
  if (state != "pending") {
    pending_.erase(id);
    const bool is_first = left_.insert(id).second;
    if (state == "failed" && is_first)
      refused(safe_line(own.value("failure", Json::object()).value("message", "The server refused it.")));
  } else if (!left_.contains(id)) {
    pending_.insert(id);
  }
}

void LineChat::refused(const std::string& why) {
  if (why != why_) remark("kith: " + why);
  why_ = why;
  ++refused_;
}

void LineChat::changed() {
  if (is_live_) mark_read(newest_);
}

void LineChat::read() {
  char buffer[4096];
  const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (n <= 0) {
    is_input_over_ = true;
    session_.loop().forget(STDIN_FILENO);
    if (!line_.empty()) send(std::exchange(line_, {}));
    session_.look();
    return;
  }
  for (const char c : std::string_view(buffer, static_cast<std::size_t>(n))) {
    if (c != '\n') {
      line_.push_back(c);
    } else if (!line_.empty()) {
      send(std::exchange(line_, {}));
    }
  }
}

}  // namespace kith::cli
