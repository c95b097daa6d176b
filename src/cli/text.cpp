#include "cli/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>

namespace kith::cli {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Range {
  char32_t first, last;
};

template <std::size_t n>
bool is_in(const std::array<Range, n>& ranges, char32_t c) {
  const auto found = std::ranges::lower_bound(ranges, c, {}, &Range::last);
  return found != ranges.end() && found->first <= c;
}

// Combining marks, joiners and variation selectors of the scripts that terminals draw on the cell before.
constexpr std::array kNoColumns{
    Range{0x0300, 0x036F},  Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},   Range{0x0610, 0x061A},
    Range{0x064B, 0x065F},  Range{0x06D6, 0x06DC}, Range{0x0900, 0x0902},   Range{0x093C, 0x093C},
    Range{0x0941, 0x0948},  Range{0x094D, 0x094D}, Range{0x0E31, 0x0E31},   Range{0x0E34, 0x0E3A},
    Range{0x0E47, 0x0E4E},  Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},   Range{0x200B, 0x200F},
    Range{0x2060, 0x2064},  Range{0x20D0, 0x20F0}, Range{0x3099, 0x309A},   Range{0xFE00, 0xFE0F},
    Range{0xFE20, 0xFE2F},  Range{0xFEFF, 0xFEFF}, Range{0x1F3FB, 0x1F3FF}, Range{0xE0020, 0xE007F},
    Range{0xE0100, 0xE01EF}};

