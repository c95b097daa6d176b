#include "tests/simulation/pace.h"

#include <algorithm>

namespace kith::sim {

Pace::Pace(World& world) : world_(world), others_(world.people.on_shown) {
  world_.people.on_shown = [this](Device& device, const Json& event) {
    if (others_) others_(device, event);
    listen(device, event);
  };
}

Pace::~Pace() { world_.people.on_shown = others_; }

bool Pace::was_there(Device& device, std::int64_t since_ms) const {
  const auto there = there_since_ms_.find(&device);
  return there != there_since_ms_.end() && there->second <= since_ms;
}

void Pace::listen(Device& device, const Json& event) {
  const std::int64_t now = world_.time.now_ms();
  const std::string& type = event["type"].get_ref<const std::string&>();
  if (type == "connection" || type == "account") {
    if (!device.client.is_online() || !device.client.is_ready()) {
      there_since_ms_.erase(&device);
    } else {
      there_since_ms_.emplace(&device, now);
    }
  }
  if (type != "message" || !event["message"].contains("text")) return;
  const Json& shown = event["message"];
  const std::string& id = shown["id"].get_ref<const std::string&>();
  const bool waits = shown["state"] == "pending" || shown["state"] == "failed";
  if (waits) {
    messages_.try_emplace(id, Message{.by = &device, .begun_ms = now, .sent_ms = {}, .seen_ms = {}});
    return;
  }
  const auto known = messages_.find(id);
  if (known == messages_.end()) return;
  Message& message = known->second;
  if (&device != message.by) {
    message.seen_ms.emplace(&device, now);
  } else if (!message.sent_ms) {
    message.sent_ms = now;
    message.was_author_there = was_there(device, message.begun_ms);
  }
}

void Pace::check() const {
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    for (const LoggedEntry& entry : conversation.log) {
      const auto known = messages_.find(entry.client_id.text());
      if (known == messages_.end() || !known->second.sent_ms) continue;
      const Message& message = known->second;
      const std::string name = entry.client_id.text().substr(0, 6) + " in " + id.text().substr(0, 6);
      const std::int64_t waited_ms = *message.sent_ms - message.begun_ms;
      if (message.was_author_there && waited_ms > kMostToSendMs) {
        world_.fail(message.by->client.name + " waited " + std::to_string(waited_ms) + " ms to send " + name);
      }
      for (const auto& [device, seen_ms] : message.seen_ms) {
        const auto user = UserId::from_text(device->person.user());
        const auto own = DeviceId::from_text(device->id());
        // Whoever came later has it from others.
        if (!user || !own || !conversation.has_device_in(entry.epoch, {*user, *own})) continue;
        const auto there = there_since_ms_.find(device);
        if (there == there_since_ms_.end() || there->second > *message.sent_ms) continue;
        const std::int64_t late_ms = seen_ms - *message.sent_ms;
        if (late_ms > kMostToSeeMs) {
          world_.fail(device->client.name + " saw " + name + " after " + std::to_string(late_ms) + " ms");
        }
      }
    }
  }
}

}  // namespace kith::sim
