// The Welcomes of a commit as they travel: one for each device that it adds, with nothing in it for the others.
#pragma once

#include <vector>

#include "client/core/record.h"
#include "mls/key_package.h"
#include "wire/frame.h"

namespace kith::client {

[[nodiscard]] WelcomedRecord welcomed(const UserId& user, const DeviceId& device,
                                      const mls::VerifiedKeyPackage& package);

class Welcomes {
 public:
  // `record`: a commit of our own, with the Welcome for all.
  explicit Welcomes(const PendingRecord& record);
  // Views into this.
  [[nodiscard]] std::vector<wire::DeviceWelcome> all() const;

 private:
  std::vector<std::pair<WelcomedRecord, Bytes>> welcomes_;
};

}  // namespace kith::client
