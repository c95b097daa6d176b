// Key packages: how devices are added while they are away. Each single-use one goes to exactly one claimer, also when
// two ask at once.
#pragma once

#include "server/domain/token_bucket.h"
#include "server/service/ports.h"

namespace kith::server::service {

class KeyPackageService {
 public:
  KeyPackageService(Ports ports, const Limits& limits);

  struct Upload {
    std::vector<Bytes> key_packages;   // MLSMessages; at most 100
    std::optional<Bytes> last_resort;  // replaces the one before
  };
  struct Claimed {
    DeviceId device;
    Bytes key_package;
    bool last_resort = false;
  };

  // Answers how many single-use ones the device has now that still hold; those that do not are deleted. Errors:
  // key_package_invalid, key_package_known, invalid_argument (too many).
  Task<Result<std::uint32_t>> upload(domain::Caller caller, Upload upload);
  Task<Result<std::uint32_t>> available(domain::Caller caller);
  // One for every device on the target's list, the caller's own left out; a device without any is left out too.
  // Errors: not_found, rate_limited, no_key_package (no device of the target has one).
  Task<Result<std::vector<Claimed>>> claim(domain::Caller caller, UserId target);

 private:
  Task<Result<std::optional<std::uint32_t>>> try_upload(domain::Caller caller, const Upload& upload);
  Task<Result<std::optional<Claimed>>> claim_one(UserId target, DeviceId device);

  Ports ports_;
  domain::TokenBuckets claims_;
  domain::TokenBuckets target_claims_;
};

}  // namespace kith::server::service
