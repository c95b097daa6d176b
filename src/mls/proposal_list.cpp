#include "mls/proposal_list.h"

#include <algorithm>
#include <set>

namespace kith::mls {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

Result<void> sort_in(ProposalList& list, const OwnedProposal& owned) {
  return std::visit(Overloaded{
                        [&](const Add& p) -> Result<void> {
                          list.adds.push_back(p.key_package);
                          return {};
                        },
                        [&](const Update& p) -> Result<void> {
                          if (owned.sender.type != SenderType::member)
                            return fail(Errc::invalid_proposal, "an update from outside");
                          list.updates.emplace_back(owned.sender.leaf(), p.leaf_node);
                          return {};
                        },
                        [&](const Remove& p) -> Result<void> {
                          list.removes.push_back(p.removed);
                          return {};
                        },
                        [&](const PreSharedKey& p) -> Result<void> {
                          list.psks.push_back(p.psk);
                          return {};
                        },
                        [&](const ReInit& p) -> Result<void> {
                          if (list.reinit) return fail(Errc::invalid_proposal, "two proposals to start anew");
                          list.reinit = p;
                          return {};
                        },
                        [&](const ExternalInit& p) -> Result<void> {
                          if (list.external_init) return fail(Errc::invalid_proposal, "two external inits");
                          list.external_init = p;
                          return {};
                        },
                        [&](const GroupContextExtensions& p) -> Result<void> {
                          if (list.group_context_extensions)
                            return fail(Errc::invalid_proposal, "two proposals of group extensions");
                          list.group_context_extensions = p.extensions;
                          return {};
                        },
                    },
                    owned.proposal);
}

// Section 12.2: the list of a member's commit.
Result<void> judge_regular(const ProposalList& list, LeafIndex committer, const RatchetTree& tree) {
  if (list.external_init) return fail(Errc::invalid_proposal, "an external init in a member's commit");
  if (list.reinit && list.all.size() != 1)
    return fail(Errc::invalid_proposal, "starting anew allows no other proposal");
  if (list.reinit && list.reinit->version < kVersion)
    return fail(Errc::invalid_proposal, "starting anew in an older version");
  std::set<LeafIndex> touched;
  for (const auto& [leaf, node] : list.updates) {
    if (leaf == committer) return fail(Errc::invalid_proposal, "a committer updates by its path, not by a proposal");
    if (!touched.insert(leaf).second) return fail(Errc::invalid_proposal, "two proposals for one leaf");
    if (tree.leaf(leaf) == nullptr) return fail(Errc::invalid_proposal, "an update of a blank leaf");
  }
  for (const LeafIndex leaf : list.removes) {
    if (leaf == committer) return fail(Errc::invalid_proposal, "a committer can't remove itself");
    if (!touched.insert(leaf).second) return fail(Errc::invalid_proposal, "two proposals for one leaf");
    if (tree.leaf(leaf) == nullptr) return fail(Errc::invalid_proposal, "a removal of a blank leaf");
  }
  return {};
}

// Sections 12.2 and 12.4.3.2: the list of an external commit.
Result<void> judge_external(const ProposalList& list, const RatchetTree& tree) {
  if (!list.external_init) return fail(Errc::invalid_proposal, "an external commit without external init");
  if (!tree.suite().is_kem_public_key(list.external_init->kem_output))
    return fail(Errc::bad_key, "an external init whose KEM output is none");
  if (list.removes.size() > 1)
    return fail(Errc::invalid_proposal, "an external commit that removes more than one leaf");
  if (list.all.size() != 1 + list.removes.size() + list.psks.size()) {
    return fail(Errc::invalid_proposal, "an external commit with a proposal that has no place in it");
  }
  if (std::ranges::any_of(list.all, &OwnedProposal::by_reference)) {
    return fail(Errc::invalid_proposal, "an external commit that names a proposal by reference");
  }
  if (!list.removes.empty() && tree.leaf(list.removes[0]) == nullptr) {
    return fail(Errc::invalid_proposal, "a removal of a blank leaf");
  }
  return {};
}

Result<void> judge_psks(const ProposalList& list, const crypto::Suite& suite, bool begins_successor) {
  for (std::size_t i = 0; i < list.psks.size(); ++i) {
    const PreSharedKeyId& id = list.psks[i];
    if (id.psk_nonce.size() != suite.hash_size()) return fail(Errc::invalid_proposal, "a PSK nonce of the wrong size");
    if (id.type == PskType::resumption && id.usage != ResumptionUsage::application && !begins_successor) {
      return fail(Errc::invalid_proposal, "a PSK for reinit or branch in a commit");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (list.psks[j] == id) return fail(Errc::invalid_proposal, "a PSK twice");
    }
  }
  return {};
}

// Everybody in the tree supports what the group's extensions ask for already.
bool demands_more(const Extensions& before, const Extensions& after) {
  const auto is_new = [&](const Extension& e) {
    const Bytes* data = find_extension(before, e.type);
    return data == nullptr || (e.type == extension_type::kRequiredCapabilities && *data != e.data);
  };
  return std::ranges::any_of(after, is_new);
}

}  // namespace

