// New user ids: UUIDv7 (RFC 9562 section 5.7), so that accounts sort by age and no two are alike.
#pragma once

#include "base/entropy.h"
#include "base/ids.h"
#include "base/scheduler.h"

namespace kith::server::domain {

UserId new_user_id(UnixMillis now, Entropy& entropy);

}  // namespace kith::server::domain
