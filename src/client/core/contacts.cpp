#include "client/core/contacts.h"

#include <algorithm>
#include <functional>

#include "client/core/machine.h"

namespace kith::client {

namespace {
constexpr std::size_t kMaxNameBytes = 512;
constexpr std::size_t kIdentityKeyBytes = 32;
}  // namespace

bool Contacts::restore(ByteView bytes) {
  auto record = mls::decoded<ContactRecord>(bytes);
  if (!record) return false;
  const UserId user = record->user;
  for (const auto* untold : {&record->untold, &record->untold_generation}) {
    for (const ConversationId& conversation : *untold) to_tell_.emplace(user, conversation);
  }
  contacts_.insert_or_assign(user, *std::move(record));
  return true;
}

const ContactRecord* Contacts::find(const UserId& user) const {
  const auto at = contacts_.find(user);
  return at == contacts_.end() ? nullptr : &at->second;
}

Json Contacts::json(const ContactRecord& contact) const {
  Json json = {{"user", contact.user.text()}, {"name", contact.name}};
  if (!contact.address.empty()) json["address"] = contact.address;
  if (contact.verified) json["verified"] = true;
  if (contact.identity_changed()) json["identity_changed"] = true;
  return json;
}

std::string Contacts::title(const UserId& user) const {
  const ContactRecord* contact = find(user);
  if (contact != nullptr && !contact->name.empty()) return contact->name;
  if (contact != nullptr && !contact->address.empty()) return contact->address;
  return user.text().substr(24);
}

void Contacts::show(const ContactRecord& contact) const {
  machine_.show({{"type", "contact"}, {"contact", json(contact)}});
}

void Contacts::store(const ContactRecord& contact) {
  machine_.put(row_key::contact(contact.user), mls::encoded_secret(contact));
  show(contact);
  machine_.chats.contact_changed(contact.user);
}

void Contacts::adopt(const std::vector<keys::KnownPerson>& people) {
  for (const keys::KnownPerson& person : people) {
    if (person.user == machine_.account.user() || contacts_.contains(person.user)) continue;
    ContactRecord contact{.user = person.user,
                          .name = person.name,
                          .address = person.address,
                          .identity_key = to_bytes(person.identity_key),
                          .verified = person.is_verified};
    store(contact);
    show(contacts_.insert_or_assign(person.user, std::move(contact)).first->second);
  }
}

void Contacts::forget_all() {
  for (const auto& [user, contact] : contacts_) machine_.erase(row_key::contact(user));
  contacts_.clear();
}

std::vector<keys::KnownPerson> Contacts::known(std::size_t most) const {
  std::vector<keys::KnownPerson> people;
  for (const auto& [user, contact] : contacts_) {
    if (contact.identity_changed() || contact.identity_key.size() != std::tuple_size_v<keys::PublicKey>) continue;
    keys::KnownPerson person{
        .user = user, .identity_key = {}, .is_verified = contact.verified, .name = {}, .address = {}};
    std::ranges::copy(contact.identity_key, person.identity_key.begin());
    const auto fits = [](const std::string& text) { return text.size() <= keys::KnownPerson::kMaxTextBytes; };
    if (fits(contact.name)) person.name = contact.name;
    if (fits(contact.address)) person.address = contact.address;
    people.push_back(std::move(person));
  }
  std::ranges::sort(people, std::greater{}, &keys::KnownPerson::is_verified);
  if (people.size() > most) people.resize(most);
  return people;
}

const ContactRecord* Contacts::learn(const Json& profile, const std::string& address) {
  const auto user = id_field<UserId>(profile, "user");
  const auto name = text_field(profile, "name");
  const auto identity = bytes_field(profile, "identity_key");
  if (!user || !name || name->size() > kMaxNameBytes || !identity || identity->size() != kIdentityKeyBytes)
    return nullptr;
  const bool is_new = pin(*user, *identity, Source::directory);
  if (!address.empty()) release(address, *user);
  ContactRecord& contact = contacts_[*user];
  if (is_new || contact.name != *name || (!address.empty() && contact.address != address)) {
    contact.name = *name;
    if (!address.empty()) contact.address = address;
    store(contact);
  }
  return &contact;
}

// Whoever registers a number or an e-mail address gets it: who had it before is somebody else from then on.
void Contacts::release(const std::string& address, const UserId& now) {
  for (auto& [user, contact] : contacts_) {
    if (user == now || contact.address != address) continue;
    contact.address.clear();
    store(contact);
    const ConversationId conversation = keys::direct_conversation(machine_.account.user(), user);
    machine_.warn("address_moved",
                  address + " leads to another account now: " + title(user) +
                      " may have registered again, or somebody else has it. This chat stays with the old account.",
                  machine_.chats.find(conversation) != nullptr ? &conversation : nullptr);
  }
}

void Contacts::find_command(const Reply& reply, const Json& command) {
  const auto phone = text_field(command, "phone");
  const auto email = text_field(command, "email");
  if (!machine_.account.exists()) return reply.failed("wrong_stage", "There is no account yet.");
  if (phone.has_value() == email.has_value())
    return reply.failed("invalid_argument", "A number or an e-mail address is needed.");
  Json body = phone ? Json{{"phone", *phone}} : Json{{"email", *email}};
  if (const auto region = text_field(command, "region"); phone && region) body["region"] = *region;
  const std::string address = phone ? *phone : *email;
  machine_.session.call("POST", "/v1/contacts/find", body, [this, reply, address](const HttpAnswer& answer) {
    if (!answer.ok()) return reply.failed(answer);
    if (id_field<UserId>(answer.body, "user") == machine_.account.user()) {
      return reply.failed("invalid_argument", "This is your own address.");
    }
    const ContactRecord* contact = learn(answer.body, understood_address(answer.body, address));
    if (contact == nullptr) return reply.failed("internal", "The server's answer cannot be read.");
    reply.done({{"contact", json(*contact)}});
  });
}

void Contacts::with_contact(const UserId& user, const Handler& handler) {
  if (const ContactRecord* known = find(user)) return handler(known, {});
  machine_.session.call("GET", "/v1/users/" + user.text(), {}, [this, user, handler](const HttpAnswer& answer) {
    const bool right = answer.ok() && id_field<UserId>(answer.body, "user") == user;
    handler(right ? learn(answer.body, {}) : nullptr, answer);
  });
}

void Contacts::fetch_name(const UserId& user) {
  machine_.session.call("GET", "/v1/users/" + user.text(), {}, [this, user](const HttpAnswer& answer) {
    if (answer.ok() && id_field<UserId>(answer.body, "user") == user) learn(answer.body, {});
  });
}

void Contacts::online() {
  for (const auto& [user, contact] : contacts_) {
    if (contact.name.empty()) fetch_name(user);
  }
}

}  // namespace kith::client
