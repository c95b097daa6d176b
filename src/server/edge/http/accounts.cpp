#include "server/domain/account.h"

#include "server/domain/key_package.h"
#include "server/domain/pin.h"
#include "server/edge/http/device_fields.h"
#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

namespace {

domain::Result<domain::NewAccount> account_of(const Fields& fields) {
  domain::NewAccount account;
  KITH_TRY(account.registration, fields.id<domain::RegistrationId>("registration"));
  KITH_TRY(account.proof, fields.secret("proof", kMaxKeyBytes));
  KITH_TRY(account.name, fields.text("name", domain::kMaxNameBytes));
  KITH_TRY(account.identity_key, fields.binary("identity_key", kMaxKeyBytes));
  KITH_TRY(account.generation, fields.binary("generation", kMaxCertificateBytes));
  KITH_TRY(const Fields device, fields.object("device"));
  KITH_TRY(account.device, device_of(device));
  KITH_TRY(account.device_list, fields.binary("device_list", kMaxDeviceListBytes));
  KITH_TRY(account.key_packages,
           fields.binaries("key_packages", domain::kMaxKeyPackagesAtOnce, domain::kMaxKeyPackageBytes));
  KITH_TRY(account.last_resort, fields.binary("last_resort", domain::kMaxKeyPackageBytes));
  KITH_TRY(auto pin, fields.secret_text("pin", domain::kMaxPinDigits));
  account.pin = std::move(pin).value_or(SecretBytes());
  KITH_TRY(account.sealed_generation, fields.binary("sealed_generation", domain::kMaxSealedGenerationBytes));
  return account;
}

}  // namespace

Answer create_account(const Call& call) {
  KITH_CO_TRY(const Fields fields, Fields::parse(call.request.body));
  KITH_CO_TRY(auto account, account_of(fields));
  KITH_CO_TRY_VOID(co_await call.site.node.pace.admit_source(call.request.source, kCostOfKeyPackages));
  KITH_CO_TRY(const auto grant, co_await call.site.node.accounts.create(std::move(account)));
  co_return granted(call.site.tokens, grant);
}

}  // namespace kith::server::edge
