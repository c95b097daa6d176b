#include "server/edge/http/address_fields.h"

namespace kith::server::edge {

namespace {
constexpr std::size_t kMaxAddressBytes = 254;  // of an e-mail address (RFC 5321)
constexpr std::size_t kMaxRegionBytes = 8;
}  // namespace

domain::Result<service::AddressInput> address_of(const Fields& fields) {
  service::AddressInput input;
  KITH_TRY(input.phone, fields.optional_text("phone", kMaxAddressBytes));
  KITH_TRY(input.region, fields.optional_text("region", kMaxRegionBytes));
  KITH_TRY(input.email, fields.optional_text("email", kMaxAddressBytes));
  return input;
}

}  // namespace kith::server::edge
