#include "client/core/commands.h"

#include <algorithm>

#include "client/core/draft.h"
#include "client/core/machine.h"
#include "wire/content.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxCommandBytes = 256 * 1024;
constexpr std::int64_t kMaxListed = 500;
constexpr double kNoEnd = 9'007'199'254'740'992;  // 2^53
constexpr const char* kNothingToAnswer = "The message to answer is not here.";
}  // namespace

void Reply::done(Json results) const {
  Json event = results.is_object() ? std::move(results) : Json::object();
  event["type"] = "done";
  event["id"] = id_;
  machine_->show(event);
}

void Reply::failed(const std::string& error, const std::string& message) const {
  machine_->show({{"type", "failed"}, {"id", id_}, {"error", error}, {"message", message}});
}

void Reply::failed(const HttpAnswer& answer) const {
  Json event = {{"type", "failed"}, {"id", id_}, {"error", answer.error()}, {"message", answer.message()}};
  if (answer.retry_after_ms() > 0) event["retry_after_ms"] = answer.retry_after_ms();
  if (const auto left = number_field(answer.body, "attempts_left")) event["attempts_left"] = *left;
  machine_->show(event);
}

void Commands::run(std::string_view text) {
  const Json command = text.size() <= kMaxCommandBytes ? parse_object(text) : Json(Json::value_t::discarded);
  const Reply reply(machine_, number_field(command, "id").value_or(0));
  const auto type = text_field(command, "type");
  if (machine_.stopped()) return reply.failed("stopped", "This core has stopped.");
  if (!type || !number_field(command, "id")) return reply.failed("invalid_argument", "This is not a command.");
  dispatch(*type, reply, command);
}

void Commands::dispatch(const std::string& type, const Reply& reply, const Json& command) {
  Registration& registration = machine_.registration;
  if (type == "forget_device") return machine_.own_devices.forget(reply);
  if (machine_.account.stage() == Stage::removed)
    return reply.failed("wrong_stage", "This device was removed from its account.");
  if (type == "register") return registration.register_address(reply, command);
  if (type == "resend_code") return registration.resend_code(reply);
  if (type == "confirm_code") return registration.confirm_code(reply, command);
  if (type == "create_account") return registration.create_account(reply, command);
  if (type == "confirm_recovery_key") return registration.confirm_recovery_key(reply, command);
  if (type == "recover") return machine_.recovery.recover(reply, command);
  if (type == "register_anew") return machine_.recovery.begin_anew(reply);
  if (type == "check_recovery_key") return machine_.recovery.check(reply, command);
  if (type == "begin_link") return machine_.new_device.begin(reply, command);
  if (type == "cancel_link") return machine_.new_device.cancel(reply);
  if (type == "look_at_link") return machine_.linking.look(reply, command);
  if (type == "link_device") return machine_.linking.link(reply, command);
  if (type == "list_devices") return machine_.own_devices.list(reply);
  if (type == "rename_device") return machine_.own_devices.rename(reply, command);
  if (type == "revoke_device") return machine_.generations.revoke(reply, command);
  if (type == "rotate_keys") return machine_.generations.rotate(reply, command);
  if (type == "set_name") return registration.set_name(reply, command);
  if (type == "set_pin") return registration.set_pin(reply, command);
  if (type == "has_pin") return registration.has_pin(reply);
  if (type == "find_contact") return machine_.contacts.find_command(reply, command);
  if (type == "list_contacts") {
    Json contacts = Json::array();
    for (const auto& [user, contact] : machine_.contacts.all()) contacts.push_back(machine_.contacts.json(contact));
    return reply.done({{"contacts", std::move(contacts)}});
  }
  if (type == "list_chats") return reply.done({{"chats", machine_.chats.list()}});
  if (type == "send") return send(reply, command);
  if (type == "retry") return with_chat(reply, command, &Commands::retry);
  if (type == "list_messages") return with_chat(reply, command, &Commands::list_messages);
  if (type == "mark_read") return with_chat(reply, command, &Commands::mark_read);
  if (type == "set_notifications") return with_chat(reply, command, &Commands::set_notifications);
  if (type == "mute") return with_chat(reply, command, &Commands::mute);
  if (type == "receipts") return with_chat(reply, command, &Commands::receipts);
  if (type == "open_chat") return open_chat(reply, command);
  if (type == "set_active") {
    machine_.chats.set_active(flag_field(command, "active"));
    machine_.sync.set_active(flag_field(command, "active"));
    return reply.done({});
  }
  if (type == "reconnect") {
    machine_.connection.wanted();
    machine_.connection.probe();
    machine_.registration.resume();
    return reply.done({});
  }
  if (machine_.group_commands.run(type, reply, command) || machine_.safety_commands.run(type, reply, command) ||
      machine_.archive_commands.run(type, reply, command))
    return;
  reply.failed("unknown_command", "This command is not known.");
}

