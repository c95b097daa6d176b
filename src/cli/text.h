// Text on a terminal: made safe, measured in columns, wrapped. Pure; assumes UTF-8 terminals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::cli {

// What others wrote may contain anything. Keeps line breaks and turns tabs into spaces; escape sequences lose their
// control characters, marks that reorder a line go, and what is not UTF-8 becomes U+FFFD.
std::string safe_text(std::string_view text);
// The same on one line.
std::string safe_line(std::string_view text);
// A name that somebody chose, within a sentence: “Hiking”.
std::string in_quotes(std::string_view name);
// As one word of a command line that somebody copies: in quotes, unless there is nothing in it that a shell would see.
std::string as_argument(std::string_view text);
// "Ana", "Ana and Ben", "Ana, Ben and Cleo".
std::string listed(const std::vector<std::string>& names);

// The next code point at `at`, which moves behind it; U+FFFD for what is not UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_code_point(std::string& to, char32_t c);

// Columns that a terminal gives to a code point: 0 for combining ones, 2 for wide ones.
int columns_of(char32_t c);
std::size_t columns(std::string_view text);

// As much as fits, with an ellipsis where something is cut.
std::string cut_to(std::string_view text, std::size_t max_columns);
// Padded with spaces on the right, or cut.
std::string fit(std::string_view text, std::size_t exact_columns);

// Lines of at most `max_columns`, broken between words where there is one, and at line breaks. Never empty.
std::vector<std::string> wrap(std::string_view text, std::size_t max_columns);

// What is said for a reason that may come from elsewhere as "the link is too old": "The link is too old."
std::string as_sentence(std::string_view text);

// Local time: "14:03"; "Today", "Yesterday", "Mon 3 Nov", "3 Nov 2025"; the same within a sentence: "today"; "3 Nov",
// "3 Nov 2025".
std::string clock_text(std::int64_t unix_ms);
std::string day_text(std::int64_t unix_ms, std::int64_t now_ms);
std::string day_within_sentence(std::int64_t unix_ms, std::int64_t now_ms);
std::string date_text(std::int64_t unix_ms, std::int64_t now_ms);
// How long that is, rounded up to what people say: "40 seconds", "5 minutes", "a day".
std::string duration_text(std::int64_t ms);
bool is_same_day(std::int64_t a_ms, std::int64_t b_ms);

}  // namespace kith::cli
