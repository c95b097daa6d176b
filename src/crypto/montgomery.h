// Public keys of X25519 and X448 by their looks. Inside this room only.
#pragma once

#include "base/bytes.h"

namespace kith::crypto {

// Whether a private key can have made this key, of the curve's size. RFC 7748 takes any bytes: it reduces them, so that
// some points have several spellings, and it drops X25519's top bit. Nobody makes those spellings, nor the few points
// of low order, which give everybody the same secret. Public bytes: not in constant time.
[[nodiscard]] bool is_montgomery_key(ByteView key);

}  // namespace kith::crypto
