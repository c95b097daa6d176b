// The MLS group of one conversation as this device holds it, the commit of its own that is not answered yet, and who
// its leaves are.
//
// Every change is stored at the end of the input that made it: what a commit changed of the epoch when the epoch moved,
// what a message changed of the ratchets when only they did. What was deleted is erased in the same batch; the ratchets
// of an epoch that is over, all of them. Leaves are verified when they come in (a group joined, a commit applied),
// never again.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "client/core/record.h"
#include "keys/group_policy.h"
#include "keys/group_rules.h"
#include "mls/group.h"

namespace kith::client {

class Machine;

class GroupState {
 public:
  GroupState(Machine& machine, const ConversationId& conversation) : machine_(machine), conversation_(conversation) {}

  // The rows of the conversation. False where there is a group that cannot be read.
  struct Rows {
    std::optional<ByteView> epoch{}, pending{};
    std::vector<mls::NodeRecord> nodes{};
    mls::RatchetPieces ratchets{};
  };
  [[nodiscard]] bool restore(const Rows& rows);

  [[nodiscard]] mls::Group* get() { return group_ ? &*group_ : nullptr; }
  [[nodiscard]] const mls::Group* get() const { return group_ ? &*group_ : nullptr; }
  [[nodiscard]] const PendingRecord* pending() const { return pending_ ? &*pending_ : nullptr; }
  // Who sits in a leaf, as its credential says; nullopt for a leaf that is blank.
  [[nodiscard]] std::optional<keys::VerifiedDevice> who(mls::LeafIndex leaf) const;
  // All of them.
  [[nodiscard]] std::vector<keys::VerifiedDevice> devices() const;
  // People, each once, in the order of their ids.
  [[nodiscard]] std::vector<UserId> users() const;
  // Whose turn it is to look after what a commit of somebody leaves to do: how many leaves of third users stand between
  // the committer's and ours, going round. Nothing where they are kWitnesses or more, and for the committer's own user.
  static constexpr std::uint32_t kWitnesses = 4;
  [[nodiscard]] std::optional<std::uint32_t> turn_after(mls::LeafIndex committer) const;
  // Of a group; nothing where there is none.
  [[nodiscard]] std::optional<keys::GroupPolicy> policy() const;

  void adopt(mls::Group group);
  // The log has our pending commit: its group is the group. False where it cannot be read back.
  [[nodiscard]] bool adopt_pending();
  // `record` names it; its bytes and the group that it leads to are taken from `commit`.
  void set_pending(PendingRecord record, mls::PendingCommit commit);
  void drop_pending();
  void drop();
  // protect() or unprotect() moved a ratchet.
  void ratchet_moved() { ratchet_changed_ = true; }
  void flush();

 private:
  // The tree that its changes are changes of; null: of none.
  [[nodiscard]] const mls::RatchetTree* base_of(const PendingRecord& record) const;
  void flush_epoch();
  void flush_ratchets();
  void erase_ratchets();

  Machine& machine_;
  ConversationId conversation_;
  std::optional<mls::Group> group_;
  std::optional<PendingRecord> pending_;
  std::optional<mls::RatchetTree> stored_;  // whose nodes are in the rows
  bool epoch_changed_ = false;
  bool ratchet_changed_ = false;
};

// Who a conversation is between, as its id says.
struct Parties {
  ConversationId conversation;
  UserId self;
  std::optional<UserId> peer{};  // of a direct one
  [[nodiscard]] keys::GroupKind kind() const { return peer ? keys::GroupKind::direct : keys::GroupKind::group; }
};
// The commit was made in this history of the server, as its authenticated data say.
[[nodiscard]] bool is_of(const HistoryId& history, const PendingRecord& pending);
// The product's rules (keys/group_rules.h); that nobody but the two is in a direct conversation; that a group stands in
// the place that is its own. The sentence says what is wrong; empty: all is well. For a group that one
// joins, ...
[[nodiscard]] std::string wrong_with_group(const mls::PublicGroup& group, const Parties& parties);
// ... and for what a commit made of one that was well.
[[nodiscard]] std::string wrong_with_change(const mls::PublicGroup& before, const mls::PublicGroup& next,
                                            const mls::CommitEffects& effects, const Parties& parties);

}  // namespace kith::client
