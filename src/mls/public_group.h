// A group as one sees it without any secret: the server, and every member's public half. It verifies and applies
// commits as far as anyone can who is not a member: signature, epoch, proposals, leaf nodes, tree and parent hashes.
// What only members can check (membership and confirmation tags, path secrets) is Group's.
//
// A value. Transitions are `const` and answer the next state.
#pragma once

#include "mls/proposal_list.h"

namespace kith::mls {

struct Member {
  LeafIndex leaf;
  Credential credential;
  Bytes signature_key;
  Bytes encryption_key;
};

// What a commit did.
struct CommitEffects {
  std::uint64_t epoch = 0;  // the epoch that it leads to
  LeafIndex committer;      // for an external commit: the leaf that joined
  bool external = false;
  std::vector<Member> added;    // as they are now; the joiner of an external commit is the committer, not in here
  std::vector<Member> removed;  // as they were
  std::vector<Member> updated;  // by Update proposals, as they are now
  // The committer's leaf before, where it had one and the commit has a path: its credential or key may have changed.
  std::optional<Member> committer_before;
  bool extensions_changed = false;
  std::optional<ReInit> reinit;  // the group has ended: one of these parameters takes its place
  bool has_path = false;
  Bytes authenticated_data;
};

// A commit message whose signature, group and epoch hold, and nothing more.
class UnverifiedCommit {
 public:
  [[nodiscard]] const AuthenticatedContent& content() const { return content_; }
  [[nodiscard]] const Commit& commit() const { return std::get<Commit>(content_.content.content); }
  [[nodiscard]] const Sender& sender() const { return content_.content.sender; }

 private:
  friend class PublicGroup;
  explicit UnverifiedCommit(AuthenticatedContent c) : content_(std::move(c)) {}
  AuthenticatedContent content_;
};

struct StagedPublicCommit;

class PublicGroup {
 public:
  // From a GroupInfo and its tree (its ratchet_tree extension, or `tree`): checks the signature, the tree against the
  // context's hash, parent hashes, leaves and keys. This is what a joiner and the server trust a group for. A tree of
  // more than `max_leaves` is refused (too_long) before anything in it is hashed.
  static Result<PublicGroup> open(const GroupInfo& info, std::optional<ByteView> tree,
                                  std::uint32_t max_leaves = kMaxTreeLeaves);
  // The state whose parts are known to belong together.
  PublicGroup(GroupContext context, RatchetTree tree, Bytes confirmation_tag);

  [[nodiscard]] const crypto::Suite& suite() const { return tree_.suite(); }
  [[nodiscard]] const GroupContext& context() const { return context_; }
  [[nodiscard]] const RatchetTree& tree() const { return tree_; }
  [[nodiscard]] const Bytes& interim_transcript_hash() const { return interim_; }
  [[nodiscard]] const Bytes& confirmation_tag() const { return confirmation_tag_; }
  [[nodiscard]] std::uint64_t epoch() const { return context_.epoch; }
  [[nodiscard]] std::vector<Member> members() const;
  [[nodiscard]] std::optional<Member> member(LeafIndex leaf) const;

  // Signature, group and epoch of a commit, and its confirmation tag's size; wrong_message for other content. The
  // membership tag is not looked at.
  [[nodiscard]] Result<UnverifiedCommit> verify(AuthenticatedContent message) const;
  // The same for a proposal message, ready to be named by reference.
  [[nodiscard]] Result<CachedProposal> verify_proposal(const AuthenticatedContent& message) const;
  // Judges and applies; the next state.
  [[nodiscard]] Result<StagedPublicCommit> stage(const UnverifiedCommit& commit,
                                                 const std::vector<CachedProposal>& cached = {}) const;

  // What a committer shares with a receiver: the next epoch's context, still with this epoch's transcript hash
  // (section 12.4.1), ...
  [[nodiscard]] GroupContext provisional_context(const RatchetTree& next_tree, const Extensions& next_extensions) const;
  // ... the next state from it and the commit, confirmation tag included, ...
  [[nodiscard]] PublicGroup advance(GroupContext provisional, RatchetTree next_tree,
                                    const AuthenticatedContent& commit) const;
  // ... and what it did.
  [[nodiscard]] CommitEffects effects(const FramedContent& commit, const ProposalList& proposals,
                                      const AppliedProposals& applied, LeafIndex committer) const;

  // A GroupInfo of this very epoch: context, signer's signature, confirmation tag, exactly one external_pub that is a
  // key.
  [[nodiscard]] Result<void> check_group_info(const GroupInfo& info) const;

  // The state as bytes: context, tree, interim transcript hash, confirmation tag. restore() trusts them.
  [[nodiscard]] Bytes record() const;
  static Result<PublicGroup> restore(ByteView record);
  // The same without the tree's nodes, which are kept one by one (RatchetTree::changes_since).
  [[nodiscard]] Bytes head_record() const;
  static Result<PublicGroup> restore(ByteView head_record, const RatchetTree* base,
                                     const std::vector<NodeRecord>& nodes);
  // The same with a tree of parts (tree_parts.h), whose occupied leaves these are.
  static Result<PublicGroup> restore(ByteView head_record, const std::vector<LeafIndex>& leaves,
                                     std::shared_ptr<TreeParts> parts);

 private:
  template <class OpenTree>
  static Result<PublicGroup> restore_with(ByteView head_record, OpenTree&& open);
  [[nodiscard]] Result<Bytes> signature_key_of(const FramedContent& content) const;
  [[nodiscard]] Result<void> check_content(const AuthenticatedContent& message, ContentType type) const;
  [[nodiscard]] Result<void> check_path_leaf(const LeafNode& leaf, LeafIndex committer, const LeafNode* replaced,
                                             const Extensions& extensions) const;

  GroupContext context_;
  RatchetTree tree_;
  Bytes confirmation_tag_;
  Bytes interim_;
};

// The next state as far as anyone without secrets can tell.
struct StagedPublicCommit {
  PublicGroup next;
  CommitEffects effects;
  ProposalList proposals;
  // The context with which path secrets are encrypted: the new tree hash, the old transcript hash (section 12.4.1).
  GroupContext provisional_context;
  std::vector<LeafIndex> added_leaves;
};

[[nodiscard]] inline Member to_member(LeafIndex leaf, const LeafNode& node) {
  return {leaf, node.credential, node.signature_key, node.encryption_key};
}

}  // namespace kith::mls
