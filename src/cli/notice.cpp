#include "cli/notice.h"

#include "cli/text.h"

namespace kith::cli {
namespace {

constexpr const char* kUnknown = "Something that this version does not show yet.";

std::string lost_text(const Json& notice, std::int64_t now_ms) {
  const auto count = notice.value("count", std::int64_t{0});
  if (count == 0) return "Some messages may be missing here.";
  const auto from_ms = notice.value("from_ms", std::int64_t{0});
  const auto to_ms = notice.value("to_ms", from_ms);
  std::string text = count == 1 ? "1 message from " : std::to_string(count) + " messages from ";
  text += date_text(from_ms, now_ms);
  if (!is_same_day(from_ms, to_ms)) text += " to " + date_text(to_ms, now_ms);
  return text + " could not be restored on this device.";
}

std::string compare_hint(const std::string& user, const Names& names) {
  const std::string who = names.argument(user);
  return " Compare safety numbers: kith verify" + (who.empty() ? "" : " " + who);
}

std::string identity_text(const Json& notice, const Names& names) {
  const std::string user = notice.value("user", "");
  const std::string name = names.find(user);
  return (name.empty() ? "Somebody" : name) + "'s identity has changed." + compare_hint(user, names);
}

std::string generation_text(const Json& notice, const Names& names) {
  const std::string user = notice.value("user", "");
  const std::string name = names.find(user);
  return (name.empty() ? "Somebody" : name) + " removed a device or made new keys, without the recovery key." +
         compare_hint(user, names);
}

// At the beginning of a sentence.
std::string subject(const std::string& user, const Names& names) {
  if (names.is_own(user)) return "You";
  const std::string name = names.find(user);
  return name.empty() ? "Somebody" : name;
}

// Within one.
std::string object(const std::string& user, const Names& names) {
  if (names.is_own(user)) return "you";
  const std::string name = names.find(user);
  return name.empty() ? "somebody" : name;
}

// Those without a name are counted, not listed.
std::vector<std::string> people(const Json& users, const Names& names) {
  std::vector<std::string> known;
  std::size_t unknown = 0;
  for (const std::string user : users) {
    if (names.is_own(user) || !names.find(user).empty()) {
      known.push_back(object(user, names));
    } else {
      ++unknown;
    }
  }
  if (unknown == 1) known.emplace_back(known.empty() ? "somebody" : "somebody else");
  if (unknown > 1) known.push_back(std::to_string(unknown) + (known.empty() ? " people" : " others"));
  return known;
}

// People at the beginning of a sentence, and what they did.
std::string by_themselves(const Json& users, const Names& names, const char* did) {
  auto who = people(users, names);
  if (who.empty()) return kUnknown;
  if (who.front() == "you") who.front() = "You";
  if (who.front() == "somebody") who.front() = "Somebody";
  return listed(who) + did;
}

std::string role_text(const std::string& by, const Json& change, const Names& names) {
  const std::string user = change.value("user", "");
  const std::string name = change.value("role", "");
  const std::string role = name == "owner" ? "the owner" : name == "admin" ? "an admin" : "a member";
  if (user == by) return subject(user, names) + (names.is_own(user) ? " are " : " is ") + role + " now.";
  return subject(by, names) + " made " + object(user, names) + " " + role + ".";
}

std::string_view act_of(std::string_view what) {
  return what == "may_send"   ? "send messages"
         : what == "may_edit" ? "change the name and the description"
                              : "add people";
}

std::string change_text(const std::string& by, const Json& change, const Names& names) {
  const std::string what = change.value("what", "");
  const std::string who = subject(by, names);
  const Json users = change.value("users", Json::array());
  if (what == "created") return who + " created the group.";
  if (what == "added") return who + " added " + listed(people(users, names)) + ".";
  if (what == "joined") return by_themselves(users, names, " joined by an invite link.");
  if (what == "invite_made") return who + " made an invite link.";
  if (what == "invite_revoked") return who + " revoked an invite link.";
  if (what == "removed") return who + " removed " + listed(people(users, names)) + ".";
  if (what == "left") return by_themselves(users, names, " left.");
  if (what == "role") return role_text(by, change, names);
  if (what == "name") return who + " named the group " + in_quotes(change.value("name", "")) + ".";
  if (what == "description") return who + " changed the description.";
  if (what == "may_send" || what == "may_edit" || what == "may_add")
    return who + " allowed " + (change.value("who", "") == "admins" ? "only admins" : "everyone") + " to " +
           std::string(act_of(what)) + ".";
  return kUnknown;
}

}  // namespace

bool is_notice(const Json& message) { return message.contains("notice"); }

bool is_doubt(const Json& message) {
  if (!is_notice(message)) return false;
  const std::string kind = message.at("notice").value("kind", "");
  return kind == "identity_changed" || kind == "generation_unsigned";
}

std::string who_may(std::string_view what, std::string_view who) {
  return std::string(who == "admins" ? "Only admins" : "Everyone") + " can " + std::string(act_of(what));
}

std::vector<std::string> notice_lines(const Json& notice, const Names& names, std::int64_t now_ms) {
  const std::string kind = notice.value("kind", "");
  if (kind == "messages_lost") return {lost_text(notice, now_ms)};
  if (kind == "identity_changed") return {identity_text(notice, names)};
  if (kind == "generation_unsigned") return {generation_text(notice, names)};
  std::vector<std::string> lines;
  if (kind == "group") {
    for (const auto& change : notice.value("changes", Json::array()))
      lines.push_back(change_text(notice.value("by", ""), change, names));
  }
  if (lines.empty()) lines.emplace_back(kUnknown);
  return lines;
}

}  // namespace kith::cli
