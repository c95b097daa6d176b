// A group as one of its members holds it (RFC 9420 sections 11 and 12): create, join, commit, process, protect,
// unprotect.
//
// A value: copy it freely. Transitions to another epoch are `const` and answer the next group; the caller keeps the old
// one until the log has accepted the commit. Messages move the ratchets in place. After a failure a group is what it
// was.
//
// It faces senders who are members, who are not, and who were: everything received is bytes of unknown worth. It knows
// nothing of what a credential means, of roles, of the log or of storage; it asks nobody for the time and takes
// randomness as an argument.
//
// On disk it is two things. The epoch changes with commits only; it is one record, or a head and the nodes that changed
// (EpochChanges). The ratchets are a set of small pieces (RatchetPiece), of which every message changes a few: persist
// take_ratchet_changes() before what protect() returned leaves, and no key is ever used twice; persist it after
// unprotect(), and no message is read twice.
#pragma once

#include <functional>

#include "mls/key_schedule.h"
#include "mls/message_protection.h"
#include "mls/public_group.h"
#include "mls/treekem.h"
#include "mls/welcome.h"

namespace kith::mls {

class Group;

struct CreateOptions {
  Bytes group_id = {};
  LeafParameters leaf = {};
  Extensions extensions = {};  // of the GroupContext
};

// Finds the secret of a PSK; empty where there is none.
using PskLookup = std::function<std::optional<SecretBytes>(const PreSharedKeyId&)>;

// How a group that takes another's place, or branches off, is bound to it (sections 11.2 and 11.3): the resumption PSK
// of the old group's epoch goes into the new group's first commit.
struct Succession {
  ResumptionUsage usage = ResumptionUsage::reinit;  // reinit or branch
  Bytes group_id;                                   // of the old group
  std::uint64_t epoch = 0;
  SecretBytes psk;
  // What the new group must be. A branch has an id and extensions of its own.
  std::uint16_t version = kVersion;
  std::uint16_t suite = 0;
  std::optional<Bytes> new_group_id;
  std::optional<Extensions> extensions;
};

struct CommitOptions {
  std::vector<VerifiedKeyPackage> adds = {};
  std::vector<LeafIndex> removes = {};
  std::optional<Extensions> extensions = {};  // new GroupContext extensions, all of them
  std::vector<CachedProposal> by_reference = {};
  std::vector<Psk> psks = {};
  PskLookup find_psk = {};               // for PSKs that are proposed by reference
  std::optional<ReInit> reinit = {};     // alone: ends the group
  const Succession* succeeds = nullptr;  // in the first commit of a new group
  // A new leaf for ourselves: other credential, capabilities or extensions, and the key that signs from then on.
  std::optional<LeafParameters> new_leaf = {};
  std::optional<crypto::SignatureKeyPair> new_signature_key = {};
  Bytes authenticated_data = {};
  bool path = true;  // false only where the RFC lets a commit go without one
  // Where the ratchet_tree extension goes. A joiner that gets no tree in its Welcome takes it from elsewhere.
  bool tree_in_welcome = true;
  bool tree_in_group_info = false;
};

struct PendingCommit;
struct StagedCommit;

// A group's epoch as it is kept when trees are large: a head, and the nodes that changed since another state.
struct EpochChanges {
  SecretBytes head;
  std::vector<NodeRecord> nodes;
};

// An Update of ours on its way: the keys that our leaf has once somebody commits it.
struct OwnUpdate {
  SecretBytes encryption_private_key;
  crypto::SignatureKeyPair signature_key;
};

struct ProposeOptions {
  Bytes authenticated_data = {};
  bool as_private_message = false;
};

// A proposal of ours: the message to send, and what to give to commit() and process() in this epoch.
struct Proposed {
  Bytes message;
  CachedProposal cached;
};
struct ProposedUpdate {
  Proposed proposed;
  OwnUpdate update;
};

struct ProcessOptions {
  std::vector<CachedProposal> cached = {};  // proposals received in this epoch, our own included
  PskLookup psks = {};
  std::vector<OwnUpdate> updates = {};
};

struct ApplicationMessage {
  LeafIndex sender;
  Bytes authenticated_data = {};
  SecretBytes data;
};

struct ExternalJoinOptions {
  LeafParameters leaf = {};
  std::optional<LeafIndex> remove = {};  // our own old leaf
  std::vector<Psk> psks = {};
  Bytes authenticated_data = {};
  bool tree_in_group_info = false;
};

struct JoinOptions {
  std::optional<ByteView> tree = {};  // the encoded ratchet tree of that epoch, where the Welcome has none in it
  PskLookup psks = {};
  // The group that the new one must succeed; without it, Welcomes that say they succeed one are refused.
  const Succession* succeeds = nullptr;
  std::uint32_t max_leaves = kMaxTreeLeaves;  // blank ones included; too_long beyond
};

// What a Welcome says of the group that it invites to, for those who ask elsewhere for the tree of its epoch. Not
// verified: without the tree nobody knows who signed it.
[[nodiscard]] Result<GroupInfo> group_info_in(ByteView welcome_message, const KeyPackageSecrets& key_package,
                                              const JoinOptions& options = {});

class Group {
 public:
  // A new group of one leaf in epoch 0.
  static Result<Group> create(const crypto::Suite& suite, const CreateOptions& options,
                              const crypto::SignatureKeyPair& key, Entropy& entropy);
  // Joins from a Welcome (section 12.4.3.1).
  static Result<Group> join(ByteView welcome_message, const KeyPackageSecrets& key_package,
                            const crypto::SignatureKeyPair& key, const JoinOptions& options = {});
  // Joins by external commit (section 12.4.3.2) the group that `group` shows. `info` is the GroupInfo it was opened
  // from. The result is pending like any commit: the group exists once the log has accepted it.
  static Result<PendingCommit> join_external(const PublicGroup& group, const GroupInfo& info,
                                             const ExternalJoinOptions& options, const crypto::SignatureKeyPair& key,
                                             Entropy& entropy);

