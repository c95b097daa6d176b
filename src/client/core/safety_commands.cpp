#include "client/core/safety_commands.h"

#include <algorithm>

#include "client/core/machine.h"

namespace kith::client {

namespace {

keys::Identity identity_of(const UserId& user, ByteView key) {
  keys::Identity identity{.user = user};
  std::copy_n(key.begin(), std::min(key.size(), identity.key.size()), identity.key.begin());
  return identity;
}

const char* name_of(keys::EpochMatch match) {
  switch (match) {
    case keys::EpochMatch::same:
      return "same";
    case keys::EpochMatch::unknown:
      return "unknown";
    case keys::EpochMatch::none:
      break;
  }
  return "none";
}

std::string sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() += 'A' - 'a';
  return text + ".";
}

}  // namespace

bool SafetyCommands::run(const std::string& type, const Reply& reply, const Json& command) {
  if (type == "safety_number") return show(reply, command), true;
  if (type == "compare_safety_number") return compare(reply, command), true;
  if (type == "set_verified") return set_verified(reply, command), true;
  if (type == "accept_identity") return accept_identity(reply, command), true;
  return false;
}

const ContactRecord* SafetyCommands::contact_in(const Reply& reply, const Json& command) const {
  const auto user = id_field<UserId>(command, "user");
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet."), nullptr;
  if (!user) return reply.failed("invalid_argument", "A person is needed."), nullptr;
  const ContactRecord* contact = machine_.contacts.find(*user);
  if (contact == nullptr) reply.failed("not_found", "This person is not known here.");
  return contact;
}

void SafetyCommands::with_view(const Reply& reply, const Json& command, const Then& then) {
  const ContactRecord* contact = contact_in(reply, command);
  if (contact == nullptr) return;
  const UserId user = contact->user;
  Chat* chat = machine_.chats.find(keys::direct_conversation(machine_.account.user(), user));
  if (chat == nullptr) return then(*contact, view(*contact, nullptr));
  chat->when_loaded([this, user, chat, then] {
    const ContactRecord& now = *machine_.contacts.find(user);
    then(now, view(now, chat));
  });
}

keys::SafetyView SafetyCommands::view(const ContactRecord& contact, const Chat* chat) const {
  const auto own = keys::DeviceCredential::decode(machine_.account.record().credential);
  KITH_CHECK(own.has_value());
  keys::SafetyView view{.self = {.user = machine_.account.user(), .key = own->identity_key},
                        .other = identity_of(contact.user, contact.identity_key)};
  const mls::Group* group = chat != nullptr ? chat->group.get() : nullptr;
  if (group != nullptr && chat->record().membership == Membership::member)
    view.epoch = keys::EpochMark::of(chat->id(), {group->epoch()}, group->epoch_authenticator());
  return view;
}

void SafetyCommands::show(const Reply& reply, const Json& command) {
  with_view(reply, command, [reply](const ContactRecord& contact, const keys::SafetyView& view) {
    reply.done({{"digits", keys::safety_digits(view.self, view.other)},
                {"qr", keys::SafetyCode::of(view).text()},
                {"verified", contact.verified},
                {"identity_changed", contact.identity_changed()}});
  });
}

void SafetyCommands::compare(const Reply& reply, const Json& command) {
  const auto scanned = text_field(command, "scanned");
  if (!scanned) return reply.failed("invalid_argument", "What was scanned is needed.");
  const auto code = keys::SafetyCode::parse(*scanned);
  if (!code) return reply.failed(keys::name(code.error().code), sentence(code.error().detail));
  with_view(reply, command, [this, reply, code = *code](const ContactRecord& contact, const keys::SafetyView& view) {
    compared(reply, contact, view, code);
  });
}

void SafetyCommands::compared(const Reply& reply, const ContactRecord& contact, const keys::SafetyView& view,
                              const keys::SafetyCode& code) {
  const auto answer = [&](bool matches, const char* identity, const char* log) {
    reply.done({{"matches", matches}, {"identity", identity}, {"log", log}});
  };
  const auto match = code.compare(view);
  if (match) return answer(true, "same", name_of(*match));
  switch (match.error().code) {
    case keys::Errc::their_identity_differs: {
      // Or is it the one that was seen since?
      const bool is_other = contact.identity_changed() &&
                            code.by_print == keys::fingerprint(identity_of(contact.user, contact.other_key));
      return answer(false, is_other ? "changed" : "theirs_differs", "none");
    }
    case keys::Errc::own_identity_differs:
      return answer(false, "mine_differs", "none");
    case keys::Errc::log_forked: {
      const ConversationId conversation = keys::direct_conversation(view.self.user, view.other.user);
      machine_.warn("log_forked", "The server showed this conversation differently to its members.", &conversation);
      return answer(false, "same", "forked");
    }
    default:
      return reply.failed(keys::name(match.error().code), sentence(match.error().detail));
  }
}

void SafetyCommands::set_verified(const Reply& reply, const Json& command) {
  const Json* verified = field(command, "verified");
  if (verified == nullptr || !verified->is_boolean())
    return reply.failed("invalid_argument", "Verified is true or false.");
  const ContactRecord* contact = contact_in(reply, command);
  if (contact == nullptr) return;
  machine_.contacts.set_verified(contact->user, verified->get<bool>());
  reply.done({});
}

void SafetyCommands::accept_identity(const Reply& reply, const Json& command) {
  const ContactRecord* contact = contact_in(reply, command);
  if (contact == nullptr) return;
  if (!contact->identity_changed()) return reply.failed("invalid_argument", "This person's identity has not changed.");
  machine_.contacts.accept_identity(contact->user);
  reply.done({});
}

}  // namespace kith::client
