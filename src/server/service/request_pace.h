// The pace of what has no limit of its own: what a device reads, acknowledges, uploads and changes, and what anybody
// may ask without being known. Over its rate one waits, in order, rather than being refused in the middle of catching
// up.
#pragma once

#include "server/domain/entry.h"
#include "server/domain/token_bucket.h"
#include "server/service/ports.h"

namespace kith::server::service {

class RequestPace {
 public:
  RequestPace(const Ports& ports, const Limits& limits);

  // Answers when the device may go on. `cost`: how many ordinary requests this one is worth. Errors: rate_limited,
  // where that is too long to wait.
  Task<Result<void>> admit(domain::Caller caller, double cost = 1);
  // The same for a network address.
  Task<Result<void>> admit_source(std::string source, double cost = 1);

 private:
  Task<Result<void>> wait_for(domain::TokenBuckets& buckets, std::string key, double cost);

  static constexpr auto kLongestWait = std::chrono::seconds(5);

  Scheduler& scheduler_;
  domain::TokenBuckets requests_;
  domain::TokenBuckets open_requests_;
};

}  // namespace kith::server::service
