#include "server/domain/group_change.h"

#include <algorithm>

#include "keys/device.h"
#include "server/domain/commit_judge.h"
#include "server/domain/invites.h"
#include "server/domain/key_package.h"

namespace kith::server::domain {
namespace {

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

// The member's own leaf. Errors: not_member.
Result<mls::LeafIndex> leaf_of(const ConversationState& state, const Caller& caller) {
  if (!state.has_leaf(caller)) return fail(Errc::not_member);
  const auto is_callers = [&](const keys::Seat& s) { return s.user == caller.user && s.device == caller.device; };
  return std::ranges::find_if(state.group.seats, is_callers)->leaf;
}

// A commit takes away whoever has to go, or some of them where they are more than one commit can name. Nobody who is
// leaving gets another leaf, which the note would not fit, keeps one without that which signed it, by which the rest
// could not be taken away any more, or gets the group, whose owner nobody could.
Result<void> check_progress(const ConversationState& state, const Judged& judged) {
  const auto leaves = [&](const auto& added) { return state.notes.leaving.contains(added.first.user); };
  const auto policy = keys::policy_of(judged.staged.next.context().extensions);
  const bool is_left_to_one_who_leaves = policy && state.notes.leaving.contains(policy->owner);
  const auto keeps_a_part = [&](const auto& item) {
    const auto is_its = [&](const keys::Seat& seat) { return seat.user == item.first; };
    const auto signed_it = [&](const keys::Seat& seat) { return is_its(seat) && seat.device == item.second.device; };
    return std::ranges::any_of(judged.seats, is_its) && std::ranges::none_of(judged.seats, signed_it);
  };
  const std::size_t left = seats_to_go(judged.seats, state.notes).size();
  const bool is_progress = left == 0 || left < seats_to_go(state.group.seats, state.notes).size();
  if (!is_progress || is_left_to_one_who_leaves || std::ranges::any_of(judged.added, leaves) ||
      std::ranges::any_of(state.notes.leaving, keeps_a_part))
    return fail(Errc::commit_first, "a device has to go first");
  return {};
}

}  // namespace

std::shared_ptr<const ReadCommit> ReadCommit::of(ByteView payload) {
  auto read = std::make_shared<ReadCommit>(mls::decoded_message<mls::PublicMessage>(payload));
  if (read->message)
    read->grounds = keys::Grounds::of(read->message->content.authenticated_data).value_or(keys::Grounds{});
  return read;
}

std::vector<UserId> users_concerned(const ProposedCommit& commit) {
  std::set<UserId> users{commit.sender.user};
  const auto& message = commit.read->message;
  if (message && message->content.type() == mls::ContentType::commit) {
    for (const auto& item : std::get<mls::Commit>(message->content.content).proposals) {
      const auto* proposal = std::get_if<mls::Proposal>(&item);
      const auto* add = proposal != nullptr ? std::get_if<mls::Add>(proposal) : nullptr;
      if (add == nullptr) continue;
      const auto device = keys::DeviceCredential::decode(add->key_package.leaf.credential.identity);
      if (device) users.insert(device->user);
    }
    for (const keys::FollowedList& followed : commit.read->grounds.lists) users.insert(followed.list.user);
  }
  return {users.begin(), users.end()};
}

Result<AcceptedCommit> accept_commit(const ConversationState& state, ByteView head,
                                     const std::shared_ptr<mls::TreeParts>& parts, const ProposedCommit& commit,
                                     const Circumstances& circumstances) {
  const bool is_in = state.has_member(commit.sender.user);
  if (!is_in && !is_join(commit)) return fail(Errc::not_member);
  KITH_TRY_VOID(check_sizes(commit));
  KITH_TRY_VOID(check_allowed(state, commit));
  if (!is_in) KITH_TRY_VOID(check_join(state, commit, circumstances));
  if (commit.epoch != state.group.epoch) return stale(state);
  KITH_TRY(const auto before, restored(state, head, parts));
  mls::want_for_commit(*parts, before.tree(), commit.read->message->content);
  KITH_TRY(auto judged, judge(state, before, commit, circumstances));
  if (state.group.kind == ConversationKind::direct && !judged.came.empty()) return invalid("a leaf of a third user");
  const std::size_t users = state.count_users() + judged.came.size() - judged.gone.size();
  if (judged.came.size() > judged.gone.size() && users > circumstances.max_group_members)
    return fail(Errc::group_full, "more members than a group may have");
  if (!judged.staged.effects.external) KITH_TRY_VOID(check_progress(state, judged));
  KITH_TRY(auto uses, uses_after(state, judged.staged, commit, judged.came, circumstances));
  KITH_TRY(auto next, accepted(state, std::move(judged), before.tree()));
  next.uses = std::move(uses);
  return next;
}

Result<void> accept_group_info(const ConversationState& state, ByteView head,
                               const std::shared_ptr<mls::TreeParts>& parts, const Caller& caller, Epoch epoch,
                               ByteView group_info) {
  KITH_TRY(const auto leaf, leaf_of(state, caller));
  if (group_info.size() > kMaxGroupInfoBytes) return fail(Errc::too_large, "group_info");
  if (epoch != state.group.epoch) return stale(state);
  KITH_TRY(const auto group, restored(state, head, parts));
  return check_group_info(group, leaf, group_info);
}

Result<void> accept_leave(const ConversationState& state, ByteView head, const std::shared_ptr<mls::TreeParts>& parts,
                          const Caller& caller, const keys::LeaveNote& note) {
  const auto wrong = [](const char* what) { return fail(Errc::invalid_argument, what); };
  KITH_TRY(const auto leaf, leaf_of(state, caller));
  if (!state.group.policy) return wrong("conversation: not a group");
  if (!same_bytes(note.group_id, state.group_id)) return wrong("note: of another group");
  if (note.user != caller.user || note.device != caller.device) return wrong("note: another device's");
  KITH_TRY(const auto group, restored(state, head, parts));
  const auto member = group.member(leaf);
  if (!member || member->encryption_key != note.encryption_key) return wrong("note: of another leaf");
  if (!note.verify(member->signature_key)) return wrong("note: not signed by the device");
  if (state.group.policy->owner == caller.user && state.members.size() > 1)
    return fail(Errc::last_owner, "an owner hands the group over before leaving");
  return {};
}

Result<void> accept_mark(const ConversationState& state, ByteView head, const std::shared_ptr<mls::TreeParts>& parts,
                         const Caller& caller, const ProposedMark& proposed, UnixMillis now) {
  const auto wrong = [](std::string what) { return fail(Errc::invalid_argument, std::move(what)); };
  const keys::BrokenMark& mark = proposed.mark;
  KITH_TRY(const auto leaf, leaf_of(state, caller));
  if (!same_bytes(mark.group_id, state.group_id)) return wrong("mark: of another group");
  if (mark.user != caller.user || mark.device != caller.device) return wrong("mark: another device's");
  KITH_TRY(const auto group, restored(state, head, parts));
  const auto member = group.member(leaf);
  if (!member || member->encryption_key != mark.encryption_key) return wrong("mark: of another leaf");
  if (!mark.verify(member->signature_key)) return wrong("mark: not signed by the device");
  const auto checked = check_key_package(proposed.key_package, proposed.device, false, now);
  if (!checked) return wrong("key_package: " + checked.error().detail);
  const mls::LeafNode fresh = mls::decoded_message<mls::KeyPackage>(proposed.key_package).value().leaf;
  if (fresh.encryption_key != mark.replacement) return wrong("key_package: not the one that the mark names");
  const auto before = keys::DeviceCredential::decode(member->credential.identity);
  const auto after = keys::DeviceCredential::decode(fresh.credential.identity);
  if (fresh.signature_key != member->signature_key || !before || !after ||
      after->generation.is_ended_by(before->generation))
    return wrong("key_package: under another certificate than the leaf");
  return {};
}

}  // namespace kith::server::domain
