#include "cli/chat_view.h"

#include <algorithm>

#include "cli/console.h"
#include "cli/mention.h"
#include "cli/notice.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

constexpr const char* kFaint = "2";
constexpr const char* kBold = "1";
constexpr const char* kAccent = "36";
constexpr const char* kDanger = "31";
constexpr std::int64_t kGroupMs = 5 * 60 * 1000;
constexpr std::size_t kMargin = 2;
constexpr std::size_t kMostInputLines = 5;
constexpr std::string_view kPrompt = "› ";

std::string spaces(std::size_t n) { return std::string(n, ' '); }

std::string repeated(std::string_view what, std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += what;
  return text;
}

}  // namespace

void ChatView::put(const Json& json) {
  const std::string id = json.value("id", "");
  if (const auto known = orders_.find(id); known != orders_.end()) messages_.erase({known->second, id});
  Message m;
  if (is_notice(json)) m.notice = json.at("notice");
  m.is_unsupported = !json.contains("text");
  m.sender = json.value("sender", "");
  MarkedText marked = marked_text(json, names_);
  m.text = std::move(marked.text);
  m.own_names = std::move(marked.own);
  m.quote = quote_line(json, names_);
  m.state = json.value("state", "");
  m.seq = json.value("seq", std::uint64_t{0});
  m.time_ms = json.value("time_ms", json.value("sent_ms", std::int64_t{0}));
  m.mine = json.value("mine", false);
  if (json.contains("failure")) m.failure = safe_line(json.at("failure").value("message", ""));
  if (!m.mine && m.notice.is_null()) newest_received_ = std::max(newest_received_, m.seq);
  const double order = json.value("order", 0.0);
  orders_[id] = order;
  messages_[{order, id}] = std::move(m);
}

void ChatView::erase(const std::string& id) {
  const auto known = orders_.find(id);
  if (known == orders_.end()) return;
  messages_.erase({known->second, id});
  orders_.erase(known);
}

void ChatView::set_receipts(std::uint64_t delivered, std::uint64_t read) {
  delivered_ = std::max(delivered_, delivered);
  read_ = std::max(read_, read);
}

void ChatView::scroll(std::ptrdiff_t lines) {
  const auto now = static_cast<std::ptrdiff_t>(scrolled_) + lines;
  scrolled_ = static_cast<std::size_t>(std::max<std::ptrdiff_t>(now, 0));
}

double ChatView::oldest_order() const { return messages_.empty() ? 0 : messages_.begin()->first.first; }

std::vector<std::string> ChatView::failed_messages() const {
  std::vector<std::string> ids;
  for (const auto& [place, message] : messages_) {
    if (message.state == "failed") ids.push_back(place.second);
  }
  return ids;
}

std::optional<ChatView::Answerable> ChatView::from_end(std::size_t place) const {
  for (auto it = messages_.rbegin(); it != messages_.rend() && place > 0; ++it) {
    const Message& message = it->second;
    if (!message.notice.is_null() || message.is_unsupported || message.seq == 0 || --place > 0) continue;
    const std::string who = message.mine ? "You" : is_group_ ? names_.sender({{"sender", message.sender}}) : title_;
    return Answerable{it->first.second, who + ": " + safe_line(message.text)};
  }
  return std::nullopt;
}

