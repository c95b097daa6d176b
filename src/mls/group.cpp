// A group's life within an epoch: creation, messages, inspection. Commits are in group_commit.cpp, joining in
// group_join.cpp.
#include "mls/group.h"

#include "mls/group_internal.h"

namespace kith::mls {

Group::Group(PublicGroup group, TreePrivateKeys keys, EpochSecrets secrets, SecretTree ratchets,
             crypto::SignatureKeyPair signature_key)
    : public_(std::move(group)),
      keys_(std::move(keys)),
      secrets_(std::move(secrets)),
      ratchets_(std::move(ratchets)),
      signature_key_(std::move(signature_key)) {}

Group Group::at(PublicGroup group, TreePrivateKeys keys, EpochSecrets secrets, crypto::SignatureKeyPair signature_key) {
  SecretTree ratchets(group.suite(), group.tree().size(), std::exchange(secrets.encryption_secret, {}));
  return {std::move(group), std::move(keys), std::move(secrets), std::move(ratchets), std::move(signature_key)};
}

Result<Group> Group::create(const crypto::Suite& suite, const CreateOptions& options,
                            const crypto::SignatureKeyPair& key, Entropy& entropy) {
  crypto::KemKeyPair encryption = suite.generate_kem_key(entropy);
  LeafNode leaf = to_leaf_node(options.leaf, key.public_key);
  leaf.encryption_key = std::move(encryption.public_key);
  sign(suite, leaf, {}, key);
  KITH_TRY_VOID(check_unique(options.extensions));
  KITH_TRY_VOID(check_leaf(suite, leaf));
  KITH_TRY_VOID(check_supports(leaf, options.extensions));

  RatchetTree tree(suite);
  const LeafIndex own = tree.add(std::move(leaf));
  GroupContext context{.version = kVersion,
                       .suite = suite.id(),
                       .group_id = options.group_id,
                       .epoch = 0,
                       .tree_hash = tree.hash(),
                       .confirmed_transcript_hash = {},
                       .extensions = options.extensions};
  // Section 11: the first epoch_secret is random; drawing the joiner secret instead comes to the same.
  EpochSecrets secrets =
      epoch_secrets(suite, crypto::random_secret(entropy, suite.hash_size()), SecretBytes(suite.hash_size()), context);
  Bytes tag = mls::confirmation_tag(suite, secrets.confirmation_key, context.confirmed_transcript_hash);
  TreePrivateKeys keys{own, {}};
  keys.keys[to_node(own)] = std::move(encryption.private_key);
  return at({std::move(context), std::move(tree), std::move(tag)}, std::move(keys), std::move(secrets), key);
}

Result<Bytes> Group::protect(ByteView authenticated_data, ByteView data, Entropy& entropy) {
  if (reinit_) return fail(Errc::ended, "a message in a group that has ended");
  AuthenticatedContent message;
  message.wire_format = WireFormat::private_message;
  message.content = FramedContent{.group_id = group_id(),
                                  .epoch = epoch(),
                                  .sender = Sender::member(own_leaf()),
                                  .authenticated_data = to_bytes(authenticated_data),
                                  .content = ApplicationData{to_secret(data)}};
  sign(suite(), message, public_.context(), signature_key_);
  return encoded_message(protect_private(suite(), message, ratchets_, secrets_.sender_data_secret, 0, entropy));
}

Result<ApplicationMessage> Group::unprotect(ByteView mls_message) { return open_application(mls_message, false); }

Result<ApplicationMessage> Group::unprotect_own(ByteView mls_message) { return open_application(mls_message, true); }

Result<ApplicationMessage> Group::open_application(ByteView mls_message, bool is_own) {
  KITH_TRY(const auto message, decoded_message<PrivateMessage>(mls_message));
  if (message.content_type != ContentType::application) return fail(Errc::wrong_message, "not an application message");
  if (message.group_id != group_id()) return fail(Errc::wrong_group, "a message of another group");
  if (message.epoch != epoch()) return fail(Errc::wrong_epoch, "a message of another epoch");
  const auto not_by = is_own ? std::nullopt : std::optional(own_leaf());
  KITH_TRY(OpenedMessage opened, open_private(suite(), message, ratchets_, secrets_.sender_data_secret, not_by));
  FramedContent& content = opened.content.content;
  if (is_own && content.sender.leaf() != own_leaf()) return fail(Errc::wrong_message, "a message of another leaf");
  const LeafNode* sender = public_.tree().leaf(content.sender.leaf());
  if (sender == nullptr) return fail(Errc::unknown_sender, "a sender whose leaf is blank");
  KITH_TRY_VOID(verify_signature(suite(), opened.content, public_.context(), sender->signature_key));
  ratchets_.consume(content.sender.leaf(), opened.kind, opened.generation);
  return ApplicationMessage{content.sender.leaf(), std::move(content.authenticated_data),
                            std::move(std::get<ApplicationData>(content.content).data)};
}

SecretBytes Group::export_secret(std::string_view label, ByteView context, std::size_t size) const {
  return mls_exporter(suite(), secrets_.exporter_secret, label, context, size);
}

Result<Succession> Group::reinit_succession() const {
  if (!reinit_) return fail(Errc::wrong_message, "a group that was not ended by a ReInit");
  return Succession{.usage = ResumptionUsage::reinit,
                    .group_id = group_id(),
                    .epoch = epoch(),
                    .psk = secrets_.resumption_psk,
                    .version = reinit_->version,
                    .suite = reinit_->suite,
                    .new_group_id = reinit_->group_id,
                    .extensions = reinit_->extensions};
}

Succession Group::branch_succession() const {
  return {.usage = ResumptionUsage::branch,
          .group_id = group_id(),
          .epoch = epoch(),
          .psk = secrets_.resumption_psk,
          .version = public_.context().version,
          .suite = suite().id(),
          .new_group_id = {},
          .extensions = {}};
}

Bytes Group::external_pub() const { return external_key(suite(), secrets_.external_secret).public_key; }

GroupInfo Group::make_group_info(bool with_external_pub, bool with_tree) const {
  GroupInfo info{.group_context = public_.context(),
                 .extensions = {},
                 .confirmation_tag = public_.confirmation_tag(),
                 .signer = own_leaf(),
                 .signature = {}};
  if (with_external_pub) info.extensions.push_back({extension_type::kExternalPub, encoded(external_pub())});
  if (with_tree) info.extensions.push_back({extension_type::kRatchetTree, public_.tree().encode()});
  sign(suite(), info, signature_key_);
  return info;
}

Bytes Group::group_info(bool with_tree) const { return encoded_message(make_group_info(true, with_tree)); }

}  // namespace kith::mls
