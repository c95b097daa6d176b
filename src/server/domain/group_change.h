// Commits as the server judges them before they enter a log: as far as anybody can who holds no secret. And what goes
// before a commit: the notes of those who leave, the marks of devices that cannot follow.
//
// The attacker is a member, or somebody who would like to be one: leaves of strangers, devices that are on nobody's
// list, a GroupInfo that does not belong to the commit, proposals that the product does not use, Welcomes for others or
// none for the key packages that were added. What only members can check (membership tag, path secrets) is theirs.
//
// Of the tree only what the commit touches is looked at (mls::TreeParts): where something is wanted that is not at
// hand, the answer means nothing; fetch it and ask again.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "keys/grounds.h"
#include "mls/framing.h"
#include "server/domain/account.h"
#include "server/domain/conversation.h"
#include "server/domain/records.h"
#include "server/domain/stored_group.h"

namespace kith::server::domain {

struct WelcomeTo {
  Caller to;
  ByteView payload;
};

// A commit's payload as far as anybody can read it, and what it says that it rests on: none where either cannot be
// read, which judging finds.
struct ReadCommit {
  mls::Result<mls::PublicMessage> message;
  keys::Grounds grounds{};
  // It is read once, and looked at by all that judge it.
  static std::shared_ptr<const ReadCommit> of(ByteView payload);
};

// What a request brings. Views live in the request.
struct ProposedCommit {
  Caller sender;
  Epoch epoch;  // that it leaves
  ByteView payload;
  ByteView group_info;
  std::vector<WelcomeTo> welcomes;
  std::shared_ptr<const ReadCommit> read;  // the payload
};

// What accounts say now: the identity key, and the signed device list.
struct ListedUser {
  Bytes identity_key;
  keys::FollowedList followed;
};
using DirectoryOf = std::map<UserId, ListedUser>;

// How many people came by each link.
using InviteUses = std::map<keys::PublicKey, std::uint32_t>;

// What a commit is judged by beside the conversation itself. `directory` has the users concerned, and
// `uses` the links that it names; `asking`: who of those whom it says to have one asks to come in now.
struct Circumstances {
  const DirectoryOf& directory;
  UnixMillis now;
  std::size_t max_group_members = kMaxGroupMembers;
  InviteUses uses{};
  std::set<UserId> asking{};
};

// Whose devices a commit brings in or speaks of: the sender, the users of all that it adds, as the key packages say,
// and those whose lists it carries. Nobody but the sender where the payload is no commit.
std::vector<UserId> users_concerned(const ProposedCommit& commit);

// A commit that may be appended, and what it leads to.
struct AcceptedCommit {
  GroupRecord group;
  Bytes head;
  mls::TreeChanges tree;
  std::vector<mls::NodeRecord> replaced;
  std::vector<UserId> came{};  // users whose first leaf came, sorted; of a first commit all
  std::vector<UserId> gone{};  // whose last leaf went
  std::set<Caller> rekeyed{};  // devices whose leaf went or has other keys
  InviteUses uses{};           // as they are now, of the links by which somebody came
};

// A commit that follows `state`, whose row tree_head is `head`. It adds and removes, by value; a group's may also
// change extensions, as the roles allow. Members stay members of a direct conversation; an external commit may only
// bring a listed device of a member, and remove that device's old leaf or one that its user lists no more, or bring in
// somebody who has a link. After a
// member's commit nobody has to go, or fewer than before. Lists that it carries are those of now; leaves that are new
// are listed by their users and within their lifetime: later nobody asks. The committer signs the GroupInfo, which is
// without a tree. Everybody who is added gets one Welcome. Errors: not_member, too_large, invalid_commit, stale_epoch,
// not_allowed, group_full, commit_first, those of check_join (invites.h), internal (a head that is none).
Result<AcceptedCommit> accept_commit(const ConversationState& state, ByteView head,
                                     const std::shared_ptr<mls::TreeParts>& parts, const ProposedCommit& commit,
                                     const Circumstances& circumstances);

// A GroupInfo of the present epoch by a member who has seen that its commit holds, in place of the one that is stored.
// Errors: not_member, stale_epoch, too_large, invalid_commit, internal.
Result<void> accept_group_info(const ConversationState& state, ByteView head,
                               const std::shared_ptr<mls::TreeParts>& parts, const Caller& caller, Epoch epoch,
                               ByteView group_info);

// A member's note that it leaves a group, signed by the leaf of the device that sends it. The owner stays as long as
// there are others. Errors: not_member, invalid_argument (the detail says what of the note), last_owner, internal.
Result<void> accept_leave(const ConversationState& state, ByteView head, const std::shared_ptr<mls::TreeParts>& parts,
                          const Caller& caller, const keys::LeaveNote& note);

// What a device brings whose leaf is broken. Views live in the request.
struct ProposedMark {
  const keys::BrokenMark& mark;
  ByteView key_package;        // MLSMessage
  const DeviceRecord& device;  // the caller's
};
// A device's mark of its own present leaf, signed by that, and the key package that it names: one that others could
// add the device by, with the leaf's signature key and credential. Errors: not_member, invalid_argument (the detail
// says what of which), internal.
Result<void> accept_mark(const ConversationState& state, ByteView head, const std::shared_ptr<mls::TreeParts>& parts,
                         const Caller& caller, const ProposedMark& proposed, UnixMillis now);

}  // namespace kith::server::domain
