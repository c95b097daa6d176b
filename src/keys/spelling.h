// How keys are spelled for people who copy them by hand: Crockford's base32 (no I, L, O, U) in groups of four
// characters.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace kith::keys {

enum class Misspelled : std::uint8_t { character, too_long, too_short };

// The first 5 * `characters` bits, "XXXX-XXXX-...".
[[nodiscard]] std::string spell(ByteView bits, std::size_t characters);
// These bits, filled with zeros to whole bytes. Takes lower case, white space and dashes anywhere, O for 0, I and L
// for 1.
[[nodiscard]] std::expected<SecretBytes, Misspelled> read_spelled(std::string_view text, std::size_t characters);

}  // namespace kith::keys
