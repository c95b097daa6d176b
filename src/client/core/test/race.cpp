#include "client/core/test/race.h"

#include <gtest/gtest.h>

#include "keys/group_policy.h"
#include "keys/group_rules.h"

namespace kith::client::test {

namespace {
constexpr std::int64_t kDayMs = std::int64_t{24} * 3'600'000;
constexpr int kTries = 300;
}  // namespace

Race::Race(std::uint64_t seed) : world(seed), random_(seed) {
  const std::size_t count = 4 + below(5);
  for (std::size_t i = 0; i < count; ++i) {
    people.push_back(&world.add("P" + std::to_string(i)));
    register_account(world, *people.back(), "+4179000010" + std::to_string(i));
  }
  Json members = Json::array();
  for (std::size_t i = 1; i < 3 + below(count - 2); ++i) members.push_back(people[i]->account["user"]);
  const Json made = ask(*people[0], {{"type", "create_group"}, {"name", "Start"}, {"members", members}});
  conversation = made["chat"]["conversation"];
  id = *ConversationId::from_text(conversation);
  EXPECT_TRUE(world.run_until(
      [&] { return world.server.conversations.contains(id) && group().leaves.size() == members.size() + 1; }));
  for (std::size_t i = 1; i < 3; ++i)
    ask(*people[0], {{"type", "set_role"}, {"user", people[i]->account["user"]}, {"role", "admin"}});
  world.jitter_ms = 1 + static_cast<std::int64_t>(below(40));
  world.double_hints = below(4) == 0;
}

Client* Race::client_of(const UserId& user) {
  const auto at = std::ranges::find_if(people, [&](const Client* client) { return user_of(*client) == user; });
  return at == people.end() ? nullptr : *at;
}

void Race::tell(Client& client, Json command) {
  if (!client.is_running()) return;
  command["conversation"] = conversation;
  client.tell(std::move(command));
}

// ---- steps ----

void Race::step() {
  const auto what = below(100);
  if (what < 55) {
    command(anybody());
  } else if (what < 60) {
    duel();
  } else if (what < 64) {
    owner_leaves();
  } else if (what < 85) {
    disturb();
  } else {
    let_time_pass();
  }
  // As much of what is on its way arrives as chance will have it.
  world.run_for(static_cast<std::int64_t>(below(3) == 0 ? 0 : below(80)));
  look_at_answers();
}

void Race::command(Client& by) {
  const auto what = below(20);
  if (what < 9) return tell(by, {{"type", "send"}, {"text", by.name + "-" + std::to_string(++said_)}});
  if (what < 15) return change_people(by);
  if (what < 17) return change_policy(by);
  if (what < 19) return use_links(by);
  tell(by, {{"type", "set_group"}, {"name", "Name " + std::to_string(++said_)}});
}

void Race::change_people(Client& by) {
  static constexpr const char* kRoles[] = {"member", "admin", "admin", "owner"};
  const std::string whom = anybody().account["user"];
  const auto what = below(10);
  if (what < 4) return tell(by, {{"type", "add_members"}, {"users", {whom, anybody().account["user"]}}});
  if (what < 6) return tell(by, {{"type", "remove_member"}, {"user", whom}});
  if (what < 7) return tell(by, {{"type", "leave_group"}});
  tell(by, {{"type", "set_role"}, {"user", whom}, {"role", kRoles[below(std::size(kRoles))]}});
}

void Race::change_policy(Client& by) {
  static constexpr const char* kWhat[] = {"may_send", "may_edit", "may_add"};
  tell(by, {{"type", "set_group"}, {kWhat[below(3)], below(3) == 0 ? "admins" : "everyone"}});
}

void Race::use_links(Client& by) {
  const auto what = below(8);
  if (links_.empty() || what == 0)
    return tell(by, {{"type", "create_invite"}, {"needs_approval", below(4) == 0}, {"max_uses", below(3)}});
  const auto& [link, invite] = links_[below(links_.size())];
  if (what == 1) return tell(by, {{"type", "revoke_invite"}, {"invite", invite}});
  if (what == 2) return tell(by, {{"type", "decline_request"}, {"user", anybody().account["user"]}});
  // Several at once, who may be in, or out, or on their way.
  for (auto others = below(3); others > 0; --others) tell(anybody(), {{"type", "join_group"}, {"link", link}});
  tell(by, {{"type", "join_group"}, {"link", link}});
}

void Race::duel() {
  if (!group().group) return;
  const auto policy = *keys::policy_of(group().group->context().extensions);
  if (policy.admins.size() < 2) {
    if (Client* owner = client_of(policy.owner)) {
      for (int i = 0; i < 2; ++i)
        tell(*owner, {{"type", "set_role"}, {"user", anybody().account["user"]}, {"role", "admin"}});
    }
    return;
  }
  Client* first = client_of(policy.admins[0]);
  Client* second = client_of(policy.admins[1]);
  if (first == nullptr || second == nullptr || !first->is_online() || !second->is_online()) return;
  ++duels;
  tell(*first, {{"type", "remove_member"}, {"user", second->account["user"]}});
  tell(*second, {{"type", "remove_member"}, {"user", first->account["user"]}});
}

void Race::owner_leaves() {
  if (!group().group) return;
  const auto policy = *keys::policy_of(group().group->context().extensions);
  Client* owner = client_of(policy.owner);
  if (owner == nullptr) return;
  // To somebody who may be gone by then.
  if (below(2) == 0 && !policy.admins.empty())
    tell(*owner,
         {{"type", "set_role"}, {"user", policy.admins[below(policy.admins.size())].text()}, {"role", "owner"}});
  tell(*owner, {{"type", "leave_group"}});
}

void Race::disturb() {
  Client& client = anybody();
  switch (below(4)) {
    case 0:
      if (cut_.insert(&client).second) return client.set_network(false);
      [[fallthrough]];
    case 1:
      for (Client* other : std::exchange(cut_, {})) other->set_network(true);
      return;
    case 2:
      if (!client.is_running()) return client.start();
      return below(2) == 0 ? client.crash() : client.stop();
    default:
      world.crash_at = world.boundaries + 1 + below(12);  // of whoever gets there
  }
}

void Race::let_time_pass() {
  const auto what = below(10);
  if (what < 8) return world.run_for(static_cast<std::int64_t>(below(20'000)));
  if (what < 9) return world.run_for(static_cast<std::int64_t>(below(400'000)));
  // Everybody is away for longer than a leaf keeps its keys.
  for (Client* client : people) client->stop();
  world.run_for(8 * kDayMs);
  for (Client* client : people) client->start();
}

void Race::look_at_answers() {
  for (Client* client : people) {
    std::size_t& seen = looked_[client];
    if (client->events.size() < seen) seen = 0;  // another life
    for (; seen < client->events.size(); ++seen) {
      const Json& event = client->events[seen];
      if (event["type"] == "done" && event.contains("message")) taken.insert(event["message"]["id"]);
      if (event["type"] == "failed" && event["error"] == "last_owner") ++stuck_owners;
      if (event["type"] == "done" && event.contains("invite"))
        links_.emplace_back(event["invite"]["link"], event["invite"]["invite"]);
      if (event["type"] == "done" && event.contains("joined")) ++joins;
    }
  }
}

// ---- what became of it ----

bool Race::settle() {
  world.crash_at = 0;
  for (Client* client : people) {
    client->set_network(true);
    client->start();
  }
  const auto is_quiet = [&] {
    return std::ranges::all_of(people, [](Client* client) {
      return client->is_running() && client->is_online() && client->unanswered().empty();
    });
  };
  world.run_for(180'000);
  const bool is_settled = world.run_until(is_quiet, 600'000);
  // Turns of those who look after what others leave to do, and the patience of those who were removed meanwhile.
  world.run_for(60'000);
  look_at_answers();
  if (group().leaves.empty()) ++endings;
  return is_settled;
}

const std::set<UserId>& Race::users_in(Epoch epoch) {
  const auto known = users_.find(epoch);
  if (known != users_.end()) return known->second;
  const auto& past = group().past;
  std::optional<mls::PublicGroup> shown = epoch == group().epoch ? group().group : std::nullopt;
  if (const auto at = past.find(epoch); !shown && at != past.end()) {
    const auto& [info, nodes] = at->second;
    const auto tree = nodes.empty() ? std::nullopt : std::optional(mls::ratchet_tree_of(nodes));
    shown = mls::PublicGroup::open(mls::decoded_message<mls::GroupInfo>(info).value(), tree).value();
  }
  std::set<UserId>& users = users_[epoch];
  if (!shown) ADD_FAILURE() << "the server did not follow to epoch " << epoch.value;
  for (const keys::Seat& seat : shown ? keys::seats_of(*shown).value() : std::vector<keys::Seat>{})
    users.insert(seat.user);
  return users;
}

bool Race::is_in(const Client& client) {
  return std::ranges::any_of(group().leaves, [&](const auto& device) { return device.first == user_of(client); });
}

Json Race::ask(Client& client, Json command) {
  if (!conversation.empty()) command["conversation"] = conversation;
  for (int i = 0; i < kTries; ++i) {
    world.run_until([&] { return client.is_running() && client.is_online(); });
    const auto answer = client.ask(command);
    if (answer && ((*answer)["type"] == "done" || (*answer)["error"] != "offline")) return *answer;
    world.run_for(200);
  }
  ADD_FAILURE() << client.name << " was never answered: " << command.dump();
  return Json::object();
}

std::vector<Json> Race::rows_of(Client& client) {
  std::vector<Json> all;
  Json command = {{"type", "list_messages"}, {"limit", 100}};
  while (true) {
    const Json page = ask(client, command);
    if (page["type"] != "done") return all;
    const auto messages = page["messages"].get<std::vector<Json>>();
    all.insert(all.begin(), messages.begin(), messages.end());
    if (!page["more"].get<bool>() || messages.empty()) return all;
    command["before"] = messages.front()["order"];
  }
}

}  // namespace kith::client::test
