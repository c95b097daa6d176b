// Responses with a JSON object, and the shapes that several handlers answer with.
#pragma once

#include <nlohmann/json.hpp>

#include "server/edge/access_tokens.h"
#include "server/edge/http/message.h"
#include "server/service/accounts.h"

namespace kith::server::edge {

[[nodiscard]] Response json_response(unsigned status, const nlohmann::json& body);

// {access_token, expires_in_ms, refresh_token}
[[nodiscard]] nlohmann::json tokens_of(const AccessTokens& tokens, const service::Grant& grant);

// What a device gets that has just come into an account: these tokens, and {user, device}.
[[nodiscard]] Response granted(const AccessTokens& tokens, const service::Grant& grant);

[[nodiscard]] nlohmann::json profile_of(const domain::Profile& profile);

}  // namespace kith::server::edge
