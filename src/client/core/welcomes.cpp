#include "client/core/welcomes.h"

#include "base/check.h"
#include "mls/welcome.h"

namespace kith::client {

WelcomedRecord welcomed(const UserId& user, const DeviceId& device, const mls::VerifiedKeyPackage& package) {
  return {user, device, mls::key_package_ref(crypto::Suite::product(), package.get())};
}

Welcomes::Welcomes(const PendingRecord& record) {
  for (const WelcomedRecord& to : record.welcomed) {
    auto theirs = mls::welcome_for(record.welcome, to.ref);
    KITH_CHECK(theirs.has_value());
    welcomes_.emplace_back(to, *std::move(theirs));
  }
}

std::vector<wire::DeviceWelcome> Welcomes::all() const {
  std::vector<wire::DeviceWelcome> all;
  for (const auto& [to, payload] : welcomes_) all.push_back({to.user, to.device, payload});
  return all;
}

}  // namespace kith::client
