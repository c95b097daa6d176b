#include "mls/public_group.h"

#include "mls/transcript.h"

namespace kith::mls {

PublicGroup::PublicGroup(GroupContext context, RatchetTree tree, Bytes confirmation_tag)
    : context_(std::move(context)),
      tree_(std::move(tree)),
      confirmation_tag_(std::move(confirmation_tag)),
      interim_(mls::interim_transcript_hash(tree_.suite(), context_.confirmed_transcript_hash, confirmation_tag_)) {}

Result<PublicGroup> PublicGroup::open(const GroupInfo& info, std::optional<ByteView> tree_bytes,
                                      std::uint32_t max_leaves) {
  const GroupContext& context = info.group_context;
  if (context.version != kVersion) return fail(Errc::unsupported_version, "a group of another version");
  const auto suite = crypto::Suite::find(context.suite);
  if (!suite) return fail(Errc::unsupported_suite, "a group of a cipher suite that is not here");
  if (const Bytes* in_info = find_extension(info.extensions, extension_type::kRatchetTree)) tree_bytes = *in_info;
  if (!tree_bytes) return fail(Errc::missing_tree, "a GroupInfo without its ratchet tree");
  KITH_TRY(RatchetTree tree, RatchetTree::decode(*suite, *tree_bytes, max_leaves));
  if (tree.hash() != context.tree_hash) return fail(Errc::bad_tree, "a tree that is not the group's");
  const LeafNode* signer = tree.leaf(info.signer);
  if (signer == nullptr) return fail(Errc::unknown_sender, "a GroupInfo signed by a leaf that is blank");
  KITH_TRY_VOID(verify_signature(*suite, info, signer->signature_key));
  if (info.confirmation_tag.size() != suite->hash_size())
    return fail(Errc::bad_group_info, "a GroupInfo whose confirmation tag has the wrong size");
  KITH_TRY_VOID(check_unique(info.extensions));
  KITH_TRY_VOID(check_unique(context.extensions));
  KITH_TRY_VOID(tree.verify(context.group_id, context.extensions));
  return PublicGroup(context, std::move(tree), info.confirmation_tag);
}

std::vector<Member> PublicGroup::members() const {
  std::vector<Member> out;
  for (std::uint32_t i = 0; i < tree_.size().leaves; ++i) {
    if (const LeafNode* leaf = tree_.leaf({i})) out.push_back(to_member({i}, *leaf));
  }
  return out;
}

std::optional<Member> PublicGroup::member(LeafIndex leaf) const {
  const LeafNode* node = tree_.leaf(leaf);
  return node != nullptr ? std::optional(to_member(leaf, *node)) : std::nullopt;
}

Result<Bytes> PublicGroup::signature_key_of(const FramedContent& content) const {
  switch (content.sender.type) {
    case SenderType::member:
      if (const LeafNode* leaf = tree_.leaf(content.sender.leaf())) return leaf->signature_key;
      return fail(Errc::unknown_sender, "a sender whose leaf is blank");
    case SenderType::external: {
      const Bytes* data = find_extension(context_.extensions, extension_type::kExternalSenders);
      if (data == nullptr) return fail(Errc::unknown_sender, "the group has no external senders");
      KITH_TRY(const auto senders, decoded<std::vector<ExternalSender>>(*data));
      if (content.sender.index >= senders.size()) return fail(Errc::unknown_sender, "an unknown external sender");
      return senders[content.sender.index].signature_key;
    }
    case SenderType::new_member_proposal:
      if (const auto* proposal = std::get_if<Proposal>(&content.content)) {
        if (const auto* add = std::get_if<Add>(proposal)) return add->key_package.leaf.signature_key;
      }
      return fail(Errc::wrong_message, "a newcomer proposes something else than its own add");
    case SenderType::new_member_commit:
      if (const auto* commit = std::get_if<Commit>(&content.content)) {
        if (commit->path) return commit->path->leaf_node.signature_key;
        return fail(Errc::missing_path, "an external commit without a path");
      }
      return fail(Errc::wrong_message, "a newcomer's commit that is none");
  }
  return fail(Errc::unknown_sender, "a sender of an unknown type");
}

Result<void> PublicGroup::check_content(const AuthenticatedContent& message, ContentType type) const {
  const FramedContent& content = message.content;
  if (content.type() != type) return fail(Errc::wrong_message, "content of another type");
  if (content.group_id != context_.group_id) return fail(Errc::wrong_group, "a message of another group");
  if (content.epoch != context_.epoch) return fail(Errc::wrong_epoch, "a message of another epoch");
  KITH_TRY(const Bytes key, signature_key_of(content));
  return verify_signature(suite(), message, context_, key);
}

Result<UnverifiedCommit> PublicGroup::verify(AuthenticatedContent message) const {
  const SenderType sender = message.content.sender.type;
  if (sender != SenderType::member && sender != SenderType::new_member_commit) {
    return fail(Errc::wrong_message, "a commit by somebody who may not commit");
  }
  KITH_TRY_VOID(check_content(message, ContentType::commit));
  if (message.auth.confirmation_tag.size() != suite().hash_size())
    return fail(Errc::bad_confirmation_tag, "a confirmation tag of the wrong size");
  return UnverifiedCommit(std::move(message));
}

Result<CachedProposal> PublicGroup::verify_proposal(const AuthenticatedContent& message) const {
  if (message.content.sender.type == SenderType::new_member_commit) {
    return fail(Errc::wrong_message, "a proposal by a sender of commits");
  }
  KITH_TRY_VOID(check_content(message, ContentType::proposal));
  // Section 12.1.8: what is said of oneself cannot be said from outside, and an external init belongs to its commit.
  const Proposal& proposal = std::get<Proposal>(message.content.content);
  if (std::holds_alternative<ExternalInit>(proposal) ||
      (std::holds_alternative<Update>(proposal) && message.content.sender.type != SenderType::member)) {
    return fail(Errc::invalid_proposal, "a proposal that its sender may not make");
  }
  return CachedProposal{proposal_ref(suite(), message), std::get<Proposal>(message.content.content),
                        message.content.sender};
}

GroupContext PublicGroup::provisional_context(const RatchetTree& next_tree, const Extensions& next_extensions) const {
  GroupContext next = context_;
  ++next.epoch;
  next.tree_hash = next_tree.hash();
  next.extensions = next_extensions;
  return next;
}

PublicGroup PublicGroup::advance(GroupContext provisional, RatchetTree next_tree,
                                 const AuthenticatedContent& commit) const {
  provisional.confirmed_transcript_hash = confirmed_transcript_hash(suite(), interim_, commit);
  return {std::move(provisional), std::move(next_tree), commit.auth.confirmation_tag};
}

CommitEffects PublicGroup::effects(const FramedContent& commit, const ProposalList& proposals,
                                   const AppliedProposals& applied, LeafIndex committer) const {
  CommitEffects out;
  out.epoch = context_.epoch + 1;
  out.committer = committer;
  out.external = commit.sender.type == SenderType::new_member_commit;
  for (const LeafIndex leaf : applied.added) out.added.push_back(to_member(leaf, *applied.tree.leaf(leaf)));
  for (const LeafIndex leaf : proposals.removes) out.removed.push_back(to_member(leaf, *tree_.leaf(leaf)));
  for (const auto& [leaf, node] : proposals.updates) out.updated.push_back(to_member(leaf, node));
  out.has_path = std::get<Commit>(commit.content).path.has_value();
  if (!out.external && out.has_path) out.committer_before = member(committer);
  out.extensions_changed = proposals.group_context_extensions.has_value();
  out.reinit = proposals.reinit;
  out.authenticated_data = commit.authenticated_data;
  return out;
}

// The committer's new leaf (sections 7.3 and 12.4.2). `replaced`: its old one, which need not have stood at its place.
Result<void> PublicGroup::check_path_leaf(const LeafNode& leaf, LeafIndex committer, const LeafNode* replaced,
                                          const Extensions& extensions) const {
  if (leaf.source != LeafNodeSource::commit) return fail(Errc::bad_leaf_node, "a path's leaf of another source");
  KITH_TRY_VOID(check_leaf(suite(), leaf));
  KITH_TRY_VOID(check_supports(leaf, extensions));
  KITH_TRY_VOID(verify_signature(suite(), leaf, {context_.group_id, committer}));
  if (replaced != nullptr && replaced->encryption_key == leaf.encryption_key) {
    return fail(Errc::bad_leaf_node, "a path that keeps its leaf's encryption key");
  }
  return {};
}

namespace {

// Every node of a path is encrypted to exactly the leaves and nodes that are to learn it (section 7.6). What is in a
// ciphertext only its recipient sees; what it looks like all see alike.
Result<void> check_ciphertexts(const RatchetTree& tree, LeafIndex committer, const UpdatePath& path,
                               const std::vector<LeafIndex>& added) {
  const crypto::Suite& suite = tree.suite();
  const auto steps = tree.filtered_direct_path(committer);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& secrets = path.nodes[i].encrypted_path_secrets;
    if (secrets.size() != recipients(tree, steps[i].copath_child, added).size()) {
      return fail(Errc::bad_path, "a path encrypted to the wrong number of nodes");
    }
    for (const EncryptedPathSecret& secret : secrets) {
      if (!suite.is_kem_public_key(secret.kem_output)) return fail(Errc::bad_key, "a path secret's KEM output is none");
      if (secret.ciphertext.size() != suite.hash_size() + suite.tag_size())
        return fail(Errc::bad_path, "a path secret's ciphertext has the wrong size");
    }
  }
  return {};
}

}  // namespace

