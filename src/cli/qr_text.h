// A QR code for a terminal, two modules to a character. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kith::cli {

// Its lines, with the quiet zone that readers need. `in_colour`: black on white whatever the terminal's colours are;
// otherwise dark modules are the characters. Empty for text that no code can hold.
std::vector<std::string> qr_lines(std::string_view text, bool in_colour);

}  // namespace kith::cli
