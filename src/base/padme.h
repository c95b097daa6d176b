// Sizes that tell little: Padmé (Nikitin et al., "Reducing Metadata Leakage", 2019).
#pragma once

#include <cstddef>

namespace kith {

// The Padmé size for n bytes: at most 12 % more, and log log n distinct sizes.
std::size_t padme(std::size_t size_bytes);

}  // namespace kith
