// Conversations: append, commit, create, leave, mark, read, sync, receipts, mailbox. The hot path of the server.
//
// Order of every write: load (cached), decide, commit to the store, answer, then hints to every live device of every
// member except the one that sent. A hint is encoded once. A duplicate gets its first answer again, and until the next
// commit its hints are published again. What one device appends to a conversation enters the log in the order in which
// it came.
//
// Payload views must live until the task has finished.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>

#include "server/domain/conversation.h"
#include "server/domain/group_change.h"
#include "server/domain/stored_group.h"
#include "server/domain/token_bucket.h"
#include "server/service/conversation_cache.h"
#include "server/service/conversation_requests.h"
#include "server/service/cursor_hints.h"
#include "server/service/member_hints.h"
#include "server/service/ports.h"

namespace kith::server::service {

class OutboxRelay;

class ConversationService {
 public:
  ConversationService(Ports ports, const Limits& limits, OutboxRelay& relay);

  // Errors: not_member (also where there is no such conversation), stale_epoch (with epoch and head_seq),
  // invalid_argument (the payload's framing is not what the request says), not_allowed, commit_first,
  // client_id_reused, too_large, rate_limited, overloaded.
  Task<Result<Appended>> append(domain::Caller caller, AppendRequest request);
  // Errors: those of append; invalid_commit, group_full.
  Task<Result<Appended>> commit(domain::Caller caller, CommitRequest request);
  // Replaces the GroupInfo of the present epoch. Errors: not_member, stale_epoch, invalid_commit, too_large,
  // rate_limited, overloaded.
  Task<Result<void>> confirm(domain::Caller caller, ConversationId conversation, Epoch epoch, ByteView group_info);
  // Errors: conversation_exists, not_found (no such peer), invalid_commit, invalid_argument, client_id_reused,
  // rate_limited, overloaded.
  Task<Result<Appended>> create_direct(domain::Caller caller, CreateDirectRequest request);
  // The group keys::group_conversation(caller, client id). Errors: conversation_exists, invalid_commit, too_large,
  // rate_limited, overloaded.
  Task<Result<Appended>> create_group(domain::Caller caller, FoundGroupRequest request);
  // The caller is out of a group from now on, whatever becomes of its leaves; who is out already has left. Errors:
  // not_member, invalid_argument (the note), last_owner, rate_limited, overloaded.
  Task<Result<void>> leave(domain::Caller caller, ConversationId conversation, ByteView note);

  // The caller's device cannot follow any more, and this key package may take its leaf's place. A newer mark takes the
  // place of an older one. Errors: not_member, invalid_argument (the mark or the package), rate_limited, overloaded.
  Task<Result<void>> mark_broken(domain::Caller caller, MarkRequest request);

  // The caller has a link and asks to come in; what was asked before is answered by this. Errors: those of invite_of
  // and check_open (domain/invites.h), rate_limited, overloaded (too many ask).
  Task<Result<void>> request_join(domain::Caller caller, JoinRequest request);
  // This user is not asking any more, and its devices are told so. Errors: not_member, not_allowed, rate_limited,
  // overloaded.
  Task<Result<void>> decline_join(domain::Caller caller, ConversationId conversation, UserId user);

