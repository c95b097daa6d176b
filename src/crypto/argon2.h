// Argon2id (RFC 9106) by libsodium: slow and large on purpose, for what people choose and type. Natively only: nobody
// but the server stretches anything.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"

namespace kith::crypto {

using Argon2Salt = std::array<std::uint8_t, 16>;

struct Argon2Cost {
  std::uint32_t passes = 1;
  std::uint32_t memory_kib = 8;
  friend bool operator==(const Argon2Cost&, const Argon2Cost&) = default;
};

// 32 bytes, in one lane. Nothing where there is no memory for it, or the cost is less than one pass over 8 KiB.
[[nodiscard]] std::optional<SecretBytes> argon2id(ByteView password, const Argon2Salt& salt, const Argon2Cost& cost);

}  // namespace kith::crypto
