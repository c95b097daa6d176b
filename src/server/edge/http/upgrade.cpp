#include "server/edge/http/upgrade.h"

#include "server/edge/http/text.h"
#include "ws/handshake.h"

namespace kith::server::edge {

using domain::Errc;

domain::Result<std::string> accept_handshake(const HandshakeHeaders& headers) {
  if (headers.version != "13") return domain::fail(Errc::invalid_argument, "Sec-WebSocket-Version is not 13");
  if (!any_item(headers.subprotocols, [](std::string_view item) { return item == kSubprotocol; })) {
    return domain::fail(Errc::invalid_argument, "Sec-WebSocket-Protocol lacks kith.v1");
  }
  if (!headers.origin.empty()) {
    const std::size_t scheme_end = headers.origin.find("://");
    const bool same =
        scheme_end != std::string_view::npos && same_ignoring_case(headers.origin.substr(scheme_end + 3), headers.host);
    if (!same) return domain::fail(Errc::not_member, "pages of other origins are not served");
  }
  const auto accept = kith::ws::accept_value(headers.key);
  if (!accept) return domain::fail(Errc::invalid_argument, "Sec-WebSocket-Key is not the base64 of 16 bytes");
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         *accept + "\r\nSec-WebSocket-Protocol: " + std::string(kSubprotocol) + "\r\n\r\n";
}

}  // namespace kith::server::edge