// East Asian Wide and Fullwidth (UAX 11), and emoji that are shown as pictures by themselves.
constexpr std::array kTwoColumns{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x23E9, 0x23EC},   Range{0x25FD, 0x25FE},
    Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26A1, 0x26A1},   Range{0x26BD, 0x26BE},
    Range{0x26C4, 0x26C5},   Range{0x26D4, 0x26D4},   Range{0x26EA, 0x26EA},   Range{0x2705, 0x2705},
    Range{0x270A, 0x270B},   Range{0x2728, 0x2728},   Range{0x274C, 0x274C},   Range{0x2753, 0x2755},
    Range{0x2757, 0x2757},   Range{0x2795, 0x2797},   Range{0x2B50, 0x2B50},   Range{0x2B55, 0x2B55},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},
    Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x1F004, 0x1F004},
    Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E}, Range{0x1F191, 0x1F19A}, Range{0x1F200, 0x1F320},
    Range{0x1F32D, 0x1F335}, Range{0x1F337, 0x1F37C}, Range{0x1F37E, 0x1F393}, Range{0x1F3A0, 0x1F3CA},
    Range{0x1F3CF, 0x1F3D3}, Range{0x1F3E0, 0x1F3F0}, Range{0x1F3F4, 0x1F3F4}, Range{0x1F3F8, 0x1F43E},
    Range{0x1F440, 0x1F440}, Range{0x1F442, 0x1F4FC}, Range{0x1F4FF, 0x1F53D}, Range{0x1F54B, 0x1F567},
    Range{0x1F57A, 0x1F57A}, Range{0x1F595, 0x1F5A4}, Range{0x1F5FB, 0x1F64F}, Range{0x1F680, 0x1F6C5},
    Range{0x1F6CC, 0x1F6CC}, Range{0x1F6D0, 0x1F6EC}, Range{0x1F6F4, 0x1F6FC}, Range{0x1F7E0, 0x1F7EB},
    Range{0x1F90C, 0x1FAFF}, Range{0x20000, 0x3FFFD}};

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029; }
bool reorders(char32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

std::tm local(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm tm{};
  ::localtime_r(&seconds, &tm);
  return tm;
}

std::string format(const std::tm& tm, const char* how) {
  std::array<char, 64> out{};
  const std::size_t n = std::strftime(out.data(), out.size(), how, &tm);
  return {out.data(), n};
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 && first < 0xF5   ? 3
                   : first >= 0xE0 && first < 0xF0 ? 2
                   : first >= 0xC2 && first < 0xE0 ? 1
                                                   : 0;
  if (more == 0) return kReplacement;
  char32_t c = first & (0x3FU >> more);
  const std::size_t end = at + static_cast<std::size_t>(more);
  for (; at < end; ++at) {
    if (at >= text.size() || (byte(at) & 0xC0) != 0x80) return kReplacement;
    c = (c << 6) | (byte(at) & 0x3FU);
  }
  const bool is_overlong = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
  return is_overlong || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? kReplacement : c;
}

void append_code_point(std::string& to, char32_t c) {
  const auto put = [&](char32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

std::string safe_text(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c == '\n') {
      safe.push_back('\n');
    } else if (c == '\t') {
      safe.append("  ");
    } else if (!is_control(c) && !reorders(c)) {
      append_code_point(safe, c);
    }
  }
  return safe;
}

std::string safe_line(std::string_view text) {
  std::string line = safe_text(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::string in_quotes(std::string_view name) { return "“" + safe_line(name) + "”"; }

std::string as_argument(std::string_view text) {
  std::string line = safe_line(text);
  const auto is_plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c >= 0x80 || c == '+' || c == '-' || c == '_' || c == '.' || c == '@';
  };
  if (!line.empty() && std::ranges::all_of(line, is_plain)) return line;
  std::string quoted = "'";
  for (const char c : line) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string as_sentence(std::string_view text) {
  std::string sentence = safe_line(text);
  if (sentence.empty()) return sentence;
  sentence.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
  if (std::string_view(".!?").find(sentence.back()) == std::string_view::npos) sentence += '.';
  return sentence;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

int columns_of(char32_t c) {
  if (c < 0x300) return 1;
  if (is_in(kNoColumns, c)) return 0;
  return is_in(kTwoColumns, c) ? 2 : 1;
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t at = 0; at < text.size();) n += static_cast<std::size_t>(columns_of(next_code_point(text, at)));
  return n;
}

std::string cut_to(std::string_view text, std::size_t max_columns) {
  if (columns(text) <= max_columns) return std::string(text);
  if (max_columns == 0) return {};
  std::string cut;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    const auto wide = static_cast<std::size_t>(columns_of(c));
    if (used + wide > max_columns - 1) break;
    used += wide;
    append_code_point(cut, c);
  }
  return cut + "…";
}

std::string fit(std::string_view text, std::size_t exact_columns) {
  std::string cut = cut_to(text, exact_columns);
  return cut.append(exact_columns - columns(cut), ' ');
}

namespace {

void wrap_line(std::string_view line, std::size_t max_columns, std::vector<std::string>& out) {
  std::size_t begin = 0, used = 0;
  std::size_t space = std::string_view::npos;  // where the last space of this line stands
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t here = at;
    const char32_t c = next_code_point(line, at);
    const auto wide = static_cast<std::size_t>(columns_of(c));
    if (used + wide > max_columns && used > 0) {
      const bool at_space = c == ' ' || space == std::string_view::npos;
      const std::size_t end = at_space ? here : space;
      out.emplace_back(line.substr(begin, end - begin));
      begin = at_space ? (c == ' ' ? at : here) : space + 1;
      used = columns(line.substr(begin, at - begin));
      space = std::string_view::npos;
      continue;
    }
    if (c == ' ') space = here;
    used += wide;
  }
  out.emplace_back(line.substr(begin));
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t max_columns) {
  std::vector<std::string> lines;
  max_columns = std::max<std::size_t>(max_columns, 2);
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    wrap_line(text.substr(begin, end - begin), max_columns, lines);
    begin = end + 1;
  }
  return lines;
}

std::string clock_text(std::int64_t unix_ms) { return format(local(unix_ms), "%H:%M"); }

std::string duration_text(std::int64_t ms) {
  const auto in = [ms](std::int64_t unit_ms) { return (ms + unit_ms - 1) / unit_ms; };
  const auto said = [](std::int64_t n, const char* one, const char* many) {
    return n == 1 ? std::string(one) : std::to_string(n) + " " + many;
  };
  constexpr std::int64_t kSecond = 1000;
  constexpr std::int64_t kMinute = 60 * kSecond;
  constexpr std::int64_t kHour = 60 * kMinute;
  if (in(kSecond) < 100) return said(in(kSecond), "a second", "seconds");
  if (in(kMinute) < 100) return said(in(kMinute), "a minute", "minutes");
  if (in(kHour) < 24) return said(in(kHour), "an hour", "hours");
  return said(in(24 * kHour), "a day", "days");
}

bool is_same_day(std::int64_t a_ms, std::int64_t b_ms) {
  const std::tm a = local(a_ms), b = local(b_ms);
  return a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
}

std::string day_text(std::int64_t unix_ms, std::int64_t now_ms) {
  constexpr std::int64_t kDayMs = 86'400'000;
  if (is_same_day(unix_ms, now_ms)) return "Today";
  if (is_same_day(unix_ms, now_ms - kDayMs)) return "Yesterday";
  const std::tm tm = local(unix_ms);
  const bool is_this_year = tm.tm_year == local(now_ms).tm_year;
  return (is_this_year ? format(tm, "%a ") : "") + date_text(unix_ms, now_ms);
}

std::string day_within_sentence(std::int64_t unix_ms, std::int64_t now_ms) {
  const std::string day = day_text(unix_ms, now_ms);
  return day == "Today" ? "today" : day == "Yesterday" ? "yesterday" : day;
}

std::string date_text(std::int64_t unix_ms, std::int64_t now_ms) {
  const std::tm tm = local(unix_ms);
  const bool is_this_year = tm.tm_year == local(now_ms).tm_year;
  return std::to_string(tm.tm_mday) + format(tm, is_this_year ? " %b" : " %b %Y");
}

}  // namespace kith::cli
