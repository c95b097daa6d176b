// Fixed-size fields in the presentation language. Inside this room only.
#pragma once

#include <algorithm>

#include "base/ids.h"
#include "keys/result.h"
#include "mls/codec.h"

namespace kith::keys {

template <class Id>
Id read_id(mls::Reader& r) {
  return Id::from(r.raw(Id::kSize)).value_or(Id{});
}

template <std::size_t kSize>
void read_array(mls::Reader& r, std::array<std::uint8_t, kSize>& out) {
  std::ranges::copy(r.raw(kSize), out.begin());
}

inline Result<void> finish(const mls::Reader& r, const char* what) {
  if (const auto end = r.finish(); !end) return fail(Errc::malformed, std::string(what) + ": " + end.error().detail);
  return {};
}

}  // namespace kith::keys
