// By which identity people are known, and what happens when it changes: contacts.h.
#include <algorithm>
#include <utility>

#include "client/core/contacts.h"
#include "client/core/machine.h"
#include "client/core/seen_lists.h"

namespace kith::client {

namespace {

bool is_in(const Chat& chat, const UserId& user) {
  if (!chat.is_group()) return chat.record().peer == user;
  if (chat.record().membership == Membership::out) return false;
  const auto users = chat.group.users();
  return std::ranges::binary_search(users, user) ||
         std::ranges::find(chat.record().group->roster, user, &KnownRecord::user) != chat.record().group->roster.end();
}

}  // namespace

bool Contacts::pin(const UserId& user, ByteView identity_key, Source source) {
  const auto [at, is_new] = contacts_.try_emplace(user);
  ContactRecord& contact = at->second;
  if (is_new) {
    contact.user = user;
    contact.identity_key = to_bytes(identity_key);
    contact.said_ms = 1;
    machine_.archive.writer.person_has_news(user);
    return true;
  }
  // Groups of before the user accepted another identity go on; but the directory has left that one.
  const bool is_of_before = source == Source::leaf && same_bytes(contact.former_key, identity_key);
  if (!same_bytes(contact.identity_key, identity_key) && !is_of_before && !contact.identity_changed())
    identity_changed(contact, identity_key);
  return false;
}

void Contacts::identity_changed(ContactRecord& contact, ByteView to) {
  contact.other_key = to_bytes(to);
  contact.verified = false;
  says(contact);
  contact.untold = machine_.chats.ids();
  for (const ConversationId& conversation : contact.untold) to_tell_.emplace(contact.user, conversation);
  store(contact);
  machine_.warn("identity_changed", "The identity of " + title(contact.user) + " is another one than before.");
}

void Contacts::observe(const keys::VerifiedDevice& leaf) {
  if (leaf.user == machine_.account.user()) return machine_.account.saw_generation(leaf.generation);
  const bool is_new = pin(leaf.user, leaf.identity_key, Source::leaf);
  ContactRecord& contact = contacts_[leaf.user];
  const bool knew_one = contact.generation.has_value();
  if (same_bytes(contact.identity_key, leaf.identity_key) && take_news(contact.generation, leaf.generation))
    generation_moved(contact, knew_one);
  if (!is_new) return;
  store(contact);
  fetch_name(leaf.user);
}

bool Contacts::saw_device_list(const keys::FollowedList& followed) {
  if (followed.list.user == machine_.account.user()) return machine_.account.saw_device_list(followed);
  const auto at = contacts_.find(followed.list.user);
  if (at == contacts_.end()) return true;
  ContactRecord& contact = at->second;
  // Groups of before the user accepted another identity go on under that one's lists.
  if (!followed.certificate.verify(contact.identity_key)) return true;
  const auto before = contact.generation;
  const ListSeen seen = take_news(contact.generation, contact.device_list, followed);
  if (seen == ListSeen::news && before != contact.generation) {
    generation_moved(contact, before.has_value());
  } else if (seen == ListSeen::news) {
    machine_.put(row_key::contact(contact.user), mls::encoded_secret(contact));
  }
  if (seen != ListSeen::refused) with_old_list_.erase(contact.user);
  return seen != ListSeen::refused;
}

void Contacts::history_changed() {
  for (auto& [user, contact] : contacts_) {
    contact.device_list.version = 0;
    machine_.put(row_key::contact(user), mls::encoded_secret(contact));
  }
}

std::optional<keys::GenerationCertificate> Contacts::newest_generation(const UserId& user) const {
  const Account& account = machine_.account;
  if (user == account.user()) {
    const auto& newest = account.record().newest_generation;
    return newest ? newest : account.credential().generation;
  }
  const ContactRecord* contact = find(user);
  return contact != nullptr ? contact->generation : std::nullopt;
}

// Who is met for the first time is known by what there is.
void Contacts::generation_moved(ContactRecord& contact, bool knew_one) {
  if (contact.generation->is_signed_by_identity() || !(knew_one || contact.verified))
    return machine_.put(row_key::contact(contact.user), mls::encoded_secret(contact));
  // What the user said of this identity before does not hold for it any more; what is said from now on does.
  if (std::exchange(contact.verified, false)) {
    ++contact.said_ms;
    machine_.archive.writer.person_has_news(contact.user);
  }
  contact.untold_generation = machine_.chats.ids();
  for (const ConversationId& conversation : contact.untold_generation) to_tell_.emplace(contact.user, conversation);
  store(contact);
}

void Contacts::set_verified(const UserId& user, bool verified) {
  ContactRecord& contact = contacts_.at(user);
  contact.verified = verified;
  if (verified) contact.other_key.clear();
  says(contact);
  store(contact);
}

void Contacts::become_other(ContactRecord& contact) {
  contact.former_key = std::exchange(contact.identity_key, std::exchange(contact.other_key, {}));
  contact.verified = false;
  // What the other identity signed counts from the beginning.
  contact.device_list = {};
  contact.generation.reset();
}

void Contacts::accept_identity(const UserId& user) {
  ContactRecord& contact = contacts_.at(user);
  KITH_CHECK(contact.identity_changed());
  become_other(contact);
  says(contact);
  store(contact);
}

void Contacts::tell() {
  for (const auto& [user, conversation] : std::exchange(to_tell_, {})) {
    Chat* chat = machine_.chats.find(conversation);
    if (chat == nullptr) {
      tell(user, conversation);
    } else {
      chat->when_loaded([this, user, conversation] { tell(user, conversation); });
    }
  }
}

// The line and the note that it is told are one batch: no crash loses or doubles it.
void Contacts::tell(const UserId& user, const ConversationId& conversation) {
  ContactRecord& contact = contacts_.at(user);
  const bool is_of_identity = std::erase(contact.untold, conversation) > 0;
  const bool is_of_generation = std::erase(contact.untold_generation, conversation) > 0;
  machine_.put(row_key::contact(user), mls::encoded_secret(contact));
  Chat* chat = machine_.chats.find(conversation);
  if (chat == nullptr || !is_in(*chat, user)) return;
  if (is_of_identity) chat->show_line_here({.by = user, .changes = {{.kind = ChangeKind::identity, .users = {user}}}});
  if (is_of_generation)
    chat->show_line_here({.by = user, .changes = {{.kind = ChangeKind::generation, .users = {user}}}});
}

// ---- the archive ----

void Contacts::says(ContactRecord& contact) {
  contact.said_ms = std::max(machine_.now().value, contact.said_ms + 1);
  machine_.archive.writer.person_has_news(contact.user);
}

std::optional<wire::ArchivedPerson> Contacts::archived(const UserId& user) const {
  const ContactRecord* contact = find(user);
  if (contact == nullptr || contact->identity_key.size() != wire::ArchivedPerson::kIdentityBytes) return std::nullopt;
  return wire::ArchivedPerson{.user = user,
                              .identity_key = contact->identity_key,
                              .is_verified = contact->verified,
                              .name = contact->name,
                              .address = contact->address,
                              .at_ms = contact->said_ms};
}

void Contacts::recall(const wire::ArchivedPerson& person) {
  if (person.user == machine_.account.user()) return;
  const auto [at, is_new] = contacts_.try_emplace(person.user);
  ContactRecord& contact = at->second;
  contact.user = person.user;
  if (is_new) contact.identity_key = person.identity_key;
  const bool is_another = !same_bytes(contact.identity_key, person.identity_key);
  const bool is_news = person.at_ms > contact.said_ms && !machine_.archive.is_of_the_future(person.at_ms);
  // A device that was stolen writes too: another identity comes by it no more quietly than by any other way, unless
  // this device has told of it, and the user said on another one that it holds.
  if (is_another && is_news && !same_bytes(contact.other_key, person.identity_key)) {
    const bool is_of_before = same_bytes(contact.former_key, person.identity_key);
    if (!is_of_before && !contact.identity_changed()) identity_changed(contact, person.identity_key);
    return;
  }
  if (is_news) {
    if (is_another) become_other(contact);
    if (person.is_verified || same_bytes(contact.other_key, person.identity_key)) contact.other_key.clear();
    contact.verified = person.is_verified && !is_another;
    contact.said_ms = contact.archived_ms = person.at_ms;
  } else if (person.at_ms == contact.said_ms ||
             (same_bytes(contact.identity_key, person.identity_key) && contact.verified == person.is_verified)) {
    contact.archived_ms = contact.said_ms;
  }
  if (contact.name.empty()) contact.name = person.name;
  if (contact.address.empty()) contact.address = person.address;
  store(contact);
  // Another device met somebody else under this name: one of the two is not who they say.
  if (!is_new && person.at_ms == 1 && contact.said_ms == 1) pin(person.user, person.identity_key, Source::leaf);
}

void Contacts::forget_archived() {
  for (auto& [user, contact] : contacts_) {
    contact.archived_ms = 0;
    machine_.put(row_key::contact(user), mls::encoded_secret(contact));
  }
}

}  // namespace kith::client
