#include "cli/delivery.h"

#include <algorithm>
#include <array>

namespace kith::cli {
namespace {

std::size_t rank(const std::string& state) {
  static const std::array<std::string, 4> states{"pending", "sent", "delivered", "read"};
  return static_cast<std::size_t>(std::ranges::find(states, state) - states.begin()) % states.size();
}

}  // namespace

Delivery::Delivery(const Json& message) : message_(message) {}

bool Delivery::has_reached(const std::string& wanted) const {
  return state() != "failed" && rank(state()) >= rank(wanted);
}

void Delivery::see(const Json& event) {
  const std::string type = event.value("type", "");
  if (type == "message" && event.at("message").value("id", "") == message_.value("id", "")) {
    message_ = event.at("message");
  } else if (type == "receipts" && event.value("conversation", "") == message_.value("conversation", "") &&
             message_.contains("seq") && has_reached("sent")) {
    const auto seq = message_.at("seq").get<std::uint64_t>();
    const bool is_read = seq <= event.value("read", std::uint64_t{0});
    const std::string reached = is_read                                             ? "read"
                                : seq <= event.value("delivered", std::uint64_t{0}) ? "delivered"
                                                                                    : "sent";
    if (rank(reached) > rank(state())) message_["state"] = reached;
  }
}

}  // namespace kith::cli
