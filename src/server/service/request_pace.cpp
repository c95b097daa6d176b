#include "server/service/request_pace.h"

namespace kith::server::service {

namespace {
constexpr double kSecondsAtOnce = 10;
domain::Rate rate(double per_second) { return {per_second, per_second * kSecondsAtOnce}; }
}  // namespace

RequestPace::RequestPace(const Ports& ports, const Limits& limits)
    : scheduler_(ports.scheduler),
      requests_(rate(limits.requests_per_second)),
      open_requests_(rate(limits.open_requests_per_source_second)) {}

Task<Result<void>> RequestPace::admit(domain::Caller caller, double cost) {
  std::string key(as_text(caller.user.value));
  key.append(as_text(caller.device.value));
  return wait_for(requests_, std::move(key), cost);
}

Task<Result<void>> RequestPace::admit_source(std::string source, double cost) {
  return wait_for(open_requests_, std::move(source), cost);
}

Task<Result<void>> RequestPace::wait_for(domain::TokenBuckets& buckets, std::string key, double cost) {
  KITH_CO_TRY(const auto wait, buckets.take_ahead(key, scheduler_.now(), kLongestWait, cost));
  if (wait.count() > 0) co_await scheduler_.sleep_for(wait);
  co_return Result<void>{};
}

}  // namespace kith::server::service
