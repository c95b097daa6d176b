// Response heads and what they always carry.
#pragma once

#include <string>

#include "server/edge/http/message.h"

namespace kith::server::edge {

// The status line and all headers, the empty line included. Content-Length is that of the body, also for HEAD.
[[nodiscard]] std::string head_of(const Response& response, bool keep_alive);

[[nodiscard]] inline std::string_view body_of(const Response& response) {
  return response.fixed_body.empty() ? std::string_view(response.body) : response.fixed_body;
}

}  // namespace kith::server::edge
