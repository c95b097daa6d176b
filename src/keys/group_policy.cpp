#include "keys/group_policy.h"

#include <algorithm>

#include "keys/conversation.h"
#include "keys/fields.h"
#include "mls/profile.h"

namespace kith::keys {
namespace {

Who read_who(mls::Reader& r) {
  const std::uint8_t who = r.u8();
  if (who != 1 && who != 2) r.refuse(mls::Errc::bad_value, "who may do something");
  return static_cast<Who>(who);
}

void write(mls::Writer& w, const Invite& invite) {
  w.raw(invite.key);
  w.u64(invite.expires_s);
  w.u32(invite.max_uses);
  w.u8(invite.needs_approval ? 1 : 0);
}

Invite read_invite(mls::Reader& r) {
  Invite invite;
  read_array(r, invite.key);
  invite.expires_s = r.u64();
  invite.max_uses = r.u32();
  const std::uint8_t needs_approval = r.u8();
  if (needs_approval > 1) r.refuse(mls::Errc::bad_value, "whether an invite needs approval");
  invite.needs_approval = needs_approval == 1;
  return invite;
}

constexpr std::size_t kInviteBytes = 32 + 8 + 4 + 1;

}  // namespace

Role GroupPolicy::role_of(const UserId& user) const {
  if (user == owner) return Role::owner;
  return std::ranges::binary_search(admins, user) ? Role::admin : Role::member;
}

bool GroupPolicy::may(Who who, const UserId& user) const {
  return who == Who::everyone || role_of(user) != Role::member;
}

const Invite* GroupPolicy::find_invite(const PublicKey& key) const {
  const auto at = std::ranges::find(invites, key, &Invite::key);
  return at == invites.end() ? nullptr : &*at;
}

void GroupPolicy::add_invite(const Invite& invite) {
  invites.insert(std::ranges::lower_bound(invites, invite.key, {}, &Invite::key), invite);
}

void GroupPolicy::forget(const UserId& user) { std::erase(admins, user); }

void GroupPolicy::set_admin(const UserId& user, bool is_admin) {
  if (user == owner) return;
  forget(user);
  if (is_admin) admins.insert(std::ranges::lower_bound(admins, user), user);
}

void GroupPolicy::hand_over(const UserId& to) {
  const UserId before = owner;
  forget(to);
  owner = to;
  set_admin(before, true);
}

ConversationId GroupPolicy::conversation() const { return group_conversation(founder, first_commit); }

mls::Extension GroupPolicy::extension() const {
  mls::Writer w;
  w.u8(kVersion);
  w.raw(founder.view());
  w.raw(first_commit.view());
  w.raw(owner.view());
  mls::Writer list;
  for (const UserId& admin : admins) list.raw(admin.view());
  w.opaque(list.view());
  for (const Who who : {may_send, may_edit, may_add}) w.u8(static_cast<std::uint8_t>(who));
  mls::Writer links;
  for (const Invite& invite : invites) write(links, invite);
  w.opaque(links.view());
  w.opaque(rest);
  return {mls::profile::kPolicyExtension, w.bytes()};
}

Result<GroupPolicy> policy_of(const mls::Extensions& extensions) {
  const Bytes* data = mls::find_extension(extensions, mls::profile::kPolicyExtension);
  if (data == nullptr) return fail(Errc::not_allowed, "a group without a policy");
  mls::Reader r(*data);
  GroupPolicy policy;
  const bool known = r.u8() == GroupPolicy::kVersion;
  policy.founder = read_id<UserId>(r);
  policy.first_commit = read_id<ClientId>(r);
  policy.owner = read_id<UserId>(r);
  for (mls::Reader list(r.opaque(GroupPolicy::kMaxAdmins * UserId::kSize)); !list.at_end();) {
    policy.admins.push_back(read_id<UserId>(list));
    r.absorb(list);
    if (!r.ok()) break;
  }
  policy.may_send = read_who(r);
  policy.may_edit = read_who(r);
  policy.may_add = read_who(r);
  for (mls::Reader links(r.opaque(GroupPolicy::kMaxInvites * kInviteBytes)); !links.at_end();) {
    policy.invites.push_back(read_invite(links));
    r.absorb(links);
    if (!r.ok()) break;
  }
  policy.rest = to_bytes(r.opaque(GroupPolicy::kMaxRestBytes));
  KITH_TRY_VOID(finish(r, "a group's policy"));
  if (!known) return fail(Errc::malformed, "a group's policy of an unknown version");
  const bool is_ordered =
      std::ranges::adjacent_find(policy.admins, std::ranges::greater_equal{}) == policy.admins.end();
  if (!is_ordered || std::ranges::binary_search(policy.admins, policy.owner))
    return fail(Errc::malformed, "a group's policy with admins out of order");
  if (std::ranges::adjacent_find(policy.invites, std::ranges::greater_equal{}, &Invite::key) != policy.invites.end())
    return fail(Errc::malformed, "a group's policy with invites out of order");
  return policy;
}

mls::Extensions group_extensions(const GroupPolicy& policy) {
  return {mls::profile::required_capabilities(), policy.extension()};
}

}  // namespace kith::keys
