#include "client/native/system_entropy.h"

#include "crypto/crypto.h"

namespace kith::client::native {

std::unique_ptr<Entropy> system_entropy() { return std::make_unique<crypto::SystemEntropy>(); }

}  // namespace kith::client::native
