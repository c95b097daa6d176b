// The handlers of the registry, by the file that they are in. Each reads its request, asks one service, writes its
// answer.
#pragma once

#include "server/edge/http/registry.h"

namespace kith::server::edge {

using Answer = Task<domain::Result<Response>>;

// registrations.cpp
Answer begin_registration(const Call& call);
Answer resend_code(const Call& call);
Answer confirm_code(const Call& call);
// accounts.cpp
Answer create_account(const Call& call);
// devices.cpp
Answer change_devices(const Call& call);
Answer get_own_devices(const Call& call);
Answer rename_device(const Call& call);
// links.cpp
Answer begin_link(const Call& call);
Answer offer_link(const Call& call);
Answer claim_link(const Call& call);
Answer finish_link(const Call& call);
Answer poll_link(const Call& call);
Answer link_device(const Call& call);
// recoveries.cpp
Answer show_recovery(const Call& call);
Answer recover_device(const Call& call);
// tokens.cpp
Answer refresh_tokens(const Call& call);
Answer get_jwks(const Call& call);
// profiles.cpp
Answer get_own_profile(const Call& call);
Answer set_own_profile(const Call& call);
Answer set_pin(const Call& call);
Answer get_pin(const Call& call);
Answer find_contact(const Call& call);
Answer get_profile(const Call& call);
Answer get_devices(const Call& call);
// key_packages.cpp
Answer upload_key_packages(const Call& call);
Answer count_key_packages(const Call& call);
Answer claim_key_packages(const Call& call);
// health.cpp
Answer get_health(const Call& call);
Answer get_readiness(const Call& call);
// socket.cpp
Answer socket_without_upgrade(const Call& call);

}  // namespace kith::server::edge
