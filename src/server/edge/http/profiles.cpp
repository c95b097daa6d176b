#include "server/edge/http/address_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

Response own_profile(const domain::Profile& profile) {
  return json_response(200, {{"user", profile.user.text()}, {"name", profile.name}});
}

domain::Result<UserId> user_of(const Call& call) {
  const auto id = UserId::from_text(call.parameter);
  if (!id) return domain::fail(domain::Errc::invalid_argument, "user is not an id");
  return *id;
}

}  // namespace

Answer get_own_profile(const Call& call) {
  KITH_CO_TRY(const auto profile, co_await call.site.node.accounts.profile(call.caller.user));
  co_return own_profile(profile);
}

Answer set_own_profile(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto name, fields.text("name", domain::kMaxNameBytes));
  KITH_CO_TRY(const auto profile, co_await call.site.node.accounts.set_name(call.caller, std::move(name)));
  co_return own_profile(profile);
}

Answer set_pin(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  // Only JSON's null takes it away: a body that lacks it is a mistake.
  if (!fields.contains("pin")) co_return domain::fail(domain::Errc::invalid_argument, "pin is missing");
  KITH_CO_TRY(auto pin, fields.secret_text("pin", domain::kMaxPinDigits));
  KITH_CO_TRY_VOID(co_await call.site.node.lock.set(call.caller.user, std::move(pin)));
  co_return json_response(200, nlohmann::json::object());
}

Answer get_pin(const Call& call) {
  KITH_CO_TRY(const bool is_set, co_await call.site.node.lock.is_set(call.caller.user));
  co_return json_response(200, {{"is_set", is_set}});
}

Answer find_contact(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto input, address_of(fields));
  KITH_CO_TRY(const auto found, co_await call.site.node.accounts.find(call.caller, std::move(input)));
  nlohmann::json body = profile_of(found.profile);
  body["address"] = found.address;
  co_return json_response(200, body);
}

Answer get_profile(const Call& call) {
  KITH_CO_TRY(const UserId user, user_of(call));
  KITH_CO_TRY(const auto profile, co_await call.site.node.accounts.profile(user));
  co_return json_response(200, profile_of(profile));
}

Answer get_devices(const Call& call) {
  KITH_CO_TRY(const UserId user, user_of(call));
  KITH_CO_TRY(const auto directory, co_await call.site.node.accounts.devices(user));
  auto devices = nlohmann::json::array();
  for (const auto& device : directory.devices) {
    devices.push_back({{"device", device.device.text()},
                       {"credential", to_base64url(device.credential)},
                       {"leaf_key", to_base64url(device.leaf_key)}});
  }
  co_return json_response(200, {{"identity_key", to_base64url(directory.identity_key)},
                                {"generation", to_base64url(directory.generation)},
                                {"device_list", to_base64url(directory.device_list)},
                                {"devices", std::move(devices)}});
}

}  // namespace kith::server::edge
