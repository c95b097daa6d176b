#include "cli/screen_chat.h"

#include <unistd.h>

#include "cli/chat_command.h"
#include "cli/console.h"
#include "cli/mention.h"
#include "cli/text.h"

namespace kith::cli {

// The time on the full screen: what is set up at its beginning is taken back at its end, however that comes.
struct ScreenChat::Visit {
  explicit Visit(ScreenChat& c) : chat(c) {
    chat.terminal_ = &terminal;
    chat.session_.on_resize([this] { chat.changed(); });
    chat.session_.on_interrupt([this] { chat.is_over_ = true; });
    chat.session_.loop().watch(STDIN_FILENO, [this] { chat.read_keys(); });
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    chat.session_.loop().forget(STDIN_FILENO);
    chat.session_.on_resize(nullptr);
    chat.session_.on_interrupt(nullptr);
    chat.terminal_ = nullptr;
  }
  ScreenChat& chat;
  Terminal terminal;
};

ScreenChat::ScreenChat(Session& session, const Recipient& recipient)
    : Conversation(session, recipient), view_(recipient, !wants_no_colour(), names_), quiet_(session.loop()) {}

void ScreenChat::run() {
  if (load() && has_unread_) view_.set_unread_after(read_seq_);
  session_.send({{"type", "set_active"}, {"active", true}}, [](const Answer&) {});
  connection_changed();
  const Visit visit(*this);
  changed();
  session_.run_until([this] { return is_over_; }, std::nullopt);
}

void ScreenChat::message(const Json& message, bool is_new) {
  view_.put(message);
  // Whoever reads older messages is not moved; whoever writes goes to the end.
  if (is_new && message.value("mine", false)) view_.scroll_to_end();
}

void ScreenChat::message_gone(const std::string& id, const Json&) { view_.erase(id); }

void ScreenChat::chat_changed() {
  view_.set_title(recipient_.title);
  view_.set_closed(closed_);
}

// Said only when the server has been away for two seconds.
void ScreenChat::connection_changed() {
  const std::string& state = session_.connection();
  if (state == "online") {
    is_away_ = is_away_told_ = false;
    quiet_.set(std::nullopt, nullptr);
    view_.set_connection("");
  } else if (is_away_told_) {
    view_.set_connection(state == "syncing" ? "Catching up…" : "Waiting for network");
  } else if (!std::exchange(is_away_, true)) {
    quiet_.set(session_.loop().now() + std::chrono::seconds(2), [this] {
      is_away_told_ = true;
      connection_changed();
      changed();
    });
  }
}

// One picture for everything that happens in a turn.
void ScreenChat::changed() {
  if (terminal_ == nullptr || std::exchange(is_draw_posted_, true)) return;
  session_.loop().post([this] {
    is_draw_posted_ = false;
    if (terminal_ != nullptr) draw();
  });
}

void ScreenChat::draw() {
  if (view_.is_at_end()) mark_read(view_.newest_received_seq());
  terminal_->write(view_.draw(editor_, terminal_->size(), session_.loop().now().value));
  if (view_.reaches_oldest() && !view_.is_at_end()) load_older(view_.oldest_order());
}

void ScreenChat::read_keys() {
  char buffer[4096];
  const ssize_t n = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (n <= 0) {
    is_over_ = true;
  } else {
    for (const auto& key : keys_.read({buffer, static_cast<std::size_t>(n)})) press(key);
  }
  changed();
  session_.look();
}

void ScreenChat::press(const Key& key) {
  view_.set_notice("");
  // What was written before the chat was closed is kept as it was.
  if (closed_.empty() && editor_.press(key)) return show_what_is_answered();
  const auto page = static_cast<std::ptrdiff_t>(terminal_->size().rows / 2);
  switch (key.kind) {
    case Key::Kind::enter:
      enter();
      break;
    case Key::Kind::up:
      view_.scroll(1);
      break;
    case Key::Kind::down:
      view_.scroll(-1);
      break;
    case Key::Kind::page_up:
      view_.scroll(page);
      break;
    case Key::Kind::page_down:
      view_.scroll(-page);
      break;
    case Key::Kind::escape:
      view_.scroll_to_end();
      break;
    case Key::Kind::complete:
      complete();
      break;
    case Key::Kind::retry:
      for (const auto& id : view_.failed_messages()) retry(id);
      break;
    case Key::Kind::redraw:
      terminal_->write("\x1b[2J");
      break;
    case Key::Kind::interrupt:
      is_over_ = true;
      break;
    case Key::Kind::end_of_input:
      is_over_ = editor_.is_empty() || !closed_.empty();
      break;
    default:
      break;
  }
}

void ScreenChat::enter() {
  if (!closed_.empty()) return;
  const ChatCommand command = chat_command(editor_.text());
  const auto answered = view_.from_end(command.answers);
  if (command.kind == ChatCommand::Kind::unknown) return view_.set_notice(command.text);
  if (command.answers > 0 && !answered) return view_.set_notice("There are not so many messages here");
  editor_.take();
  if (command.kind == ChatCommand::Kind::quit) is_over_ = true;
  if (command.kind == ChatCommand::Kind::message) send(command.text, answered ? answered->id : "");
}

// Seen while it is written: what is counted may move.
void ScreenChat::show_what_is_answered() {
  if (const auto answered = view_.from_end(answers_so_far(editor_.text())))
    view_.set_notice("Answers " + answered->line);
}

void ScreenChat::complete() {
  if (!closed_.empty()) return;
  const auto name = complete_name(editor_.before_cursor(), members_, session_.account().value("user", ""));
  if (!name.name.empty()) editor_.replace_before(name.typed_bytes, name.name);
  show_what_is_answered();
  if (!name.choices.empty()) view_.set_notice(listed(name.choices));
}

}  // namespace kith::cli
