// This device's key packages: how others add it while it is away. Their public halves lie at the server, the private
// ones here, until a Welcome has used them; the last resort stays.
#pragma once

#include <map>
#include <optional>

#include "client/core/http_calls.h"
#include "client/core/record.h"

namespace kith::client {

class KeyPackages {
 public:
  static constexpr std::size_t kWanted = 50;
  static constexpr std::size_t kFew = 25;
  // What a server that claims to have none can make us keep.
  static constexpr std::size_t kMost = 500;

  explicit KeyPackages(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView ref, ByteView mark);
  // Makes one and stores its private half. The bytes of its MLSMessage, to be published.
  Bytes make(bool last_resort);
  // A first pool and the last resort, as fields of a request that makes this device known.
  void make_pool(Json& body);
  [[nodiscard]] bool knows(const Bytes& ref) const { return marks_.contains(ref); }
  // A Welcome used it: it is deleted, unless it is the last resort.
  void used(const Bytes& ref);
  void forget_all();
  // The connection is up: asks how many are left, and adds some where there are few.
  void online();

 private:
  void drop_oldest();

  Machine& machine_;
  std::map<Bytes, KeyPackageMark> marks_;
  std::int64_t next_look_ms_ = 0;  // on Machine::clock_ms
};

}  // namespace kith::client
