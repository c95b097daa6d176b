#include "cli/export_text.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "cli/match.h"
#include "cli/notice.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

constexpr std::size_t kLongestQuote = 60;  // code points
constexpr std::size_t kIndent = std::string_view("2026-11-26 14:03  ").size();

std::int64_t time_of(const Json& message) {
  return message.value("time_ms", message.value("sent_ms", std::int64_t{0}));
}

std::string minute_text(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm tm{};
  ::localtime_r(&seconds, &tm);
  std::array<char, 32> out{};
  return {out.data(), std::strftime(out.data(), out.size(), "%Y-%m-%d %H:%M", &tm)};
}

// A name that could be taken for what the format says itself is in quotes.
std::string name_of(const std::string& user, const Names& names) {
  if (names.is_own(user)) return "You";
  std::string name = names.sender({{"sender", user}});
  const bool misleads = name.starts_with('*') || name.starts_with('>') || name.contains(':');
  return misleads || compared_name(name) == "you" ? in_quotes(name) : name;
}

std::string beginning_of(const std::string& line) {
  std::size_t at = 0;
  for (std::size_t n = 0; n < kLongestQuote && at < line.size(); ++n) next_code_point(line, at);
  return at < line.size() ? line.substr(0, at) + "…" : line;
}

// In a line before it: what a message answers; of what is not here, that it is the word of whoever answers.
std::string quote_of(const Json& message, const std::string& at, const Names& names) {
  if (!message.contains("reply")) return "";
  const Json& reply = message.at("reply");
  const std::string sender = message.value("sender", "");
  const std::string by =
      reply.value("known", false) ? "" : name_of(sender, names) + (names.is_own(sender) ? " quote " : " quotes ");
  const std::string text = beginning_of(safe_line(reply.value("text", "")));
  return at + "  > " + by + name_of(reply.value("sender", ""), names) + ": " + (text.empty() ? "a message" : text) +
         "\n";
}

}  // namespace

void Span::take(const Json& message) {
  from_ms = std::min(from_ms, time_of(message));
  to_ms = std::max(to_ms, time_of(message));
}

std::string export_title(const std::string& own_name) {
  return "Kith: what " + safe_line(own_name) + " has written and read\n";
}

std::string export_heading(const Json& chat, const std::optional<std::vector<std::string>>& people, const Span& span,
                           const Names& names) {
  const std::string user = chat.value("user", "");
  const std::string title = names.find(user).empty() ? safe_line(chat.value("title", "")) : name_of(user, names);
  std::string who;
  if (people) {
    for (const auto& one : *people) who += (who.empty() ? "" : ", ") + name_of(one, names);
  }
  return "\n== " + title + " ==\n" + (people ? who : "You are not in this group.") + "\n" + minute_text(span.from_ms) +
         " to " + minute_text(span.to_ms) + "\n\n";
}

std::string export_lines(const Json& message, const Names& names) {
  const std::string at = minute_text(time_of(message));
  if (is_notice(message)) {
    std::string lines;
    // In words that stay right: seen from 1970, dates have their year.
    for (const auto& line : notice_lines(message.at("notice"), names, 0))
      lines.append(at).append("  * ").append(line).append("\n");
    return lines;
  }
  std::string text = message.contains("text") ? safe_text(message.value("text", ""))
                                              : "(a kind of message that this version does not show yet)";
  for (std::size_t end = 0; (end = text.find('\n', end)) != std::string::npos; end += 1 + kIndent)
    text.insert(end + 1, kIndent, ' ');
  const std::string state = message.value("state", "");
  const bool is_unsent = state == "pending" || state == "failed";
  return quote_of(message, at, names) + at + "  " + name_of(message.value("sender", ""), names) +
         (is_unsent ? " (not sent): " : ": ") + text + "\n";
}

}  // namespace kith::cli
