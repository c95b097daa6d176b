// How deeply a JSON text is nested. Whoever parses what others wrote asks before anything is built: the parser needs no
// stack for it, but copying and destroying a value does.
#pragma once

#include <string_view>

namespace kith {

// Of any text, JSON or not. Linear, without allocation.
[[nodiscard]] bool is_nested_deeper_than(std::string_view json, int depth);

}  // namespace kith
