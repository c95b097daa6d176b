// Joining by Welcome and by external commit (RFC 9420 sections 12.4.3.1 and 12.4.3.2).
#include "mls/group_internal.h"

#include <algorithm>

namespace kith::mls {
namespace {

// Sections 11.2 and 11.3: a group says that it succeeds another one exactly where it is expected to, once, and is then
// what was agreed upon.
Result<void> check_succession(const std::vector<PreSharedKeyId>& psks, const GroupContext& context,
                              const Succession* expected) {
  const PreSharedKeyId* said = nullptr;
  for (const PreSharedKeyId& id : psks) {
    if (id.type != PskType::resumption || id.usage == ResumptionUsage::application) continue;
    if (said != nullptr) return fail(Errc::invalid_proposal, "a group that succeeds two others");
    said = &id;
  }
  if (expected == nullptr) {
    return said == nullptr ? Result<void>{}
                           : fail(Errc::invalid_proposal, "a group that succeeds one that is not ours");
  }
  if (said == nullptr || said->usage != expected->usage || said->psk_group_id != expected->group_id ||
      said->psk_epoch != expected->epoch) {
    return fail(Errc::invalid_proposal, "a group that does not succeed the one that it should");
  }
  if (context.epoch != 1 || context.version != expected->version || context.suite != expected->suite ||
      (expected->new_group_id && context.group_id != *expected->new_group_id) ||
      (expected->extensions && context.extensions != *expected->extensions)) {
    return fail(Errc::bad_group_info, "a successor that is not what was agreed upon");
  }
  return {};
}

// A joiner knows the keys of all nodes above it, but for those that it is still unmerged in. Were one left out, the
// first commit that is encrypted to that node would be the end of it.
Result<void> check_knows_path(const RatchetTree& tree, const TreePrivateKeys& keys) {
  for (const NodeIndex n : direct_path(keys.leaf, tree.size())) {
    const ParentNode* node = tree.parent_node(n);
    if (node == nullptr || std::ranges::binary_search(node->unmerged_leaves, keys.leaf.value)) continue;
    if (!keys.keys.contains(n)) return fail(Errc::bad_path, "a Welcome without the path secret that it must have");
  }
  return {};
}

// A Welcome, decrypted.
struct OpenedWelcome {
  crypto::Suite suite;
  GroupSecrets secrets;
  SecretBytes psk;
  GroupInfo info;
};

Result<OpenedWelcome> open(ByteView welcome_message, const KeyPackageSecrets& key_package, const JoinOptions& options) {
  KITH_TRY(const auto welcome, decoded_message<Welcome>(welcome_message));
  const auto suite = crypto::Suite::find(welcome.suite);
  if (!suite || welcome.suite != key_package.key_package.suite) {
    return fail(Errc::unsupported_suite, "a Welcome of another cipher suite");
  }
  KITH_TRY(GroupSecrets secrets, open_group_secrets(*suite, welcome, key_package));
  const PskLookup lookup = [&](const PreSharedKeyId& id) -> std::optional<SecretBytes> {
    const bool succeeds = id.type == PskType::resumption && id.usage != ResumptionUsage::application;
    if (succeeds) return options.succeeds != nullptr ? std::optional(options.succeeds->psk) : std::nullopt;
    return options.psks ? options.psks(id) : std::nullopt;
  };
  KITH_TRY(const std::vector<Psk> found, find_psks(secrets.psks, {}, lookup));
  SecretBytes psk = psk_secret(*suite, found);
  KITH_TRY(GroupInfo info, open_group_info(*suite, welcome, welcome_secret(*suite, secrets.joiner_secret, psk)));
  if (info.group_context.suite != welcome.suite)
    return fail(Errc::unsupported_suite, "a group of another cipher suite");
  return OpenedWelcome{*suite, std::move(secrets), std::move(psk), std::move(info)};
}

}  // namespace

Result<GroupInfo> group_info_in(ByteView welcome_message, const KeyPackageSecrets& key_package,
                                const JoinOptions& options) {
  KITH_TRY(OpenedWelcome opened, open(welcome_message, key_package, options));
  return std::move(opened.info);
}

Result<Group> Group::join(ByteView welcome_message, const KeyPackageSecrets& key_package,
                          const crypto::SignatureKeyPair& key, const JoinOptions& options) {
  const LeafNode& own = key_package.key_package.leaf;
  if (own.signature_key != key.public_key) return fail(Errc::bad_key, "a key package of another signature key");
  KITH_TRY(const OpenedWelcome opened, open(welcome_message, key_package, options));
  const auto& [suite, secrets, psk, info] = opened;
  KITH_TRY_VOID(check_succession(secrets.psks, info.group_context, options.succeeds));
  KITH_TRY(PublicGroup group, PublicGroup::open(info, options.tree, options.max_leaves));

  std::optional<LeafIndex> at_leaf;
  for (std::uint32_t i = 0; i < group.tree().size().leaves && !at_leaf; ++i) {
    if (const LeafNode* leaf = group.tree().leaf({i}); leaf != nullptr && *leaf == own) at_leaf = LeafIndex{i};
  }
  if (!at_leaf) return fail(Errc::bad_tree, "a tree without our leaf");
  TreePrivateKeys keys{*at_leaf, {}};
  const auto public_key = suite.kem_public_key(key_package.encryption_private_key);
  if (!public_key || *public_key != own.encryption_key) return fail(Errc::bad_key, "a private key of another leaf");
  keys.keys[to_node(*at_leaf)] = key_package.encryption_private_key;
  if (secrets.path_secret) {
    if (info.signer == *at_leaf) return fail(Errc::bad_group_info, "a GroupInfo signed by the one who joins");
    KITH_TRY_VOID(keys.learn(group.tree(), info.signer, common_ancestor(*at_leaf, info.signer), *secrets.path_secret));
  }
  KITH_TRY_VOID(check_knows_path(group.tree(), keys));
  EpochSecrets epoch = epoch_secrets(suite, secrets.joiner_secret, psk, info.group_context);
  if (!crypto::equal(mls::confirmation_tag(suite, epoch.confirmation_key, info.group_context.confirmed_transcript_hash),
                     info.confirmation_tag)) {
    return fail(Errc::bad_confirmation_tag, "a Welcome whose confirmation tag does not hold");
  }
  return at(std::move(group), std::move(keys), std::move(epoch), key);
}

Result<PendingCommit> Group::join_external(const PublicGroup& group, const GroupInfo& info,
                                           const ExternalJoinOptions& options, const crypto::SignatureKeyPair& key,
                                           Entropy& entropy) {
  KITH_TRY_VOID(group.check_group_info(info));
  const crypto::Suite& suite = group.suite();
  KITH_TRY(const auto external_pub, decoded<Bytes>(*find_extension(info.extensions, extension_type::kExternalPub)));
  KITH_TRY(ExternalInitSecret init, send_external_init(suite, external_pub, entropy));

  std::vector<ProposalOrRef> proposals;
  proposals.emplace_back(std::in_place_type<Proposal>, ExternalInit{std::move(init.kem_output)});
  if (options.remove) proposals.emplace_back(std::in_place_type<Proposal>, Remove{*options.remove});
  for (const Psk& psk : options.psks) proposals.emplace_back(std::in_place_type<Proposal>, PreSharedKey{psk.id});
  const Sender sender{SenderType::new_member_commit, 0};
  KITH_TRY(ProposalList list, resolve(proposals, sender, {}));
  KITH_TRY(AppliedProposals applied, apply(list, sender, group.tree(), group.context()));
  const LeafIndex own = applied.tree.next_free();

  Draft draft{.proposals = std::move(proposals),
              .list = std::move(list),
              .applied = applied,
              .tree = applied.tree,
              .path = {},
              .committer = own,
              .sender = sender,
              .authenticated_data = options.authenticated_data,
              .init_secret = std::move(init.init_secret),
              .membership_key = {},
              .psks = options.psks,
              .keys = {own, {}},
              .commit_key = key,
              .next_key = key,
              .tree_in_welcome = false,
              .tree_in_group_info = options.tree_in_group_info};
  draft.path = NewPath::make(draft.tree, own, to_leaf_node(options.leaf, key.public_key), group.context().group_id, key,
                             entropy);
  return finish(group, std::move(draft), entropy);
}

}  // namespace kith::mls
