#include "cli/open_group.h"

#include <vector>

#include "cli/console.h"
#include "cli/match.h"
#include "cli/recipient.h"
#include "cli/text.h"

namespace kith::cli {

OpenGroup::OpenGroup(Session& session, const std::string& name) : session_(session) {
  if (!session_.catch_up(std::chrono::seconds(10))) throw Problem{Exit::offline, "The server can't be reached."};
  chat_ = find_group(session_, name);
}

std::string OpenGroup::name() const { return in_quotes(chat_.value("title", "")); }

Json OpenGroup::change(const char* type, const Json& fields) {
  Json command{{"type", type}, {"conversation", id()}};
  command.update(fields);
  return session_.must(std::move(command));
}

Person OpenGroup::somebody(const char* among, const std::string& who, const char* otherwise) {
  Json people = change("group_info", Json::object()).at("group").value(among, Json::array());
  for (const auto& contact : session_.must({{"type", "list_contacts"}}).at("contacts")) {
    for (auto& person : people) {
      if (person.at("user") == contact.at("user")) person["address"] = contact.value("address", "");
    }
  }
  const auto found = people_named(people, who);
  if (found.size() > 1) throw more_than_one(who, found);
  if (found.empty()) throw Problem{Exit::failed, safe_line(who) + " " + otherwise + " " + name() + "."};
  return person_of(found.front(), Names::load(session_));
}

void tell(const Settings& settings, const OpenGroup& group, const std::string& sentence) {
  if (settings.json) {
    say_json({{"type", "group_changed"}, {"conversation", group.id()}});
  } else {
    say(sentence);
  }
}

}  // namespace kith::cli
