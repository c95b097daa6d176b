#include "server/domain/commit_judge.h"

#include <algorithm>
#include <set>

#include "server/domain/key_package.h"

namespace kith::server::domain {

std::unexpected<Error> invalid(std::string why) { return fail(Errc::invalid_commit, std::move(why)); }

std::unexpected<Error> refused(const Failure<mls::Errc>& failure, const char* what) {
  return invalid(std::string(what) + ": " + mls::name(failure.code));
}

// What a role does not allow may be a good commit all the same.
std::unexpected<Error> refused(const Failure<keys::Errc>& failure, const char* what) {
  if (failure.code == keys::Errc::beyond_role) return fail(Errc::not_allowed, failure.detail);
  return invalid(std::string(what) + ": " + failure.detail);
}

Result<void> check_sizes(const ProposedCommit& commit) {
  if (commit.payload.size() > kMaxCommitBytes) return fail(Errc::too_large, "payload");
  if (commit.group_info.size() > kMaxGroupInfoBytes) return fail(Errc::too_large, "group_info");
  if (commit.welcomes.size() > kMaxWelcomes) return fail(Errc::too_large, "welcomes");
  for (const auto& welcome : commit.welcomes) {
    if (welcome.payload.size() > kMaxPayloadBytes) return fail(Errc::too_large, "a welcome");
  }
  return {};
}

namespace {

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
  // One that lags behind is good; one that stands beside the account's was begun by somebody who is out.
  if (!user->second.followed.certificate.follows(device->generation))
    return invalid("a leaf of a generation that is not its account's");
  return Caller{device->user, device->device};
}

Result<void> check_framing(const mls::PublicMessage& message, ByteView group_id, Epoch epoch) {
  if (message.content.type() != mls::ContentType::commit) return invalid("payload: not a commit");
  // What is in it only members can tell.
  if (message.content.sender.type == mls::SenderType::member &&
      message.membership_tag.size() != crypto::Suite::product().hash_size())
    return invalid("payload: a membership tag of the wrong size");
  if (!same_bytes(message.content.group_id, group_id)) return invalid("payload: of another group");
  if (message.content.epoch != epoch.value) return invalid("payload: of another epoch than the request says");
  return {};
}

}  // namespace

Result<void> check_allowed(const ConversationState& state, const ProposedCommit& commit) {
  const auto& message = commit.read->message;
  if (!message) return refused(message.error(), "payload");
  KITH_TRY_VOID(check_framing(*message, state.group_id, commit.epoch));
  return or_invalid(keys::check_proposals(message->content, state.group.kind), "payload");
}

namespace {

Result<Added> added_devices(const mls::StagedPublicCommit& staged, const Circumstances& circumstances) {
  Added devices;
  const auto now_s = static_cast<std::uint64_t>(circumstances.now.value / 1000);
  for (std::size_t i = 0; i < staged.effects.added.size(); ++i) {
    const mls::KeyPackage& package = staged.proposals.adds[i];
    KITH_TRY(const Caller device, listed(staged.effects.added[i], circumstances.directory));
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

}  // namespace

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

namespace {

Result<void> check_lists(const mls::FramedContent& commit, const DirectoryOf& directory) {
  KITH_TRY(const auto grounds, or_invalid(keys::Grounds::of(commit.authenticated_data), "grounds"));
  for (const keys::FollowedList& followed : grounds.lists) {
    const auto now = directory.find(followed.list.user);
    if (now == directory.end() || now->second.followed != followed) return invalid("device lists: not the one of now");
  }
  return {};
}

const keys::Seat* seat_at(const std::vector<keys::Seat>& seats, mls::LeafIndex leaf) {
  const auto at = std::ranges::lower_bound(seats, leaf, {}, &keys::Seat::leaf);
  return at != seats.end() && at->leaf == leaf ? &*at : nullptr;
}

// Looks at whom the commit names only.
void note_moves(const ConversationState& state, Judged& judged) {
  for (const auto& [device, ref] : judged.added) {
    if (state.has_user(device.user) || (!judged.came.empty() && judged.came.back() == device.user)) continue;
    judged.came.push_back(device.user);
  }
  const mls::CommitEffects& effects = judged.staged.effects;
  const keys::Seat* joiner = effects.external ? seat_at(judged.seats, effects.committer) : nullptr;
  if (joiner != nullptr && !state.has_user(joiner->user)) judged.came.push_back(joiner->user);
  std::set<UserId> removed;
  for (const mls::Member& member : effects.removed) {
    if (const keys::Seat* seat = seat_at(state.group.seats, member.leaf)) {
      removed.insert(seat->user);
      judged.rekeyed.insert({seat->user, seat->device});
    }
  }
  const keys::Seat* committer = effects.has_path ? seat_at(judged.seats, effects.committer) : nullptr;
  if (committer != nullptr) judged.rekeyed.insert({committer->user, committer->device});
  for (const UserId& user : removed) {
    if (std::ranges::find(judged.seats, user, &keys::Seat::user) == judged.seats.end()) judged.gone.push_back(user);
  }
}

}  // namespace

Result<Judged> judge(const ConversationState& state, const mls::PublicGroup& before, const ProposedCommit& commit,
                     const Circumstances& circumstances) {
  const mls::PublicMessage& message = *commit.read->message;
  const DirectoryOf& directory = circumstances.directory;
  KITH_TRY_VOID(check_lists(message.content, directory));
  KITH_TRY(const auto verified, or_invalid(before.verify(message.authenticated()), "payload"));
  KITH_TRY(auto staged, or_invalid(before.stage(verified), "payload"));
  const mls::PublicGroup& next = staged.next;
  if (next.tree().size().leaves > keys::max_leaves(state.group.kind))
    return invalid("payload: a tree of too many leaves");
  KITH_TRY(auto seats, or_invalid(keys::seats_after(state.group.seats, next, staged.effects), "payload"));
  KITH_TRY_VOID(or_invalid(keys::check_change(before, next, staged.effects, state.group.kind, seats), "payload"));
  KITH_TRY_VOID(check_committer(state, commit, next, staged.effects, directory));
  KITH_TRY(const auto added, added_devices(staged, circumstances));
  KITH_TRY_VOID(check_group_info(next, staged.effects.committer, commit.group_info));
  KITH_TRY_VOID(check_welcomes(commit, added));
  Judged judged{
      .staged = std::move(staged), .seats = std::move(seats), .added = added, .came = {}, .gone = {}, .rekeyed = {}};
  note_moves(state, judged);
  return judged;
}

Result<AcceptedCommit> accepted(const ConversationState& state, Judged judged, const mls::RatchetTree& stored) {
  const mls::PublicGroup& next = judged.staged.next;
  GroupRecord group{.kind = state.group.kind,
                    .incarnation = state.group.incarnation,
                    .epoch = state.group.epoch.next(),
                    .seats = std::move(judged.seats)};
  if (group.kind == ConversationKind::group) {
    KITH_TRY(group.policy, or_invalid(keys::policy_of(next.context().extensions), "payload"));
  }
  return AcceptedCommit{.group = std::move(group),
                        .head = next.head_record(),
                        .tree = next.tree().to_store(stored),
                        .replaced = stored.replaced_by(next.tree()),
                        .came = std::move(judged.came),
                        .gone = std::move(judged.gone),
                        .rekeyed = std::move(judged.rekeyed)};
}

}  // namespace kith::server::domain