void Commands::with_chat(const Reply& reply, const Json& command,
                         void (Commands::*run)(Chat&, const Reply&, const Json&)) {
  const auto id = id_field<ConversationId>(command, "conversation");
  Chat* chat = id ? machine_.chats.find_shown(*id) : nullptr;
  if (chat == nullptr) return reply.failed("unknown_conversation", "There is no such conversation.");
  (this->*run)(*chat, reply, command);
}

void Commands::send(const Reply& reply, const Json& command) {
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  const auto draft = draft_in(command, reply);
  if (!draft) return;
  const auto id = id_field<ConversationId>(command, "conversation");
  auto user = id_field<UserId>(command, "user");
  if (id) {
    Chat* chat = machine_.chats.find_shown(*id);
    if (chat == nullptr) return reply.failed("unknown_conversation", "There is no such conversation.");
    if (chat->is_group()) return send_to(*chat, reply, *draft);
    user = chat->record().peer;
  }
  if (!user || *user == machine_.account.user())
    return reply.failed("invalid_argument", "Somebody to send to is needed.");
  if (draft->reply_to &&
      machine_.chats.find_shown(keys::direct_conversation(machine_.account.user(), *user)) == nullptr)
    return reply.failed("not_found", kNothingToAnswer);
  machine_.contacts.with_contact(
      *user, [this, reply, draft = *draft, user = *user](const ContactRecord* contact, const HttpAnswer& answer) {
        if (contact == nullptr) return reply.failed(answer);
        if (contact->identity_changed())
          return reply.failed("identity_changed", "This person's identity is another one than before.");
        send_to(machine_.chats.with(user), reply, draft);
      });
}

// What is written while the message that another one answers is looked for goes behind it.
void Commands::send_to(Chat& chat, const Reply& reply, const Draft& draft) {
  chat.when_loaded([&chat, reply, draft] {
    chat.answers.write([&chat, reply, draft](const std::function<void()>& over) {
      if (!draft.reply_to) {
        add(chat, reply, draft, nullptr);
        return over();
      }
      chat.answers.find(*draft.reply_to, [&chat, reply, draft, over](const MessageRecord* answered) {
        if (answered == nullptr) {
          reply.failed("not_found", kNothingToAnswer);
        } else {
          add(chat, reply, draft, answered);
        }
        over();
      });
    });
  });
}

void Commands::add(Chat& chat, const Reply& reply, const Draft& draft, const MessageRecord* answered) {
  if (chat.record().membership == Membership::out)
    return reply.failed("not_member", "You are not in this group any more.");
  if (!chat.may_write()) return reply.failed("not_allowed", "Only admins can send messages here.");
  auto mentions = draft.mentions;
  chat.keep_members(mentions);
  if (mentions.size() != draft.mentions.size())
    return reply.failed("invalid_argument", "Only members of the group can be mentioned.");
  OutgoingRecord outgoing{.text = draft.text, .mentions = draft.mentions};
  if (answered != nullptr) {
    const std::string text = answered->text.value_or(std::string());
    // By the name that all others know.
    outgoing.reply = wire::ReplyTo{.client_id = answered->is_again ? answered->first_id : answered->id,
                                   .seq = answered->first_seq.value > 0 ? answered->first_seq : answered->seq,
                                   .sender = answered->sender,
                                   .excerpt = std::string(wire::beginning_of(text, wire::kMaxExcerptBytes))};
  }
  const OutgoingRecord& message = chat.outbox.add(std::move(outgoing));
  chat.record().last_ms = std::max(chat.record().last_ms, chat.machine().now().value);
  chat.changed();
  chat.show_outgoing(message, true);
  reply.done({{"message", chat.json(message)}});
}

void Commands::retry(Chat& chat, const Reply& reply, const Json& command) {
  const auto id = id_field<ClientId>(command, "message");
  if (!id) return reply.failed("invalid_argument", "A message is needed.");
  chat.when_loaded([&chat, reply, id = *id] {
    if (!chat.outbox.retry(id)) return reply.failed("not_found", "There is no such failed message.");
    chat.changed();
    reply.done({});
  });
}

