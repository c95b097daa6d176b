#include "server/edge/http/registry.h"

#include <array>

#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

using domain::Errc;

constexpr std::array kRoutes{
    Route{Method::post, "/v1/registrations", Access::open, kSmallBodyBytes, begin_registration},
    Route{Method::post, "/v1/registrations/{registration}/resend", Access::open, kSmallBodyBytes, resend_code},
    Route{Method::post, "/v1/registrations/{registration}/code", Access::open, kSmallBodyBytes, confirm_code},
    Route{Method::post, "/v1/accounts", Access::open, kMaxBodyBytes, create_account},
    Route{Method::post, "/v1/tokens", Access::open, kSmallBodyBytes, refresh_tokens},
    Route{Method::get, "/v1/jwks.json", Access::open, 0, get_jwks},
    Route{Method::get, "/v1/me", Access::bearer, 0, get_own_profile},
    Route{Method::put, "/v1/me", Access::bearer, kSmallBodyBytes, set_own_profile},
    Route{Method::get, "/v1/me/pin", Access::bearer, 0, get_pin},
    Route{Method::put, "/v1/me/pin", Access::bearer, kSmallBodyBytes, set_pin},
    Route{Method::post, "/v1/contacts/find", Access::bearer, kSmallBodyBytes, find_contact},
    Route{Method::put, "/v1/devices", Access::bearer, kMaxBodyBytes, change_devices},
    Route{Method::get, "/v1/devices", Access::bearer, 0, get_own_devices},
    Route{Method::put, "/v1/devices/{device}", Access::bearer, kSmallBodyBytes, rename_device},
    Route{Method::post, "/v1/links", Access::open, kSmallBodyBytes, begin_link},
    Route{Method::put, "/v1/links/{name}", Access::open, kSmallBodyBytes, offer_link},
    Route{Method::post, "/v1/links/{name}/claim", Access::bearer, kSmallBodyBytes, claim_link},
    Route{Method::post, "/v1/links/{name}/finish", Access::bearer, kMaxBodyBytes, finish_link},
    Route{Method::post, "/v1/links/{name}/poll", Access::open, kSmallBodyBytes, poll_link},
    Route{Method::post, "/v1/links/{name}/device", Access::open, kMaxBodyBytes, link_device},
    Route{Method::post, "/v1/recoveries", Access::open, kSmallBodyBytes, show_recovery},
    Route{Method::post, "/v1/recoveries/device", Access::open, kMaxBodyBytes, recover_device},
    Route{Method::get, "/v1/users/{user}", Access::bearer, 0, get_profile},
    Route{Method::get, "/v1/users/{user}/devices", Access::bearer, 0, get_devices},
    Route{Method::post, "/v1/users/{user}/key_packages/claim", Access::bearer, kSmallBodyBytes, claim_key_packages},
    Route{Method::post, "/v1/key_packages", Access::bearer, kMaxBodyBytes, upload_key_packages},
    Route{Method::get, "/v1/key_packages", Access::bearer, 0, count_key_packages},
    Route{Method::get, "/v1/socket", Access::open, 0, socket_without_upgrade},
    Route{Method::get, "/healthz", Access::open, 0, get_health},
    Route{Method::get, "/readyz", Access::open, 0, get_readiness},
};

unsigned status_of(Errc code) {
  switch (code) {
    case Errc::internal:
      return 500;
    case Errc::invalid_argument:
    case Errc::invalid_commit:
    case Errc::forged_certificate:
    case Errc::key_package_invalid:
      return 400;
    case Errc::unauthenticated:
    case Errc::refresh_unknown:
    case Errc::refresh_reused:
    case Errc::device_removed:
      return 401;
    case Errc::not_member:
    case Errc::not_allowed:
    case Errc::wrong_code:
    case Errc::wrong_recovery_key:
    case Errc::pin_needed:
    case Errc::wrong_pin:
      return 403;
    case Errc::not_found:
      return 404;
    case Errc::stale_epoch:
    case Errc::commit_first:
    case Errc::stale_device_list:
    case Errc::conversation_exists:
    case Errc::client_id_reused:
    case Errc::key_package_known:
    case Errc::no_key_package:
    case Errc::group_full:
    case Errc::last_owner:
    case Errc::invite_revoked:
    case Errc::invite_expired:
    case Errc::invite_used_up:
    case Errc::archive_moved:
    case Errc::archive_full:
    case Errc::stale_generation:
    case Errc::link_used:
    case Errc::link_foreign:
    case Errc::link_known:
    case Errc::generation_needed:
      return 409;
    case Errc::code_expired:
    case Errc::trimmed:
      return 410;
    case Errc::too_large:
      return 413;
    case Errc::rate_limited:
    case Errc::too_many_attempts:
    case Errc::pin_paused:
      return 429;
    case Errc::overloaded:
      return 503;
  }
  return 500;
}

