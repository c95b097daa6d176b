#include "cli/mention.h"

#include <algorithm>
#include <set>

#include "cli/match.h"
#include "cli/text.h"
#include "client/core/text_units.h"

namespace kith::cli {
namespace {

constexpr std::size_t kQuoteColumns = 72;
constexpr std::size_t kNameColumns = 24;
constexpr std::string_view kNoBreak = "\u00A0";

// Whether a name goes on here: letters and digits of scripts that put spaces between words.
bool is_in_word(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         (c >= 0xC0 && c < 0x2000);
}

bool word_goes_on(std::string_view text, std::size_t at) {
  return at < text.size() && is_in_word(next_code_point(text, at));
}

// The first in a text has nothing before it; "ana@example.org" names nobody.
bool ends_in_word(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 && (static_cast<unsigned char>(text[at - 1]) & 0xC0) == 0x80) --at;
  if (at > 0) --at;
  return word_goes_on(text, at);
}

// The only one of the longest name that stands at the beginning of this text; null for nobody.
const Json* named_at(std::string_view text, const Json& members) {
  const Json* found = nullptr;
  std::size_t longest = 0;
  for (const Json& member : members) {
    const std::string name = member.value("name", "");
    if (name.empty() || name.size() < longest || name.size() > text.size()) continue;
    if (!is_same_name(std::string(text.substr(0, name.size())), name) || word_goes_on(text, name.size())) continue;
    found = name.size() == longest ? nullptr : &member;
    longest = name.size();
  }
  return found;
}

// Whoever writes does not choose whose name it is. What names the user is painted, and may stay as it is.
std::string shown_name(const std::string& user, const std::string& written, const Names& names) {
  const std::string name = names.is_own(user) ? "" : names.find(user);
  return name.empty() ? safe_line(written) : "@" + name;
}

std::string unbroken(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == ' ') {
      text += kNoBreak;
    } else {
      text.push_back(c);
    }
  }
  return text;
}

}  // namespace

Json mentions_in(std::string_view text, const Json& members, const std::string& own) {
  constexpr std::size_t kMost = 64;
  Json mentions = Json::array();
  for (std::size_t at = text.find('@'); at != std::string_view::npos && mentions.size() < kMost;
       at = text.find('@', at + 1)) {
    if (ends_in_word(text.substr(0, at))) continue;
    const Json* member = named_at(text.substr(at + 1), members);
    if (member == nullptr || member->value("user", "") == own) continue;
    const std::size_t end = at + 1 + member->value("name", "").size();
    const std::size_t start = client::units_of(text, at);
    mentions.push_back(
        {{"user", member->at("user")}, {"start", start}, {"length", client::units_of(text, end) - start}});
  }
  return mentions;
}

NameCompletion complete_name(std::string_view text, const Json& members, const std::string& own) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || ends_in_word(text.substr(0, at))) return {};
  const std::string typed(text.substr(at + 1));
  std::vector<std::string> names;
  for (const Json& member : members) {
    const std::string name = safe_line(member.value("name", ""));
    if (member.value("user", "") != own && (typed.empty() || name_begins(name, typed)) &&
        std::ranges::find(names, name) == names.end())
      names.push_back(name);
  }
  if (names.empty()) return {};
  std::ranges::sort(names);
  if (names.size() == 1) return {typed.size(), names.front() + " ", {}};
  // As far as all of them go, but never less than what was typed.
  std::string common = names.front();
  for (const std::string& name : names) {
    std::size_t same = 0;
    while (same < std::min(common.size(), name.size()) &&
           is_same_name(common.substr(0, same + 1), name.substr(0, same + 1)))
      ++same;
    while (same < common.size() && same > 0 && (static_cast<unsigned char>(common[same]) & 0xC0) == 0x80) --same;
    common.resize(same);
  }
  if (common.size() < typed.size()) common = typed;
  return {typed.size(), common, std::move(names)};
}

MarkedText marked_text(const Json& message, const Names& names) {
  const std::string text = message.value("text", "");
  MarkedText marked;
  std::size_t done = 0;
  for (const Json& mention : message.value("mentions", Json::array())) {
    const auto start_units = mention.value("start", std::size_t{0});
    const auto start = client::bytes_of(text, start_units);
    const auto end = client::bytes_of(text, start_units + mention.value("length", std::size_t{0}));
    if (!start || !end || *start < done) continue;
    marked.text += safe_text(std::string_view(text).substr(done, *start - done));
    const std::string user = mention.value("user", "");
    const std::string name = unbroken(shown_name(user, text.substr(*start, *end - *start), names));
    const bool is_told = std::ranges::find(marked.own, name) != marked.own.end();
    if (names.is_own(user) && !name.empty() && !is_told) marked.own.push_back(name);
    marked.text += name;
    done = *end;
  }
  marked.text += safe_text(std::string_view(text).substr(done));
  return marked;
}

std::string quote_line(const Json& message, const Names& names) {
  if (!message.contains("reply")) return "";
  const Json& reply = message.at("reply");
  const auto name_of = [&](const std::string& user) {
    return names.is_own(user) ? "You" : cut_to(names.sender({{"sender", user}}), kNameColumns);
  };
  std::string line = "┃ ";
  // First, where nothing cuts it off.
  if (const std::string by = message.value("sender", ""); !reply.value("known", false))
    line += name_of(by) + (names.is_own(by) ? " quote " : " quotes ");
  line += name_of(reply.value("sender", "")) + ": ";
  const std::string text = safe_line(reply.value("text", ""));
  return cut_to(line + (text.empty() ? "a message" : text), kQuoteColumns);
}

}  // namespace kith::cli
