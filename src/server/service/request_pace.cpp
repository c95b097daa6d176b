#include "server/service/request_pace.h"

namespace kith::server::service {

RequestPace::RequestPace(const Ports& ports, const Limits& limits)
    : scheduler_(ports.scheduler), requests_({limits.requests_per_second, limits.requests_per_second * 10}) {}

Task<Result<void>> RequestPace::admit(domain::Caller caller) {
  std::string key(as_text(caller.user.value));
  key.append(as_text(caller.device.value));
  KITH_CO_TRY(const auto wait, requests_.take_ahead(key, scheduler_.now(), kLongestWait));
  if (wait.count() > 0) co_await scheduler_.sleep_for(wait);
  co_return Result<void>{};
}

}  // namespace kith::server::service
