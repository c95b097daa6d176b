#include "server/domain/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace kith::server::domain {

namespace {

std::unexpected<Error> wait(double tokens, double per_second) {
  const auto wait_ms = std::ceil(tokens / per_second * 1000.0);
  return fail_later(Errc::rate_limited, std::chrono::milliseconds(static_cast<std::int64_t>(wait_ms)));
}

}  // namespace

void TokenBucket::fill(UnixMillis now) {
  if (now > at_) {
    tokens_ = std::min(rate_.burst, tokens_ + static_cast<double>((now - at_).count()) / 1000.0 * rate_.per_second);
  }
  at_ = now;
}

Result<void> TokenBucket::take(UnixMillis now) {
  fill(now);
  if (tokens_ < 1) return wait(1 - tokens_, rate_.per_second);
  tokens_ -= 1;
  return {};
}

Result<std::chrono::milliseconds> TokenBucket::take_ahead(UnixMillis now, std::chrono::milliseconds longest,
                                                          double cost) {
  fill(now);
  const double missing = std::max(0.0, cost - tokens_);
  const std::chrono::milliseconds until(static_cast<std::int64_t>(std::ceil(missing / rate_.per_second * 1000.0)));
  if (until > longest) return wait(missing, rate_.per_second);
  tokens_ -= cost;
  return until;
}

TokenBucket& TokenBuckets::bucket(std::string_view key, UnixMillis now) {
  if (const auto found = buckets_.find(key); found != buckets_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return found->second->bucket;
  }
  if (buckets_.size() >= max_keys_) {
    buckets_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({std::string(key), TokenBucket(rate_, now)});
  buckets_.emplace(order_.front().key, order_.begin());
  return order_.front().bucket;
}

}  // namespace kith::server::domain
