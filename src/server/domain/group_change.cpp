#include "server/domain/group_change.h"

#include <algorithm>
#include <set>

#include "keys/conversation.h"
#include "keys/device.h"
#include "mls/public_group.h"

namespace kith::server::domain {
namespace {

std::unexpected<Error> invalid(std::string why) { return fail(Errc::invalid_commit, std::move(why)); }

template <class T>
Result<T> or_invalid(mls::Result<T> result, const char* what) {
  if (result) {
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return std::move(*result);
  }
  return invalid(std::string(what) + ": " + mls::name(result.error().code));
}

Result<void> or_invalid(const keys::Result<void>& result, const char* what) {
  if (result) return {};
  return invalid(std::string(what) + ": " + result.error().detail);
}

Result<void> check_sizes(const ProposedCommit& commit) {
  if (commit.payload.size() > kMaxPayloadBytes) return fail(Errc::too_large, "payload");
  if (commit.group_info.size() > kMaxGroupInfoBytes) return fail(Errc::too_large, "group_info");
  if (commit.welcomes.size() > kMaxWelcomes) return fail(Errc::too_large, "welcomes");
  for (const auto& welcome : commit.welcomes) {
    if (welcome.payload.size() > kMaxPayloadBytes) return fail(Errc::too_large, "a welcome");
  }
  return {};
}

// Whose leaf it is: as its credential says, which was verified when it came in (keys/group_rules.h), and its account
// lists the device with that very key.
Result<Caller> owner_of(const mls::Member& member, const DirectoryOf& directory) {
  const auto device = keys::DeviceCredential::decode(member.credential.identity);
  if (!device) return invalid(std::string("a leaf's credential: ") + keys::name(device.error().code));
  const Caller caller{device->user, device->device};
  const auto listed = directory.find(caller);
  if (listed == directory.end() || listed->second != member.signature_key)
    return invalid("a leaf that no account lists");
  return caller;
}

Result<std::vector<Caller>> owners_of(const std::vector<mls::Member>& members, const DirectoryOf& directory) {
  std::vector<Caller> owners;
  for (const auto& member : members) {
    KITH_TRY(const Caller owner, owner_of(member, directory));
    if (std::ranges::find(owners, owner) != owners.end()) return invalid("one device with two leaves");
    owners.push_back(owner);
  }
  return owners;
}

Result<mls::PublicMessage> commit_message(ByteView payload, ByteView group_id, Epoch epoch) {
  KITH_TRY(auto message, or_invalid(mls::decoded_message<mls::PublicMessage>(payload), "payload"));
  if (message.content.type() != mls::ContentType::commit) return invalid("payload: not a commit");
  if (!same_bytes(message.content.group_id, group_id)) return invalid("payload: of another group");
  if (message.content.epoch != epoch.value) return invalid("payload: of another epoch than the request says");
  return message;
}

// Of leaves that a key package brought.
Result<void> check_lifetimes(const mls::RatchetTree& tree, const std::vector<mls::Member>& added, UnixMillis now) {
  const auto now_s = static_cast<std::uint64_t>(now.value / 1000);
  const auto is_over = [&](const mls::Member& member) {
    const mls::LeafNode& leaf = *tree.leaf(member.leaf);
    return leaf.source == mls::LeafNodeSource::key_package && !leaf.lifetime.contains(now_s);
  };
  if (std::ranges::any_of(added, is_over)) return invalid("payload: a leaf outside its lifetime");
  return {};
}

// Exactly one well-formed Welcome for each device that was added.
Result<void> check_welcomes(const ProposedCommit& commit, const std::set<Caller>& added) {
  std::set<Caller> welcomed;
  for (const auto& [to, payload] : commit.welcomes) {
    if (!added.contains(to)) return invalid("a welcome for a device that was not added");
    if (!welcomed.insert(to).second) return invalid("two welcomes for one device");
    KITH_TRY(const auto welcome, or_invalid(mls::decoded_message<mls::Welcome>(payload), "a welcome"));
    if (welcome.suite != crypto::Suite::product().id()) return invalid("a welcome of another suite");
  }
  if (welcomed.size() != added.size()) return invalid("a device was added without a welcome");
  return {};
}

}  // namespace

Result<AcceptedCommit> accept_direct(const ConversationId& id, const UserId& peer, const ProposedCommit& commit,
                                     const DirectoryOf& directory, UnixMillis now) {
  KITH_TRY_VOID(check_sizes(commit));
  const Bytes group_id = keys::group_id(id, 0);
  KITH_TRY(const auto message, commit_message(commit.payload, group_id, Epoch{0}));
  if (message.content.sender != mls::Sender::member({0})) return invalid("payload: not by the first leaf");
  KITH_TRY_VOID(or_invalid(keys::check_proposals(message.content, ConversationKind::direct), "payload"));
  KITH_TRY(const auto info, or_invalid(mls::decoded_message<mls::GroupInfo>(commit.group_info), "group_info"));
  if (info.group_context.suite != crypto::Suite::product().id()) return invalid("group_info: another suite");
  if (info.group_context.group_id != group_id || info.group_context.epoch != 1)
    return invalid("group_info: of another group or epoch");
  if (info.signer.value != 0) return invalid("group_info: not signed by the committer");
  if (info.confirmation_tag != message.auth.confirmation_tag) return invalid("group_info: not of this commit");
  KITH_TRY(const auto group,
           or_invalid(mls::PublicGroup::open(info, std::nullopt, keys::kMaxDirectLeaves), "group_info"));
  KITH_TRY_VOID(or_invalid(group.check_group_info(info), "group_info"));

  if (const auto checked = keys::check_members(group); !checked)
    return invalid("group_info: " + checked.error().detail);
  const auto members = group.members();
  KITH_TRY_VOID(check_lifetimes(group.tree(), members, now));
  if (members.empty() || members.back().leaf.value + 1 != members.size())
    return invalid("group_info: a gap in the tree");
  KITH_TRY(auto leaves, owners_of(members, directory));
  if (leaves.front() != commit.sender) return invalid("the first leaf is not the sender's");
  const auto belongs = [&](const Caller& c) { return c.user == commit.sender.user || c.user == peer; };
  if (!std::ranges::all_of(leaves, belongs)) return invalid("a leaf of a third user");
  if (std::ranges::none_of(leaves, [&](const Caller& c) { return c.user == peer; }))
    return invalid("no leaf of the peer");
  KITH_TRY_VOID(check_welcomes(commit, {leaves.begin() + 1, leaves.end()}));
  return AcceptedCommit{{ConversationKind::direct, 0, Epoch{1}, std::move(leaves)}};
}

namespace {

// The sender of the request is the leaf that signed: as it is now, or the one that an external commit brings.
Result<void> check_committer(const ConversationState& state, const ProposedCommit& commit,
                             const mls::StagedPublicCommit& staged, const std::vector<mls::Member>& members,
                             const std::vector<Caller>& owners) {
  const auto at = std::ranges::find(members, staged.effects.committer, &mls::Member::leaf);
  if (at == members.end() || owners[static_cast<std::size_t>(at - members.begin())] != commit.sender) {
    return invalid("the committer is not the sender");
  }
  if (!staged.effects.external && !state.has_leaf(commit.sender)) return fail(Errc::not_member);
  return {};
}

Result<std::set<Caller>> added_devices(const mls::CommitEffects& effects, const DirectoryOf& directory) {
  KITH_TRY(const auto added, owners_of(effects.added, directory));
  return std::set<Caller>(added.begin(), added.end());
}

}  // namespace

Result<AcceptedCommit> accept_commit(const ConversationState& state, ByteView group_info, const ProposedCommit& commit,
                                     const DirectoryOf& directory, UnixMillis now) {
  if (!state.has_member(commit.sender.user)) return fail(Errc::not_member);
  KITH_TRY_VOID(check_sizes(commit));
  KITH_TRY(auto message, commit_message(commit.payload, state.group_id, commit.epoch));
  if (commit.epoch != state.group.epoch) {
    auto stale = fail(Errc::stale_epoch);
    stale.error().epoch = state.group.epoch;
    return stale;
  }
  KITH_TRY_VOID(or_invalid(keys::check_proposals(message.content, state.group.kind), "payload"));
  const std::uint32_t most = keys::max_leaves(state.group.kind);
  KITH_TRY(const auto before_info, or_invalid(mls::decoded_message<mls::GroupInfo>(group_info), "stored group_info"));
  KITH_TRY(const auto before, or_invalid(mls::PublicGroup::open(before_info, std::nullopt, most), "stored group_info"));
  KITH_TRY(const auto verified, or_invalid(before.verify(message.authenticated()), "payload"));
  KITH_TRY(const auto staged, or_invalid(before.stage(verified), "payload"));
  KITH_TRY_VOID(or_invalid(keys::check_change(staged.next, staged.effects, state.group.kind), "payload"));
  KITH_TRY(const auto added, added_devices(staged.effects, directory));
  KITH_TRY_VOID(check_lifetimes(staged.next.tree(), staged.effects.added, now));
  const auto& after = staged.next;
  KITH_TRY(const auto info, or_invalid(mls::decoded_message<mls::GroupInfo>(commit.group_info), "group_info"));
  KITH_TRY_VOID(or_invalid(after.check_group_info(info), "group_info"));
  if (info.signer != staged.effects.committer) return invalid("group_info: not signed by the committer");
  // Whoever joins gets the tree from here, so it must be in here.
  KITH_TRY(const auto reopened, or_invalid(mls::PublicGroup::open(info, std::nullopt, most), "group_info"));
  if (reopened.epoch() != after.epoch()) return invalid("group_info: of another epoch");

  const auto members = after.members();
  KITH_TRY(auto leaves, owners_of(members, directory));
  KITH_TRY_VOID(check_committer(state, commit, staged, members, leaves));
  KITH_TRY_VOID(check_welcomes(commit, added));
  auto next = ConversationState::from(
      state.id, {state.group.kind, state.group.incarnation, state.group.epoch.next(), std::move(leaves)}, 0);
  if (state.group.kind == ConversationKind::direct && next.members != state.members) {
    return invalid("a direct conversation keeps its two users");
  }
  return AcceptedCommit{std::move(next.group)};
}

}  // namespace kith::server::domain
