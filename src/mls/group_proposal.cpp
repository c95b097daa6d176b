// Proposals in messages of their own (RFC 9420 section 12.1), by members and from outside.
#include "mls/group_internal.h"

namespace kith::mls {
namespace {

AuthenticatedContent from_outside(const GroupContext& context, const crypto::Suite& suite, Sender sender,
                                  Proposal proposal, const crypto::SignatureKeyPair& key) {
  AuthenticatedContent message;
  message.content = FramedContent{.group_id = context.group_id,
                                  .epoch = context.epoch,
                                  .sender = sender,
                                  .authenticated_data = {},
                                  .content = std::move(proposal)};
  sign(suite, message, context, key);
  return message;
}

}  // namespace

Result<Proposed> Group::propose(Proposal proposal, const ProposeOptions& options, Entropy& entropy) {
  if (reinit_) return fail(Errc::ended, "a proposal in a group that has ended");
  AuthenticatedContent message;
  message.wire_format = options.as_private_message ? WireFormat::private_message : WireFormat::public_message;
  message.content = FramedContent{.group_id = group_id(),
                                  .epoch = epoch(),
                                  .sender = Sender::member(own_leaf()),
                                  .authenticated_data = options.authenticated_data,
                                  .content = std::move(proposal)};
  sign(suite(), message, public_.context(), signature_key_);
  KITH_TRY(CachedProposal cached, public_.verify_proposal(message));
  if (!options.as_private_message) {
    return Proposed{encoded_message(protect_public(suite(), message, public_.context(), secrets_.membership_key)),
                    std::move(cached)};
  }
  return Proposed{
      encoded_message(protect_private(suite(), message, ratchets_, secrets_.sender_data_secret, 0, entropy)),
      std::move(cached)};
}

Result<ProposedUpdate> Group::propose_update(const std::optional<LeafParameters>& parameters,
                                             const std::optional<crypto::SignatureKeyPair>& signature_key,
                                             const ProposeOptions& options, Entropy& entropy) {
  const crypto::SignatureKeyPair& key = signature_key ? *signature_key : signature_key_;
  crypto::KemKeyPair encryption = suite().generate_kem_key(entropy);
  LeafNode leaf = parameters ? to_leaf_node(*parameters, {}) : own_leaf_node();
  leaf.encryption_key = std::move(encryption.public_key);
  leaf.signature_key = key.public_key;
  leaf.source = LeafNodeSource::update;
  leaf.lifetime = {};
  leaf.parent_hash = {};
  sign(suite(), leaf, {group_id(), own_leaf()}, key);
  KITH_TRY_VOID(check_leaf(suite(), leaf));
  KITH_TRY_VOID(check_supports(leaf, extensions()));
  KITH_TRY(Proposed proposed, propose(Update{std::move(leaf)}, options, entropy));
  return ProposedUpdate{std::move(proposed), {std::move(encryption.private_key), key}};
}

Result<CachedProposal> Group::process_proposal(ByteView mls_message) const {
  KITH_TRY(const AuthenticatedContent content, open_handshake(mls_message));
  return public_.verify_proposal(content);
}

Bytes propose_externally(const GroupContext& context, const crypto::Suite& suite, std::uint32_t sender,
                         Proposal proposal, const crypto::SignatureKeyPair& key) {
  const auto message = from_outside(context, suite, {SenderType::external, sender}, std::move(proposal), key);
  return encoded_message(protect_public(suite, message, context, {}));
}

Bytes propose_joining(const GroupContext& context, const crypto::Suite& suite, KeyPackage key_package,
                      const crypto::SignatureKeyPair& key) {
  const auto message =
      from_outside(context, suite, {SenderType::new_member_proposal, 0}, Add{std::move(key_package)}, key);
  return encoded_message(protect_public(suite, message, context, {}));
}

}  // namespace kith::mls
