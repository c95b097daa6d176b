// Entropy from a seed, the same every time.
#pragma once

#include <random>

#include "base/entropy.h"

namespace kith::test {

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed = 1) : engine_(seed) {}
  void fill(ByteSpan out) override {
    for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace kith::test
