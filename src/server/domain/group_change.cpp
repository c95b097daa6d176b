#include "server/domain/group_change.h"

#include <algorithm>
#include <set>

#include "keys/conversation.h"
#include "keys/device.h"
#include "mls/profile.h"
#include "mls/public_group.h"
#include "server/domain/key_package.h"

namespace kith::server::domain {
namespace {

std::unexpected<Error> invalid(std::string why) { return fail(Errc::invalid_commit, std::move(why)); }

std::string reason(const Failure<mls::Errc>& failure) { return mls::name(failure.code); }
std::string reason(const Failure<keys::Errc>& failure) { return failure.detail; }

template <class T, class Code>
Result<T> or_invalid(ResultOf<T, Code> result, const char* what) {
  if (!result) return invalid(std::string(what) + ": " + reason(result.error()));
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::move(*result);
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

// New leaves: as their credentials say, which are verified (keys/group_rules.h), and their accounts list the devices
// with those very keys.
Result<Caller> listed(const mls::Member& member, const DirectoryOf& directory) {
  const auto device = keys::DeviceCredential::decode(member.credential.identity);
  if (!device) return invalid(std::string("a leaf's credential: ") + keys::name(device.error().code));
  const auto user = directory.find(device->user);
  if (user == directory.end()) return invalid("a leaf that no account lists");
  const auto* entry = user->second.followed.list.find(device->device);
  if (entry == nullptr || entry->leaf_signature_key != member.signature_key)
    return invalid("a leaf that no account lists");
  if (!same_bytes(device->identity_key, user->second.identity_key))
    return invalid("a leaf under another identity than its account's");
  return Caller{device->user, device->device};
}

Result<mls::PublicMessage> commit_message(ByteView payload, ByteView group_id, Epoch epoch) {
  KITH_TRY(auto message, or_invalid(mls::decoded_message<mls::PublicMessage>(payload), "payload"));
  if (message.content.type() != mls::ContentType::commit) return invalid("payload: not a commit");
  // What is in it only members can tell.
  if (message.content.sender.type == mls::SenderType::member &&
      message.membership_tag.size() != crypto::Suite::product().hash_size())
    return invalid("payload: a membership tag of the wrong size");
  if (!same_bytes(message.content.group_id, group_id)) return invalid("payload: of another group");
  if (message.content.epoch != epoch.value) return invalid("payload: of another epoch than the request says");
  return message;
}

Result<mls::PublicMessage> allowed_commit(const ConversationState& state, ByteView payload, Epoch epoch) {
  KITH_TRY(auto message, commit_message(payload, state.group_id, epoch));
  KITH_TRY_VOID(or_invalid(keys::check_proposals(message.content, state.group.kind), "payload"));
  return message;
}

// Whom a commit adds, with the references of their key packages.
using Added = std::map<Caller, Bytes>;

Result<Added> added_devices(const mls::StagedPublicCommit& staged, const DirectoryOf& directory, UnixMillis now) {
  Added devices;
  const auto now_s = static_cast<std::uint64_t>(now.value / 1000);
  for (std::size_t i = 0; i < staged.effects.added.size(); ++i) {
    const mls::KeyPackage& package = staged.proposals.adds[i];
    KITH_TRY(const Caller device, listed(staged.effects.added[i], directory));
    const mls::Lifetime& lifetime = package.leaf.lifetime;
    if (!lifetime.contains(now_s)) return invalid("payload: a leaf outside its lifetime");
    if (lifetime.not_after_s > now_s + kMaxKeyPackageLifeS) return invalid("payload: a leaf of too long a lifetime");
    devices[device] = mls::key_package_ref(staged.next.suite(), package);
  }
  return devices;
}

// As far as it is not sealed. One Welcome may be for several that were added.
Result<void> check_welcome(ByteView payload, const Caller& to, const Added& added) {
  KITH_TRY(const auto welcome, or_invalid(mls::decoded_message<mls::Welcome>(payload), "a welcome"));
  const auto suite = crypto::Suite::product();
  if (welcome.suite != suite.id()) return invalid("a welcome of another suite");
  std::set<Bytes> open;
  for (const auto& [device, ref] : added) open.insert(ref);
  bool is_theirs = false;
  for (const auto& [ref, sealed] : welcome.secrets) {
    if (open.erase(ref) == 0) return invalid("a welcome for other key packages than were added");
    if (!suite.is_kem_public_key(sealed.kem_output)) return invalid("a welcome: bad_key");
    is_theirs = is_theirs || ref == added.at(to);
  }
  return is_theirs ? Result<void>{} : invalid("a welcome without the key package that was added");
}

// Exactly one well-formed Welcome for each device that was added.
Result<void> check_welcomes(const ProposedCommit& commit, const Added& added) {
  std::set<Caller> welcomed;
  for (const auto& [to, payload] : commit.welcomes) {
    if (!added.contains(to)) return invalid("a welcome for a device that was not added");
    if (!welcomed.insert(to).second) return invalid("two welcomes for one device");
    KITH_TRY_VOID(check_welcome(payload, to, added));
  }
  if (welcomed.size() != added.size()) return invalid("a device was added without a welcome");
  return {};
}

// The sender of the request is the leaf that signed: as it is now, or the one that an external commit brings.
Result<void> check_committer(const ConversationState& state, const ProposedCommit& commit, const mls::PublicGroup& next,
                             const mls::CommitEffects& effects, const DirectoryOf& directory) {
  const auto member = next.member(effects.committer);
  if (!member) return invalid("payload: a committer that is not there");
  KITH_TRY(const Caller by, listed(*member, directory));
  if (by != commit.sender) return invalid("the committer is not the sender");
  if (!effects.external) return state.has_leaf(by) ? Result<void>{} : fail(Errc::not_member);
  for (const mls::Member& removed : effects.removed) {
    const auto device = keys::DeviceCredential::decode(removed.credential.identity);
    if (!device) return invalid("a leaf's credential: cannot be read");
    const auto user = directory.find(device->user);
    if (device->device != by.device && user != directory.end() &&
        user->second.followed.list.find(device->device) != nullptr)
      return invalid("an external commit that removes another device of its user");
  }
  return {};
}

Result<void> check_group_info(const mls::PublicGroup& group, mls::LeafIndex signer, ByteView group_info) {
  KITH_TRY(const auto info, or_invalid(mls::decoded_message<mls::GroupInfo>(group_info), "group_info"));
  KITH_TRY_VOID(or_invalid(group.check_group_info(info), "group_info"));
  if (info.signer != signer) return invalid("group_info: not signed by who sends it");
  // Whoever joins gets the tree from what is stored; one in here would be believed instead.
  if (mls::find_extension(info.extensions, mls::extension_type::kRatchetTree) != nullptr)
    return invalid("group_info: with a tree in it");
  if (info.extensions.size() != 1) return invalid("group_info: with more than external_pub");
  return {};
}

std::unexpected<Error> stale(const ConversationState& state) {
  auto error = fail(Errc::stale_epoch);
  error.error().epoch = state.group.epoch;
  return error;
}

Result<mls::PublicGroup> restored(const ConversationState& state, ByteView head,
                                  const std::shared_ptr<mls::TreeParts>& parts) {
  std::vector<mls::LeafIndex> leaves;
  for (const keys::Seat& seat : state.group.seats) leaves.push_back(seat.leaf);
  auto group = mls::PublicGroup::restore(head, leaves, parts);
  if (!group) return fail(Errc::internal, "a group that cannot be read: " + group.error().detail);
  if (group->epoch() != state.group.epoch.value) return fail(Errc::internal, "a group of another epoch than its log");
  return *std::move(group);
}

Result<keys::Grounds> grounds_of(const mls::FramedContent& commit) {
  return or_invalid(keys::Grounds::of(commit.authenticated_data), "grounds");
}

Result<void> check_lists(const mls::FramedContent& commit, const DirectoryOf& directory) {
  KITH_TRY(const auto grounds, grounds_of(commit));
  for (const keys::FollowedList& followed : grounds.lists) {
    const auto now = directory.find(followed.list.user);
    if (now == directory.end() || now->second.followed != followed) return invalid("device lists: not the one of now");
  }
  return {};
}

Result<void> checked_members(const mls::PublicGroup& group) {
  KITH_TRY([[maybe_unused]] const auto devices, or_invalid(keys::check_members(group), "founding"));
  return {};
}

struct Judged {
  mls::StagedPublicCommit staged;
  std::vector<keys::Seat> seats;
};

// What every commit has to hold.
Result<Judged> judge(const ConversationState& state, const mls::PublicGroup& before, const mls::PublicMessage& message,
                     const ProposedCommit& commit, const DirectoryOf& directory, UnixMillis now) {
  KITH_TRY_VOID(check_lists(message.content, directory));
  KITH_TRY(const auto verified, or_invalid(before.verify(message.authenticated()), "payload"));
  KITH_TRY(auto staged, or_invalid(before.stage(verified), "payload"));
  const mls::PublicGroup& next = staged.next;
  if (next.tree().size().leaves > keys::max_leaves(state.group.kind))
    return invalid("payload: a tree of too many leaves");
  KITH_TRY(auto seats, or_invalid(keys::seats_after(state.group.seats, next, staged.effects), "payload"));
  KITH_TRY_VOID(or_invalid(keys::check_change(before, next, staged.effects, state.group.kind, seats), "payload"));
  KITH_TRY_VOID(check_committer(state, commit, next, staged.effects, directory));
  KITH_TRY(const auto added, added_devices(staged, directory, now));
  KITH_TRY_VOID(check_group_info(next, staged.effects.committer, commit.group_info));
  KITH_TRY_VOID(check_welcomes(commit, added));
  return Judged{std::move(staged), std::move(seats)};
}

// `stored`: the tree in whose place the next one is stored.
AcceptedCommit accepted(const ConversationState& state, Judged judged, const mls::RatchetTree& stored) {
  const mls::PublicGroup& next = judged.staged.next;
  return {{state.group.kind, state.group.incarnation, state.group.epoch.next(), std::move(judged.seats)},
          next.head_record(),
          next.tree().to_store(stored),
          stored.replaced_by(next.tree())};
}

std::set<UserId> users_of(const std::vector<keys::Seat>& seats) {
  std::set<UserId> users;
  for (const keys::Seat& seat : seats) users.insert(seat.user);
  return users;
}

}  // namespace

std::vector<UserId> users_concerned(const ProposedCommit& commit) {
  std::set<UserId> users{commit.sender.user};
  const auto message = mls::decoded_message<mls::PublicMessage>(commit.payload);
  if (message && message->content.type() == mls::ContentType::commit) {
    for (const auto& item : std::get<mls::Commit>(message->content.content).proposals) {
      const auto* proposal = std::get_if<mls::Proposal>(&item);
      const auto* add = proposal != nullptr ? std::get_if<mls::Add>(proposal) : nullptr;
      if (add == nullptr) continue;
      const auto device = keys::DeviceCredential::decode(add->key_package.leaf.credential.identity);
      if (device) users.insert(device->user);
    }
    if (const auto grounds = grounds_of(message->content)) {
      for (const keys::FollowedList& followed : grounds->lists) users.insert(followed.list.user);
    }
  }
  return {users.begin(), users.end()};
}

Result<AcceptedCommit> accept_direct(const ConversationId& id, const UserId& peer, ByteView founding,
                                     const ProposedCommit& commit, const DirectoryOf& directory, UnixMillis now) {
  KITH_TRY_VOID(check_sizes(commit));
  if (founding.size() > kMaxFoundingBytes) return fail(Errc::too_large, "founding");
  KITH_TRY(const auto info, or_invalid(mls::decoded_message<mls::GroupInfo>(founding), "founding"));
  const mls::GroupContext& context = info.group_context;
  if (context.suite != crypto::Suite::product().id()) return invalid("founding: another suite");
  if (context.group_id != keys::group_id(id, 0) || context.epoch != 0)
    return invalid("founding: of another group or epoch");
  if (!context.confirmed_transcript_hash.empty()) return invalid("founding: with a past");
  if (context.extensions != mls::Extensions{mls::profile::required_capabilities()})
    return invalid("founding: other extensions than a direct conversation has");
  KITH_TRY(const auto group, or_invalid(mls::PublicGroup::open(info, std::nullopt, 1), "founding"));
  if (group.tree().leaf({0})->source != mls::LeafNodeSource::key_package)
    return invalid("founding: a leaf of another source");
  KITH_TRY_VOID(checked_members(group));
  KITH_TRY(auto seats, or_invalid(keys::seats_of(group), "founding"));
  const Caller& sender = commit.sender;
  if (seats.size() != 1 || seats[0].user != sender.user || seats[0].device != sender.device)
    return invalid("founding: the first leaf is not the sender's");
  const auto state = ConversationState::from(id, {ConversationKind::direct, 0, Epoch{0}, std::move(seats)}, 0);
  KITH_TRY(const auto message, allowed_commit(state, commit.payload, Epoch{0}));
  KITH_TRY(auto judged, judge(state, group, message, commit, directory, now));
  const auto users = users_of(judged.seats);
  if (!users.contains(peer)) return invalid("no leaf of the peer");
  if (users.size() != 2) return invalid("a leaf of a third user");
  return accepted(state, std::move(judged), mls::RatchetTree(group.suite()));
}

Result<AcceptedCommit> accept_commit(const ConversationState& state, ByteView head,
                                     const std::shared_ptr<mls::TreeParts>& parts, const ProposedCommit& commit,
                                     const DirectoryOf& directory, UnixMillis now) {
  if (!state.has_member(commit.sender.user)) return fail(Errc::not_member);
  KITH_TRY_VOID(check_sizes(commit));
  KITH_TRY(const auto message, allowed_commit(state, commit.payload, commit.epoch));
  if (commit.epoch != state.group.epoch) return stale(state);
  KITH_TRY(const auto before, restored(state, head, parts));
  mls::want_for_commit(*parts, before.tree(), message.content);
  KITH_TRY(auto judged, judge(state, before, message, commit, directory, now));
  if (state.group.kind == ConversationKind::direct && users_of(judged.seats).size() != state.members.size())
    return invalid("a leaf of a third user");
  const auto has_to_go = [&](const auto& note) { return has_delisted(judged.seats, note.second); };
  if (!judged.staged.effects.external && std::ranges::any_of(state.notes, has_to_go))
    return fail(Errc::commit_first, "a device has to go first");
  return accepted(state, std::move(judged), before.tree());
}

Result<void> accept_group_info(const ConversationState& state, ByteView head,
                               const std::shared_ptr<mls::TreeParts>& parts, const Caller& caller, Epoch epoch,
                               ByteView group_info) {
  const auto is_callers = [&](const keys::Seat& s) { return s.user == caller.user && s.device == caller.device; };
  const auto seat = std::ranges::find_if(state.group.seats, is_callers);
  if (seat == state.group.seats.end()) return fail(Errc::not_member);
  if (group_info.size() > kMaxGroupInfoBytes) return fail(Errc::too_large, "group_info");
  if (epoch != state.group.epoch) return stale(state);
  KITH_TRY(const auto group, restored(state, head, parts));
  return check_group_info(group, seat->leaf, group_info);
}

}  // namespace kith::server::domain
