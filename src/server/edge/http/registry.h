// The one list of HTTP requests: method, path, who may ask and how much, and the function that answers.
// schema/openapi.yaml describes the same list; a test holds the two together.
#pragma once

#include <functional>
#include <span>

#include "base/task.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"
#include "server/edge/access_tokens.h"
#include "server/edge/http/message.h"
#include "server/edge/http/web_files.h"
#include "server/edge/log.h"
#include "server/service/node.h"

namespace kith::server::edge {

inline constexpr std::size_t kMaxBodyBytes = 256 * 1024;
inline constexpr std::size_t kSmallBodyBytes = 8 * 1024;

// What handlers work with: one for each I/O thread.
struct Site {
  service::Node& node;
  const Scheduler& scheduler;
  const AccessTokens& tokens;
  const WebFiles& files;
  Log& log;
  std::function<bool()> is_ready;
};

// One request on its way. Lives until the handler's task has finished.
struct Call {
  const Site& site;
  const Request& request;
  std::string_view parameter;  // what stands for the {..} of the pattern
  domain::Caller caller;       // of a route that needs one
};

using Handler = Task<domain::Result<Response>> (*)(const Call& call);

enum class Access : std::uint8_t { open, bearer };

struct Route {
  Method method;
  std::string_view pattern;  // at most one {parameter}, which is one whole segment
  Access access;
  std::size_t max_body_bytes;
  Handler handler;
};

[[nodiscard]] std::span<const Route> routes();

// The parameter (empty where the pattern has none), if the path is of this pattern.
[[nodiscard]] std::optional<std::string_view> match(std::string_view pattern, std::string_view path);

// Before a body that is not small is read: how long it may be. Errors: unauthenticated, where a token is missing or not
// good.
[[nodiscard]] domain::Result<std::size_t> may_send(const Site& site, const Request& head);

// Answers any request, errors included; never fails. Paths outside /v1 that no route has are the web client's.
[[nodiscard]] Task<Response> answer(const Site& site, const Request& request);

// An error as its response.
[[nodiscard]] Response error_response(const domain::Error& error);

}  // namespace kith::server::edge
