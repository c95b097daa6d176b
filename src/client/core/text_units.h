// Places in a text as commands and events count them: in UTF-16 code units, as browsers do. Everywhere else they are
// bytes of UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace kith::client {

// How many units so many bytes of this text are; `bytes` stands between characters.
[[nodiscard]] std::size_t units_of(std::string_view text, std::size_t bytes);
// How many bytes so many units of this text are; nothing where they end within a character or behind the text.
[[nodiscard]] std::optional<std::size_t> bytes_of(std::string_view text, std::size_t units);

}  // namespace kith::client
