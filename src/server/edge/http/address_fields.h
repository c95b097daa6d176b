// {phone, region?} or {email}: how requests name a person to be reached.
#pragma once

#include "server/edge/http/fields.h"
#include "server/service/registration.h"

namespace kith::server::edge {

// Errors: invalid_argument.
domain::Result<service::AddressInput> address_of(const Fields& fields);

}  // namespace kith::server::edge
