#include "cli/recipient.h"

#include <algorithm>
#include <functional>

#include "cli/match.h"
#include "cli/people.h"
#include "cli/text.h"

namespace kith::cli {
namespace {

Recipient recipient_of(const Json& contact_or_group, Session& session) {
  if (contact_or_group.contains("conversation"))
    return {"", contact_or_group.at("conversation"), safe_line(contact_or_group.value("title", ""))};
  const Person person = person_of(contact_or_group, Names::load(session));
  return {person.user, "", person.name};
}

Json chats_of(Session& session) { return session.must({{"type", "list_chats"}}).at("chats"); }

// A group comes with the first sync after somebody has made it.
std::vector<Json> found_now_or_soon(Session& session, const std::function<std::vector<Json>()>& find) {
  auto found = find();
  if (found.empty() && session.catch_up(std::chrono::seconds(10))) found = find();
  return found;
}

}  // namespace

Json Recipient::field() const { return is_group() ? Json{{"conversation", conversation}} : Json{{"user", user}}; }

bool Recipient::is_chat(const Json& chat) const {
  return is_group() ? chat.value("conversation", "") == conversation : chat.value("user", "") == user;
}

Recipient find_recipient(Session& session, const std::string& who) {
  const auto find = [&] {
    return recipients_named(session.must({{"type", "list_contacts"}}).at("contacts"), chats_of(session), who);
  };
  const auto found = is_address(who) ? find() : found_now_or_soon(session, find);
  if (found.size() > 1) throw more_than_one(who, found);
  if (found.size() == 1) return recipient_of(found.front(), session);
  if (is_address(who)) return recipient_of(find_contact(session, who, ""), session);
  throw Problem{Exit::failed, "There is no contact or group named " + safe_line(who) +
                                  ". Add a contact with: kith contacts add NUMBER"};
}

Json find_group(Session& session, const std::string& name) {
  const auto found = found_now_or_soon(session, [&] { return groups_named(chats_of(session), name); });
  if (found.empty()) throw Problem{Exit::failed, "There is no group named " + safe_line(name) + "."};
  if (found.size() > 1) throw more_than_one(name, found);
  return found.front();
}

Json chat_of(Session& session, const Recipient& recipient) {
  const Json chats = chats_of(session);
  const auto found = std::ranges::find_if(chats, [&](const Json& c) { return recipient.is_chat(c); });
  return found == chats.end() ? Json() : *found;
}

std::string why_closed(const Json& chat) {
  if (chat.is_null() || chat.value("kind", "") != "group" || chat.value("may_send", true)) return "";
  const std::string membership = chat.value("membership", "member");
  if (membership == "out") return "You are not in this group any more.";
  if (membership == "joining") return "You are not in this group yet.";
  return "Only admins can send messages here.";
}

}  // namespace kith::cli
