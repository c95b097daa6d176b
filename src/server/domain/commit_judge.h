// What every commit has to hold, whether it begins a conversation or follows. Inside this room: its ways in are
// founding.h and group_change.h.
#pragma once

#include "mls/public_group.h"
#include "server/domain/group_change.h"

namespace kith::server::domain {

// Failures of the rooms below, as errors: invalid_commit with what was looked at, or not_allowed.
std::unexpected<Error> invalid(std::string why);
std::unexpected<Error> refused(const Failure<mls::Errc>& failure, const char* what);
std::unexpected<Error> refused(const Failure<keys::Errc>& failure, const char* what);
template <class T, class Code>
Result<T> or_invalid(ResultOf<T, Code> result, const char* what) {
  if (!result) return refused(result.error(), what);
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return std::move(*result);
}

// Errors: too_large.
Result<void> check_sizes(const ProposedCommit& commit);
// A commit of this group and epoch that proposes what the product uses.
Result<void> check_allowed(const ConversationState& state, const ProposedCommit& commit);
// A GroupInfo of `group` by the member in that leaf, that says nothing but how to come in.
Result<void> check_group_info(const mls::PublicGroup& group, mls::LeafIndex signer, ByteView group_info);

// Whom a commit adds, with the references of their key packages.
using Added = std::map<Caller, Bytes>;

struct Judged {
  mls::StagedPublicCommit staged;
  std::vector<keys::Seat> seats;
  Added added;
  std::vector<UserId> came;  // users whose first leaf came, sorted
  std::vector<UserId> gone;  // whose last leaf went
  std::set<Caller> rekeyed;  // devices whose leaf went or has other keys
};
// `commit`: allowed.
Result<Judged> judge(const ConversationState& state, const mls::PublicGroup& before, const ProposedCommit& commit,
                     const Circumstances& circumstances);

// `stored`: the tree in whose place the next one is stored.
Result<AcceptedCommit> accepted(const ConversationState& state, Judged judged, const mls::RatchetTree& stored);

}  // namespace kith::server::domain