  // Of a group's log only the epochs in which the user was in: who was in once reads up to the end of that, which is
  // told as the head. Errors: not_member, trimmed (also where the user was not in yet).
  Task<Result<EntriesRead>> read(domain::Caller caller, ConversationId conversation, Seq after,
                                 std::size_t limit_bytes);
  // An unknown or foreign token is as good as an empty one.
  Task<Result<SyncResult>> sync(domain::Caller caller, Bytes token);
  // Errors: not_member, invalid_argument (behind the end of the log).
  Task<Result<void>> set_cursor(domain::Caller caller, ConversationId conversation, domain::CursorPosition to);
  // The caller is a member now, whatever this node knew before. Errors: not_member.
  Task<Result<void>> check_member(domain::Caller caller, ConversationId conversation);
  // The cursors of all members, or, of more than domain::kMostTold, how many of those who were in when `entry` was
  // written have it, its sender aside. Errors: not_member; of such a group also invalid_argument (not in the log),
  // not_found (before the caller was in), trimmed, rate_limited.
  Task<Result<ReceiptsTold>> receipts(domain::Caller caller, ConversationId conversation, Seq entry);
  // What the leaves do not agree with yet, as much of it as one commit can carry, and who asks to come in: by a link
  // that needs an approval, for those who may give it; by another one, for all. Errors: not_member.
  Task<Result<ChangesTold>> changes(domain::Caller caller, ConversationId conversation);
  // Who is not in and has a link that needs no approval gets the present epoch. Errors: not_member, not_found (an epoch
  // that is not there, or not any more), trimmed (of a group, one before the user was in, as `read`); by a link
  // not_allowed (it needs an approval), those of invite_of and check_open.
  Task<Result<GroupState>> get_group(domain::Caller caller, GroupRequest request);

  // Errors: trimmed.
  Task<Result<MailsRead>> read_mailbox(domain::Caller caller, Seq after, std::size_t limit_bytes);
  // Errors: invalid_argument (behind the end of the mailbox).
  Task<Result<void>> trim_mailbox(domain::Caller caller, Seq upto);

  HistoryId history_id() const { return ports_.store.history_id(); }

  using State = std::shared_ptr<const domain::ConversationState>;
  // As this node has seen it last, which may be long ago; null where it has not.
  State cached(ConversationId conversation) { return cache_.find(conversation); }
  // As it is now. Null where there is no such conversation.
  Task<Result<State>> load_state(ConversationId conversation);

  // Loads under way, and receipts that are told later: nothing once all is quiet.
  [[nodiscard]] std::size_t unfinished() const { return loading_.size() + loads_.size() + cursor_hints_.size(); }

 private:
  static constexpr int kRaces = 8;  // lost in a row before somebody is told to come back
  static constexpr std::size_t kMaxNotes = std::size_t{1} << 20;
  // A tree is at most 21 nodes high, and each round of reading goes at least one step down.
  static constexpr int kRoundsOfReading = 32;
  // A device over its rate waits, in order, rather than being refused in the middle of what it sends at once.
  static constexpr auto kLongestWait = std::chrono::seconds(5);

