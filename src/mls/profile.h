// What Kith's clients put into MLS: suite 0x0003 and nothing that they do not use. A thin layer above the library.
#pragma once

#include "mls/leaf_node.h"

namespace kith::mls::profile {

// The GroupContext extension with owner, admins and policy, from the private-use range.
inline constexpr std::uint16_t kPolicyExtension = 0xF4B1;

// Capabilities of every Kith leaf: mls10, suite 0x0003, the policy extension, basic credentials.
[[nodiscard]] Capabilities capabilities();
// required_capabilities of every Kith group, as an extension.
[[nodiscard]] Extension required_capabilities();
// Key packages hold from an hour before now, for clocks that run ahead, for `days` days.
[[nodiscard]] Lifetime lifetime(std::uint64_t now_s, std::uint32_t days = 90);

}  // namespace kith::mls::profile
