#include "cli/group_text.h"

#include <string_view>

#include "cli/console.h"
#include "cli/notice.h"
#include "cli/people.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

// Nobody is told that they are a member.
std::string role_text(const std::string& role) { return role == "owner" || role == "admin" ? role : ""; }

std::string member_line(const std::string& name, const std::string& note) {
  return note.empty() ? "  " + name : "  " + fit(name, 24) + "  " + painted(note, Paint::faint);
}

std::string name_or_id(const std::string& user, const Names& names) { return names.sender({{"sender", user}}); }

// Of a link that another device made.
std::string maker_text(const Json& invite, const Names& names) {
  const std::string by = invite.value("by", "");
  if (by.empty()) return "made before this device was in the group";
  return names.is_own(by) ? "made on another device of yours" : "made by " + name_or_id(by, names);
}

// "Link 1a2b3c4d: join, until 3 Nov, at most 5 people": and the link itself, where this device made it.
std::string invite_line(const Json& invite, const Names& names, const std::string& server, std::int64_t now_ms) {
  std::string line = "Link " + invite.value("invite", "").substr(0, 8) + ": ";
  if (has_expired(invite, now_ms)) {
    const auto end = invite.value("expires_ms", std::int64_t{0});
    return line + "nobody joins by it any more, expired " + date_text(end, now_ms) + " " + clock_text(end);
  }
  line += "whoever has it can ";
  line += invite.value("needs_approval", false) ? "ask to join" : "join";
  if (const auto until = invite.value("expires_ms", std::int64_t{0}); until != 0)
    line += ", until " + date_text(until, now_ms) + " " + clock_text(until);
  if (const auto uses = invite.value("max_uses", std::int64_t{0}); uses != 0)
    line += ", " + std::to_string(uses) + (uses == 1 ? " person" : " people") + " at most";
  const std::string link = invite.value("link", "");
  return line + (link.empty() ? "; " + maker_text(invite, names) : "\n  " + server + "/" + link);
}

}  // namespace

bool has_expired(const Json& invite, std::int64_t now_ms) {
  const auto end = invite.value("expires_ms", std::int64_t{0});
  return end != 0 && end <= now_ms;
}

std::string group_page(const Json& group, const Names& names, const std::string& server, std::int64_t now_ms) {
  std::string page = painted(safe_line(group.value("name", "")), Paint::bold) + "\n";
  if (const std::string description = safe_text(group.value("description", "")); !description.empty()) {
    for (const auto& line : wrap(description, 78)) page += "  " + line + "\n";
  }
  page += "\n";
  for (const auto& member : group.value("members", Json::array())) {
    const std::string name = names.is_own(member.value("user", "")) ? "You" : person_of(member, names).name;
    page += member_line(name, role_text(member.value("role", ""))) + "\n";
  }
  for (const std::string user : group.value("waiting", Json::array()))
    page += member_line(name_or_id(user, names), "is being added") + "\n";
  const bool is_in = !group.value("members", Json::array()).empty();
  if (is_in) page += "\n";
  for (const std::string_view what : {"may_send", "may_edit", "may_add"}) {
    if (is_in) page += who_may(what, group.value(what, "everyone")) + ".\n";
  }
  for (const auto& person : group.value("requests", Json::array()))
    page += person_of(person, names).name + " asks to join.\n";
  for (const auto& invite : group.value("invites", Json::array()))
    page += invite_line(invite, names, server, now_ms) + "\n";
  if (!is_in) page += "You are not in this group.\n";
  return page + painted(group.value("conversation", ""), Paint::faint);
}

std::string group_line(const Json& chat) {
  const std::string membership = chat.value("membership", "");
  const std::string role = membership == "out"       ? "not in it any more"
                           : membership == "joining" ? "joining"
                                                     : chat.value("role", "member");
  return painted(fit(safe_line(chat.value("title", "")), 24), Paint::bold) + "  " + fit(role, 18) + "  " +
         painted(chat.value("conversation", "").substr(0, 12), Paint::faint);
}

std::string not_added_text(const Json& not_added, const Names& names) {
  std::string text;
  for (const auto& one : not_added) {
    text += (text.empty() ? "" : "\n") + name_or_id(one.value("user", ""), names) +
            " could not be added: " + problem_of(one).message;
  }
  return text;
}

}  // namespace kith::cli
