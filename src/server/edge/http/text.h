// Header values as text: case, spaces and lists (RFC 9110 section 5.6).
#pragma once

#include <algorithm>
#include <string_view>

namespace kith::server::edge {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

inline bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Whether `matches` holds for any item of a comma-separated list. Quoted commas do not occur in the lists read here.
template <class Matches>
bool any_item(std::string_view list, Matches matches) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (matches(trimmed(list.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace kith::server::edge
