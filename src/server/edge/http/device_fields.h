// A device as requests describe it. The domain decides on sizes; these only bound what is decoded for it.
#pragma once

#include "server/domain/device_change.h"
#include "server/edge/http/fields.h"

namespace kith::server::edge {

inline constexpr std::size_t kMaxKeyBytes = 64;
inline constexpr std::size_t kMaxCertificateBytes = 4 * 1024;
inline constexpr std::size_t kMaxDeviceListBytes = 16 * 1024;

// Of the key packages of a device that nobody knows yet some two hundred signatures are verified: so many ordinary
// requests is that worth to its network address.
inline constexpr double kCostOfKeyPackages = 10;

domain::Result<domain::NewDevice> device_of(const Fields& fields);
// A device, and the fields {key_packages, last_resort} by which others can add it.
domain::Result<domain::AddedDevice> added_device_of(const Fields& device, const Fields& packages);
// The generation that comes along, where one does: {generation, handed, sealed_generation}.
domain::Result<std::optional<domain::NextGeneration>> next_of(const Fields& fields);

}  // namespace kith::server::edge
