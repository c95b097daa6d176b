// DEFLATE (RFC 1951, raw), by a library that is not ours: zlib natively, in WebAssembly fflate of the host.
//
// It faces whoever chose the bytes to inflate: the caller says how many come out, and nothing beyond that is ever
// written or allocated, however much the bytes would unfold to. The two libraries make different bytes of the same
// input; each reads what the other made.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace kith::compress {

// As small as the library makes it; at most deflate_bound(raw.size()) bytes.
[[nodiscard]] SecretBytes deflate(ByteView raw);

// What exactly so many bytes were deflated from; nullopt where these bytes are no such thing: cut, damaged, or of
// another size. What follows the end of the deflated bytes is not looked at.
[[nodiscard]] std::optional<SecretBytes> inflate(ByteView deflated, std::size_t raw_size);

// Bytes that cannot be made smaller grow by at most this much.
constexpr std::size_t deflate_bound(std::size_t raw_size) { return raw_size + raw_size / 1024 + 64; }

}  // namespace kith::compress
