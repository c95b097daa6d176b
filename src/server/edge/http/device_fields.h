// A device as requests describe it. The domain decides on sizes; these only bound what is decoded for it.
#pragma once

#include "server/domain/account.h"
#include "server/edge/http/fields.h"

namespace kith::server::edge {

inline constexpr std::size_t kMaxKeyBytes = 64;
inline constexpr std::size_t kMaxCertificateBytes = 4 * 1024;
inline constexpr std::size_t kMaxDeviceListBytes = 16 * 1024;

domain::Result<domain::NewDevice> device_of(const Fields& fields);

}  // namespace kith::server::edge
