#include "client/core/text_units.h"

#include <cstdint>

namespace kith::client {

namespace {
// By its first byte.
std::size_t bytes_of_character(char first) {
  const auto lead = static_cast<std::uint8_t>(first);
  return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}
std::size_t units_of_character(char first) { return bytes_of_character(first) == 4 ? 2 : 1; }
}  // namespace

std::size_t units_of(std::string_view text, std::size_t bytes) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < bytes && at < text.size(); at += bytes_of_character(text[at]))
    units += units_of_character(text[at]);
  return units;
}

std::optional<std::size_t> bytes_of(std::string_view text, std::size_t units) {
  std::size_t at = 0;
  std::size_t passed = 0;
  while (passed < units && at < text.size()) {
    passed += units_of_character(text[at]);
    at += bytes_of_character(text[at]);
  }
  return passed == units && at <= text.size() ? std::optional(at) : std::nullopt;
}

}  // namespace kith::client
