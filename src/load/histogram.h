// Latencies in buckets whose width is at most 1/64 of their value: constant memory, percentiles to within 1.6 %.
#pragma once

#include <array>
#include <cstdint>

namespace kith::load {

class Histogram {
 public:
  // Nanoseconds; negative ones count as 0, those over about 18 minutes as the last bucket.
  void add(std::int64_t ns);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The upper end of the bucket in which the quantile (0 to 1) lies, in nanoseconds; 0 where nothing was added.
  [[nodiscard]] std::int64_t quantile(double q) const;
  void clear() { *this = {}; }

 private:
  static constexpr std::uint32_t kSubBits = 6;
  static constexpr std::uint32_t kOctaves = 35;
  std::array<std::uint64_t, (kOctaves + 1) << kSubBits> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace kith::load
