// The server's half of a WebSocket handshake (RFC 6455 section 4.2), decided on the headers of a request.
#pragma once

#include <string>
#include <string_view>

#include "server/domain/error.h"

namespace kith::server::edge {

inline constexpr std::string_view kSocketPath = "/v1/socket";
inline constexpr std::string_view kSubprotocol = "kith.v1";

struct HandshakeHeaders {
  std::string_view host;
  std::string_view origin;  // empty: not a browser
  std::string_view key;
  std::string_view version;
  std::string_view subprotocols;
};

// The whole 101 response. Errors: invalid_argument; not_member where a page of another origin asks.
[[nodiscard]] domain::Result<std::string> accept_handshake(const HandshakeHeaders& headers);

}  // namespace kith::server::edge
