// The commands about invite links.
#include <algorithm>

#include "client/core/group_commands.h"
#include "client/core/invite_link.h"
#include "client/core/joining.h"
#include "client/core/machine.h"

namespace kith::client {
namespace {

constexpr std::int64_t kMaxExpiryMs = std::int64_t{366} * 24 * 3600 * 1000;
constexpr std::int64_t kMaxUses = 1'000'000;

std::optional<keys::PublicKey> key_field(const Json& command, const char* name) {
  const auto bytes = from_hex(text_field(command, name).value_or(""));
  return bytes && bytes->size() == sizeof(keys::PublicKey) ? std::optional(keys::to_array<32>(*bytes)) : std::nullopt;
}

}  // namespace

void GroupCommands::create_invite(Chat& chat, const Reply& reply, const Json& command) {
  const auto expires = number_field(command, "expires_in_ms");
  const auto uses = number_field(command, "max_uses");
  const auto policy = chat.group.policy();
  if (expires.value_or(0) > kMaxExpiryMs) return reply.failed("invalid_argument", "A link lives a year at most.");
  if (uses.value_or(0) > kMaxUses) return reply.failed("invalid_argument", "That is too many people for one link.");
  if (!policy || policy->role_of(machine_.account.user()) == keys::Role::member)
    return reply.failed("not_allowed", "Only admins can make invite links.");
  if (policy->invites.size() >= keys::GroupPolicy::kMaxInvites)
    return reply.failed("too_many_invites", "A group has at most 8 invite links. Revoke one first.");
  const auto key = crypto::Suite::product().generate_signature_key(machine_.entropy);
  keys::Invite invite{.key = keys::to_array<32>(key.public_key),
                      .max_uses = static_cast<std::uint32_t>(uses.value_or(0)),
                      .needs_approval = flag_field(command, "needs_approval")};
  if (expires.value_or(0) > 0)
    invite.expires_s = static_cast<std::uint64_t>((machine_.now().value + *expires + 999) / 1000);
  // The link is here before the group knows it: what is in the log can be passed on after a crash as well.
  chat.record().group->invites.push_back({invite.key, to_secret(key.private_key)});
  chat.changed_quietly();
  chat.members.change({.reply = reply, .invite = invite, .result = {{"invite", chat.invite_json(invite)}}});
}

void GroupCommands::revoke_invite(Chat& chat, const Reply& reply, const Json& command) {
  const auto key = key_field(command, "invite");
  if (!key) return reply.failed("invalid_argument", "An invite is needed.");
  chat.members.change({.reply = reply, .revoke = key});
}

// A question that no connection outlives.
void GroupCommands::ask(const Reply& reply, wire::Body body, std::function<void(const wire::Body&)> then) {
  if (machine_.connection.free_slots() == 0)
    return reply.failed("overloaded", "Too much is under way. Try again in a moment.");
  const std::uint64_t number = ++asked_so_far_;
  asked_.emplace(number, reply);
  machine_.connection.request(std::move(body), [this, number, then = std::move(then)](const wire::Body& answer) {
    if (asked_.erase(number) != 0) then(answer);
  });
}

void GroupCommands::disconnected() {
  for (const auto& [number, reply] : std::exchange(asked_, {}))
    reply.failed("offline", "The connection to the server was lost.");
}

void GroupCommands::decline_request(Chat& chat, const Reply& reply, const Json& command) {
  const auto user = id_field<UserId>(command, "user");
  if (!user) return reply.failed("invalid_argument", "Somebody to decline is needed.");
  ask(reply, wire::DeclineJoin{.conversation = chat.id(), .user = *user},
      [&chat, reply, user = *user](const wire::Body& body) {
        if (const auto* error = std::get_if<wire::Error>(&body)) {
          const bool may_not = error->code == wire::ErrorCode::not_allowed;
          return reply.failed(may_not ? "not_allowed" : "internal", may_not ? "Only admins can answer requests here."
                                                                            : "The server did not take this answer.");
        }
        chat.requests.declined(user);
        reply.done({});
      });
}

// Asks what the link leads to; `then` with what the server said.
void GroupCommands::with_link(const Reply& reply, const Json& command,
                              const std::function<void(const InviteLink&, const wire::Error*)>& then) {
  const auto link = InviteLink::parse(text_field(command, "link").value_or(""));
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  if (!link) return reply.failed("invalid_argument", "This is not an invite link.");
  if (!machine_.connection.is_online()) return reply.failed("offline", "There is no connection to the server.");
  const Bytes proof = join_proof(*link, machine_).encode();
  ask(reply, wire::GetGroup{.conversation = link->conversation, .first_node = kNoNode, .proof = proof},
      [then, link = *link](const wire::Body& body) { then(link, std::get_if<wire::Error>(&body)); });
}

bool GroupCommands::is_in(const InviteLink& link) const {
  const Chat* chat = machine_.chats.find(link.conversation);
  return chat != nullptr && chat->record().membership == Membership::member;
}

void GroupCommands::look_at_invite(const Reply& reply, const Json& command) {
  with_link(reply, command, [this, reply](const InviteLink& link, const wire::Error* error) {
    const bool needs_approval = error != nullptr && error->code == wire::ErrorCode::not_allowed;
    if (error != nullptr && !needs_approval) {
      const WhyNotIn why = why_not_in(*error);
      return reply.failed(why.error, why.message);
    }
    reply.done({{"conversation", link.conversation.text()},
                {"name", link.name},
                {"needs_approval", needs_approval},
                {"is_member", is_in(link)}});
  });
}

void GroupCommands::join(const Reply& reply, const Json& command) {
  with_link(reply, command, [this, reply](const InviteLink& link, const wire::Error* error) {
    if (is_in(link)) return reply.done({{"conversation", link.conversation.text()}, {"joined", true}});
    if (error != nullptr && error->code == wire::ErrorCode::not_allowed) return ask_to_join(reply, link);
    if (error != nullptr) {
      const WhyNotIn why = why_not_in(*error);
      return reply.failed(why.error, why.message);
    }
    Chat& chat = machine_.chats.group(link.conversation);
    if (!chat.is_group()) return reply.failed("not_found", "This invite link leads to no group here.");
    // A member that comes back needs no link, and has a gap that one who comes has not.
    if (chat.record().membership == Membership::lost && !chat.joining.is_under_way() && chat.is_shown())
      return reply.failed("offline", "This device is still coming into the group.");
    chat.when_loaded([this, &chat, link, reply] {
      if (is_in(link)) return reply.done({{"conversation", link.conversation.text()}, {"joined", true}});
      chat.joining.begin(link, reply);
    });
  });
}

void GroupCommands::ask_to_join(const Reply& reply, const InviteLink& link) {
  const Bytes proof = join_proof(link, machine_).encode();
  ask(reply, wire::RequestJoin{.conversation = link.conversation, .proof = proof},
      [this, reply, link](const wire::Body& body) {
        if (const auto* error = std::get_if<wire::Error>(&body)) {
          const WhyNotIn why = why_not_in(*error);
          return reply.failed(why.error, why.message);
        }
        machine_.own_requests.asked(link);
        reply.done({{"conversation", link.conversation.text()}, {"asked", true}});
      });
}

}  // namespace kith::client
