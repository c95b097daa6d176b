#include "server/domain/founding.h"

#include <algorithm>

#include "keys/conversation.h"
#include "mls/profile.h"
#include "server/domain/commit_judge.h"

namespace kith::server::domain {
namespace {

using CheckExtensions = Result<void> (*)(const mls::Extensions& extensions, const ConversationId& id,
                                         const UserId& founder);

Result<void> check_direct_extensions(const mls::Extensions& extensions, const ConversationId&, const UserId&) {
  if (extensions == mls::Extensions{mls::profile::required_capabilities()}) return {};
  return invalid("founding: other extensions than a direct conversation has");
}

Result<void> check_group_extensions(const mls::Extensions& extensions, const ConversationId& id,
                                    const UserId& founder) {
  KITH_TRY(const auto policy, or_invalid(keys::policy_of(extensions), "founding"));
  if (extensions != keys::group_extensions(policy)) return invalid("founding: other extensions than a group has");
  if (policy.conversation() != id) return invalid("founding: the policy of another group");
  if (policy.owner != founder || !policy.admins.empty())
    return invalid("founding: a role for another than the founder");
  return {};
}

// Epoch 0, as its founder shows it.
struct Founded {
  ConversationState state;
  mls::PublicGroup group;
};

Result<Founded> founded(const ConversationId& id, ConversationKind kind, CheckExtensions check_extensions,
                        ByteView founding, const Caller& founder) {
  if (founding.size() > kMaxFoundingBytes) return fail(Errc::too_large, "founding");
  KITH_TRY(const auto info, or_invalid(mls::decoded_message<mls::GroupInfo>(founding), "founding"));
  const mls::GroupContext& context = info.group_context;
  if (context.suite != crypto::Suite::product().id()) return invalid("founding: another suite");
  if (context.group_id != keys::group_id(id, 0) || context.epoch != 0)
    return invalid("founding: of another group or epoch");
  if (!context.confirmed_transcript_hash.empty()) return invalid("founding: with a past");
  KITH_TRY_VOID(check_extensions(context.extensions, id, founder.user));
  KITH_TRY(auto group, or_invalid(mls::PublicGroup::open(info, std::nullopt, 1), "founding"));
  if (group.tree().leaf({0})->source != mls::LeafNodeSource::key_package)
    return invalid("founding: a leaf of another source");
  KITH_TRY([[maybe_unused]] const auto devices, or_invalid(keys::check_members(group), "founding"));
  KITH_TRY(auto seats, or_invalid(keys::seats_of(group), "founding"));
  if (seats.size() != 1 || seats[0].user != founder.user || seats[0].device != founder.device)
    return invalid("founding: the first leaf is not the sender's");
  GroupRecord record{.kind = kind, .incarnation = 0, .epoch = Epoch{0}, .seats = std::move(seats)};
  return Founded{ConversationState::from(id, std::move(record), 0), std::move(group)};
}

Result<Judged> first_commit(const Founded& founded, const ProposedCommit& commit, const Circumstances& circumstances) {
  KITH_TRY_VOID(check_allowed(founded.state, commit));
  return judge(founded.state, founded.group, commit, circumstances);
}

// Nobody was in before, and nothing stored.
Result<AcceptedCommit> begun(const Founded& founded, Judged judged) {
  auto users = users_of(judged.seats);
  KITH_TRY(auto commit, accepted(founded.state, std::move(judged), mls::RatchetTree(founded.group.suite())));
  commit.came = std::move(users);
  return commit;
}

}  // namespace

Result<AcceptedCommit> accept_direct(const ConversationId& id, const UserId& peer, ByteView founding,
                                     const ProposedCommit& commit, const Circumstances& circumstances) {
  KITH_TRY_VOID(check_sizes(commit));
  KITH_TRY(const auto start, founded(id, ConversationKind::direct, check_direct_extensions, founding, commit.sender));
  KITH_TRY(auto judged, first_commit(start, commit, circumstances));
  const auto users = users_of(judged.seats);
  if (!std::ranges::binary_search(users, peer)) return invalid("no leaf of the peer");
  if (users.size() != 2) return invalid("a leaf of a third user");
  return begun(start, std::move(judged));
}

Result<AcceptedCommit> accept_group(const ConversationId& id, ByteView founding, const ProposedCommit& commit,
                                    const Circumstances& circumstances) {
  KITH_TRY_VOID(check_sizes(commit));
  KITH_TRY(const auto start, founded(id, ConversationKind::group, check_group_extensions, founding, commit.sender));
  KITH_TRY(auto judged, first_commit(start, commit, circumstances));
  if (judged.staged.effects.external) return invalid("a first commit from outside");
  if (!judged.added.empty()) return invalid("a first commit that adds somebody");
  return begun(start, std::move(judged));
}

}  // namespace kith::server::domain
