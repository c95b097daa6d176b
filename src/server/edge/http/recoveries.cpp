#include "server/service/recoveries.h"

#include "server/edge/http/device_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

// `device`: the object that says which one is to come in.
domain::Result<domain::RecoveryClaim> claim_of(const Fields& fields, const Fields& device) {
  domain::RecoveryClaim claim;
  KITH_TRY(claim.registration, fields.id<domain::RegistrationId>("registration"));
  KITH_TRY(claim.proof, fields.secret("proof", kMaxKeyBytes));
  KITH_TRY(claim.signature, fields.binary("signature", kMaxKeyBytes));
  KITH_TRY(claim.device, device.id<DeviceId>("device"));
  KITH_TRY(claim.leaf_key, device.binary("leaf_key", kMaxKeyBytes));
  return claim;
}

}  // namespace

Answer show_recovery(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(const Fields device, fields.object("device"));
  KITH_CO_TRY(auto claim, claim_of(fields, device));
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit_source(call.request.source));
  KITH_CO_TRY(const auto shown, co_await call.site.node.recoveries.show(std::move(claim)));
  auto body = profile_of(shown.profile);
  body["generation"] = to_base64url(shown.generation);
  body["sealed_generation"] = to_base64url(shown.sealed_generation);
  if (!shown.sealed_root.empty()) body["sealed_root"] = to_base64url(shown.sealed_root);
  body["device_list"] = to_base64url(shown.device_list);
  co_return json_response(200, body);
}

Answer recover_device(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(const Fields described, fields.object("device"));
  KITH_CO_TRY(auto claim, claim_of(fields, described));
  KITH_CO_TRY(auto device, added_device_of(described, fields));
  KITH_CO_TRY(auto list, fields.binary("device_list", kMaxDeviceListBytes));
  KITH_CO_TRY(auto next, next_of(fields));
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit_source(call.request.source, kCostOfKeyPackages));
  KITH_CO_TRY(const auto grant, co_await call.site.node.recoveries.add_device(std::move(claim), std::move(device),
                                                                              std::move(list), std::move(next)));
  co_return granted(call.site.tokens, grant);
}

}  // namespace kith::server::edge
