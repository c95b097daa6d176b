// TreeKEM's secret half (RFC 9420 sections 7.4 to 7.6): a member's private keys, making an update path, and opening
// one.
#pragma once

#include <map>

#include "mls/key_derivation.h"
#include "mls/ratchet_tree.h"

namespace kith::mls {

// The private keys that one leaf knows: its own and those of nodes above it.
struct TreePrivateKeys {
  LeafIndex leaf;
  std::map<NodeIndex, SecretBytes> keys;

  // Derives and keeps the private keys from this node up along `leaf`'s filtered direct path, as a joiner or receiver
  // does with the path secret that it got for `node`. bad_path where a derived key is not the tree's. Answers the
  // commit secret: the secret one step above the last node.
  [[nodiscard]] Result<SecretBytes> learn(const RatchetTree& tree, LeafIndex path_of, NodeIndex node,
                                          ByteView path_secret);
  // Forgets keys of nodes that are blank or gone, or whose public key is another now.
  void prune(const RatchetTree& before, const RatchetTree& after);
};

// A new path for one leaf. Made in two steps, because the ciphertexts need the context that holds the hash of the tree
// with the path in.
class NewPath {
 public:
  // Puts fresh keys on `leaf`'s filtered direct path of `tree` and the signed leaf in place. `leaf_node` gives
  // credential, signature key, capabilities and extensions; encryption key, source, parent hash and signature are made
  // here.
  static NewPath make(RatchetTree& tree, LeafIndex leaf, LeafNode leaf_node, ByteView group_id,
                      const crypto::SignatureKeyPair& key, Entropy& entropy);

  // Encrypts the path secrets to the copath's resolutions, without leaves that are new in this commit.
  [[nodiscard]] Result<UpdatePath> encrypt(const RatchetTree& tree, const std::vector<LeafIndex>& excluded,
                                           ByteView context, Entropy& entropy) const;
  [[nodiscard]] const SecretBytes& commit_secret() const { return commit_secret_; }
  [[nodiscard]] const TreePrivateKeys& private_keys() const { return private_keys_; }
  // The path secret that a new member at this leaf is given: that of the lowest node above both.
  [[nodiscard]] SecretBytes path_secret_for(LeafIndex new_member) const;

 private:
  LeafNode leaf_node_;
  std::vector<RatchetTree::PathStep> steps_;
  std::vector<SecretBytes> path_secrets_;
  SecretBytes commit_secret_;
  TreePrivateKeys private_keys_;
};

// Opens a received path that is already merged into `tree`: finds the one ciphertext for us, learns the keys above,
// answers the commit secret.
[[nodiscard]] Result<SecretBytes> open_path(const RatchetTree& tree, TreePrivateKeys& mine, LeafIndex sender,
                                            const UpdatePath& path, const std::vector<LeafIndex>& excluded,
                                            ByteView context);

}  // namespace kith::mls