struct Found {
  const Route* route = nullptr;
  std::string_view parameter;
  bool other_method = false;  // the path is known, under another method
};

Found find_route(const Request& request) {
  const Method method = request.method == Method::head ? Method::get : request.method;
  Found found;
  for (const Route& route : kRoutes) {
    const auto parameter = match(route.pattern, request.path);
    if (!parameter) continue;
    if (route.method == method) return {.route = &route, .parameter = *parameter};
    found.other_method = true;
  }
  return found;
}

domain::Result<domain::Caller> caller_of(const Site& site, const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = request.authorization;
  if (!authorization.starts_with(kScheme)) return domain::fail(Errc::unauthenticated, "an access token is missing");
  return site.tokens.verify(authorization.substr(kScheme.size()), site.scheduler.now());
}

Task<domain::Result<domain::Caller>> authenticate(const Site& site, const Request& request) {
  KITH_CO_TRY(const auto caller, caller_of(site, request));
  KITH_CO_TRY_VOID(co_await site.node.pace.admit(caller));
  KITH_CO_TRY_VOID(co_await site.node.accounts.check_access(caller));
  co_return caller;
}

Answer answer_route(const Site& site, const Request& request, const Found& found) {
  const Route& route = *found.route;
  if (request.body.size() > route.max_body_bytes) {
    co_return domain::fail(Errc::too_large, "the body is larger than this request may have");
  }
  Call call{.site = site, .request = request, .parameter = found.parameter, .caller = {}};
  if (route.access == Access::bearer) {
    KITH_CO_TRY(call.caller, co_await authenticate(site, request));
  }
  co_return co_await route.handler(call);
}

Response no_such_route(const Site& site, const Request& request, bool other_method) {
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (!other_method && reads && !request.path.starts_with("/v1/")) return site.files.get(request);
  Response response = error_response({.code = Errc::not_found, .detail = "there is no such request"});
  if (other_method) response.status = 405;
  return response;
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  const std::string_view before = pattern.substr(0, open);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
    return std::nullopt;
  const std::string_view parameter = path.substr(before.size(), path.size() - before.size() - after.size());
  if (parameter.find('/') != std::string_view::npos) return std::nullopt;
  return parameter;
}

domain::Result<std::size_t> may_send(const Site& site, const Request& head) {
  const Found found = find_route(head);
  if (found.route == nullptr) return 0;
  if (found.route->access == Access::bearer) KITH_TRY_VOID(caller_of(site, head));
  return found.route->max_body_bytes;
}

Task<Response> answer(const Site& site, const Request& request) {
  const Found found = find_route(request);
  if (found.route == nullptr) co_return no_such_route(site, request, found.other_method);
  auto result = co_await answer_route(site, request, found);
  if (result) co_return *std::move(result);
  if (result.error().code == Errc::internal) {
    site.log.error("request_failed", {{"route", found.route->pattern}, {"detail", result.error().detail}});
  }
  co_return error_response(result.error());
}

Response error_response(const domain::Error& error) {
  const bool is_ours = error.code == Errc::internal;
  nlohmann::json body{{"error", domain::name_of(error.code)},
                      {"message", is_ours ? "the server failed" : error.detail}};
  if (error.retry_after_ms != 0) body["retry_after_ms"] = error.retry_after_ms;
  if (error.code == Errc::wrong_code || error.code == Errc::wrong_pin) body["attempts_left"] = error.attempts_left;
  Response response = json_response(status_of(error.code), body);
  if (error.retry_after_ms != 0) {
    response.headers.push_back({"Retry-After", std::to_string((error.retry_after_ms + 999) / 1000)});
  }
  if (error.code == Errc::unauthenticated) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

}  // namespace kith::server::edge
