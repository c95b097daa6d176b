// Whether bytes are UTF-8 (RFC 3629): no surrogates, no over-long forms, nothing above U+10FFFF. O(size).
#pragma once

#include <string_view>

namespace kith::ws {

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace kith::ws
