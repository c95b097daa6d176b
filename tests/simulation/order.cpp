#include "tests/simulation/order.h"

#include "wire/frame.h"

namespace kith::sim {

Order::Order(World& world) : world_(world) {
  world_.trace.listen(this, [this](std::int64_t, Trace::What what, std::string_view who, ByteView bytes) {
    if (what != Trace::What::to_server) return;
    const auto frame = wire::decode(bytes);
    const auto* append = frame ? std::get_if<wire::Append>(&frame->body) : nullptr;
    if (append == nullptr || !known_.insert(append->client_id.text()).second) return;
    sent_[{std::string(who), append->conversation.text()}].push_back(append->client_id.text());
  });
}

Order::~Order() { world_.trace.listen(this, {}); }

void Order::check() const {
  for (const auto& [where, ids] : sent_) {
    std::uint64_t last = 0;
    for (const std::string& id : ids) {
      const auto said = world_.said.find(id);
      if (said == world_.said.end() || said->second.by->is_copy) continue;
      const std::string& text = said->second.text;
      const std::uint64_t number = std::stoull(text.substr(text.rfind(' ') + 1));
      if (number < last) {
        world_.fail(where.first + " wrote " + std::to_string(number) + " before " + std::to_string(last) +
                    ", and sent it behind it in " + where.second.substr(0, 6));
      }
      last = number;
    }
  }
}

}  // namespace kith::sim
