// The one source of randomness of a run. The same seed gives the same numbers everywhere: no distribution of the
// standard library is used, since those differ between libraries.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "base/check.h"
#include "base/entropy.h"

namespace kith::sim {

class Chance final : public Entropy {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t next() { return engine_(); }
  // 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) {
    KITH_CHECK(bound > 0);
    return next() % bound;
  }
  // Both ends included.
  std::int64_t between(std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(to - from) + 1));
  }
  bool with(double probability) { return static_cast<double>(next() >> 11U) * 0x1.0p-53 < probability; }
  // Mostly little, now and then much: up to 2^k times `unit`, each power as likely as the others.
  std::int64_t skewed(std::int64_t unit, unsigned powers) {
    return between(0, unit * (std::int64_t{1} << below(powers + 1)));
  }
  template <class T>
  T& of(std::vector<T>& all) {
    return all[below(all.size())];
  }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  // Another stream, whose numbers do not move this one's.
  Chance branch() { return Chance(next()); }

  void fill(ByteSpan out) override {
    std::size_t i = 0;
    while (i < out.size()) {
      std::uint64_t word = next();
      for (int b = 0; b < 8 && i < out.size(); ++b, word >>= 8U) out[i++] = static_cast<std::uint8_t>(word);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace kith::sim
