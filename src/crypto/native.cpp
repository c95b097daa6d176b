// Which library runs which suite natively: 0x0003 on libsodium, so that it accepts exactly what browsers accept; the
// rest on OpenSSL.
#include "crypto/openssl/openssl.h"
#include "crypto/sodium/sodium.h"

namespace kith::crypto {

const Primitives* primitives_for(const SuiteParameters& suite) {
  return suite.id == 0x0003 ? &sodium_primitives() : &openssl_primitives();
}

}  // namespace kith::crypto
