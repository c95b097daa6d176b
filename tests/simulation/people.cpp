#include "tests/simulation/people.h"

#include <algorithm>

namespace kith::sim {

namespace {
constexpr std::int64_t kNudgeMs = 3000;
}  // namespace

std::string Person::user() const {
  for (const auto& device : devices) {
    const std::string id = device->client.account.value("user", "");
    if (device->was_ready && !id.empty()) return id;
  }
  return {};
}

bool Person::has_lost_devices() const {
  return std::ranges::any_of(devices,
                             [](const auto& device) { return device->is_removed || device->client.is_retired(); });
}

Device* Person::ready_device() const {
  for (const auto& device : devices) {
    if (device->client.is_ready() && !device->is_removed) return device.get();
  }
  return nullptr;
}

Person& People::add() {
  auto person = std::make_unique<Person>();
  person->name = "P" + std::to_string(people_.size() + 1);
  person->address = "+41790000" + std::to_string(100 + people_.size());
  people_.push_back(std::move(person));
  add_device(*people_.back(), Entrance::registration);
  return *people_.back();
}

Device& People::add_device(Person& person, Entrance entrance) {
  const std::string name = person.name + "." + std::to_string(person.devices.size() + 1);
  person.devices.push_back(std::make_unique<Device>(person, entrance, around_, name, chance_.branch()));
  Device& device = *person.devices.back();
  device.client.on_shown = [this, &device](Client& client, const Json& event) {
    if (event["type"] == "account") {
      if (client.stage() == "ready") {
        device.was_ready = true;
        if (!client.recovery_key.empty()) device.person.recovery_key = client.recovery_key;
      }
      if (client.stage() == "removed") device.is_removed = true;
    }
    if (on_shown) on_shown(device, event);
  };
  device.client.start();
  nudge_later(device);
  return device;
}

std::vector<Device*> People::devices() const {
  std::vector<Device*> all;
  for (const auto& person : people_) {
    for (const auto& device : person->devices) all.push_back(device.get());
  }
  return all;
}

bool People::all_are_in() const {
  return std::ranges::all_of(devices(), [](const Device* device) {
    return device->was_ready || device->is_removed || device->client.is_retired();
  });
}

void People::nudge_later(Device& device) {
  around_.time.after(kNudgeMs, [this, &device] {
    if (device.was_ready || device.client.is_retired() || device.is_removed) return;
    nudge(device);
    nudge_later(device);
  });
}

void People::nudge(Device& device) {
  if (!device.client.is_running()) return;
  if (device.is_asking && device.asked_in_life == device.client.lives) return;
  enter(device);
}

void People::ask(Device& device, Json command) {
  device.is_asking = true;
  device.asked_in_life = device.client.lives;
  device.client.tell(std::move(command), [this, &device](const Json& answer) {
    device.is_asking = false;
    if (answer["type"] == "done") enter(device);
  });
}

void People::enter(Device& device) {
  const std::string stage = device.client.stage();
  const std::string& address = device.person.address;
  if (stage == "new" && device.entrance == Entrance::linking) {
    return ask(device, {{"type", "begin_link"}, {"phone", address}, {"device_name", device.client.name}});
  }
  if (stage == "linking") return take_up_link(device);
  if (stage == "new") return ask(device, {{"type", "register"}, {"phone", address}});
  if (stage == "code") {
    const auto code = cluster_.codes.find(address);
    if (code == cluster_.codes.end()) return;
    device.is_asking = true;
    device.asked_in_life = device.client.lives;
    device.client.tell({{"type", "confirm_code"}, {"code", code->second}}, [this, &device](const Json& answer) {
      device.is_asking = false;
      if (answer["type"] == "done") return enter(device);
      // The code is another one by now, or none any more.
      if (answer["error"] != "offline") ask(device, {{"type", "register"}, {"phone", device.person.address}});
    });
    return;
  }
  if (stage == "account") {
    if (device.client.account.value("is_recovering", false)) return;
    const bool is_alone = device.entrance == Entrance::recovery_alone;
    if ((is_alone || device.entrance == Entrance::recovery) && !device.person.recovery_key.empty()) {
      return ask(device, {{"type", "recover"},
                          {"recovery_key", device.person.recovery_key},
                          {"device_name", device.client.name},
                          {"removes_others", is_alone}});
    }
    return ask(device, {{"type", "register_anew"}});
  }
  if (stage == "name") {
    return ask(device, {{"type", "create_account"}, {"name", device.person.name}, {"device_name", device.client.name}});
  }
  if (stage == "recovery_key") {
    const Json& key = device.client.account["recovery_key"];
    return ask(device, {{"type", "confirm_recovery_key"},
                        {"groups", {{{"index", 1}, {"text", key[1]}}, {{"index", 5}, {"text", key[5]}}}}});
  }
}

// The code on the new device's screen is typed at another one.
void People::take_up_link(Device& device) {
  const Json& account = device.client.account;
  if (!account.contains("link") || account["link"].value("is_taken_up", false)) return;
  Device* other = device.person.ready_device();
  if (other == nullptr) return;
  other->client.tell({{"type", "link_device"}, {"code", account["link"]["code"]}});
}

}  // namespace kith::sim
