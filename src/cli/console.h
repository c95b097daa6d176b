// Plain output and questions of the commands that are no full-screen chat. Colour only on a terminal and without
// NO_COLOR.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

enum class Paint : std::uint8_t { bold, faint, accent, danger };

bool stdout_is_terminal();
bool stdin_is_terminal();
// Whether the user wants no colours: NO_COLOR is set and not empty, or TERM is dumb.
bool wants_no_colour();

// The text in this paint on a terminal, as it is elsewhere.
std::string painted(std::string_view text, Paint paint);

void say(std::string_view line);
// One JSON object on a line, for --json.
void say_json(const Json& json);
// What should not end up in a pipe: progress, hints, questions.
void remark(std::string_view line);

// Asks on the terminal and reads a line; without a terminal only reads. nullopt at the end of the input or at an
// interrupt. Keeps the session going meanwhile.
std::optional<std::string> ask_line(Session& session, std::string_view question);
// Asks, with " (yes/no)" behind it. Whatever is not "yes" or "y", and no answer at all, is no.
bool says_yes(Session& session, std::string_view question);

// "14:03 Alice: hello" and so on: one message as lines of a plain log, behind what it answers.
std::string message_line(const Json& message, std::string_view sender, const Names& names);
// What nobody wrote, a line or more: "── 3 messages from 4 May could not be restored on this device. ──".
std::string notice_text(const Json& message, const Names& names, std::int64_t now_ms);
// Ticks in words and signs: "…", "✓", "✓✓", "✓✓ read", "! not sent".
std::string ticks(std::string_view state, bool in_colour);

}  // namespace kith::cli
