#include "client/core/group_commands.h"

#include <algorithm>

#include "client/core/group_json.h"
#include "client/core/machine.h"
#include "wire/content.h"

namespace kith::client {
namespace {

constexpr const char* kOnlyAdminsName = "Only admins can change what this group is called.";
constexpr const char* kNameSizes = "A group has a name of at most 100 characters.";
constexpr std::ptrdiff_t kMaxNameCharacters = 100;

// Each once, without the user itself; nothing where they are not user ids.
std::optional<std::vector<UserId>> users_in(const Json& command, const char* name, const UserId& self) {
  const Json* texts = array_field(command, name);
  if (texts == nullptr || texts->size() > Members::kMaxWanted) return std::nullopt;
  std::vector<UserId> users;
  for (const Json& text : *texts) {
    const auto user = text.is_string() ? UserId::from_text(text.get<std::string>()) : std::nullopt;
    if (!user) return std::nullopt;
    if (*user != self && std::ranges::find(users, *user) == users.end()) users.push_back(*user);
  }
  return users;
}

bool is_name(const std::string& name) {
  const auto begins_character = [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80; };
  return !name.empty() && name.size() <= wire::kMaxGroupNameBytes && wire::is_utf8(name) &&
         std::ranges::count_if(name, begins_character) <= kMaxNameCharacters;
}

}  // namespace

bool GroupCommands::run(const std::string& type, const Reply& reply, const Json& command) {
  static constexpr std::pair<const char*, Change> kChanges[] = {{"add_members", &GroupCommands::add},
                                                                {"remove_member", &GroupCommands::remove},
                                                                {"leave_group", &GroupCommands::leave},
                                                                {"set_role", &GroupCommands::set_role},
                                                                {"set_group", &GroupCommands::set},
                                                                {"create_invite", &GroupCommands::create_invite},
                                                                {"revoke_invite", &GroupCommands::revoke_invite},
                                                                {"decline_request", &GroupCommands::decline_request}};
  if (type == "create_group") return create(reply, command), true;
  if (type == "look_at_invite") return look_at_invite(reply, command), true;
  if (type == "join_group") return join(reply, command), true;
  if (type == "forget_join_request") return machine_.own_requests.forget(reply, command), true;
  if (type == "group_info") return info(reply, command), true;
  const auto change = std::ranges::find(kChanges, type, [](const auto& item) { return std::string(item.first); });
  if (change == std::ranges::end(kChanges)) return false;
  with_group(reply, command, change->second);
  return true;
}

void GroupCommands::create(const Reply& reply, const Json& command) {
  const auto name = text_field(command, "name");
  const std::string description = text_field(command, "description").value_or("");
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  const UserId& self = machine_.account.user();
  const auto members = users_in(command, "members", self);
  if (!name || !is_name(*name)) return reply.failed("invalid_argument", kNameSizes);
  if (!members) return reply.failed("invalid_argument", "The members are user ids.");
  if (description.size() > wire::kMaxDescriptionBytes)
    return reply.failed("too_large", "A description has at most 4 KiB.");
  const ClientId first_commit = machine_.new_client_id();
  Chat& chat = machine_.chats.group(keys::group_conversation(self, first_commit));
  GroupFacts& facts = *chat.record().group;
  facts.profile = {.name = *name, .description = description};
  facts.role = keys::Role::owner;
  facts.members = 1;
  facts.to_add = *members;
  if (!chat.founding.found_group(first_commit, keys::GroupPolicy::founded(self, first_commit))) {
    chat.departure.is_out(true);
    return reply.failed("internal", "The group could not be created.");
  }
  chat.changed();
  reply.done({{"chat", chat.json()}});
}

void GroupCommands::info(const Reply& reply, const Json& command) {
  const auto id = id_field<ConversationId>(command, "conversation");
  Chat* chat = id ? machine_.chats.find_shown(*id) : nullptr;
  if (chat == nullptr || !chat->is_group()) return reply.failed("unknown_conversation", "There is no such group.");
  chat->when_loaded([chat, reply] {
    // Who asks to come in is told to those who look.
    if (chat->record().group->has_requests && chat->record().membership == Membership::member) chat->devices.look();
    reply.done({{"group", chat->group_json()}});
  });
}

void GroupCommands::with_group(const Reply& reply, const Json& command, Change change) {
  const auto id = id_field<ConversationId>(command, "conversation");
  Chat* chat = id ? machine_.chats.find_shown(*id) : nullptr;
  if (chat == nullptr || !chat->is_group()) return reply.failed("unknown_conversation", "There is no such group.");
  if (chat->record().membership == Membership::out)
    return reply.failed("not_member", "You are not in this group any more.");
  if (!machine_.connection.is_online()) return reply.failed("offline", "There is no connection to the server.");
  chat->when_loaded([this, chat, reply, command, change] {
    // People may be wanted in a group that is still to begin.
    const bool is_new = chat->record().membership == Membership::none && change == &GroupCommands::add;
    if (chat->group.get() == nullptr && !is_new)
      return reply.failed("offline", "This device is still coming into the group.");
    (this->*change)(*chat, reply, command);
  });
}

void GroupCommands::add(Chat& chat, const Reply& reply, const Json& command) {
  const auto users = users_in(command, "users", machine_.account.user());
  const auto policy = chat.group.policy();
  if (!users || users->empty()) return reply.failed("invalid_argument", "Somebody to add is needed.");
  if (policy && !policy->may(policy->may_add, machine_.account.user()))
    return reply.failed("not_allowed", "Only admins can add people to this group.");
  chat.members.add(*users, reply);
}

void GroupCommands::remove(Chat& chat, const Reply& reply, const Json& command) {
  const auto user = id_field<UserId>(command, "user");
  if (!user) return reply.failed("invalid_argument", "Somebody to remove is needed.");
  chat.members.change({.reply = reply, .remove = user});
}

void GroupCommands::leave(Chat& chat, const Reply& reply, const Json&) { chat.departure.leave(reply); }

void GroupCommands::set_role(Chat& chat, const Reply& reply, const Json& command) {
  const auto user = id_field<UserId>(command, "user");
  const auto role = role_of_name(text_field(command, "role").value_or(""));
  if (!user || !role) return reply.failed("invalid_argument", "Somebody and a role are needed.");
  chat.members.change({.reply = reply, .role = std::pair(*user, *role)});
}

void GroupCommands::set(Chat& chat, const Reply& reply, const Json& command) {
  Wish wish{.reply = reply};
  bool changes_policy = false;
  for (const auto& [name, who] :
       {std::pair{"may_send", &wish.may_send}, {"may_edit", &wish.may_edit}, {"may_add", &wish.may_add}}) {
    const auto text = text_field(command, name);
    if (!text) continue;
    *who = who_of_name(*text);
    if (!*who) return reply.failed("invalid_argument", "It is everyone or admins who may do something.");
    changes_policy = true;
  }
  set_profile(chat, reply, command, [&chat, wish, changes_policy] {
    if (changes_policy) return chat.members.change(wish);
    wish.reply.done({});
  });
}

// Said once more in full.
void GroupCommands::set_profile(Chat& chat, const Reply& reply, const Json& command,
                                const std::function<void()>& then) {
  const auto name = text_field(command, "name");
  const auto description = text_field(command, "description");
  if (!name && !description) return then();
  const GroupFacts& facts = *chat.record().group;
  const std::string new_name = name.value_or(facts.profile.name);
  const std::string new_description = description.value_or(facts.profile.description);
  if (!is_name(new_name)) return reply.failed("invalid_argument", kNameSizes);
  if (new_description.size() > wire::kMaxDescriptionBytes)
    return reply.failed("too_large", "A description has at most 4 KiB.");
  if (!chat.profile.may_edit()) return reply.failed("not_allowed", kOnlyAdminsName);
  if (facts.profile == wire::GroupProfile{new_name, new_description}) return then();
  chat.profile.change({new_name, new_description}, [&chat, reply, then](bool is_done) {
    if (is_done) return then();
    if (!chat.profile.may_edit()) return reply.failed("not_allowed", kOnlyAdminsName);
    reply.failed("internal", "The server did not take this change.");
  });
}

}  // namespace kith::client