bool ProposalList::needs_path() const {
  return all.empty() || !updates.empty() || !removes.empty() || external_init || group_context_extensions;
}

Result<ProposalList> resolve(const std::vector<ProposalOrRef>& proposals, const Sender& committer,
                             const std::vector<CachedProposal>& cached) {
  ProposalList list;
  for (const ProposalOrRef& item : proposals) {
    if (const auto* by_value = std::get_if<Proposal>(&item)) {
      list.all.push_back({*by_value, committer, false});
    } else {
      const auto it = std::ranges::find(cached, std::get<ProposalRef>(item), &CachedProposal::ref);
      if (it == cached.end()) return fail(Errc::unknown_proposal, "a commit names a proposal that is not here");
      list.all.push_back({it->proposal, it->sender, true});
    }
    KITH_TRY_VOID(sort_in(list, list.all.back()));
  }
  return list;
}

Result<AppliedProposals> apply(const ProposalList& list, const Sender& committer, const RatchetTree& tree,
                               const GroupContext& context, const ApplyOptions& options) {
  const crypto::Suite& suite = tree.suite();
  if (committer.type == SenderType::member) {
    KITH_TRY_VOID(judge_regular(list, committer.leaf(), tree));
  } else {
    KITH_TRY_VOID(judge_external(list, tree));
  }
  KITH_TRY_VOID(judge_psks(list, suite, options.begins_successor));

  AppliedProposals out{tree, context.extensions, {}};
  if (list.group_context_extensions) {
    out.extensions = *list.group_context_extensions;
    KITH_TRY_VOID(check_unique(out.extensions));
  }
  for (const auto& [leaf, node] : list.updates) {
    if (node.source != LeafNodeSource::update) return fail(Errc::bad_leaf_node, "an update's leaf of another source");
    if (node.encryption_key == tree.leaf(leaf)->encryption_key) {
      return fail(Errc::bad_leaf_node, "an update that keeps its encryption key");
    }
    KITH_TRY_VOID(check_leaf(suite, node));
    KITH_TRY_VOID(check_supports(node, out.extensions));
    KITH_TRY_VOID(verify_signature(suite, node, {context.group_id, leaf}));
    out.tree.update(leaf, node);
  }
  for (const LeafIndex leaf : list.removes) out.tree.remove(leaf);
  for (const KeyPackage& kp : list.adds) {
    // Lifetimes are for committers and the server: members must decide alike, whatever their clocks say.
    if (!options.trusted_adds) KITH_TRY_VOID(VerifiedKeyPackage::verify(kp, suite, std::nullopt));
    KITH_TRY_VOID(check_supports(kp.leaf, out.extensions));
    out.added.push_back(out.tree.add(kp.leaf));
  }
  if (list.group_context_extensions && demands_more(context.extensions, out.extensions)) {
    for (std::uint32_t i = 0; i < out.tree.size().leaves; ++i) {
      if (const LeafNode* leaf = out.tree.leaf({i})) KITH_TRY_VOID(check_supports(*leaf, out.extensions));
    }
  }
  return out;
}

}  // namespace kith::mls