std::string ChatView::paint(std::string_view text, const char* code) const {
  // Without colours bold and faint still tell one thing from another.
  const bool is_colour = code == kAccent || code == kDanger;
  if (text.empty() || (is_colour && !has_colour_)) return std::string(text);
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

std::string ChatView::rule(std::string_view label, std::size_t width, const char* code) const {
  const std::string text = " " + std::string(label) + " ";
  const std::size_t side = width > columns(text) ? (width - columns(text)) / 2 : 0;
  return spaces(side > 4 ? side - 4 : 0) + paint("────" + text + "────", code);
}

std::string ChatView::state_of(const Message& message) const {
  if (message.state != "sent" && message.state != "delivered") return message.state;
  if (message.seq <= read_) return "read";
  return message.seq <= delivered_ ? "delivered" : message.state;
}

std::string ChatView::mark_of(const Message& message, std::string_view tick) const {
  std::string clock = paint(clock_text(message.time_ms), kFaint);
  if (!message.mine) return clock;
  const std::string state = state_of(message);
  return clock + " " + paint(tick, state == "read" ? kAccent : state == "failed" ? kDanger : kFaint);
}

bool ChatView::is_unread(const Message& message) const {
  return !message.mine && message.notice.is_null() && message.seq > unread_after_;
}

// In a group, above the first of a person's messages in a row.
std::string ChatView::sender_of(const Message& message) const {
  if (!is_group_ || message.mine || !message.notice.is_null()) return "";
  return names_.sender({{"sender", message.sender}});
}

std::vector<std::string> ChatView::centred(std::string_view text, std::size_t width) const {
  std::vector<std::string> lines;
  for (const auto& line : wrap(text, width - 2 * kMargin))
    lines.push_back(spaces((width - columns(line)) / 2) + paint(line, kFaint));
  return lines;
}

std::vector<std::string> ChatView::lines_of_notice(const Message& message, std::size_t width,
                                                   std::int64_t now_ms) const {
  std::vector<std::string> lines;
  for (const auto& sentence : notice_lines(message.notice, names_, now_ms)) {
    for (auto& line : centred(sentence, width)) lines.push_back(std::move(line));
  }
  return lines;
}

// The others' on the left, one's own on the right; time and ticks in the last line where they fit.
std::vector<std::string> ChatView::lines_of(const Message& message, std::size_t width) const {
  const std::size_t inner = width - 2 * kMargin;
  const std::size_t measure = std::clamp<std::size_t>(inner * 3 / 4, 10, 72);
  const std::string text =
      message.is_unsupported ? "A kind of message that this version does not show yet." : message.text;
  auto lines = wrap(text, std::min(measure, inner));
  if (!message.quote.empty()) lines.insert(lines.begin(), cut_to(message.quote, std::min(measure, inner)));
  const std::string tick = message.mine ? ticks(state_of(message), has_colour_) : "";
  const std::size_t mark_columns = 5 + (message.mine ? 1 + columns(tick) : 0);
  if (columns(lines.back()) + 2 + mark_columns > std::min(inner, measure + 12)) lines.emplace_back();
  std::size_t block = columns(lines.back()) + (lines.back().empty() ? 0 : 2) + mark_columns;
  for (const auto& line : lines) block = std::max(block, columns(line));
  const std::size_t left = message.mine ? kMargin + (inner - std::min(block, inner)) : kMargin;
  std::vector<std::string> drawn;
  const auto paint_own = [this](const std::string& name) { return paint(name, has_colour_ ? kAccent : kBold); };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool is_faint = message.is_unsupported || (i == 0 && !message.quote.empty());
    std::string line =
        spaces(left) + (is_faint ? paint(lines[i], kFaint) : with_own_painted(lines[i], message.own_names, paint_own));
    if (i + 1 == lines.size()) line += spaces(block - columns(lines[i]) - mark_columns) + mark_of(message, tick);
    drawn.push_back(std::move(line));
  }
  if (message.state == "failed") {
    const std::string why = cut_to(message.failure + " Ctrl-R tries again.", inner);
    drawn.push_back(spaces(kMargin + inner - columns(why)) + paint(why, kDanger));
  }
  return drawn;
}

std::vector<std::string> ChatView::lines_with_separators(std::map<Place, Message>::const_iterator it, std::size_t width,
                                                         std::int64_t now_ms) const {
  const Message& message = it->second;
  const Message* before = it == messages_.begin() ? nullptr : &std::prev(it)->second;
  std::vector<std::string> lines;
  if (before == nullptr || !is_same_day(before->time_ms, message.time_ms)) {
    if (before != nullptr) lines.emplace_back();
    lines.push_back(rule(day_text(message.time_ms, now_ms), width, kFaint));
    lines.emplace_back();
  } else if (before->mine != message.mine || before->notice.is_null() != message.notice.is_null() ||
             sender_of(*before) != sender_of(message) || message.time_ms - before->time_ms > kGroupMs) {
    lines.emplace_back();
  }
  // Above the first of them.
  if (is_unread(message) && (before == nullptr || !is_unread(*before)) &&
      std::none_of(messages_.cbegin(), it, [&](const auto& earlier) { return is_unread(earlier.second); })) {
    lines.push_back(rule("new", width, kAccent));
    lines.emplace_back();
  }
  if (const std::string sender = sender_of(message); !sender.empty() && !lines.empty())
    lines.push_back(spaces(kMargin) + paint(cut_to(sender, width - 2 * kMargin), kBold));
  for (auto& line : message.notice.is_null() ? lines_of(message, width) : lines_of_notice(message, width, now_ms))
    lines.push_back(std::move(line));
  return lines;
}

