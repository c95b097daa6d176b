// The pace of what has no limit of its own: what a device reads, acknowledges, uploads and changes. Over its rate a
// device waits, in order, rather than being refused in the middle of catching up.
#pragma once

#include "server/domain/entry.h"
#include "server/domain/token_bucket.h"
#include "server/service/ports.h"

namespace kith::server::service {

class RequestPace {
 public:
  RequestPace(const Ports& ports, const Limits& limits);

  // Answers when the device may go on. Errors: rate_limited, where that is too long to wait.
  Task<Result<void>> admit(domain::Caller caller);

 private:
  static constexpr auto kLongestWait = std::chrono::seconds(5);

  Scheduler& scheduler_;
  domain::TokenBuckets requests_;
};

}  // namespace kith::server::service
