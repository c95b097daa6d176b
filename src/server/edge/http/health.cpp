#include "server/edge/http/handlers.h"
#include "server/edge/http/json_response.h"

namespace kith::server::edge {

Answer get_health(const Call&) { co_return json_response(200, {{"status", "ok"}}); }

Answer get_readiness(const Call& call) {
  if (!call.site.is_ready()) co_return domain::fail(domain::Errc::overloaded, "the server is not ready");
  co_return json_response(200, {{"status", "ready"}});
}

}  // namespace kith::server::edge
