// How a conversation is shown: schema/core.d.ts.
#include <algorithm>

#include "client/core/chat.h"
#include "client/core/group_json.h"
#include "client/core/machine.h"
#include "client/core/text_units.h"

namespace kith::client {

namespace {

void add_reply(Json& json, const std::optional<wire::ReplyTo>& reply, const MessageRecord* original, bool is_known) {
  if (!reply) return;
  const UserId& sender = original != nullptr ? original->sender : reply->sender;
  const std::string text =
      original != nullptr
          ? std::string(wire::beginning_of(original->text.value_or(std::string()), wire::kMaxExcerptBytes))
          : reply->excerpt;
  const ClientId& id = original != nullptr ? original->id : reply->client_id;
  json["reply"] = {{"message", id.text()}, {"sender", sender.text()}, {"text", text}, {"known", is_known}};
}

void add_mentions(Json& json, const std::vector<wire::Mention>& mentions, const std::string& text) {
  if (mentions.empty()) return;
  Json all = Json::array();
  for (const wire::Mention& mention : mentions) {
    const std::size_t start = units_of(text, mention.start);
    all.push_back({{"user", mention.user.text()},
                   {"start", start},
                   {"length", units_of(text, mention.start + mention.length) - start}});
  }
  json["mentions"] = std::move(all);
}

}  // namespace

Json Chat::json() const {
  Json chat = {{"conversation", id_.text()},
               {"kind", is_group() ? "group" : "direct"},
               {"membership", membership_name(record_.membership)},
               {"may_send", may_write()},
               {"last_ms", record_.last_ms},
               {"head_seq", record_.position.value},
               {"read_seq", record_.read.value},
               {"unread", record_.unread},
               {"unread_mentions", record_.unread_mentions},
               {"peer_delivered", record_.peer_delivered.value},
               {"peer_read", record_.peer_read.value}};
  alerts.add_to(chat);
  chat["is_pinned"] = record_.archive.is_pinned;
  chat["is_put_away"] = record_.archive.is_put_away;
  if (is_group()) {
    chat["title"] = record_.group->profile.name.empty() ? "Group" : record_.group->profile.name;
    chat["role"] = role_name(record_.group->role);
    const std::size_t asking = record_.membership == Membership::member ? requests.who_asks().size() : 0;
    if (asking > 0) chat["requests"] = asking;
  } else {
    chat["title"] = machine_.contacts.title(record_.peer);
    chat["user"] = record_.peer.text();
  }
  if (const OutgoingRecord* newest = outbox.newest()) {
    chat["last_message"] = json(*newest);
  } else if (record_.last) {
    chat["last_message"] = json(*record_.last);
  }
  return chat;
}

Json Chat::json(const MessageRecord& message, const MessageRecord* original) const {
  const bool mine = message.sender == machine_.account.user() && !message.is_line();
  const char* state = !mine                                   ? "received"
                      : message.seq <= record_.peer_read      ? "read"
                      : message.seq <= record_.peer_delivered ? "delivered"
                                                              : "sent";
  Json json = {{"conversation", id_.text()}, {"id", message.id.text()},         {"seq", message.seq.value},
               {"order", message.order},     {"sender", message.sender.text()}, {"mine", mine},
               {"sent_ms", message.sent_ms}, {"time_ms", message.time_ms},      {"state", state}};
  if (message.place > 0)
    json["order"] = static_cast<double>(message.order) + 1.0 * message.place / MessageRecord::kPlaces;
  if (message.lost) {
    json["notice"] = notice_of(*message.lost);
  } else if (message.line) {
    json["notice"] = notice_of(*message.line);
  } else if (message.text) {
    json["text"] = *message.text;
    add_reply(json, message.reply, original, original != nullptr);
    add_mentions(json, message.mentions, *message.text);
    if (message.mentions_me) json["mentions_me"] = true;
  } else {
    json["unsupported"] = true;
  }
  return json;
}

Json Chat::json(const OutgoingRecord& message) const {
  Json json = {{"conversation", id_.text()},
               {"id", message.id.text()},
               {"order", message.order},
               {"sender", machine_.account.user().text()},
               {"mine", true},
               {"sent_ms", message.sent_ms},
               {"state", message.failure.empty() ? "pending" : "failed"},
               {"text", message.text}};
  add_reply(json, message.reply, nullptr, true);
  add_mentions(json, message.mentions, message.text);
  if (!message.failure.empty()) json["failure"] = {{"error", message.failure}, {"message", message.failure_text}};
  return json;
}

void Chat::show_message(Json message, bool is_new, bool alert) {
  machine_.show({{"type", "message"}, {"message", std::move(message)}, {"is_new", is_new}, {"alert", alert}});
}

void Chat::show_outgoing(const OutgoingRecord& message, bool is_new) {
  if (message.is_shown()) show_message(json(message), is_new);
}

void Chat::show_line(Seq at, std::int64_t time_ms, const ClientId& id, LineRecord line) {
  if (line.changes.empty()) return;
  const MessageRecord message{.id = id,
                              .seq = at,
                              .order = record_.order_base + at.value,
                              .sender = line.by,
                              .sent_ms = time_ms,
                              .time_ms = time_ms,
                              .line = std::move(line)};
  put_line(message);
}

void Chat::show_line_here(LineRecord line) {
  const std::int64_t now = machine_.now().value;
  MessageRecord message{.id = machine_.new_client_id(),
                        .seq = record_.position,
                        .order = record_.order_base + record_.position.value,
                        .place = 1,
                        .sender = line.by,
                        .sent_ms = now,
                        .time_ms = now,
                        .line = std::move(line)};
  if (record_.last && record_.last->order >= message.order) {
    message.order = record_.last->order;
    message.place = std::min<std::uint16_t>(record_.last->place + 1, MessageRecord::kPlaces - 1);
  }
  put_line(message);
}

void Chat::put_line(const MessageRecord& line) {
  const auto place_of = [](const MessageRecord& message) { return std::pair(message.order, message.place); };
  machine_.put(line.place > 0 ? row_key::line(id_, line.order, line.place) : row_key::message(id_, line.order),
               mls::encoded_secret(line));
  repeats.came(line);
  show_message(json(line), false);
  if (line.place == 0) archive.has_shown();
  record_.last_ms = std::max(record_.last_ms, line.time_ms);
  if (!record_.last || place_of(*record_.last) < place_of(line)) record_.last = line;
  changed();
}

Json Chat::group_json() const {
  const UserId& self = machine_.account.user();
  const auto policy = group.policy();
  Json json = {{"conversation", id_.text()},
               {"name", record_.group->profile.name},
               {"description", record_.group->profile.description},
               {"role", role_name(record_.group->role)},
               {"members", Json::array()},
               {"waiting", Json::array()}};
  for (const UserId& user : record_.group->to_add) json["waiting"].push_back(user.text());
  const keys::GroupPolicy shown_policy = policy.value_or(keys::GroupPolicy{});
  json["may_send"] = who_name(shown_policy.may_send);
  json["may_edit"] = who_name(shown_policy.may_edit);
  json["may_add"] = who_name(shown_policy.may_add);
  json["invites"] = Json::array();
  for (const keys::Invite& invite : shown_policy.invites) json["invites"].push_back(invite_json(invite));
  json["requests"] = Json::array();
  for (const UserId& user : requests.who_asks())
    json["requests"].push_back({{"user", user.text()}, {"name", machine_.contacts.title(user)}});
  if (!policy) return json;
  std::vector<MemberShown> shown;
  for (const UserId& user : group.users()) {
    const bool is_self = user == self;
    shown.push_back({.is_self = is_self,
                     .role = policy->role_of(user),
                     .name = is_self ? machine_.account.record().name : machine_.contacts.title(user),
                     .user = user});
  }
  std::ranges::sort(shown);
  for (const MemberShown& member : shown)
    json["members"].push_back({{"user", member.user.text()}, {"name", member.name}, {"role", role_name(member.role)}});
  return json;
}

Json Chat::invite_json(const keys::Invite& invite) const {
  Json json = {{"invite", to_hex(invite.key)}, {"needs_approval", invite.needs_approval}};
  if (invite.expires_s != 0) json["expires_ms"] = invite.expires_s * 1000;
  if (invite.max_uses != 0) json["max_uses"] = invite.max_uses;
  const auto& links = record_.group->links;
  if (const auto seen = std::ranges::find(links, invite.key, &LinkRecord::key); seen != links.end()) {
    json["by"] = seen->by.text();
    if (seen->joined) json["joined"] = *seen->joined;
  }
  const auto& own = record_.group->invites;
  const auto made = std::ranges::find(own, invite.key, &InviteRecord::key);
  if (made != own.end() && record_.group->role != keys::Role::member) {
    // What the group calls itself is no secret of the link, but a long one makes it unhandy.
    json["link"] = "#join=" + InviteLink{id_, made->seed, record_.group->profile.name}.code();
  }
  return json;
}

}  // namespace kith::client
