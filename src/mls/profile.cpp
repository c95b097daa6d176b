#include "mls/profile.h"

#include "mls/key_package.h"

namespace kith::mls::profile {

Capabilities capabilities() {
  return {.versions = {kVersion},
          .cipher_suites = {crypto::Suite::product().id()},
          .extensions = {extension_type::kLastResort, kPolicyExtension},
          .proposals = {},
          .credentials = {credential_type::kBasic}};
}

Extension required_capabilities() {
  return {extension_type::kRequiredCapabilities,
          encoded(RequiredCapabilities{
              .extensions = {kPolicyExtension}, .proposals = {}, .credentials = {credential_type::kBasic}})};
}

Lifetime lifetime(std::uint64_t now_s, std::uint32_t days) {
  constexpr std::uint64_t kHour = 3600;
  return {now_s > kHour ? now_s - kHour : 0, now_s + std::uint64_t{days} * 24 * kHour};
}

}  // namespace kith::mls::profile
