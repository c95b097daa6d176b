// Names in texts: "@Ben" as it is typed and as it is shown, and the line above a message that answers another. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// The `mentions` of `send` for what was typed: each "@" with the whole name of a member behind it, without regard to
// case, the longest name that fits. Who is `own`, or shares a name with another member, is not named by it.
Json mentions_in(std::string_view text, const Json& members, const std::string& own);

// How the name that is begun with "@" at the end of a text goes on: what stands in the place of the last `typed_bytes`
// of it, and, where it may still be several members, their names. Nothing where no name is begun, or nobody's.
struct NameCompletion {
  std::size_t typed_bytes = 0;
  std::string name{};
  std::vector<std::string> choices{};
};
NameCompletion complete_name(std::string_view text, const Json& members, const std::string& own);

// A text, safe to print, with people by the names that they have, and what in it names the user. Such names have no
// space in which a line may break.
struct MarkedText {
  std::string text;
  std::vector<std::string> own;
};
MarkedText marked_text(const Json& message, const Names& names);
// The text, or a line of it, with all that names the user painted by `paint`.
template <class Paint>
std::string with_own_painted(std::string line, const std::vector<std::string>& own, Paint paint) {
  for (const std::string& name : own) {
    for (std::size_t at = 0; (at = line.find(name, at)) != std::string::npos;) {
      const std::string painted_name = paint(name);
      line.replace(at, name.size(), painted_name);
      at += painted_name.size();
    }
  }
  return line;
}

// "┃ Ana: shall we?" for what a message answers; empty where it answers nothing. "┃ Ben quotes Ana: shall we?" where
// that is Ben's word alone.
std::string quote_line(const Json& message, const Names& names);

}  // namespace kith::cli
