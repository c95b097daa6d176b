#include "server/edge/http/fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {
constexpr std::size_t kMaxTokenBytes = 64;
constexpr std::size_t kMaxSignatureBytes = 64;
}  // namespace

Answer refresh_tokens(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  domain::Caller caller;
  KITH_CO_TRY(caller.user, fields.id<UserId>("user"));
  KITH_CO_TRY(caller.device, fields.id<DeviceId>("device"));
  KITH_CO_TRY(auto token, fields.secret("refresh_token", kMaxTokenBytes));
  KITH_CO_TRY(auto signature, fields.binary("signature", kMaxSignatureBytes));
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit_source(call.request.source));
  KITH_CO_TRY(const auto grant,
              co_await call.site.node.accounts.refresh(caller, std::move(token), std::move(signature)));
  co_return json_response(200, tokens_of(call.site.tokens, grant));
}

Answer get_jwks(const Call& call) {
  co_return Response{
      .headers = {{"Content-Type", "application/jwk-set+json"}, {"Cache-Control", "public, max-age=300"}},
      .body = {},
      .fixed_body = call.site.tokens.jwks()};
}

}  // namespace kith::server::edge
