// Primitives by OpenSSL 3.
#pragma once

#include "crypto/primitives.h"

namespace kith::crypto {
const Primitives& openssl_primitives();
}  // namespace kith::crypto