  // As load_state, but one load serves all who ask while it is under way, and they go on in the order in which they
  // asked: what a device sends at once keeps its order. What it answers may be from just before the call.
  Task<Result<State>> load_in_turn(ConversationId conversation);
  Task<void> load_for_all(ConversationId conversation);
  // As far as this node knows, or loaded.
  Task<Result<State>> known_state(ConversationId conversation);
  Task<Result<State>> member_state(domain::Caller caller, ConversationId conversation);
  Task<Result<State>> member_state_or_none(domain::Caller caller, ConversationId conversation);
  Task<Result<Seq>> head_of(ConversationId conversation);
  // Those of members alone, in a group of more than domain::kMostTold the caller's own; empty where the caller is none.
  // `state` may become a newer one.
  Task<Result<std::vector<domain::UserCursor>>> cursors_of(domain::Caller caller, State& state);
  Task<Result<domain::ReceiptCounts>> count_receipts(domain::Caller caller, State state, Seq entry);
  // What every write of a conversation expects.
  struct Versions {
    domain::Version group = 0;
    domain::Version notes = 0;
    friend bool operator==(const Versions&, const Versions&) = default;
  };
  Task<Result<Versions>> versions_of(ConversationId conversation);
  Task<Result<void>> load_rest(domain::Partition partition, domain::GroupRow& group, domain::Notes& notes);
  Task<Result<domain::DirectoryOf>> directory_of(std::vector<UserId> users);
  template <class T, class Judge>
  Task<Result<T>> with_tree(ConversationId conversation, Judge judge);
  Task<Result<domain::AcceptedCommit>> judge(State state, domain::ProposedCommit commit, Bytes head);
  Task<Result<void>> judge_leave(State state, domain::Caller caller, keys::LeaveNote note, Bytes head);
  Task<Result<void>> judge_mark(State state, domain::Caller caller, domain::ProposedMark proposed, Bytes head);
  Task<Result<void>> tell_marks(State state, std::vector<keys::Seat> to_go, ChangesTold& told);
  Task<Result<void>> tell_requests(State state, domain::Caller caller, ChangesTold& told);
  Task<Result<domain::InviteUses>> uses_of(ConversationId conversation, std::vector<keys::PublicKey> invites);
  Task<Result<std::set<UserId>>> asking_of(ConversationId conversation, std::vector<UserId> users);
  Task<Result<keys::Invite>> open_invite(State state, domain::Caller caller, ByteView proof);
  void publish_request(const domain::ConversationState& state, bool to_all);
  // Of the marks in the store, those of these devices.
  Task<Result<domain::VoidMarks>> void_marks(State state, std::set<domain::Caller> rekeyed);
  // Nothing of whom was never in.
  Task<Result<domain::MemberSpans>> spans_of(ConversationId conversation, std::vector<UserId> users);
  Task<Result<std::optional<domain::MemberSpan>>> span_of(ConversationId conversation, UserId user);
  static Result<EntriesRead> entries_of(domain::LogSlice slice);
  Task<Result<EntriesRead>> read_group(UserId user, ConversationId conversation, Seq after, std::size_t limit_bytes);
  // Where the log comes to this epoch.
  Task<Result<Seq>> first_of_epoch(ConversationId conversation, Epoch epoch);
  Task<Result<void>> look_up(ConversationId conversation, std::shared_ptr<mls::TreeParts> parts);
  Task<Result<Appended>> of_stranger(State state, ClientId client_id, domain::SharedBytes body);
  Task<Result<Appended>> late(State state, ClientId client_id, domain::SharedBytes body, domain::Error why);
  template <class Accept>
  Task<Result<Appended>> begin(ConversationId id, ClientId client_id, domain::ProposedCommit commit,
                               std::vector<UserId> users, Accept accept);
  Task<Result<Appended>> lost(State winner, ClientId client_id, domain::SharedBytes body);
  Task<Result<void>> read_tree(domain::Partition partition, std::uint32_t first, std::uint32_t end,
                               std::map<mls::NodeIndex, Bytes> replaced, GroupState& out);

  // `moves`: of a commit, as MemberHints takes it.
  Appended appended(const domain::ConversationState& state, const domain::Committed& committed,
                    const ClientId& client_id, const Bytes& body,
                    const std::optional<MemberHints::Moves>& moves = std::nullopt);
  Result<Appended> duplicate(const domain::ConversationState& state, const domain::Duplicate& known, const Bytes& body);
  // Writes whether this conversation is one of the user's, then compares devices. False: the store failed.
  Task<bool> settle(ConversationId conversation, UserId user);
  // Takes note of a user's device list where the leaves do not agree with it, or lets go of an older note. False: the
  // store failed.
  Task<bool> compare_devices(ConversationId conversation, UserId user);

  Ports ports_;
  OutboxRelay& relay_;
  ConversationCache cache_;
  std::size_t tree_piece_bytes_;
  std::size_t max_group_members_;
  std::unordered_map<ConversationId, std::vector<OneShot<Result<State>>>> loading_;  // who waits for each load
  CursorHints cursor_hints_;
  domain::TokenBuckets appends_;
  domain::TokenBuckets commits_;
  domain::TokenBuckets member_commits_;  // by conversation and user
  domain::TokenBuckets joins_;           // by conversation, of those who come by a link
  domain::TokenBuckets receipt_counts_;
  MemberHints hints_;
  TaskScope loads_;
};

}  // namespace kith::server::service
