#include "cli/keys.h"

#include <map>

namespace kith::cli {
namespace {

using Kind = Key::Kind;

constexpr std::string_view kPasteBegins = "\x1b[200~";
constexpr std::string_view kPasteEnds = "\x1b[201~";

const std::map<std::string, Kind, std::less<>>& sequences() {
  static const std::map<std::string, Kind, std::less<>> all{
      {"[A", Kind::up},           {"[B", Kind::down},          {"[C", Kind::right},        {"[D", Kind::left},
      {"OA", Kind::up},           {"OB", Kind::down},          {"OC", Kind::right},        {"OD", Kind::left},
      {"[H", Kind::home},         {"[F", Kind::end},           {"OH", Kind::home},         {"OF", Kind::end},
      {"[1~", Kind::home},        {"[4~", Kind::end},          {"[7~", Kind::home},        {"[8~", Kind::end},
      {"[3~", Kind::erase},       {"[5~", Kind::page_up},      {"[6~", Kind::page_down},   {"[1;5C", Kind::word_right},
      {"[1;5D", Kind::word_left}, {"[1;3C", Kind::word_right}, {"[1;3D", Kind::word_left}, {"f", Kind::word_right},
      {"b", Kind::word_left},     {"\r", Kind::newline},       {"\n", Kind::newline},      {"\x7f", Kind::kill_word}};
  return all;
}

const std::map<char, Kind>& controls() {
  static const std::map<char, Kind> all{{'\r', Kind::enter},          {'\n', Kind::newline},
                                        {'\x7f', Kind::backspace},    {'\x08', Kind::backspace},
                                        {'\x01', Kind::home},         {'\x05', Kind::end},
                                        {'\x02', Kind::left},         {'\x06', Kind::right},
                                        {'\x0b', Kind::kill_to_end},  {'\x15', Kind::kill_to_start},
                                        {'\x17', Kind::kill_word},    {'\x0c', Kind::redraw},
                                        {'\x12', Kind::retry},        {'\x03', Kind::interrupt},
                                        {'\x04', Kind::end_of_input}, {'\x10', Kind::up},
                                        {'\x0e', Kind::down},         {'\t', Kind::complete}};
  return all;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

}  // namespace

std::vector<Key> KeyReader::read(std::string_view bytes) {
  std::vector<Key> keys;
  pending_.append(bytes);
  for (;;) {
    if (is_pasting_) {
      take_pasted(keys);
      if (is_pasting_) return keys;
    }
    if (pending_.empty() || !take_one(keys)) return keys;
  }
}

void KeyReader::take_pasted(std::vector<Key>& keys) {
  const auto end = pending_.find(kPasteEnds);
  // The mark of the end may still be on its way, in part.
  const std::size_t whole = end != std::string::npos              ? end
                            : pending_.size() > kPasteEnds.size() ? pending_.size() - kPasteEnds.size()
                                                                  : 0;
  std::string text;
  for (const char c : pending_.substr(0, whole)) {
    if (c == '\r') {
      text.push_back('\n');
    } else if (!is_control(c) || c == '\n' || c == '\t') {
      text.push_back(c);
    }
  }
  if (!text.empty()) keys.push_back({Kind::text, text});
  pending_.erase(0, end != std::string::npos ? end + kPasteEnds.size() : whole);
  is_pasting_ = end == std::string::npos;
}

// False: the rest is not whole yet.
bool KeyReader::take_one(std::vector<Key>& keys) {
  const char first = pending_.front();
  if (first == '\x1b') return take_sequence(keys);
  if (!is_control(first)) return take_text(keys);
  if (const auto found = controls().find(first); found != controls().end()) keys.push_back({found->second, ""});
  pending_.erase(0, 1);
  return true;
}

bool KeyReader::take_sequence(std::vector<Key>& keys) {
  if (pending_.size() == 1) {
    // A terminal sends its sequences in one piece; an escape alone is the key.
    pending_.clear();
    keys.push_back({Kind::escape, ""});
    return true;
  }
  if (pending_.starts_with(kPasteBegins)) {
    pending_.erase(0, kPasteBegins.size());
    is_pasting_ = true;
    return true;
  }
  std::size_t end = 2;
  if (pending_[1] == 'O') end = 3;
  if (pending_[1] == '[') {
    while (end < pending_.size() && (pending_[end] < 0x40 || pending_[end] > 0x7e)) ++end;
    ++end;
  }
  if (pending_.size() < end) return pending_.size() > 32 ? (pending_.clear(), true) : false;
  if (const auto found = sequences().find(pending_.substr(1, end - 1)); found != sequences().end()) {
    keys.push_back({found->second, ""});
  }
  pending_.erase(0, end);
  return true;
}

bool KeyReader::take_text(std::vector<Key>& keys) {
  std::size_t end = 0;
  while (end < pending_.size() && !is_control(pending_[end])) ++end;
  // Bytes of a character that has begun and not ended wait for the rest.
  std::size_t whole = end;
  if (end == pending_.size()) {
    std::size_t lead = end;
    while (lead > 0 && end - lead < 3 && (static_cast<unsigned char>(pending_[lead - 1]) & 0xC0) == 0x80) --lead;
    if (lead > 0) {
      const auto c = static_cast<unsigned char>(pending_[lead - 1]);
      const std::size_t size = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
      if (size > end - (lead - 1)) whole = lead - 1;
    }
  }
  if (whole == 0) return false;
  keys.push_back({Kind::text, pending_.substr(0, whole)});
  pending_.erase(0, whole);
  return true;
}

}  // namespace kith::cli
