// Making and processing commits (RFC 9420 sections 12.4.1 and 12.4.2).
#include <algorithm>

#include "mls/group_internal.h"
#include "mls/transcript.h"

namespace kith::mls {
namespace {

Psk psk_of(const Succession& old, const crypto::Suite& suite, Entropy& entropy) {
  PreSharedKeyId id{.type = PskType::resumption,
                    .psk_id = {},
                    .usage = old.usage,
                    .psk_group_id = old.group_id,
                    .psk_epoch = old.epoch,
                    .psk_nonce = Bytes(suite.hash_size())};
  entropy.fill(id.psk_nonce);
  return {std::move(id), old.psk};
}

const OwnUpdate* find_update(const crypto::Suite& suite, const std::vector<OwnUpdate>& updates, const LeafNode& node) {
  const auto at = std::ranges::find_if(updates, [&](const OwnUpdate& update) {
    const auto key = suite.kem_public_key(update.encryption_private_key);
    return key && *key == node.encryption_key;
  });
  return at != updates.end() ? &*at : nullptr;
}

}  // namespace

Result<std::vector<Psk>> find_psks(const std::vector<PreSharedKeyId>& ids, const std::vector<Psk>& known,
                                   const PskLookup& lookup) {
  std::vector<Psk> psks;
  for (const PreSharedKeyId& id : ids) {
    if (const auto at = std::ranges::find(known, id, &Psk::id); at != known.end()) {
      psks.push_back(*at);
      continue;
    }
    auto secret = lookup ? lookup(id) : std::nullopt;
    if (!secret) return fail(Errc::unknown_psk, "a pre-shared key that is not here");
    psks.push_back({id, *std::move(secret)});
  }
  return psks;
}

Result<PendingCommit> Group::commit(const CommitOptions& options, Entropy& entropy) const {
  KITH_TRY(Draft made, draft(options, entropy));
  return finish(public_, std::move(made), entropy);
}

Result<PendingCommit> Group::commit_privately(const CommitOptions& options, Entropy& entropy) {
  KITH_TRY(Draft made, draft(options, entropy));
  made.ratchets = &ratchets_;
  made.sender_data_secret = secrets_.sender_data_secret;
  return finish(public_, std::move(made), entropy);
}

Result<Group::Draft> Group::draft(const CommitOptions& options, Entropy& entropy) const {
  if (reinit_) return fail(Errc::ended, "a commit in a group that has ended");
  std::vector<Psk> psks = options.psks;
  if (options.succeeds != nullptr) psks.push_back(psk_of(*options.succeeds, suite(), entropy));
  std::vector<ProposalOrRef> proposals;
  const auto by_value = [&](Proposal p) { proposals.emplace_back(std::in_place_type<Proposal>, std::move(p)); };
  for (const CachedProposal& c : options.by_reference) proposals.emplace_back(std::in_place_type<ProposalRef>, c.ref);
  if (options.extensions) by_value(GroupContextExtensions{*options.extensions});
  for (const LeafIndex leaf : options.removes) by_value(Remove{leaf});
  for (const VerifiedKeyPackage& kp : options.adds) by_value(Add{kp.get()});
  for (const Psk& psk : psks) by_value(PreSharedKey{psk.id});
  if (options.reinit) by_value(*options.reinit);

  const Sender sender = Sender::member(own_leaf());
  KITH_TRY(ProposalList list, resolve(proposals, sender, options.by_reference));
  KITH_TRY(AppliedProposals applied,
           apply(list, sender, public_.tree(), public_.context(),
                 {.trusted_adds = options.by_reference.empty(), .begins_successor = options.succeeds != nullptr}));
  KITH_TRY(psks, find_psks(list.psks, psks, options.find_psk));

  Draft made{.proposals = std::move(proposals),
             .list = std::move(list),
             .applied = applied,
             .tree = applied.tree,
             .path = {},
             .committer = own_leaf(),
             .sender = sender,
             .authenticated_data = options.authenticated_data,
             .init_secret = secrets_.init_secret,
             .membership_key = secrets_.membership_key,
             .psks = std::move(psks),
             .keys = keys_,
             .commit_key = signature_key_,
             .next_key = options.new_signature_key.value_or(signature_key_),
             .tree_in_welcome = options.tree_in_welcome,
             .tree_in_group_info = options.tree_in_group_info};
  // Section 12.4: a ReInit goes without a path, since nothing is said in the epoch that it begins.
  const bool path = !made.list.reinit && options.path;
  if (path || options.new_leaf || options.new_signature_key || made.list.needs_path()) {
    LeafNode leaf = own_leaf_node();
    if (options.new_leaf) leaf = to_leaf_node(*options.new_leaf, {});
    leaf.signature_key = made.next_key.public_key;
    made.path = NewPath::make(made.tree, own_leaf(), std::move(leaf), group_id(), made.next_key, entropy);
  }
  made.keys.prune(public_.tree(), made.tree);
  return made;
}

Result<PendingCommit> Group::finish(const PublicGroup& before, Draft draft, Entropy& entropy) {
  const crypto::Suite& suite = before.suite();
  const LeafNode& own = *draft.tree.leaf(draft.committer);
  KITH_TRY_VOID(check_leaf(suite, own));
  KITH_TRY_VOID(check_supports(own, draft.applied.extensions));
  KITH_TRY_VOID(draft.tree.check_unique_keys());
  KITH_TRY_VOID(draft.tree.check_credentials());

  GroupContext context = before.provisional_context(draft.tree, draft.applied.extensions);
  Commit commit{std::move(draft.proposals), {}};
  SecretBytes commit_secret(suite.hash_size());
  if (draft.path) {
    KITH_TRY(commit.path, draft.path->encrypt(draft.tree, draft.applied.added, encoded(context), entropy));
    commit_secret = draft.path->commit_secret();
    draft.keys.leaf = draft.committer;
    for (const auto& [node, key] : draft.path->private_keys().keys) draft.keys.keys[node] = key;
  }
  AuthenticatedContent content;
  content.wire_format = draft.ratchets != nullptr ? WireFormat::private_message : WireFormat::public_message;
  content.content = FramedContent{.group_id = context.group_id,
                                  .epoch = before.epoch(),
                                  .sender = draft.sender,
                                  .authenticated_data = std::move(draft.authenticated_data),
                                  .content = std::move(commit)};
  sign(suite, content, before.context(), draft.commit_key);

  context.confirmed_transcript_hash = confirmed_transcript_hash(suite, before.interim_transcript_hash(), content);
  const SecretBytes psk = psk_secret(suite, draft.psks);
  const SecretBytes joiner = joiner_secret(suite, draft.init_secret, commit_secret, context);
  EpochSecrets secrets = epoch_secrets(suite, joiner, psk, context);
  content.auth.confirmation_tag =
      mls::confirmation_tag(suite, secrets.confirmation_key, context.confirmed_transcript_hash);

  Group next = at({std::move(context), std::move(draft.tree), content.auth.confirmation_tag}, std::move(draft.keys),
                  std::move(secrets), std::move(draft.next_key));
  next.reinit_ = draft.list.reinit;
  Bytes message =
      draft.ratchets != nullptr
          ? encoded_message(protect_private(suite, content, *draft.ratchets, draft.sender_data_secret, 0, entropy))
          : encoded_message(protect_public(suite, content, before.context(), draft.membership_key));
  PendingCommit pending{.commit = std::move(message),
                        .welcome = {},
                        .group_info = next.group_info(draft.tree_in_group_info),
                        .next = std::move(next),
                        .effects = before.effects(content.content, draft.list, draft.applied, draft.committer)};
  if (draft.list.adds.empty()) return pending;

  Welcome welcome = seal_welcome(suite, pending.next.make_group_info(false, draft.tree_in_welcome),
                                 welcome_secret(suite, joiner, psk));
  const EncryptionContext encryption(suite, "Welcome", welcome.encrypted_group_info);
  for (std::size_t i = 0; i < draft.list.adds.size(); ++i) {
    const KeyPackage& kp = draft.list.adds[i];
    GroupSecrets for_member{joiner, {}, draft.list.psks};
    if (draft.path) for_member.path_secret = draft.path->path_secret_for(draft.applied.added[i]);
    KITH_TRY(auto sealed, encryption.encrypt(kp.init_key, encoded_secret(for_member), entropy));
    welcome.secrets.push_back({key_package_ref(suite, kp), std::move(sealed)});
  }
  pending.welcome = encoded_message(std::move(welcome));
  return pending;
}

Result<AuthenticatedContent> Group::open_handshake(ByteView mls_message) const {
  KITH_TRY(const auto message, decoded<MlsMessage>(mls_message));
  const auto check = [&](const Bytes& id, std::uint64_t at_epoch) -> Result<void> {
    if (id != group_id()) return fail(Errc::wrong_group, "a message of another group");
    if (at_epoch != epoch()) return fail(Errc::wrong_epoch, "a message of another epoch");
    return {};
  };
  AuthenticatedContent content;
  if (const auto* m = std::get_if<PublicMessage>(&message)) {
    KITH_TRY_VOID(check(m->content.group_id, m->content.epoch));
    KITH_TRY(content, unprotect_public(suite(), *m, public_.context(), secrets_.membership_key));
  } else if (const auto* p = std::get_if<PrivateMessage>(&message)) {
    if (p->content_type == ContentType::application) return fail(Errc::wrong_message, "an application message");
    KITH_TRY_VOID(check(p->group_id, p->epoch));
    KITH_TRY(OpenedMessage opened, open_private(suite(), *p, ratchets_, secrets_.sender_data_secret, own_leaf()));
    content = std::move(opened.content);
  } else {
    return fail(Errc::wrong_message, "neither a commit nor a proposal");
  }
  if (content.content.sender == Sender::member(own_leaf())) return fail(Errc::own_message, "a message of our own");
  return content;
}

Result<StagedCommit> Group::process(ByteView mls_message, const ProcessOptions& options) const {
  KITH_TRY(AuthenticatedContent content, open_handshake(mls_message));
  KITH_TRY(const UnverifiedCommit commit, public_.verify(std::move(content)));
  KITH_TRY(StagedPublicCommit staged, public_.stage(commit, options.cached));
  if (std::ranges::find(staged.proposals.removes, own_leaf()) != staged.proposals.removes.end()) {
    return StagedCommit{std::move(staged.effects), std::nullopt};
  }
  const RatchetTree& tree = staged.next.tree();
  TreePrivateKeys keys = keys_;
  keys.prune(public_.tree(), tree);
  crypto::SignatureKeyPair signature_key = signature_key_;
  for (const auto& [leaf, node] : staged.proposals.updates) {
    if (leaf != own_leaf()) continue;
    const OwnUpdate* ours = find_update(suite(), options.updates, node);
    if (ours == nullptr) return fail(Errc::unknown_proposal, "an update of ours whose key is not here");
    keys.keys[to_node(leaf)] = ours->encryption_private_key;
    signature_key = ours->signature_key;
  }
  SecretBytes commit_secret(suite().hash_size());
  if (const auto& path = commit.commit().path) {
    KITH_TRY(commit_secret, open_path(tree, keys, staged.effects.committer, *path, staged.added_leaves,
                                      encoded(staged.provisional_context)));
  }
  SecretBytes init_secret = secrets_.init_secret;
  if (staged.proposals.external_init) {
    KITH_TRY(init_secret, receive_external_init(suite(), external_key(suite(), secrets_.external_secret),
                                                staged.proposals.external_init->kem_output));
  }
  KITH_TRY(const std::vector<Psk> found, find_psks(staged.proposals.psks, {}, options.psks));
  const GroupContext& context = staged.next.context();
  EpochSecrets secrets = epoch_secrets(suite(), joiner_secret(suite(), init_secret, commit_secret, context),
                                       psk_secret(suite(), found), context);
  if (!crypto::equal(mls::confirmation_tag(suite(), secrets.confirmation_key, context.confirmed_transcript_hash),
                     staged.next.confirmation_tag())) {
    return fail(Errc::bad_confirmation_tag, "a commit whose confirmation tag does not hold");
  }
  Group next = at(std::move(staged.next), std::move(keys), std::move(secrets), std::move(signature_key));
  next.reinit_ = staged.effects.reinit;
  return StagedCommit{std::move(staged.effects), std::move(next)};
}

}  // namespace kith::mls
