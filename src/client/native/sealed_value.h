// How a stored value is sealed: version (1) ‖ 16 random bytes ‖ 12 random bytes ‖ ciphertext. The value's key is
// HKDF-Expand(store key, "kith store v1" ‖ the 16), the nonce the 12, the associated data the row's key.
#pragma once

#include "base/bytes.h"
#include "base/entropy.h"
#include "client/native/result.h"

namespace kith::client::native {

Bytes seal_value(ByteView store_key, ByteView row_key, ByteView plaintext, Entropy& entropy);

// Errors: damaged.
Result<SecretBytes> open_value(ByteView store_key, ByteView row_key, ByteView sealed);

}  // namespace kith::client::native
