// Owner, admins, policy and invites of a group: the GroupContext extension 0xF4B1 (mls/profile.h), which all members
// agree on and the server reads. Who is in the group stands in the tree and nowhere else.
//
// As decoded: well-formed. Whether its people are in the group is for role_rules.h.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "keys/invite.h"
#include "keys/result.h"
#include "mls/extension.h"

namespace kith::keys {

enum class Role : std::uint8_t { member = 1, admin = 2, owner = 3 };
enum class Who : std::uint8_t { everyone = 1, admins = 2 };  // the owner is among them

struct GroupPolicy {
  static constexpr std::uint8_t kVersion = 2;
  static constexpr std::size_t kMaxAdmins = 128;
  static constexpr std::size_t kMaxInvites = 8;
  static constexpr std::size_t kMaxRestBytes = 1024;
  // Who founded the group by which commit: its conversation's id is made of that (group_conversation), and it never
  // changes, so that no group stands in the place of another conversation.
  UserId founder;
  ClientId first_commit;
  UserId owner;
  std::vector<UserId> admins{};   // in the order of their ids, none twice, the owner not among them
  Who may_send = Who::everyone;   // messages that are shown
  Who may_edit = Who::everyone;   // name, description, picture
  Who may_add = Who::everyone;    // people
  std::vector<Invite> invites{};  // in the order of their keys, none twice
  Bytes rest{};                   // what later versions put behind, kept as it is

  [[nodiscard]] Role role_of(const UserId& user) const;
  [[nodiscard]] bool may(Who who, const UserId& user) const;
  // Null where it was revoked, or never was.
  [[nodiscard]] const Invite* find_invite(const PublicKey& key) const;
  void add_invite(const Invite& invite);
  // What becomes of it when this user is not in the group any more.
  void forget(const UserId& user);
  // admin or member; the owner stays what it is.
  void set_admin(const UserId& user, bool is_admin);
  // Makes this user the owner, and the one before an admin.
  void hand_over(const UserId& to);

  // Of a new group.
  static GroupPolicy founded(const UserId& by, const ClientId& first_commit) {
    return {.founder = by, .first_commit = first_commit, .owner = by};
  }
  [[nodiscard]] ConversationId conversation() const;
  [[nodiscard]] mls::Extension extension() const;
  friend bool operator==(const GroupPolicy&, const GroupPolicy&) = default;
};

// Errors: not_allowed (there is none), malformed.
[[nodiscard]] Result<GroupPolicy> policy_of(const mls::Extensions& extensions);
// Those of every group with this policy.
[[nodiscard]] mls::Extensions group_extensions(const GroupPolicy& policy);

}  // namespace kith::keys
