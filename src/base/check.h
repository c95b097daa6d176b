// Checks for our own bugs. Always compiled in; never reachable by anybody's input.
#pragma once

namespace kith {
[[noreturn]] void check_failed(const char* what, const char* file, int line) noexcept;
}  // namespace kith

#define KITH_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::kith::check_failed(#condition, __FILE__, __LINE__))
