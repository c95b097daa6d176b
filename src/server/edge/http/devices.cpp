#include "server/domain/key_package.h"
#include "server/edge/http/device_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

constexpr std::size_t kMaxAddedAtOnce = 8;
// Of each device that comes, some hundred signatures are verified.
constexpr double kCostOfOne = 5;

domain::Result<domain::DeviceChange> change_of(const Fields& fields) {
  domain::DeviceChange change;
  KITH_TRY(change.device_list, fields.binary("device_list", kMaxDeviceListBytes));
  KITH_TRY(const auto added, fields.objects("added", kMaxAddedAtOnce));
  for (const Fields& one : added) {
    auto& device = change.added.emplace_back();
    KITH_TRY(device.device, device_of(one));
    KITH_TRY(device.key_packages,
             one.binaries("key_packages", domain::kMaxKeyPackagesAtOnce, domain::kMaxKeyPackageBytes));
    KITH_TRY(device.last_resort, one.binary("last_resort", domain::kMaxKeyPackageBytes));
  }
  return change;
}

}  // namespace

domain::Result<domain::NewDevice> device_of(const Fields& fields) {
  domain::NewDevice device;
  KITH_TRY(device.device, fields.id<DeviceId>("device"));
  KITH_TRY(device.name, fields.text("name", domain::kMaxNameBytes));
  KITH_TRY(device.credential, fields.binary("credential", kMaxCertificateBytes));
  KITH_TRY(device.leaf_key, fields.binary("leaf_key", kMaxKeyBytes));
  return device;
}

Answer change_devices(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto change, change_of(fields));
  KITH_CO_TRY_VOID(
      co_await call.site.node.pace.admit(call.caller, 1 + kCostOfOne * static_cast<double>(change.added.size())));
  KITH_CO_TRY_VOID(co_await call.site.node.accounts.change_devices(call.caller, std::move(change)));
  co_return json_response(200, nlohmann::json::object());
}

}  // namespace kith::server::edge
