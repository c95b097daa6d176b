// What the parts of Group share. Inside this room only.
#pragma once

#include "mls/group.h"

namespace kith::mls {

// A leaf without encryption key and signature.
inline LeafNode to_leaf_node(const LeafParameters& p, const Bytes& signature_key) {
  return {.encryption_key = {},
          .signature_key = signature_key,
          .credential = p.credential,
          .capabilities = p.capabilities,
          .source = LeafNodeSource::key_package,
          .lifetime = p.lifetime,
          .parent_hash = {},
          .extensions = p.extensions,
          .signature = {}};
}

// A commit of ours whose proposals are applied and whose path, where it has one, is on the tree.
struct Group::Draft {
  std::vector<ProposalOrRef> proposals;
  ProposalList list;
  AppliedProposals applied;
  RatchetTree tree;  // with the path
  std::optional<NewPath> path;
  LeafIndex committer;
  Sender sender;
  Bytes authenticated_data;
  SecretBytes init_secret;     // of the last epoch, or of the external init
  SecretBytes membership_key;  // members only
  std::vector<Psk> psks;
  TreePrivateKeys keys;                 // in the next epoch
  crypto::SignatureKeyPair commit_key;  // signs the commit
  crypto::SignatureKeyPair next_key;    // signs from then on
  // Where the commit is to be a PrivateMessage.
  SecretTree* ratchets = nullptr;
  SecretBytes sender_data_secret = {};
  bool tree_in_welcome = false;
  bool tree_in_group_info = false;
};

// In the order of `ids`: from `known`, or by `lookup`. unknown_psk.
[[nodiscard]] Result<std::vector<Psk>> find_psks(const std::vector<PreSharedKeyId>& ids, const std::vector<Psk>& known,
                                                 const PskLookup& lookup);

}  // namespace kith::mls