Result<StagedPublicCommit> PublicGroup::stage(const UnverifiedCommit& unverified,
                                              const std::vector<CachedProposal>& cached) const {
  const FramedContent& content = unverified.content().content;
  const Commit& commit = unverified.commit();
  KITH_TRY(ProposalList list, resolve(commit.proposals, content.sender, cached));
  if (list.needs_path() && !commit.path) return fail(Errc::missing_path, "a commit that needs a path has none");
  KITH_TRY(AppliedProposals applied, apply(list, content.sender, tree_, context_));
  const bool external = content.sender.type == SenderType::new_member_commit;
  const LeafIndex committer = external ? applied.tree.next_free() : content.sender.leaf();
  RatchetTree tree = applied.tree;
  if (commit.path) {
    const LeafNode* replaced = !external              ? tree_.leaf(committer)
                               : list.removes.empty() ? nullptr
                                                      : tree_.leaf(list.removes[0]);
    KITH_TRY_VOID(check_path_leaf(commit.path->leaf_node, committer, replaced, applied.extensions));
    KITH_TRY_VOID(tree.merge(committer, *commit.path));
    KITH_TRY_VOID(check_ciphertexts(tree, committer, *commit.path, applied.added));
  }
  KITH_TRY_VOID(tree.check_unique_keys());
  KITH_TRY_VOID(tree.check_credentials());
  GroupContext provisional = provisional_context(tree, applied.extensions);
  CommitEffects did = effects(content, list, applied, committer);
  return StagedPublicCommit{advance(provisional, std::move(tree), unverified.content()), std::move(did),
                            std::move(list), std::move(provisional), std::move(applied.added)};
}