void Commands::list_messages(Chat& chat, const Reply& reply, const Json& command) {
  const auto limit = number_field(command, "limit");
  // Of a message a whole number; of a line behind it a little more (Chat::json).
  const Json* before = field(command, "before");
  const double end = before != nullptr && before->is_number() ? std::clamp(before->get<double>(), 0.0, kNoEnd) : kNoEnd;
  const auto order = static_cast<std::uint64_t>(end);
  const auto place = static_cast<std::uint16_t>((end - static_cast<double>(order)) * MessageRecord::kPlaces);
  if (!limit || *limit < 1) return reply.failed("invalid_argument", "A limit of at least 1 is needed.");
  const auto count = static_cast<std::size_t>(std::min(*limit, kMaxListed));
  const Bytes end_key = place > 0 ? row_key::line(chat.id(), order, place) : row_key::message(chat.id(), order);
  chat.when_loaded([this, &chat, reply, count, end, end_key] {
    machine_.load(row_key::message(chat.id(), 0), end_key, static_cast<std::uint32_t>(count + 1), true,
                  [&chat, reply, count, end](const std::vector<Row>& rows) {
                    // Newest first: what waits to be sent, then the log.
                    std::vector<Json> waiting;
                    const auto outgoing = chat.outbox.all();
                    for (auto it = outgoing.rbegin(); it != outgoing.rend() && waiting.size() <= count; ++it) {
                      if ((*it)->is_shown() && static_cast<double>((*it)->order) < end)
                        waiting.push_back(chat.json(**it));
                    }
                    std::vector<MessageRecord> logged;
                    for (const Row& row : rows) {
                      auto message = mls::decoded<MessageRecord>(row.value);
                      if (message && waiting.size() + logged.size() <= count) logged.push_back(*std::move(message));
                    }
                    const bool more = waiting.size() + logged.size() > count;
                    if (more && logged.empty()) {
                      waiting.pop_back();
                    } else if (more) {
                      logged.pop_back();
                    }
                    chat.answers.list(std::move(logged), [reply, waiting, more](std::vector<Json> shown) {
                      shown.insert(shown.begin(), waiting.begin(), waiting.end());
                      reply.done({{"messages", Json(std::vector<Json>(shown.rbegin(), shown.rend()))}, {"more", more}});
                    });
                  });
  });
}

void Commands::mark_read(Chat& chat, const Reply& reply, const Json& command) {
  const auto seq = number_field(command, "seq");
  if (!seq) return reply.failed("invalid_argument", "A seq is needed.");
  chat.mark_read({static_cast<std::uint64_t>(*seq)});
  reply.done({});
}

void Commands::set_notifications(Chat& chat, const Reply& reply, const Json& command) {
  const auto level = alert_level_of(text_field(command, "level").value_or(""));
  if (!level) return reply.failed("invalid_argument", "The level is all, mentions or none.");
  chat.alerts.set_level(*level);
  reply.done({});
}

void Commands::mute(Chat& chat, const Reply& reply, const Json& command) {
  const Json* until = field(command, "until_ms");
  const auto until_ms = number_field(command, "until_ms");
  const bool is_for_ever = until != nullptr && until->is_null();
  if (!until_ms && !is_for_ever)
    return reply.failed("invalid_argument", "A time is needed, null for ever, or 0 for no longer.");
  chat.alerts.mute_until(until_ms.value_or(kMutedForEver));
  reply.done({});
}

void Commands::receipts(Chat& chat, const Reply& reply, const Json& command) {
  const auto order = number_field(command, "order");
  if (!order) return reply.failed("invalid_argument", "The order of a message is needed.");
  const auto at = static_cast<std::uint64_t>(*order);
  chat.when_loaded([this, &chat, reply, at] {
    machine_.load(row_key::message(chat.id(), at), row_key::message(chat.id(), at + 1), 1, false,
                  [this, &chat, reply](const std::vector<Row>& rows) {
                    const auto message =
                        rows.empty() ? MessageRecord{}
                                     : mls::decoded<MessageRecord>(rows.front().value).value_or(MessageRecord{});
                    if (message.is_line() || message.sender != machine_.account.user())
                      return reply.failed("not_found", "There is no such message of yours that is sent.");
                    chat.receipts.list(reply, message.seq);
                  });
  });
}

void Commands::open_chat(const Reply& reply, const Json& command) {
  const bool is_none = field(command, "conversation") == nullptr;
  const auto id = id_field<ConversationId>(command, "conversation");
  if (!is_none && (!id || machine_.chats.find_shown(*id) == nullptr))
    return reply.failed("unknown_conversation", "There is no such conversation.");
  machine_.chats.open(id);
  reply.done({});
}

}  // namespace kith::client
