#include "mls/treekem.h"

#include <algorithm>

#include "base/check.h"

namespace kith::mls {
namespace {

constexpr std::string_view kPathLabel = "UpdatePathNode";

crypto::KemKeyPair node_key(const crypto::Suite& suite, ByteView path_secret) {
  return suite.derive_kem_key(derive_secret(suite, path_secret, "node"));
}

}  // namespace

Result<SecretBytes> TreePrivateKeys::learn(const RatchetTree& tree, LeafIndex path_of, NodeIndex node,
                                           ByteView path_secret) {
  const crypto::Suite& suite = tree.suite();
  const auto steps = tree.filtered_direct_path(path_of);
  auto step = std::ranges::find(steps, node, &RatchetTree::PathStep::node);
  if (step == steps.end()) return fail(Errc::bad_path, "a path secret for a node that is not on the path");
  SecretBytes secret = to_secret(path_secret);
  for (; step != steps.end(); ++step) {
    crypto::KemKeyPair pair = node_key(suite, secret);
    if (tree.is_blank(step->node) || pair.public_key != tree.encryption_key(step->node)) {
      return fail(Errc::bad_path, "a path secret that does not give the tree's keys");
    }
    keys[step->node] = std::move(pair.private_key);
    secret = derive_secret(suite, secret, "path");
  }
  return secret;
}

void TreePrivateKeys::prune(const RatchetTree& before, const RatchetTree& after) {
  std::erase_if(keys, [&](const auto& entry) {
    const NodeIndex n = entry.first;
    return after.is_blank(n) || before.is_blank(n) || before.encryption_key(n) != after.encryption_key(n);
  });
}

NewPath NewPath::make(RatchetTree& tree, LeafIndex leaf, LeafNode leaf_node, ByteView group_id,
                      const crypto::SignatureKeyPair& key, Entropy& entropy) {
  const crypto::Suite& suite = tree.suite();
  crypto::KemKeyPair leaf_key = suite.generate_kem_key(entropy);
  leaf_node.encryption_key = leaf_key.public_key;
  leaf_node.source = LeafNodeSource::commit;
  // An external joiner's leaf may be beyond the edge: put it there before looking at its path.
  tree.place(leaf, leaf_node);

  NewPath path;
  path.private_keys_.leaf = leaf;
  path.private_keys_.keys[to_node(leaf)] = std::move(leaf_key.private_key);
  path.steps_ = tree.filtered_direct_path(leaf);
  std::vector<Bytes> public_keys;
  SecretBytes secret = crypto::random_secret(entropy, suite.hash_size());
  for (const auto& step : path.steps_) {
    crypto::KemKeyPair pair = node_key(suite, secret);
    public_keys.push_back(std::move(pair.public_key));
    path.private_keys_.keys[step.node] = std::move(pair.private_key);
    path.path_secrets_.push_back(secret);
    secret = derive_secret(suite, secret, "path");
  }
  path.commit_secret_ = std::move(secret);
  leaf_node.parent_hash = tree.set_path(leaf, public_keys);
  sign(suite, leaf_node, {group_id, leaf}, key);
  tree.place(leaf, leaf_node);
  path.leaf_node_ = std::move(leaf_node);
  return path;
}

Result<UpdatePath> NewPath::encrypt(const RatchetTree& tree, const std::vector<LeafIndex>& excluded, ByteView context,
                                    Entropy& entropy) const {
  UpdatePath path;
  path.leaf_node = leaf_node_;
  const EncryptionContext encryption(tree.suite(), kPathLabel, context);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    UpdatePathNode& node = path.nodes.emplace_back();
    node.encryption_key = tree.encryption_key(steps_[i].node);
    for (const NodeIndex to : recipients(tree, steps_[i].copath_child, excluded)) {
      KITH_TRY(auto sealed, encryption.encrypt(tree.encryption_key(to), path_secrets_[i], entropy));
      node.encrypted_path_secrets.push_back(std::move(sealed));
    }
  }
  return path;
}

SecretBytes NewPath::path_secret_for(LeafIndex new_member) const {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (is_in_subtree(to_node(new_member), steps_[i].node)) return path_secrets_[i];
  }
  check_failed("a new member is below the committer's path", __FILE__, __LINE__);
}

Result<SecretBytes> open_path(const RatchetTree& tree, TreePrivateKeys& mine, LeafIndex sender, const UpdatePath& path,
                              const std::vector<LeafIndex>& excluded, ByteView context) {
  const auto steps = tree.filtered_direct_path(sender);
  if (steps.size() != path.nodes.size()) return fail(Errc::bad_path, "a path of the wrong length");
  const auto step =
      std::ranges::find_if(steps, [&](const auto& s) { return is_in_subtree(to_node(mine.leaf), s.copath_child); });
  if (step == steps.end()) return fail(Errc::bad_path, "a path that does not meet ours");
  const auto to = recipients(tree, step->copath_child, excluded);
  const auto& ciphertexts = path.nodes[static_cast<std::size_t>(step - steps.begin())].encrypted_path_secrets;
  if (ciphertexts.size() != to.size()) return fail(Errc::bad_path, "a path encrypted to the wrong number of nodes");
  for (std::size_t i = 0; i < to.size(); ++i) {
    const auto key = mine.keys.find(to[i]);
    if (key == mine.keys.end()) continue;
    KITH_TRY(const SecretBytes secret, decrypt_with_label(tree.suite(), key->second, tree.encryption_key(to[i]),
                                                          kPathLabel, context, ciphertexts[i]));
    return mine.learn(tree, sender, step->node, secret);
  }
  return fail(Errc::bad_path, "a path that is encrypted to none of our keys");
}

}  // namespace kith::mls
