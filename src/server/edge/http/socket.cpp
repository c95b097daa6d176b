#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

// A WebSocket handshake never gets here (connection.cpp takes it): this is for those who came without one.
Answer socket_without_upgrade(const Call&) {
  Response response =
      error_response({.code = domain::Errc::invalid_argument, .detail = "this is for WebSocket connections"});
  response.status = 426;
  response.headers.push_back({"Upgrade", "websocket"});
  co_return response;
}

}  // namespace kith::server::edge
