#include "server/service/links.h"

#include "server/edge/http/address_fields.h"
#include "server/edge/http/device_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

using service::LinkService;

// A name that cannot be one leads to no link.
domain::Result<domain::LinkName> name_of(const Call& call) {
  const auto name = domain::LinkName::from_text(call.parameter);
  if (!name) return domain::fail(domain::Errc::not_found, "there is no such link");
  return *name;
}

domain::Result<LinkService::Offered> offer_of(const Fields& fields) {
  LinkService::Offered offer;
  KITH_TRY(offer.address, address_of(fields));
  KITH_TRY(offer.token, fields.secret("token", domain::kLinkTokenBytes));
  KITH_TRY(offer.offer, fields.binary("offer", domain::kMaxOfferBytes));
  KITH_TRY(offer.expires, fields.time("expires_at_ms"));
  return offer;
}

const char* text_of(LinkService::State state) {
  switch (state) {
    case LinkService::State::waiting:
      return "waiting";
    case LinkService::State::claimed:
      return "claimed";
    case LinkService::State::finished:
      return "finished";
  }
  return "";
}

}  // namespace

Answer begin_link(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(const auto input, address_of(fields));
  KITH_CO_TRY(const auto begun, call.site.node.links.begin(input, call.request.source));
  co_return json_response(200, {{"address", begun.address}, {"expires_at_ms", begun.expires.value}});
}

Answer offer_link(const Call& call) {
  const auto name = domain::LinkName::from_text(call.parameter);
  if (!name) co_return domain::fail(domain::Errc::invalid_argument, "name is not 32 hexadecimal digits");
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto offer, offer_of(fields));
  KITH_CO_TRY_VOID(co_await call.site.node.links.offer(*name, std::move(offer), call.request.source));
  co_return json_response(201, nlohmann::json::object());
}

Answer claim_link(const Call& call) {
  KITH_CO_TRY(const auto name, name_of(call));
  KITH_CO_TRY(const auto claimed, co_await call.site.node.links.claim(call.caller, name));
  co_return json_response(200, {{"offer", to_base64url(claimed.offer)}, {"expires_at_ms", claimed.expires.value}});
}

Answer finish_link(const Call& call) {
  KITH_CO_TRY(const auto name, name_of(call));
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto sealed, fields.binary("sealed", domain::kMaxSealedBytes));
  KITH_CO_TRY_VOID(co_await call.site.node.links.finish(call.caller, name, std::move(sealed)));
  co_return json_response(200, nlohmann::json::object());
}

Answer poll_link(const Call& call) {
  KITH_CO_TRY(const auto name, name_of(call));
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto token, fields.secret("token", domain::kLinkTokenBytes));
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit_source(call.request.source));
  KITH_CO_TRY(const auto progress, co_await call.site.node.links.poll(name, std::move(token)));
  nlohmann::json body{{"state", text_of(progress.state)}};
  if (progress.state == LinkService::State::finished) {
    body["user"] = progress.user.text();
    body["sealed"] = to_base64url(progress.sealed);
    body["device_list"] = to_base64url(progress.device_list);
  }
  co_return json_response(200, body);
}

Answer link_device(const Call& call) {
  KITH_CO_TRY(const auto name, name_of(call));
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto token, fields.secret("token", domain::kLinkTokenBytes));
  KITH_CO_TRY(const Fields described, fields.object("device"));
  KITH_CO_TRY(auto device, added_device_of(described, fields));
  KITH_CO_TRY(auto list, fields.binary("device_list", kMaxDeviceListBytes));
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit_source(call.request.source, kCostOfKeyPackages));
  KITH_CO_TRY(const auto grant,
              co_await call.site.node.links.add_device(name, std::move(token), std::move(device), std::move(list)));
  co_return granted(call.site.tokens, grant);
}

}  // namespace kith::server::edge
