// Entropy as an argument: the system's, or a seeded stream in tests and the simulator.
#pragma once

#include "base/bytes.h"

namespace kith {

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(ByteSpan out) = 0;
};

}  // namespace kith