  // Makes a commit as a PublicMessage; this group stays in its epoch. O(log n) public-key operations on a full tree.
  [[nodiscard]] Result<PendingCommit> commit(const CommitOptions& options, Entropy& entropy) const;
  // The same as a PrivateMessage. A ratchet moved: persist its changes before the bytes leave.
  [[nodiscard]] Result<PendingCommit> commit_privately(const CommitOptions& options, Entropy& entropy);
  // Verifies and applies another member's commit, a PublicMessage or PrivateMessage.
  [[nodiscard]] Result<StagedCommit> process(ByteView mls_message, const ProcessOptions& options = {}) const;

  // A proposal message (section 12.1), not an Update. As a PrivateMessage it moves a ratchet.
  [[nodiscard]] Result<Proposed> propose(Proposal proposal, const ProposeOptions& options, Entropy& entropy);
  // An Update: a fresh encryption key, and where given another leaf or signature key.
  [[nodiscard]] Result<ProposedUpdate> propose_update(const std::optional<LeafParameters>& leaf,
                                                      const std::optional<crypto::SignatureKeyPair>& signature_key,
                                                      const ProposeOptions& options, Entropy& entropy);
  // Verifies a proposal message of a member, an external sender or somebody who wants to join.
  [[nodiscard]] Result<CachedProposal> process_proposal(ByteView mls_message) const;

  // Seals an application message as a PrivateMessage. A ratchet moved: persist its changes before the bytes leave.
  [[nodiscard]] Result<Bytes> protect(ByteView authenticated_data, ByteView data, Entropy& entropy);
  // Opens one, of this epoch, by another member. Its key is deleted; messages may come in any order, each once.
  [[nodiscard]] Result<ApplicationMessage> unprotect(ByteView mls_message);
  // The same for a message of this very leaf under a key that this state has not used: a newer state of this leaf, of
  // which this one is an old copy, has sent it. Whoever sees that must not send from here any more.
  [[nodiscard]] Result<ApplicationMessage> unprotect_own(ByteView mls_message);

  [[nodiscard]] const PublicGroup& public_group() const { return public_; }
  [[nodiscard]] const crypto::Suite& suite() const { return public_.suite(); }
  [[nodiscard]] const Bytes& group_id() const { return public_.context().group_id; }
  [[nodiscard]] std::uint64_t epoch() const { return public_.epoch(); }
  [[nodiscard]] const Extensions& extensions() const { return public_.context().extensions; }
  [[nodiscard]] LeafIndex own_leaf() const { return keys_.leaf; }
  [[nodiscard]] const LeafNode& own_leaf_node() const { return *public_.tree().leaf(keys_.leaf); }
  [[nodiscard]] std::vector<Member> members() const { return public_.members(); }
  [[nodiscard]] std::optional<Member> member(LeafIndex leaf) const { return public_.member(leaf); }
  // Equal at all members of an epoch, and at nobody else.
  [[nodiscard]] const SecretBytes& epoch_authenticator() const { return secrets_.epoch_authenticator; }
  [[nodiscard]] const SecretBytes& resumption_psk() const { return secrets_.resumption_psk; }
  // What ended this group (section 11.2): nothing is committed or sent in it any more.
  [[nodiscard]] const std::optional<ReInit>& reinit() const { return reinit_; }
  // For the group that takes its place, after a ReInit, ...
  [[nodiscard]] Result<Succession> reinit_succession() const;
  // ... and for one that branches off with some of its members.
  [[nodiscard]] Succession branch_succession() const;
  // Section 8.5
  [[nodiscard]] SecretBytes export_secret(std::string_view label, ByteView context, std::size_t size) const;
  // A signed GroupInfo of this epoch with external_pub, as an MLSMessage.
  [[nodiscard]] Bytes group_info(bool with_tree) const;
  // The HPKE key that external joiners use; one published by others must equal it.
  [[nodiscard]] Bytes external_pub() const;

