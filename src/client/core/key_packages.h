// This device's key packages: how others add it while it is away. Their public halves lie at the server, the private
// ones here, until a Welcome has used them. The last resort stays, for as long as it holds and a while longer: it is
// made anew long before it ends, and Welcomes to those of before may still be on their way.
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
  // The server has told what is new: asks how many are left, once an hour or when many were used, and adds some where
  // there are few; and a last resort in the place of one that is old.
  void look();
  // The server was restored from a backup, and gives out none of those that it had before.
  void history_changed() { next_look_ms_ = 0; }

 private:
  struct Made {
    Bytes ref;
    Bytes message;
  };
  Made make_one(bool last_resort);
  void top_up(std::size_t available);
  [[nodiscard]] bool needs_last_resort() const;
  void answered(const HttpAnswer& answer);
  void drop_outlived();
  void drop_oldest();
  void forget(const Bytes& ref);

  Machine& machine_;
  std::map<Bytes, KeyPackageMark> marks_;
  std::optional<Made> uploading_{};  // a last resort that the server may have by now, or not
  std::int64_t next_look_ms_ = 0;    // on Machine::clock_ms
  std::size_t used_ = 0;             // since the last look
};

}  // namespace kith::client
