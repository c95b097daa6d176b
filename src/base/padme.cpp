#include "base/padme.h"

#include <bit>

namespace kith {

std::size_t padme(std::size_t size_bytes) {
  if (size_bytes < 2) return size_bytes;
  const auto exponent = static_cast<unsigned>(std::bit_width(size_bytes)) - 1;
  const auto significant = static_cast<unsigned>(std::bit_width(exponent));
  const std::size_t mask = (std::size_t{1} << (exponent - significant)) - 1;
  return (size_bytes + mask) & ~mask;
}

}  // namespace kith
