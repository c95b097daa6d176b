// What a live socket may ask, and what the services answer: one function a request, one response each. Translates at
// the door: services never see the wire.
#pragma once

#include "base/scheduler.h"
#include "base/task.h"
#include "server/domain/entry.h"
#include "server/edge/log.h"
#include "server/edge/ws/watched.h"
#include "server/service/node.h"
#include "wire/frame.h"

namespace kith::server::edge {

// Reads answer with at most this much payload, whatever was asked for; so a response fits a frame.
inline constexpr std::uint32_t kMaxReadBytes = 256 * 1024;

struct Asker {
  service::Node& node;
  const Scheduler& scheduler;
  Log& log;
  domain::Caller caller;
  Watched& watched;  // of the socket that asks; outlives the task
};

// Whether a client may send this at all once it is live: the requests, without Hello.
[[nodiscard]] bool is_request(const wire::Body& body);

// What the response may take at most, roughly: what is set aside for it while the request is under way.
[[nodiscard]] std::size_t expected_bytes(const wire::Body& body);

// The encoded response. `frame` holds a request (is_request); the bytes that its views point into outlive the task.
[[nodiscard]] Task<Bytes> respond(Asker asker, const wire::Frame& frame);

// The encoded error.
[[nodiscard]] Bytes encode_error(std::uint32_t id, const domain::Error& error);

// The wire's form of an error. What is ours stays here, in the log.
[[nodiscard]] wire::Error told(Log& log, const domain::Error& error);

}  // namespace kith::server::edge
