#include "server/domain/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace kith::server::domain {

Result<void> TokenBucket::take(UnixMillis now) {
  if (now > at_) {
    tokens_ = std::min(rate_.burst, tokens_ + static_cast<double>((now - at_).count()) / 1000.0 * rate_.per_second);
  }
  at_ = now;
  if (tokens_ < 1) {
    const auto wait_ms = std::ceil((1 - tokens_) / rate_.per_second * 1000.0);
    return fail_later(Errc::rate_limited, std::chrono::milliseconds(static_cast<std::int64_t>(wait_ms)));
  }
  tokens_ -= 1;
  return {};
}

Result<void> TokenBuckets::take(std::string_view key, UnixMillis now) {
  if (const auto found = buckets_.find(key); found != buckets_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    return found->second->bucket.take(now);
  }
  if (buckets_.size() >= max_keys_) {
    buckets_.erase(order_.back().key);
    order_.pop_back();
  }
  order_.push_front({std::string(key), TokenBucket(rate_, now)});
  buckets_.emplace(order_.front().key, order_.begin());
  return order_.front().bucket.take(now);
}

}  // namespace kith::server::domain
