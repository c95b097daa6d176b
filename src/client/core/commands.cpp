#include "client/core/commands.h"

#include "client/core/machine.h"
#include "wire/content.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxCommandBytes = 256 * 1024;
constexpr std::int64_t kMaxListed = 500;
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
  if (type == "register") return registration.register_address(reply, command);
  if (type == "resend_code") return registration.resend_code(reply);
  if (type == "confirm_code") return registration.confirm_code(reply, command);
  if (type == "create_account") return registration.create_account(reply, command);
  if (type == "confirm_recovery_key") return registration.confirm_recovery_key(reply, command);
  if (type == "set_name") return registration.set_name(reply, command);
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
  if (machine_.group_commands.run(type, reply, command)) return;
  reply.failed("unknown_command", "This command is not known.");
}

void Commands::with_chat(const Reply& reply, const Json& command,
                         void (Commands::*run)(Chat&, const Reply&, const Json&)) {
  const auto id = id_field<ConversationId>(command, "conversation");
  Chat* chat = id ? machine_.chats.find(*id) : nullptr;
  if (chat == nullptr) return reply.failed("unknown_conversation", "There is no such conversation.");
  (this->*run)(*chat, reply, command);
}

void Commands::send(const Reply& reply, const Json& command) {
  const auto text = text_field(command, "text");
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  if (!text || text->empty()) return reply.failed("invalid_argument", "A text is needed.");
  if (text->size() > wire::kMaxTextBytes) return reply.failed("too_large", "A text has at most 16 KiB.");
  const auto id = id_field<ConversationId>(command, "conversation");
  auto user = id_field<UserId>(command, "user");
  if (id) {
    Chat* chat = machine_.chats.find(*id);
    if (chat == nullptr) return reply.failed("unknown_conversation", "There is no such conversation.");
    if (chat->is_group()) return send_to(*chat, reply, *text);
    user = chat->record().peer;
  }
  if (!user || *user == machine_.account.user())
    return reply.failed("invalid_argument", "Somebody to send to is needed.");
  machine_.contacts.with_contact(
      *user, [this, reply, text = *text, user = *user](const ContactRecord* contact, const HttpAnswer& answer) {
        if (contact == nullptr) return reply.failed(answer);
        if (contact->identity_changed)
          return reply.failed("identity_changed", "This person's identity is another one than before.");
        send_to(machine_.chats.with(user), reply, text);
      });
}

void Commands::send_to(Chat& chat, const Reply& reply, const std::string& text) {
  if (chat.record().membership == Membership::out)
    return reply.failed("not_member", "You are not in this group any more.");
  if (!chat.may_write()) return reply.failed("not_allowed", "Only admins can send messages here.");
  chat.when_loaded([this, &chat, reply, text] {
    const OutgoingRecord& message = chat.outbox.add({.text = text});
    chat.record().last_ms = std::max(chat.record().last_ms, machine_.now().value);
    chat.changed();
    chat.show_outgoing(message, true);
    reply.done({{"message", chat.json(message)}});
  });
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
  const auto before = number_field(command, "before");
  if (!limit || *limit < 1) return reply.failed("invalid_argument", "A limit of at least 1 is needed.");
  const auto count = static_cast<std::size_t>(std::min(*limit, kMaxListed));
  const std::uint64_t end = before ? static_cast<std::uint64_t>(*before) : std::uint64_t{1} << 53;
  chat.when_loaded([this, &chat, reply, count, end] {
    machine_.load(row_key::message(chat.id(), 0), row_key::message(chat.id(), end),
                  static_cast<std::uint32_t>(count + 1), true,
                  [&chat, reply, count, end](const std::vector<Row>& rows) {
                    // Newest first: what waits to be sent, then the log.
                    std::vector<Json> newest;
                    const auto waiting = chat.outbox.all();
                    for (auto it = waiting.rbegin(); it != waiting.rend() && newest.size() <= count; ++it) {
                      if ((*it)->is_shown() && (*it)->order < end) newest.push_back(chat.json(**it));
                    }
                    for (const Row& row : rows) {
                      const auto message = mls::decoded<MessageRecord>(row.value);
                      if (message && newest.size() <= count) newest.push_back(chat.json(*message));
                    }
                    const bool more = newest.size() > count;
                    if (more) newest.pop_back();
                    reply.done({{"messages", Json(std::vector<Json>(newest.rbegin(), newest.rend()))}, {"more", more}});
                  });
  });
}

void Commands::mark_read(Chat& chat, const Reply& reply, const Json& command) {
  const auto seq = number_field(command, "seq");
  if (!seq) return reply.failed("invalid_argument", "A seq is needed.");
  chat.mark_read({static_cast<std::uint64_t>(*seq)});
  reply.done({});
}

}  // namespace kith::client
