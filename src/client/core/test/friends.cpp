#include "client/core/test/friends.h"

#include <gtest/gtest.h>

namespace kith::client::test {

namespace {
constexpr int kTries = 400;
}  // namespace

Friends::Friends(std::uint64_t seed, std::uint64_t crash_at) : world(seed) {
  int number = 1;
  for (Client* client : {&ann, &ben, &cleo, &dan})
    register_account(world, *client, "+4179000000" + std::to_string(number++));
  world.crash_at = crash_at;
}

std::string Friends::name_of(const std::string& user) const {
  for (const Client* client : {&ann, &ben, &cleo, &dan}) {
    if (!client->account.is_null() && client->account.value("user", "") == user) return client->name;
  }
  return "somebody";
}

std::string Friends::names_of(const Json& users) const {
  std::vector<std::string> names;
  for (const Json& user : users) names.push_back(name_of(user));
  std::ranges::sort(names);
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::string Friends::run(Client& by, Json command) {
  for (int i = 0; i < kTries; ++i) {
    world.run_until([&] { return by.is_running() && !by.account.is_null(); });
    if (!command.contains("conversation") && command["type"] != "create_group") command["conversation"] = conversation;
    const auto answer = by.ask(command);
    if (answer && (*answer)["type"] == "done") return "done";
    if (answer && (*answer)["error"] != "offline") return (*answer)["error"];
    world.run_for(200);
  }
  return "never answered";
}

void Friends::found(std::initializer_list<Client*> with) {
  Json members = Json::array();
  for (const Client* client : with) members.push_back(id_of(*client));
  for (int i = 0; i < kTries && conversation.empty(); ++i) {
    world.run_until([&] { return ann.is_running() && !ann.account.is_null(); });
    // A crash may have taken the answer: the group is there all the same.
    if (const auto chats = ann.ask({{"type", "list_chats"}}); chats && !(*chats)["chats"].empty()) {
      conversation = (*chats)["chats"][0]["conversation"];
      break;
    }
    const auto answer = ann.ask({{"type", "create_group"}, {"name", "Hiking"}, {"members", members}});
    if (answer && (*answer)["type"] == "done") conversation = (*answer)["chat"]["conversation"];
  }
  std::vector<Client*> all(with);
  all.push_back(&ann);
  for (Client* client : all) {
    const bool is_in = world.run_until([&] {
      const Json here = chat(*client);
      return here.is_object() && here["membership"] == "member" && here["title"] == "Hiking";
    });
    EXPECT_TRUE(is_in) << client->name;
  }
}

std::string Friends::add(Client& by, std::initializer_list<Client*> whom) {
  Json users = Json::array();
  for (const Client* client : whom) users.push_back(id_of(*client));
  const std::string outcome = run(by, {{"type", "add_members"}, {"users", users}});
  for (Client* client : whom) {
    if (outcome != "done" || !client->is_running()) continue;
    EXPECT_TRUE(world.run_until([&] {
      const Json here = chat(*client);
      return here.is_object() && here["membership"] == "member";
    })) << client->name;
  }
  return outcome;
}
std::string Friends::remove(Client& by, const Client& whom) {
  return run(by, {{"type", "remove_member"}, {"user", id_of(whom)}});
}
std::string Friends::role(Client& by, const Client& whom, const std::string& role) {
  return run(by, {{"type", "set_role"}, {"user", id_of(whom)}, {"role", role}});
}
std::string Friends::say(Client& by, const std::string& text) { return run(by, {{"type", "send"}, {"text", text}}); }

Json Friends::chat(Client& by) {
  if (!by.is_running() || by.account.is_null()) return {};
  const auto answer = by.ask({{"type", "list_chats"}});
  if (!answer || (*answer)["type"] != "done") return {};
  for (const Json& chat : (*answer)["chats"]) {
    if (chat["conversation"] == conversation) return chat;
  }
  return {};
}

Json Friends::info(Client& by) {
  for (int i = 0; i < kTries; ++i) {
    world.run_until([&] { return by.is_running() && !by.account.is_null(); });
    const auto answer = by.ask({{"type", "group_info"}, {"conversation", conversation}});
    if (answer && (*answer)["type"] == "done") return (*answer)["group"];
  }
  ADD_FAILURE() << by.name << " was never told about the group";
  return Json::object();
}

std::string Friends::roster(Client& by) {
  std::vector<std::string> members;
  const Json group = info(by);
  for (const Json& member : group["members"])
    members.push_back(name_of(member["user"]) + " " + member["role"].get<std::string>());
  std::ranges::sort(members);
  std::string all;
  for (const std::string& member : members) all += (all.empty() ? "" : ", ") + member;
  return all;
}

std::string Friends::told(const Json& change, const std::string& by) const {
  const std::string what = change["what"];
  if (what == "created") return by + " created the group";
  if (what == "added") return by + " added " + names_of(change["users"]);
  if (what == "removed") return by + " removed " + names_of(change["users"]);
  if (what == "left") return names_of(change["users"]) + " left";
  if (what == "role") return by + " made " + name_of(change["user"]) + " " + change["role"].get<std::string>();
  if (what == "name") return by + " named it " + change["name"].get<std::string>();
  if (what == "description") return by + " described it";
  if (what == "joined") return names_of(change["users"]) + " joined";
  if (what == "invite_made" || what == "invite_revoked") return by + ": " + what;
  return by + ": " + what + " " + change["who"].get<std::string>();
}

std::vector<std::string> Friends::told(const Json& message) const {
  const auto notice = message.find("notice");
  if (notice == message.end()) return {name_of(message["sender"]) + ": " + message.value("text", "?")};
  if ((*notice)["kind"] != "group") return {"[" + (*notice)["kind"].get<std::string>() + "]"};
  std::vector<std::string> lines;
  for (const Json& change : (*notice)["changes"]) lines.push_back("[" + told(change, name_of((*notice)["by"])) + "]");
  return lines;
}

std::vector<std::string> Friends::seen(Client& by) {
  for (int i = 0; i < kTries; ++i) {
    world.run_until([&] { return by.is_running() && !by.account.is_null(); });
    const auto answer = by.ask({{"type", "list_messages"}, {"conversation", conversation}, {"limit", 100}});
    if (!answer) continue;
    if ((*answer)["type"] == "failed") return {};
    std::vector<std::string> all;
    for (const Json& message : (*answer)["messages"]) {
      if (!message.contains("seq")) continue;
      const auto lines = told(message);
      all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
  }
  return {};
}

bool Friends::await(Client& who, const std::string& last) {
  for (int i = 0; i < kTries; ++i, world.run_for(200)) {
    const auto all = seen(who);
    if (!all.empty() && all.back() == last) return true;
  }
  return false;
}

void Friends::say_once(Client& by, const std::string& text) {
  const std::string line = by.name + ": " + text;
  for (int i = 0; i < kTries; ++i) {
    world.run_until([&] { return by.is_running() && !by.account.is_null(); });
    world.run_for(300);
    const auto all = seen(by);
    if (std::ranges::count(all, line) > 0) return;
    const auto answer = by.ask({{"type", "send"}, {"conversation", conversation}, {"text", text}});
    if (answer && (*answer)["type"] == "done" && await(by, line)) return;
  }
  ADD_FAILURE() << by.name << " could not say " << text;
}

void Friends::expect_all_see(std::initializer_list<Client*> who, const std::string& last) {
  for (Client* client : who) EXPECT_TRUE(await(*client, last)) << client->name << ": " << Json(seen(*client)).dump(1);
}

}  // namespace kith::client::test
