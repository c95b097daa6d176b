#include "server/domain/key_package.h"
#include "server/edge/http/device_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

constexpr std::size_t kMaxAddedAtOnce = 8;
// Of each device that comes, some hundred signatures are verified.
constexpr double kCostOfOne = 5;

}  // namespace

domain::Result<std::optional<domain::NextGeneration>> next_of(const Fields& fields) {
  KITH_TRY(auto certificate, fields.optional_binary("generation", kMaxCertificateBytes));
  if (!certificate) return std::nullopt;
  domain::NextGeneration next;
  next.certificate = *std::move(certificate);
  KITH_TRY(next.sealed, fields.binary("sealed_generation", domain::kMaxSealedGenerationBytes));
  KITH_TRY(const auto handed, fields.objects("handed", domain::kMaxDevices));
  for (const Fields& one : handed) {
    domain::NextGeneration::Handed to;
    KITH_TRY(to.device, one.id<DeviceId>("device"));
    KITH_TRY(to.sealed, one.binary("sealed", domain::kMaxSealedGenerationBytes));
    next.handed.push_back(std::move(to));
  }
  return next;
}

namespace {

domain::Result<domain::DeviceChange> change_of(const Fields& fields) {
  domain::DeviceChange change;
  KITH_TRY(change.device_list, fields.binary("device_list", kMaxDeviceListBytes));
  KITH_TRY(const auto added, fields.objects("added", kMaxAddedAtOnce));
  for (const Fields& one : added) {
    KITH_TRY(auto device, added_device_of(one, one));
    change.added.push_back(std::move(device));
  }
  KITH_TRY(change.next, next_of(fields));
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

domain::Result<domain::AddedDevice> added_device_of(const Fields& device, const Fields& packages) {
  domain::AddedDevice added;
  KITH_TRY(added.device, device_of(device));
  KITH_TRY(added.key_packages,
           packages.binaries("key_packages", domain::kMaxKeyPackagesAtOnce, domain::kMaxKeyPackageBytes));
  KITH_TRY(added.last_resort, packages.binary("last_resort", domain::kMaxKeyPackageBytes));
  return added;
}

Answer change_devices(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto change, change_of(fields));
  KITH_CO_TRY_VOID(
      co_await call.site.node.pace.admit(call.caller, 1 + kCostOfOne * static_cast<double>(change.added.size())));
  KITH_CO_TRY_VOID(co_await call.site.node.accounts.change_devices(call.caller, std::move(change)));
  co_return json_response(200, nlohmann::json::object());
}

Answer get_own_devices(const Call& call) {
  KITH_CO_TRY(const auto devices, co_await call.site.node.accounts.own_devices(call.caller.user));
  auto all = nlohmann::json::array();
  for (const auto& device : devices) {
    all.push_back({{"device", device.device.text()},
                   {"name", device.name},
                   {"added_at_ms", device.added.value},
                   {"last_seen_ms", device.last_seen.value}});
  }
  co_return json_response(200, {{"devices", std::move(all)}});
}

Answer rename_device(const Call& call) {
  const auto device = DeviceId::from_text(call.parameter);
  if (!device) co_return domain::fail(domain::Errc::invalid_argument, "device is not an id");
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto name, fields.text("name", domain::kMaxNameBytes));
  KITH_CO_TRY_VOID(co_await call.site.node.accounts.rename_device(call.caller.user, *device, std::move(name)));
  co_return json_response(200, nlohmann::json::object());
}

}  // namespace kith::server::edge