Result<void> PublicGroup::check_group_info(const GroupInfo& info) const {
  if (info.group_context != context_) return fail(Errc::bad_group_info, "a GroupInfo of another state of the group");
  if (info.confirmation_tag != confirmation_tag_)
    return fail(Errc::bad_group_info, "a GroupInfo with another confirmation tag");
  const LeafNode* signer = tree_.leaf(info.signer);
  if (signer == nullptr) return fail(Errc::unknown_sender, "a GroupInfo signed by a leaf that is blank");
  KITH_TRY_VOID(verify_signature(suite(), info, signer->signature_key));
  KITH_TRY_VOID(check_unique(info.extensions));
  const Bytes* external_pub = find_extension(info.extensions, extension_type::kExternalPub);
  if (external_pub == nullptr) return fail(Errc::bad_group_info, "a GroupInfo without external_pub");
  KITH_TRY(const auto key, decoded<Bytes>(*external_pub));
  if (!suite().is_kem_public_key(key)) return fail(Errc::bad_key, "an external_pub that is none");
  return {};
}

Bytes PublicGroup::record() const {
  Writer w;
  encode(w, context_);
  w.raw(tree_.encode());
  w.opaque(confirmation_tag_);
  return w.bytes();
}

Bytes PublicGroup::head_record() const {
  Writer w;
  encode(w, context_);
  w.u32(tree_.size().leaves);
  w.opaque(confirmation_tag_);
  return w.bytes();
}

template <class OpenTree>
Result<PublicGroup> PublicGroup::restore_with(ByteView head_record, OpenTree&& open) {
  Reader r(head_record);
  GroupContext context;
  decode(r, context);
  const TreeSize size{r.u32()};
  Bytes tag = to_bytes(r.opaque());
  KITH_TRY_VOID(r.finish());
  const auto suite = crypto::Suite::find(context.suite);
  if (!suite) return fail(Errc::unsupported_suite, "a group of a cipher suite that is not here");
  KITH_TRY(RatchetTree tree, open(*suite, size));
  return PublicGroup(std::move(context), std::move(tree), std::move(tag));
}

Result<PublicGroup> PublicGroup::restore(ByteView head_record, const RatchetTree* base,
                                         const std::vector<NodeRecord>& nodes) {
  return restore_with(head_record, [&](const crypto::Suite& suite, TreeSize size) {
    return RatchetTree::restore(suite, base, size, nodes);
  });
}

Result<PublicGroup> PublicGroup::restore(ByteView head_record, const std::vector<LeafIndex>& leaves,
                                         std::shared_ptr<TreeParts> parts) {
  return restore_with(head_record, [&](const crypto::Suite& suite, TreeSize size) {
    return RatchetTree::of_parts(suite, size, leaves, std::move(parts));
  });
}

Result<PublicGroup> PublicGroup::restore(ByteView record) {
  Reader r(record);
  GroupContext context;
  decode(r, context);
  const ByteView tree_bytes = r.opaque();
  const Bytes tag = to_bytes(r.opaque());
  KITH_TRY_VOID(r.finish());
  const auto suite = crypto::Suite::find(context.suite);
  if (!suite) return fail(Errc::unsupported_suite, "a group of a cipher suite that is not here");
  Writer tree_again;
  tree_again.opaque(tree_bytes);
  KITH_TRY(RatchetTree tree, RatchetTree::decode(*suite, tree_again.view()));
  return PublicGroup(std::move(context), std::move(tree), tag);
}

}  // namespace kith::mls
