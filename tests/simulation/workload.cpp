#include "tests/simulation/workload.h"

#include <algorithm>

namespace kith::sim {

namespace {
constexpr std::int64_t kComingMs = 120'000;
}  // namespace

void Workload::begin() {
  std::size_t count = world_.options.people;
  if (count == 0) count = chance_.below(20) == 0 ? 8 + chance_.below(12) : 2 + chance_.below(5);
  for (std::size_t i = 0; i < count; ++i) world_.people.add();
  world_.time.run(kComingMs, [&] { return world_.people.all_are_in(); });
  for (Device* device : world_.people.devices()) {
    for (const auto& other : world_.people.all()) {
      if (other.get() != &device->person && chance_.below(4) > 0) meet(*device, *other);
    }
  }
  world_.time.run(chance_.between(0, 3000));
}

void Workload::step(bool is_left_out) {
  chance_ = all_.branch();
  if (is_left_out) return;
  struct Choice {
    std::uint64_t weight;
    void (Workload::*does)();
  };
  static constexpr Choice kChoices[] = {
      {25, &Workload::write_to_somebody},
      {25, &Workload::write_to_a_group},
      {5, &Workload::begin_together},
      {5, &Workload::found_group},
      {12, &Workload::change_people},
      {4, &Workload::change_policy},
      {6, &Workload::use_links},
      {2, &Workload::duel},
      {8, &Workload::read},
      {4, &Workload::set_something},
      {3, &Workload::add_a_device},
      {2, &Workload::take_a_device_away},
      {1, &Workload::lose_everything},
  };
  std::uint64_t all = 0;
  for (const auto& choice : kChoices) all += choice.weight;
  std::uint64_t at = chance_.below(all);
  for (const auto& choice : kChoices) {
    if (at < choice.weight) {
      (this->*choice.does)();
      break;
    }
    at -= choice.weight;
  }
  // Mostly at once, sometimes after a while.
  world_.time.run(chance_.below(3) == 0 ? 0 : chance_.skewed(20, 10));
}

// ---- who ----

Device* Workload::anybody() {
  std::vector<Device*> able;
  for (Device* device : world_.people.devices()) {
    if (device->client.is_ready() && !device->is_removed) able.push_back(device);
  }
  return able.empty() ? nullptr : chance_.of(able);
}

Device* Workload::anybody_in_a_group(std::string& conversation) {
  std::vector<std::pair<Device*, std::string>> all;
  for (Device* device : world_.people.devices()) {
    if (!device->client.is_ready() || device->is_removed) continue;
    for (const auto& [id, chat] : device->client.chats) {
      if (chat["kind"] == "group") all.emplace_back(device, id);
    }
  }
  if (all.empty()) return nullptr;
  const auto& [device, id] = chance_.of(all);
  conversation = id;
  return device;
}

Json Workload::contacts_of(const Device& device, std::size_t most) {
  Json some = Json::array();
  for (const std::string& user : device.contacts) {
    if (some.size() < most && chance_.below(3) > 0) some.push_back(user);
  }
  return some;
}

void Workload::meet(Device& device, const Person& other) {
  device.client.tell({{"type", "find_contact"}, {"phone", other.address}}, [&device](const Json& answer) {
    if (answer["type"] == "done") device.contacts.insert(answer["contact"]["user"]);
  });
}

void Workload::tell(Device& device, Json command) { device.client.tell(std::move(command)); }

// ---- what ----

void Workload::say(Device& device, Json to) {
  to["type"] = "send";
  const std::string text = device.client.name + " says " + std::to_string(++said_);
  to["text"] = text;
  device.client.tell(std::move(to), [this, &device, text, life = device.client.lives](const Json& answer) {
    if (answer["type"] != "done") return;
    const Json& message = answer["message"];
    world_.said[message["id"]] = {.by = &device,
                                  .in_life = life,
                                  .conversation = message["conversation"],
                                  .text = text,
                                  .is_acked = false,
                                  .has_failed = false};
  });
}

void Workload::write_to_somebody() {
  Device* device = anybody();
  if (device == nullptr) return;
  if (device->contacts.empty()) return meet(*device, any_person());
  const std::vector<std::string> known(device->contacts.begin(), device->contacts.end());
  const std::string& user = chance_.of(known);
  for (auto left = chance_.below(4) + 1; left > 0; --left) say(*device, {{"user", user}});
}

void Workload::write_to_a_group() {
  std::string conversation;
  Device* device = anybody_in_a_group(conversation);
  if (device == nullptr) return found_group();
  for (auto left = chance_.below(3) + 1; left > 0; --left) say(*device, {{"conversation", conversation}});
}

// Two who have nothing with one another yet write at the same moment.
void Workload::begin_together() {
  Device* one = anybody();
  Device* other = anybody();
  if (one == nullptr || other == nullptr || &one->person == &other->person) return;
  const std::string here = one->person.user();
  const std::string there = other->person.user();
  if (!one->contacts.contains(there)) return meet(*one, other->person);
  if (!other->contacts.contains(here)) return meet(*other, one->person);
  say(*one, {{"user", there}});
  say(*other, {{"user", here}});
}

void Workload::found_group() {
  Device* device = anybody();
  if (device == nullptr) return;
  const std::string name = "Group " + std::to_string(++said_);
  tell(*device, {{"type", "create_group"}, {"name", name}, {"members", contacts_of(*device, 1 + chance_.below(8))}});
}

void Workload::change_people() {
  static constexpr const char* kRoles[] = {"member", "admin", "admin", "owner"};
  std::string conversation;
  Device* device = anybody_in_a_group(conversation);
  if (device == nullptr) return found_group();
  const std::string whom = any_person().user();
  if (whom.empty()) return;
  const auto what = chance_.below(10);
  Json command = {{"conversation", conversation}};
  if (what < 4) {
    command["type"] = "add_members";
    command["users"] = contacts_of(*device, 3);
  } else if (what < 6) {
    command["type"] = "remove_member";
    command["user"] = whom;
  } else if (what < 7) {
    command["type"] = "leave_group";
  } else {
    command["type"] = "set_role";
    command["user"] = whom;
    command["role"] = kRoles[chance_.below(std::size(kRoles))];
  }
  tell(*device, std::move(command));
}

void Workload::change_policy() {
  static constexpr const char* kWhat[] = {"may_send", "may_edit", "may_add"};
  std::string conversation;
  Device* device = anybody_in_a_group(conversation);
  if (device == nullptr) return;
  Json command = {{"type", "set_group"}, {"conversation", conversation}};
  if (chance_.below(2) == 0) {
    command["name"] = "Name " + std::to_string(++said_);
  } else {
    command[kWhat[chance_.below(3)]] = chance_.below(3) == 0 ? "admins" : "everyone";
  }
  tell(*device, std::move(command));
}

void Workload::use_links() {
  std::string conversation;
  Device* device = anybody_in_a_group(conversation);
  if (device == nullptr) return;
  const auto what = chance_.below(8);
  if (links_.empty() || what < 2) {
    const Json command = {{"type", "create_invite"},
                          {"conversation", conversation},
                          {"needs_approval", chance_.below(4) == 0},
                          {"max_uses", chance_.below(3)}};
    device->client.tell(command, [this, conversation](const Json& answer) {
      if (answer["type"] != "done" || !answer["invite"].contains("link")) return;
      links_.push_back(answer["invite"]["link"]);
      invites_.emplace_back(conversation, answer["invite"]["invite"]);
    });
    return;
  }
  if (what == 2) {
    const auto& [of, invite] = chance_.of(invites_);
    return tell(*device, {{"type", "revoke_invite"}, {"conversation", of}, {"invite", invite}});
  }
  if (what == 3) {
    const std::string whom = any_person().user();
    if (whom.empty()) return;
    return tell(*device, {{"type", "decline_request"}, {"conversation", conversation}, {"user", whom}});
  }
  const std::string link = chance_.of(links_);
  for (auto others = chance_.below(3) + 1; others > 0; --others) {
    if (Device* other = anybody()) tell(*other, {{"type", "join_group"}, {"link", link}});
  }
}

// Two who may remove others remove each other.
void Workload::duel() {
  std::string conversation;
  Device* device = anybody_in_a_group(conversation);
  if (device == nullptr) return;
  std::vector<Device*> others;
  for (Device* other : world_.people.devices()) {
    if (&other->person != &device->person && other->client.is_ready() && other->client.chats.contains(conversation)) {
      others.push_back(other);
    }
  }
  if (others.empty()) return;
  Device* other = chance_.of(others);
  tell(*device, {{"type", "remove_member"}, {"conversation", conversation}, {"user", other->person.user()}});
  tell(*other, {{"type", "remove_member"}, {"conversation", conversation}, {"user", device->person.user()}});
}

void Workload::read() {
  Device* device = anybody();
  if (device == nullptr || device->client.chats.empty()) return;
  auto chat = device->client.chats.begin();
  std::advance(chat, static_cast<std::ptrdiff_t>(chance_.below(device->client.chats.size())));
  if (chance_.below(2) == 0) tell(*device, {{"type", "open_chat"}, {"conversation", chat->first}});
  tell(*device, {{"type", "mark_read"}, {"conversation", chat->first}, {"seq", chat->second["head_seq"]}});
}

void Workload::set_something() {
  Device* device = anybody();
  if (device == nullptr) return;
  std::string conversation;
  if (!device->client.chats.empty()) {
    auto chat = device->client.chats.begin();
    std::advance(chat, static_cast<std::ptrdiff_t>(chance_.below(device->client.chats.size())));
    conversation = chat->first;
  }
  switch (chance_.below(5)) {
    case 0:
      return tell(*device,
                  {{"type", "pin_chat"}, {"conversation", conversation}, {"is_pinned", chance_.below(2) == 0}});
    case 1:
      return tell(
          *device,
          {{"type", "mute"}, {"conversation", conversation}, {"until_ms", chance_.below(2) == 0 ? Json(0) : Json()}});
    case 2:
      return tell(*device, {{"type", "set_active"}, {"active", chance_.below(2) == 0}});
    case 3:
      return tell(*device, {{"type", "reconnect"}});
    default:
      return tell(*device, {{"type", "set_name"}, {"name", device->person.name}});
  }
}

void Workload::add_a_device() {
  Person& person = any_person();
  const auto here = std::ranges::count_if(
      person.devices, [](const auto& device) { return !device->is_removed && !device->client.is_retired(); });
  if (person.ready_device() == nullptr || static_cast<std::size_t>(here) >= kMaxDevices) return;
  world_.people.add_device(person, Entrance::linking);
}

void Workload::take_a_device_away() {
  Device* device = anybody();
  if (device == nullptr) return;
  if (chance_.below(4) == 0) return tell(*device, {{"type", "rotate_keys"}});
  std::vector<Device*> others;
  for (const auto& other : device->person.devices) {
    if (other.get() != device && other->was_ready && !other->is_removed && !other->client.is_retired()) {
      others.push_back(other.get());
    }
  }
  if (others.empty()) return;
  tell(*device, {{"type", "revoke_device"}, {"device", chance_.of(others)->id()}, {"removes_unreachable", true}});
}

// All of somebody's devices are gone at once, and the recovery key is not.
void Workload::lose_everything() {
  Person& person = any_person();
  if (person.recovery_key.empty() || person.ready_device() == nullptr) return;
  for (const auto& device : person.devices) device->client.retire();
  world_.people.add_device(person, world_.way_back());
}

std::size_t Workload::say_last_words() {
  std::size_t count = 0;
  for (const auto& [id, conversation] : world_.truth.conversations()) {
    std::vector<Device*> able;
    for (Device* device : world_.people.devices()) {
      const auto user = UserId::from_text(device->person.user());
      const auto chat = device->client.chats.find(id.text());
      if (!user || !device->client.is_ready() || device->is_removed || !conversation.is_member(*user)) continue;
      if (chat == device->client.chats.end() || chat->second["may_send"] == false) continue;
      able.push_back(device);
    }
    if (able.empty()) continue;
    say(*chance_.of(able), {{"conversation", id.text()}});
    ++count;
  }
  return count;
}

}  // namespace kith::sim
