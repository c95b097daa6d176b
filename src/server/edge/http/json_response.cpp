#include "server/edge/http/json_response.h"

namespace kith::server::edge {

using nlohmann::json;

Response json_response(unsigned status, const json& body) {
  // Texts of a store that lied about UTF-8 are shown with replacement characters rather than thrown.
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = body.dump(-1, ' ', false, json::error_handler_t::replace),
          .fixed_body = {}};
}

json tokens_of(const AccessTokens& tokens, const service::Grant& grant) {
  return {{"access_token", tokens.issue(grant.caller, grant.issued, grant.expires_in)},
          {"expires_in_ms", grant.expires_in.count()},
          {"refresh_token", to_base64url(grant.refresh_token)}};
}

Response granted(const AccessTokens& tokens, const service::Grant& grant) {
  json body = tokens_of(tokens, grant);
  body["user"] = grant.caller.user.text();
  body["device"] = grant.caller.device.text();
  return json_response(201, body);
}

json profile_of(const domain::Profile& profile) {
  return {{"user", profile.user.text()}, {"name", profile.name}, {"identity_key", to_base64url(profile.identity_key)}};
}

}  // namespace kith::server::edge
