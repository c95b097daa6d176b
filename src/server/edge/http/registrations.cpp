#include "server/edge/http/address_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

Response begun(unsigned status, const service::RegistrationService::Begun& begun) {
  return json_response(status, {{"registration", begun.registration.text()},
                                {"address", begun.address},
                                {"resend_after_ms", begun.resend_after.count()},
                                {"expires_in_ms", begun.expires_in.count()}});
}

domain::Result<domain::RegistrationId> registration_of(const Call& call) {
  const auto id = domain::RegistrationId::from_text(call.parameter);
  if (!id) return domain::fail(domain::Errc::not_found, "there is no such registration");
  return *id;
}

}  // namespace

Answer begin_registration(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto input, address_of(fields));
  KITH_CO_TRY(const auto result, co_await call.site.node.registrations.begin(std::move(input), call.request.source));
  co_return begun(201, result);
}

Answer resend_code(const Call& call) {
  KITH_CO_TRY(const auto id, registration_of(call));
  KITH_CO_TRY(const auto result, co_await call.site.node.registrations.resend(id, call.request.source));
  co_return begun(200, result);
}

Answer confirm_code(const Call& call) {
  KITH_CO_TRY(const auto id, registration_of(call));
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto code, fields.text("code", 32));
  KITH_CO_TRY(const auto result,
              co_await call.site.node.registrations.confirm(id, std::move(code), call.request.source));
  nlohmann::json body{{"user", result.user.text()}, {"proof", to_base64url(result.proof)}, {"account", nullptr}};
  if (result.account) body["account"] = result.account->text();
  co_return json_response(200, body);
}

}  // namespace kith::server::edge
