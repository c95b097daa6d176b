// `kith group invite`, `revoke`, `join`, `approve` and `decline`.
#include <iostream>
#include <vector>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/group_text.h"
#include "cli/match.h"
#include "cli/names.h"
#include "cli/open_group.h"
#include "cli/text.h"
#include "client/core/invite_link.h"

namespace kith::cli {
namespace {

// A link as people pass it on.
std::string with_address(const Session& session, const Json& invite) {
  const std::string link = invite.value("link", "");
  return link.empty() ? "" : session.profile().server() + "/" + link;
}

// The invite that is meant by its link, or by the beginning of its name.
Json invite_named(const Json& invites, const std::string& which) {
  std::vector<Json> found;
  for (const auto& invite : invites) {
    const std::string link = invite.value("link", "");
    if ((!link.empty() && which.ends_with(link)) || id_begins(invite.at("invite"), which)) found.push_back(invite);
  }
  if (found.size() > 1) throw Problem{Exit::failed, "More than one link begins like that."};
  if (found.empty()) throw Problem{Exit::failed, "There is no such link. The group's links are in: kith group info"};
  return found.front();
}

}  // namespace

void run_group_invite(const Settings& settings, const InviteOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  Json fields{{"needs_approval", options.needs_approval}};
  if (options.expires_s > 0) fields["expires_in_ms"] = options.expires_s * 1000;
  if (options.max_uses > 0) fields["max_uses"] = options.max_uses;
  Json invite = group.change("create_invite", fields).at("invite");
  invite["link"] = with_address(session, invite);
  if (settings.json) {
    say_json({{"type", "invite"}, {"conversation", group.id()}, {"invite", invite}});
  } else {
    say(invite.value("link", ""));
    remark("Whoever has this link can " + std::string(options.needs_approval ? "ask to join " : "join ") +
           group.name() + ".");
  }
  session.close();
}

void run_group_revoke(const Settings& settings, const InviteOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  const Json info = group.change("group_info", Json::object()).at("group");
  const Json invite = invite_named(info.value("invites", Json::array()), options.which);
  group.change("revoke_invite", {{"invite", invite.at("invite")}});
  tell(settings, group, "Nobody joins " + group.name() + " by that link any more.");
  session.close();
}

void run_group_join(const Settings& settings, const std::string& given) {
  std::string link = given;
  // A link is a key: it need not stand where others see what runs here.
  if (link == "-" && !std::getline(std::cin, link))
    throw Problem{Exit::usage, "There is no link on the standard input."};
  // Said before anybody registers for it.
  if (!client::InviteLink::parse(link))
    throw Problem{Exit::failed, "This is not an invite link. A whole one ends with #join= and many letters behind it."};
  Session session(settings, false);
  session.start_with_account();
  if (!session.catch_up(std::chrono::seconds(10))) throw Problem{Exit::offline, "The server can't be reached."};
  const Json looked = session.must({{"type", "look_at_invite"}, {"link", link}});
  const std::string name = in_quotes(looked.value("name", ""));
  const Json done = session.must({{"type", "join_group"}, {"link", link}});
  if (settings.json) {
    Json event = done;
    event["type"] = done.value("asked", false) ? "asked" : "joined";
    event.erase("id");
    say_json(event);
  } else if (done.value("asked", false)) {
    say("Asked to join " + name + ". The group appears here when somebody in it lets you in.");
  } else {
    say((looked.value("is_member", false) ? "You are in " : "You joined ") + name + ".");
  }
  session.close();
}

void run_group_approve(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  const Person person = group.requester(options.member);
  const Json done = group.change("add_members", {{"users", Json::array({person.user})}});
  const Json not_added = done.value("not_added", Json::array());
  if (!not_added.empty()) throw Problem{Exit::failed, not_added_text(not_added, Names::load(session))};
  tell(settings, group, "Added " + person.name + " to " + group.name() + ".");
  session.close();
}

void run_group_decline(const Settings& settings, const GroupOptions& options) {
  Session session(settings, false);
  session.start_with_account();
  OpenGroup group(session, options.group);
  const Person person = group.requester(options.member);
  group.change("decline_request", {{"user", person.user}});
  tell(settings, group, "Declined " + person.name + ". They can ask again as long as they have a link.");
  session.close();
}

}  // namespace kith::cli
