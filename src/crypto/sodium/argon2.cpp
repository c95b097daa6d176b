#include "crypto/argon2.h"

#include <sodium.h>

namespace kith::crypto {

namespace {
constexpr std::size_t kHashBytes = 32;
static_assert(std::tuple_size_v<Argon2Salt> == crypto_pwhash_SALTBYTES);
}  // namespace

std::optional<SecretBytes> argon2id(ByteView password, const Argon2Salt& salt, const Argon2Cost& cost) {
  if (sodium_init() < 0) return std::nullopt;
  SecretBytes hash(kHashBytes);
  const int done =
      crypto_pwhash(hash.data(), hash.size(), reinterpret_cast<const char*>(password.data()), password.size(),
                    salt.data(), cost.passes, std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13);
  if (done != 0) return std::nullopt;
  return hash;
}

}  // namespace kith::crypto
