#include "cli/console.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "cli/mention.h"
#include "cli/notice.h"
#include "cli/text.h"

namespace kith::cli {

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }

bool wants_no_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return (no_colour != nullptr && no_colour[0] != '\0') || (term != nullptr && std::string_view(term) == "dumb");
}

std::string painted(std::string_view text, Paint paint) {
  static const bool paints = stdout_is_terminal() && !wants_no_colour();
  if (!paints) return std::string(text);
  const char* code = paint == Paint::bold ? "1" : paint == Paint::faint ? "2" : paint == Paint::accent ? "36" : "31";
  return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
}

void say(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

void say_json(const Json& json) { say(json.dump(-1, ' ', false, Json::error_handler_t::replace)); }

void remark(std::string_view line) {
  std::fflush(stdout);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

std::optional<std::string> ask_line(Session& session, std::string_view question) {
  if (stdin_is_terminal()) {
    std::fwrite(question.data(), 1, question.size(), stderr);
    std::fputs(": ", stderr);
  }
  // Read byte by byte, so that nothing of the next line is taken: each question reads its own.
  std::string line;
  bool is_whole = false, is_over = false;
  session.loop().watch(STDIN_FILENO, [&] {
    char c = 0;
    const ssize_t n = ::read(STDIN_FILENO, &c, 1);
    if (n <= 0) {
      is_over = true;
    } else if (c == '\n') {
      is_whole = true;
    } else if (line.size() < 4096) {
      line.push_back(c);
    }
    if (is_over || is_whole) session.loop().forget(STDIN_FILENO);
    session.look();
  });
  session.run_until([&] { return is_over || is_whole; }, std::nullopt);
  if (is_over && line.empty()) return std::nullopt;
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return line;
}

bool says_yes(Session& session, std::string_view question) {
  const auto said = ask_line(session, std::string(question) + " (yes/no)");
  return said && (*said == "yes" || *said == "y");
}

std::string ticks(std::string_view state, bool in_colour) {
  if (state == "pending") return "…";
  if (state == "sent") return "✓";
  if (state == "delivered") return "✓✓";
  if (state == "read") return in_colour ? "✓✓" : "✓✓ read";
  if (state == "failed") return "! not sent";
  return "";
}

std::string message_line(const Json& message, std::string_view sender, const Names& names) {
  const std::string state = message.value("state", "");
  const MarkedText marked = marked_text(message, names);
  std::string text = message.contains("text")
                         ? with_own_painted(marked.text, marked.own,
                                            [](const std::string& name) { return painted(name, Paint::accent); })
                         : "(a kind of message that this version does not show yet)";
  // Continued lines are indented, so that nothing that somebody wrote looks like another message.
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 7) text.replace(at, 1, "\n      ");
  const std::string mark = ticks(state, false);
  const std::string quote = quote_line(message, names);
  return (quote.empty() ? "" : painted("      " + quote, Paint::faint) + "\n") +
         painted(clock_text(message.value("time_ms", message.value("sent_ms", std::int64_t{0}))), Paint::faint) + " " +
         painted(sender, Paint::bold) + ": " + text + (mark.empty() ? "" : "  " + painted(mark, Paint::faint));
}

std::string notice_text(const Json& message, const Names& names, std::int64_t now_ms) {
  std::string text;
  for (const auto& line : notice_lines(message.at("notice"), names, now_ms))
    text += (text.empty() ? "" : "\n") + painted("── " + line + " ──", Paint::faint);
  return text;
}

}  // namespace kith::cli
