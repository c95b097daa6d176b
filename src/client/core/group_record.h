// What is kept of a group beside its MLS state: how it calls itself, what a list of chats shows of it without loading
// it, and the lines in its log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "client/core/invite_link.h"
#include "keys/group_policy.h"
#include "wire/content.h"

namespace kith::client {

enum class ChangeKind : std::uint8_t {
  created = 1,
  added,        // users
  removed,      // users
  left,         // users
  role,         // users (one), value: keys::Role
  name,         // text
  description,  // that it is another; not what
  may_send,     // value: keys::Who; as below
  may_edit,
  may_add,
  joined,          // users, by a link
  invite_made,     // a link, or several
  invite_revoked,  // likewise
  identity,        // users (one): what this device knows them by; in direct conversations too
  generation,      // users (one): their keys began anew without the recovery key; in direct conversations too
};

struct ChangeRecord {
  ChangeKind kind{};
  std::vector<UserId> users{};
  std::uint8_t value = 0;
  std::string text{};
  friend bool operator==(const ChangeRecord&, const ChangeRecord&) = default;
};

// What one entry changed, for all to see in its place.
struct LineRecord {
  UserId by{};
  std::vector<ChangeRecord> changes{};
  friend bool operator==(const LineRecord&, const LineRecord&) = default;
};

// From which entry on somebody is in the group who came while this device was in it.
struct SinceRecord {
  UserId user{};
  Seq seq{};
  bool is_back = false;  // this device saw them go, and a server that was restored has them in again
};

// From which entry on somebody is not in the group any more, and since when they had been.
struct WentRecord {
  UserId user{};
  Seq seq{};
  Seq since{};
};

// Who was in the group when this device lost it, as it knew them.
struct KnownRecord {
  UserId user{};
  Bytes identity_key{};
};

// A link that this device made.
struct InviteRecord {
  keys::PublicKey key{};
  SecretBytes seed{};
};

// A link of the group's that this device saw made.
struct LinkRecord {
  keys::PublicKey key{};
  UserId by{};                            // who made it
  std::optional<std::uint32_t> joined{};  // people who came by it; unknown to who was away meanwhile
};

// Whose word a group's profile is, the surest first. The numbers are stored and sent.
enum class ProfileSource : std::uint8_t {
  given = 0,    // of somebody who may say so
  hearsay = 1,  // of another member: who may say so knows better
  before = 2,   // of a link, or of a time before this device came in: whoever is in knows better
};

[[nodiscard]] ProfileSource profile_source(std::uint8_t number);

// What somebody says, or knows, of a group's profile.
struct ProfileWord {
  wire::GroupProfile profile{};
  ProfileSource source = ProfileSource::given;
  Seq at{};
  // Everybody orders any two words alike, so that whoever has heard the same holds the same.
  [[nodiscard]] bool beats(const ProfileWord& other) const;
};

struct GroupFacts {
  wire::GroupProfile profile{};  // no name: not told yet
  ProfileSource source = ProfileSource::given;
  Seq named_at{};                        // the entry that called it so; 0: the founder, or not known
  std::uint32_t members = 0;             // people
  keys::Role role = keys::Role::member;  // this account's
  keys::Who may_send = keys::Who::everyone;
  std::vector<UserId> to_add{};  // whom the user wants in
  Seq floor{};                   // this device is in since then: nobody is sent anything of before
  std::vector<SinceRecord> since{};
  std::vector<WentRecord> went{};     // the newest last: in a server's backup they may be in
  std::vector<KnownRecord> roster{};  // while the group is lost
  // When this device says how the group calls itself, if nobody else has; 0: it need not.
  std::int64_t profile_due_ms = 0;
  std::vector<InviteRecord> invites{};  // of its own
  std::vector<LinkRecord> links{};      // of everybody
  bool has_requests = false;            // there is a link that needs an approval, and the user may give it
  std::optional<InviteLink> joining{};  // by which the user wants in

  [[nodiscard]] ProfileWord word() const { return {profile, source, named_at}; }
  // A commit of `by` made these links; by those people came, once for each.
  void note_links(const std::vector<keys::PublicKey>& made, const UserId& by, const std::vector<keys::PublicKey>& used);
  // This device was away: who came meanwhile by the links that there are nobody here has counted.
  void links_went_unseen();
};

}  // namespace kith::client
