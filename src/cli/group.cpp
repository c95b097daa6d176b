#include <algorithm>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/group_text.h"
#include "cli/names.h"
#include "cli/notice.h"
#include "cli/open_group.h"
#include "cli/people.h"
#include "cli/recipient.h"
#include "cli/session.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

std::vector<std::string> ids_of(const std::vector<Person>& people) {
  std::vector<std::string> ids;
  for (const auto& person : people) ids.push_back(person.user);
  return ids;
}

std::vector<std::string> names_of(const std::vector<Person>& people) {
  std::vector<std::string> names;
  for (const auto& person : people) names.push_back(person.name);
  return names;
}

// Those who could not be added, and why, are told, and are not among the people any more.
Json add_people(Session& session, const std::string& conversation, std::vector<Person>& people) {
  if (people.empty()) return Json::array();
  const Json done = session.must({{"type", "add_members"}, {"conversation", conversation}, {"users", ids_of(people)}});
  Json not_added = done.value("not_added", Json::array());
  for (const auto& one : not_added) {
    std::erase_if(people, [&](const Person& person) { return person.user == one.value("user", ""); });
  }
  return not_added;
}

// Invite links by which somebody may come in after this; none where they are to be revoked.
std::size_t links_left(Session& session, OpenGroup& group, bool revokes) {
  std::size_t left = 0;
  const Json info = group.change("group_info", Json::object()).at("group");
  for (const Json& invite : info.value("invites", Json::array())) {
    if (revokes) {
      group.change("revoke_invite", {{"invite", invite.at("invite")}});
    } else if (!has_expired(invite, session.loop().now().value)) {
      ++left;
    }
  }
  return left;
}

// The user's own changes in the words in which everybody reads them in the chat.
std::string own_changes(Session& session, const Json& changes, const Names& names) {
  const Json notice{{"kind", "group"}, {"by", session.account().value("user", "")}, {"changes", changes}};
  std::string text;
  for (const auto& line : notice_lines(notice, names, session.loop().now().value))
    text += (text.empty() ? "" : " ") + line;
  return text;
}

}  // namespace

void run_group_create(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  auto people = find_people(session, options.who);
  if (!session.come_online(std::chrono::seconds(10))) throw Problem{Exit::offline, "The server can't be reached."};
  Json command{{"type", "create_group"}, {"name", options.group}, {"members", ids_of(people)}};
  if (options.description) command["description"] = *options.description;
  const Json chat = session.must(std::move(command)).at("chat");
  // The group is there; its people are on their way.
  const Json not_added = add_people(session, chat.at("conversation"), people);
  if (settings.json) {
    say_json({{"type", "chat"}, {"chat", chat}, {"not_added", not_added}});
  } else if (people.empty()) {
    say("Created " + in_quotes(chat.value("title", "")) + ".");
  } else {
    say("Created " + in_quotes(chat.value("title", "")) + " with " + listed(names_of(people)) + ".");
  }
  if (!not_added.empty()) throw Problem{Exit::failed, not_added_text(not_added, Names::load(session))};
  session.close();
}

void run_group_add(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  auto people = find_people(session, options.who);
  const Json not_added = add_people(session, group.id(), people);
  if (settings.json) {
    say_json({{"type", "group_changed"}, {"conversation", group.id()}, {"not_added", not_added}});
  } else if (!people.empty()) {
    say("Added " + listed(names_of(people)) + " to " + group.name() + ".");
  }
  if (!not_added.empty()) throw Problem{Exit::failed, not_added_text(not_added, Names::load(session))};
  session.close();
}

void run_group_remove(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  const Person person = group.member(options.member);
  // First, so that nobody comes back in between.
  const std::size_t links = links_left(session, group, options.revokes_links);
  group.change("remove_member", {{"user", person.user}});
  tell(settings, group, "Removed " + person.name + " from " + group.name() + ".");
  if (links > 0) {
    remark("Whoever has " + std::string(links == 1 ? "the group's invite link" : "one of the group's invite links") +
           " can still join, " + person.name + " too. To stop that as well: --revoke-links, or kith group revoke");
  }
  session.close();
}

void run_group_leave(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  group.change("leave_group", Json::object());
  tell(settings, group, "You left " + group.name() + ".");
  session.close();
}

void run_group_role(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  const Person person = group.member(options.member);
  group.change("set_role", {{"user", person.user}, {"role", options.role}});
  Names names = Names::load(session);
  names.put({{"user", person.user}, {"name", person.name}});
  const Json change{{"what", "role"}, {"user", person.user}, {"role", options.role}};
  tell(settings, group, own_changes(session, Json::array({change}), names));
  session.close();
}

void run_group_set(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  Json fields = Json::object(), changes = Json::array();
  const auto set = [&](const char* what, const std::optional<std::string>& value, const char* told_as) {
    if (!value) return;
    fields[what] = *value;
    changes.push_back({{"what", what}, {told_as, *value}});
  };
  set("name", options.name, "name");
  set("description", options.description, "description");
  set("may_send", options.may_send, "who");
  set("may_edit", options.may_edit, "who");
  set("may_add", options.may_add, "who");
  group.change("set_group", fields);
  tell(settings, group, own_changes(session, changes, Names::load(session)));
  session.close();
}

void run_group_info(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  const Json chat = find_group(session, options.group);
  const auto ask = [&] {
    return Json(session.must({{"type", "group_info"}, {"conversation", chat.at("conversation")}}).at("group"));
  };
  Json group = ask();
  const Json invites = group.value("invites", Json::array());
  const bool has_requests =
      std::ranges::any_of(invites, [](const Json& i) { return i.value("needs_approval", false); });
  // Who asks to come in only the server knows; without it the rest is told.
  if (has_requests && session.catch_up(std::chrono::seconds(10))) group = ask();
  if (settings.json) {
    say_json({{"type", "group"}, {"group", group}});
  } else {
    say(group_page(group, Names::load(session), session.profile().server(), session.loop().now().value));
  }
  session.close();
}

void run_group_list(const Settings& settings) {
  Session session(settings, false);
  session.start_with_account();
  std::vector<Json> groups = session.must({{"type", "list_chats"}}).at("chats");
  std::erase_if(groups, [](const Json& chat) { return chat.value("kind", "") != "group"; });
  for (const auto& chat : groups) {
    if (settings.json) {
      say_json({{"type", "chat"}, {"chat", chat}});
    } else {
      say(group_line(chat));
    }
  }
  if (groups.empty() && !settings.json) remark("No groups yet. Make one with: kith group create NAME [WHO]");
  session.close();
}

}  // namespace kith::cli
