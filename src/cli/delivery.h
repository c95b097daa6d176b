// How far one own message has come, from the events that tell of it.
#pragma once

#include <string>

#include "cli/session.h"

namespace kith::cli {

class Delivery {
 public:
  explicit Delivery(const Json& message);
  void see(const Json& event);
  // "pending", "sent", "delivered", "read", "failed".
  [[nodiscard]] const std::string& state() const { return message_.at("state").get_ref<const std::string&>(); }
  // Whether it has come at least as far as "sent", "delivered" or "read".
  [[nodiscard]] bool has_reached(const std::string& state) const;
  [[nodiscard]] const Json& message() const { return message_; }

 private:
  Json message_;
};

}  // namespace kith::cli
