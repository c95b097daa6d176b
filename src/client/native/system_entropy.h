// The machine's random numbers, for programs that do not know the crypto room.
#pragma once

#include <memory>

#include "base/entropy.h"

namespace kith::client::native {

std::unique_ptr<Entropy> system_entropy();

}  // namespace kith::client::native
