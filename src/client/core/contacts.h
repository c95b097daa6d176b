// People: who is behind a number, and the identity key that each is known by.
//
// The key seen first is pinned. Another one later (from the directory or from a leaf) never replaces it: the contact is
// marked and not verified any more, a warning shown, a line put into every chat that they are in, and nothing more is
// sent to them alone until the user settles it: by comparing safety numbers, which confirms the pinned key, or by
// accepting the other one.
//
// The newest generation of a person's keys is kept likewise. One that began without the recovery key could be a
// thief's: the contact is not verified any more, and a line says so in every chat; sending goes on.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "client/core/commands.h"
#include "client/core/record.h"
#include "keys/device.h"
#include "keys/followed_list.h"
#include "keys/link.h"

namespace kith::client {

class Contacts {
 public:
  // The contact, or null and why not.
  using Handler = std::function<void(const ContactRecord*, const HttpAnswer& why_not)>;

  explicit Contacts(Machine& machine) : machine_(machine) {}

  [[nodiscard]] bool restore(ByteView record);
  [[nodiscard]] const ContactRecord* find(const UserId& user) const;
  [[nodiscard]] const std::map<UserId, ContactRecord>& all() const { return contacts_; }
  [[nodiscard]] Json json(const ContactRecord& contact) const;
  // Name, address or a piece of the id: what a chat is called.
  [[nodiscard]] std::string title(const UserId& user) const;
  void show(const ContactRecord& contact) const;

  void find_command(const Reply& reply, const Json& command);
  // The contact, asked for at the server where it is not known.
  void with_contact(const UserId& user, const Handler& handler);
  // The user has compared safety numbers with this known person: the pinned identity is the true one. Or takes it back.
  void set_verified(const UserId& user, bool verified);
  // The identity that was seen since is the one from now on. The contact is one whose identity has changed.
  void accept_identity(const UserId& user);
  // Goes on putting the lines that are due; at the end of every input.
  void tell();
  // A leaf that was verified. Pins its identity key, or marks the contact, and takes note of its generation.
  void observe(const keys::VerifiedDevice& leaf);
  // A device list was verified under the identity that its user is known by, who may be ourselves. False where a newer
  // one was seen before, or one beside it.
  [[nodiscard]] bool saw_device_list(const keys::FollowedList& followed);
  // The server shows a list of this user's that is older than one that was seen. True where that is to be said: once,
  // until it shows a newer one.
  [[nodiscard]] bool is_first_old_list(const UserId& user) { return with_old_list_.insert(user).second; }
  // The server was restored from a backup, which may know older lists: versions begin again where that has them.
  void history_changed();
  // The newest generation of this user that was seen; the user may be ourselves.
  [[nodiscard]] std::optional<keys::GenerationCertificate> newest_generation(const UserId& user) const;
  // What this account knew before this device was one of its own. Known ones stay as they are.
  void adopt(const std::vector<keys::KnownPerson>& people);
  void forget_all();
  // What a block of the account's archive says of somebody; the newest word of the user holds.
  void recall(const wire::ArchivedPerson& person);
  // What is to be said there.
  [[nodiscard]] std::optional<wire::ArchivedPerson> archived(const UserId& user) const;
  // Of what blocks have nothing is known any more.
  void forget_archived();
  // Everybody in whose identity it trusts, the verified first; at most so many.
  [[nodiscard]] std::vector<keys::KnownPerson> known(std::size_t most) const;
  // Takes {user, name, identity_key}; null where that is not what it is.
  const ContactRecord* learn(const Json& profile, const std::string& address);
  // The connection is up: asks for the names that are not known yet.
  void online();

 private:
  enum class Source : std::uint8_t { leaf, directory };
  void release(const std::string& address, const UserId& now);
  // contact_identity.cpp. True where the user was not known; the record is then to be stored.
  bool pin(const UserId& user, ByteView identity_key, Source source);
  void identity_changed(ContactRecord& contact, ByteView to);
  // Is known by the other identity from now on.
  static void become_other(ContactRecord& contact);
  void generation_moved(ContactRecord& contact, bool knew_one);
  void tell(const UserId& user, const ConversationId& conversation);
  void store(const ContactRecord& contact);
  // The user says something of this person's identity.
  void says(ContactRecord& contact);
  void fetch_name(const UserId& user);

  Machine& machine_;
  std::map<UserId, ContactRecord> contacts_;
  std::set<std::pair<UserId, ConversationId>> to_tell_;  // not asked the store for yet
  std::set<UserId> with_old_list_;                       // and told of it
};

}  // namespace kith::client
