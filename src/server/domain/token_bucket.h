// Rate limits: a bucket that fills at a steady rate up to its size, one token an action; and a bounded set of them by
// key.
#pragma once

#include <algorithm>
#include <list>
#include <string>
#include <unordered_map>

#include "base/scheduler.h"
#include "server/domain/error.h"

namespace kith::server::domain {

struct Rate {
  double per_second = 1;
  double burst = 1;  // tokens in a full bucket; at least one, or nothing would ever be allowed
};

class TokenBucket {
 public:
  TokenBucket(Rate rate, UnixMillis now)
      : rate_{rate.per_second, std::max(1.0, rate.burst)}, tokens_(rate_.burst), at_(now) {}
  // Takes one token. Errors: rate_limited, with the time until there is one. A clock that goes back adds nothing.
  Result<void> take(UnixMillis now);
  // Takes `cost` tokens, if need be such as are not there yet: the time until they are, no longer than `longest`. Those
  // who wait come in the order in which they asked. Errors: rate_limited.
  Result<std::chrono::milliseconds> take_ahead(UnixMillis now, std::chrono::milliseconds longest, double cost = 1);

 private:
  void fill(UnixMillis now);

  Rate rate_;
  double tokens_;  // below zero: taken ahead
  UnixMillis at_;
};

// One bucket a key. At most `max_keys`: the least recently used one is forgotten, which forgives its owner.
class TokenBuckets {
 public:
  explicit TokenBuckets(Rate rate, std::size_t max_keys = 65536) : rate_(rate), max_keys_(max_keys) {}
  Result<void> take(std::string_view key, UnixMillis now) { return bucket(key, now).take(now); }
  Result<std::chrono::milliseconds> take_ahead(std::string_view key, UnixMillis now, std::chrono::milliseconds longest,
                                               double cost = 1) {
    return bucket(key, now).take_ahead(now, longest, cost);
  }
  [[nodiscard]] std::size_t size() const { return buckets_.size(); }

 private:
  struct Slot {
    std::string key;
    TokenBucket bucket;
  };
  TokenBucket& bucket(std::string_view key, UnixMillis now);

  Rate rate_;
  std::size_t max_keys_;
  std::list<Slot> order_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Slot>::iterator> buckets_;
};

}  // namespace kith::server::domain
