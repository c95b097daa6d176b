#include "server/domain/user_id.h"

namespace kith::server::domain {

UserId new_user_id(UnixMillis now, Entropy& entropy) {
  UserId id;
  entropy.fill(id.value);
  for (std::size_t i = 0; i < 6; ++i)
    id.value[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(now.value) >> (40 - 8 * i));
  id.value[6] = static_cast<std::uint8_t>(0x70 | (id.value[6] & 0x0f));
  id.value[8] = static_cast<std::uint8_t>(0x80 | (id.value[8] & 0x3f));
  return id;
}

}  // namespace kith::server::domain
