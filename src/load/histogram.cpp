#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kith::load {

void Histogram::add(std::int64_t ns) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
  // Values under 2^kSubBits have a bucket each; above, each octave has 2^kSubBits of them.
  const auto width = static_cast<std::uint32_t>(std::bit_width(value));
  const std::uint32_t octave = width > kSubBits + 1 ? width - kSubBits - 1 : 0;
  const std::size_t index = (static_cast<std::size_t>(octave) << kSubBits) + (value >> octave);
  ++buckets_[std::min(index, buckets_.size() - 1)];
  ++count_;
}

std::int64_t Histogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    seen += buckets_[index];
    if (seen < rank) continue;
    // The inverse of add(): indices under 2^(kSubBits + 1) are their own values.
    if (index < (std::size_t{2} << kSubBits)) return static_cast<std::int64_t>(index);
    const std::size_t octave = (index >> kSubBits) - 1;
    const std::size_t mantissa = index - (octave << kSubBits);
    return static_cast<std::int64_t>(((mantissa + 1) << octave) - 1);
  }
  return 0;
}

}  // namespace kith::load
