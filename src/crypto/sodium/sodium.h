// Primitives by libsodium: X25519, ChaCha20-Poly1305, SHA-256, Ed25519.
#pragma once

#include "crypto/primitives.h"

namespace kith::crypto {
const Primitives& sodium_primitives();
}  // namespace kith::crypto
