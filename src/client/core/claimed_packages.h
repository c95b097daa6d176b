// Key packages as the server hands them out for one user, and what makes them that user's: identity key -> generation
// -> signed device list -> device -> leaf. A server can withhold packages; it cannot add a device of its own.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "client/core/json.h"
#include "mls/key_package.h"

namespace kith::client {

struct ClaimedPackage {
  DeviceId device;
  mls::VerifiedKeyPackage package;
};

// From the answers to "GET devices" and "claim". `now_s` in seconds: key packages that are not valid now are refused.
// Otherwise a sentence that says what does not hold.
[[nodiscard]] std::expected<std::vector<ClaimedPackage>, std::string> verified_claim(
    const UserId& user, ByteView pinned_identity, const Json& directory, const Json& claimed, std::uint64_t now_s);

}  // namespace kith::client
