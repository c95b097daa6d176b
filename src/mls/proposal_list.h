// The proposals of one commit, resolved, judged together and applied to a tree (RFC 9420 sections 12.1 to 12.4.2).
#pragma once

#include "mls/framing.h"
#include "mls/ratchet_tree.h"

namespace kith::mls {

// A proposal that came in a message of its own, verified by PublicGroup (a commit names it by reference).
struct CachedProposal {
  ProposalRef ref;
  Proposal proposal;
  Sender sender;
};

// A proposal with who answers for it: its sender, or the committer where it came by value.
struct OwnedProposal {
  Proposal proposal;
  Sender sender;
  bool by_reference = false;
};

// Sorted by kind, in the order in which a commit applies them.
struct ProposalList {
  std::vector<OwnedProposal> all;  // in the commit's order
  std::optional<Extensions> group_context_extensions;
  std::vector<std::pair<LeafIndex, LeafNode>> updates;
  std::vector<LeafIndex> removes;
  std::vector<KeyPackage> adds;
  std::vector<PreSharedKeyId> psks;
  std::optional<ReInit> reinit;
  std::optional<ExternalInit> external_init;

  // Section 12.4: a commit needs a path unless it holds only adds, PSKs and reinit, and at least one of them.
  [[nodiscard]] bool needs_path() const;
};

// Looks references up and sorts. unknown_proposal where a reference is not in `cached`.
[[nodiscard]] Result<ProposalList> resolve(const std::vector<ProposalOrRef>& proposals, const Sender& committer,
                                           const std::vector<CachedProposal>& cached);

// What applying did to the tree.
struct AppliedProposals {
  RatchetTree tree;
  Extensions extensions;  // the next epoch's GroupContext extensions
  std::vector<LeafIndex> added;
};

struct ApplyOptions {
  bool trusted_adds = false;  // the committer verified the added key packages already
  // The first commit of a group that succeeds another one: a PSK of usage reinit or branch has its place here only.
  bool begins_successor = false;
};

// Judges the list as a whole (section 12.2; for external commits 12.2 and 12.4.3.2) and applies it (12.3). Signatures
// of leaf nodes and key packages are checked here.
[[nodiscard]] Result<AppliedProposals> apply(const ProposalList& list, const Sender& committer, const RatchetTree& tree,
                                             const GroupContext& context, const ApplyOptions& options = {});

}  // namespace kith::mls