  // Secret bytes; seal them at rest. The signature key is not in them.
  [[nodiscard]] SecretBytes epoch_record() const;
  static Result<Group> restore(ByteView epoch_record, const RatchetPieces& ratchets,
                               const crypto::SignatureKeyPair& key);
  // The epoch record in pieces: a commit changes O(log n) nodes of a full tree. `since`: the tree whose nodes are kept
  // already; null: none are.
  [[nodiscard]] EpochChanges epoch_changes(const RatchetTree* since) const;
  static Result<Group> restore(const EpochChanges& changes, const RatchetTree* since, const RatchetPieces& ratchets,
                               const crypto::SignatureKeyPair& key);
  // All pieces of the ratchets; a single one where nothing was said in this epoch yet. They take the place of the last
  // epoch's: erase whatever lies in that group's ratchet_places().
  [[nodiscard]] RatchetPieces ratchet_pieces() const;
  // The pieces that changed since the group was restored or its epoch began, or since this was last asked. One for a
  // message, O(log n) for the first of a leaf. Persist them in one batch with whatever follows from the message.
  [[nodiscard]] RatchetPieces take_ratchet_changes();
  // The nodes whose pieces may be on disk.
  [[nodiscard]] std::vector<NodeIndex> ratchet_places() const;

 private:
  // A commit of ours on its way: what commit() and join_external() share.
  struct Draft;
  Group(PublicGroup group, TreePrivateKeys keys, EpochSecrets secrets, SecretTree ratchets,
        crypto::SignatureKeyPair signature_key);
  static Group at(PublicGroup group, TreePrivateKeys keys, EpochSecrets secrets,
                  crypto::SignatureKeyPair signature_key);
  [[nodiscard]] Result<Draft> draft(const CommitOptions& options, Entropy& entropy) const;
  static Result<PendingCommit> finish(const PublicGroup& before, Draft draft, Entropy& entropy);
  [[nodiscard]] GroupInfo make_group_info(bool with_external_pub, bool with_tree) const;
  [[nodiscard]] SecretBytes epoch_record(ByteView public_part) const;
  template <class OpenPublicPart>
  static Result<Group> restore_with(ByteView epoch_record, const RatchetPieces& ratchets,
                                    const crypto::SignatureKeyPair& key, OpenPublicPart&& open);
  [[nodiscard]] Result<AuthenticatedContent> open_handshake(ByteView mls_message) const;
  [[nodiscard]] Result<ApplicationMessage> open_application(ByteView mls_message, bool is_own);

  PublicGroup public_;
  TreePrivateKeys keys_;
  EpochSecrets secrets_;  // encryption_secret is empty: it went into ratchets_
  SecretTree ratchets_;
  crypto::SignatureKeyPair signature_key_;
  std::optional<ReInit> reinit_;
};

// A proposal from outside by a sender of the external_senders extension (section 12.1.8), as a PublicMessage.
[[nodiscard]] Bytes propose_externally(const GroupContext& context, const crypto::Suite& suite, std::uint32_t sender,
                                       Proposal proposal, const crypto::SignatureKeyPair& key);
// The same by somebody who asks to be added: the key package's own signature key signs.
[[nodiscard]] Bytes propose_joining(const GroupContext& context, const crypto::Suite& suite, KeyPackage key_package,
                                    const crypto::SignatureKeyPair& key);

// A commit of our own that nobody has accepted yet. Persist `next`'s records with it: accepted, it is the group; lost,
// it is dropped.
struct PendingCommit {
  Bytes commit;      // MLSMessage (a PublicMessage, but for commit_privately): the log's entry, by whose bytes it is
                     // recognised
  Bytes welcome;     // MLSMessage with one Welcome for all added; empty where nobody was
  Bytes group_info;  // MLSMessage with the signed GroupInfo of the next epoch
  Group next;
  CommitEffects effects;
};

// Somebody's commit, applied. `next` is empty where it removed us.
struct StagedCommit {
  CommitEffects effects;
  std::optional<Group> next;
};

}  // namespace kith::mls
