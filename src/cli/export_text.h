// A chat as text that people read, in the format of docs/export.md. Nothing that somebody wrote can be taken for a line
// of its own: what stands at the beginning of a line is Kith's. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// From the first line of a chat to the last.
struct Span {
  std::int64_t from_ms = INT64_MAX;
  std::int64_t to_ms = INT64_MIN;
  [[nodiscard]] bool is_empty() const { return from_ms > to_ms; }
  void take(const Json& message);
};

std::string export_title(const std::string& own_name);
// `people`: who is in it, the user first; absent where the user is not any more.
std::string export_heading(const Json& chat, const std::optional<std::vector<std::string>>& people, const Span& span,
                           const Names& names);
// All lines of a message, or of what nobody wrote, each with its end.
std::string export_lines(const Json& message, const Names& names);

}  // namespace kith::cli