// The lines in view, laid out from the newest message up, as far as needed.
std::vector<std::string> ChatView::window(std::size_t width, std::size_t height, std::int64_t now_ms) {
  std::vector<std::string> up;  // from the bottom
  auto it = messages_.cend();
  while (it != messages_.cbegin() && up.size() < scrolled_ + height) {
    auto lines = lines_with_separators(--it, width, now_ms);
    std::move(lines.rbegin(), lines.rend(), std::back_inserter(up));
  }
  reaches_oldest_ = it == messages_.cbegin();
  scrolled_ = std::min(scrolled_, up.size() > height ? up.size() - height : 0);
  const auto first = up.begin() + static_cast<std::ptrdiff_t>(scrolled_);
  const auto last = up.begin() + static_cast<std::ptrdiff_t>(std::min(up.size(), scrolled_ + height));
  std::vector<std::string> lines(std::make_reverse_iterator(last), std::make_reverse_iterator(first));
  if (messages_.empty())
    lines =
        centred(is_group_ ? "Messages in " + title_ + " are end-to-end encrypted: only its members can read them."
                          : "Messages with " + title_ + " are end-to-end encrypted: only the two of you can read them.",
                width);
  // Few messages stand at the bottom, near the input.
  lines.insert(lines.begin(), height - std::min(height, lines.size()), "");
  lines.resize(height);
  return lines;
}

std::string ChatView::header(std::size_t width) const {
  const std::string right = cut_to(connection_, width / 2);
  const std::string left = cut_to(title_, width - columns(right) - 2 * kMargin - 1);
  const std::size_t gap = width - 2 * kMargin - columns(left) - columns(right);
  return spaces(kMargin) + paint(left, kBold) + spaces(gap) + paint(right, kFaint);
}

std::string ChatView::status_rule(std::size_t width) const {
  const std::string status = notice_.empty() && scrolled_ > 0 ? "Older messages; Esc goes to the newest" : notice_;
  const std::string shown = status.empty() ? "" : " " + cut_to(status, width - 8) + " ";
  return paint("───", kFaint) + paint(shown, kAccent) + paint(repeated("─", width - 3 - columns(shown)), kFaint);
}

ChatView::Input ChatView::input(const LineEditor& editor, ScreenSize size) const {
  const std::size_t width = size.columns - columns(kPrompt) - kMargin;
  if (!closed_.empty()) {
    const std::string hint = "   (PageUp goes back, Ctrl-C leaves)";
    return {.rows = {spaces(kMargin) + paint(cut_to(closed_ + hint, width), kFaint)}};
  }
  auto lines = wrap(editor.text(), width);
  auto before = wrap(editor.before_cursor(), width);
  if (columns(before.back()) >= width) before.emplace_back();
  if (before.size() > lines.size()) lines.resize(before.size());
  // A long text is seen around its cursor.
  const std::size_t shown = std::min({lines.size(), kMostInputLines, size.rows - 5});
  const std::size_t first = before.size() > shown ? before.size() - shown : 0;
  Input input{.rows = {},
              .cursor_row = before.size() - first,
              .cursor_column = columns(kPrompt) + columns(before.back()) + 1,
              .has_cursor = true};
  for (std::size_t i = 0; i < shown; ++i)
    input.rows.push_back((i == 0 ? paint(kPrompt, kAccent) : spaces(columns(kPrompt))) + lines[first + i]);
  if (editor.is_empty()) {
    input.rows.back() +=
        paint(cut_to("Write to " + title_ + "   (Enter sends, PageUp goes back, Ctrl-C leaves)", width), kFaint);
  }
  return input;
}

std::string ChatView::draw(const LineEditor& editor, ScreenSize size, std::int64_t now_ms) {
  const std::size_t width = size.columns;
  const Input below = input(editor, size);
  const std::size_t height = size.rows - 3 - below.rows.size();
  std::vector<std::string> rows{header(width), paint(repeated("─", width), kFaint)};
  for (auto& line : window(width, height, now_ms)) rows.push_back(std::move(line));
  rows.push_back(status_rule(width));
  rows.insert(rows.end(), below.rows.begin(), below.rows.end());
  // Everything between the two marks appears at once, where a terminal knows them.
  std::string bytes = "\x1b[?2026h\x1b[?25l\x1b[H";
  for (std::size_t i = 0; i < rows.size(); ++i)
    bytes += rows[i] + "\x1b[0m\x1b[K" + (i + 1 < rows.size() ? "\r\n" : "");
  if (below.has_cursor) {
    const std::size_t row = size.rows - below.rows.size() + below.cursor_row;
    bytes += "\x1b[" + std::to_string(row) + ";" + std::to_string(below.cursor_column) + "H\x1b[?25h";
  }
  return bytes + "\x1b[?2026l";
}

}  // namespace kith::cli
