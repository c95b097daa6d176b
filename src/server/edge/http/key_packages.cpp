#include "server/domain/key_package.h"

#include "server/edge/http/fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

Answer upload_key_packages(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  service::KeyPackageService::Upload upload;
  KITH_CO_TRY(upload.key_packages,
              fields.binaries("key_packages", domain::kMaxKeyPackagesAtOnce, domain::kMaxKeyPackageBytes));
  KITH_CO_TRY(upload.last_resort, fields.optional_binary("last_resort", domain::kMaxKeyPackageBytes));
  // Each is verified.
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit(call.caller, static_cast<double>(upload.key_packages.size())));
  KITH_CO_TRY(const auto available, co_await call.site.node.key_packages.upload(call.caller, std::move(upload)));
  co_return json_response(200, {{"available", available}});
}

Answer count_key_packages(const Call& call) {
  KITH_CO_TRY(const auto available, co_await call.site.node.key_packages.available(call.caller));
  co_return json_response(200, {{"available", available}});
}

Answer claim_key_packages(const Call& call) {
  const auto user = UserId::from_text(call.parameter);
  if (!user) co_return domain::fail(domain::Errc::invalid_argument, "user is not an id");
  KITH_CO_TRY(const auto claimed, co_await call.site.node.key_packages.claim(call.caller, *user));
  auto all = nlohmann::json::array();
  for (const auto& one : claimed) {
    all.push_back({{"device", one.device.text()},
                   {"key_package", to_base64url(one.key_package)},
                   {"last_resort", one.last_resort}});
  }
  co_return json_response(200, {{"key_packages", std::move(all)}});
}

}  // namespace kith::server::edge
