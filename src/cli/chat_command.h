// What a line that was written in the full-screen chat is: a message, or something to do. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kith::cli {

struct ChatCommand {
  enum class Kind : std::uint8_t { nothing, message, quit, unknown };
  Kind kind = Kind::nothing;
  std::string text{};       // of the message; of what is not known, what to do instead
  std::size_t answers = 0;  // the message answers the last one of the chat (1), the one before it (2), ...; 0: none
};

// "/word" at the beginning is a command, "//word" a message that begins with "/word"; "/etc/hosts" is no word.
ChatCommand chat_command(std::string_view line);

// What a line that is still being written is going to answer, as in ChatCommand.
std::size_t answers_so_far(std::string_view line);

}  // namespace kith::cli
