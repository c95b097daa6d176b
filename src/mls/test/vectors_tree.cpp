// Vectors of the ratchet tree and of TreeKEM.
#include "mls/test/vectors_internal.h"

namespace kith::mls::vectors {

void tree_validation(const crypto::Suite& suite, const Json& v, Case& c) {
  const Bytes bytes = bytes_of(v, "tree");
  const auto tree = RatchetTree::decode(suite, bytes);
  if (!c.ok(tree, "tree")) return;
  c.equal(tree->encode(), bytes, "encoding");
  c.check(tree->size().nodes() == v["resolutions"].size(), "node count");
  for (std::uint32_t n = 0; n < tree->size().nodes(); ++n) {
    Json resolution = Json::array();
    for (const NodeIndex r : tree->resolution({n})) resolution.push_back(r.value);
    c.check(resolution == v["resolutions"][n], "resolution");
    c.equal(tree->node_hash({n}), bytes_of(v["tree_hashes"][n]), "tree hash");
  }
  c.ok(tree->verify(bytes_of(v, "group_id"), {}), "verify");
}

void tree_operations(const crypto::Suite& suite, const Json& v, Case& c) {
  auto tree = RatchetTree::decode(suite, bytes_of(v, "tree_before"));
  const auto proposal = decoded<Proposal>(bytes_of(v, "proposal"));
  if (!c.ok(tree, "tree_before") || !c.ok(proposal, "proposal")) return;
  c.equal(tree->hash(), bytes_of(v, "tree_hash_before"), "tree_hash_before");
  if (const auto* add = std::get_if<Add>(&*proposal)) {
    tree->add(add->key_package.leaf);
  } else if (const auto* update = std::get_if<Update>(&*proposal)) {
    tree->update({static_cast<std::uint32_t>(number_of(v, "proposal_sender"))}, update->leaf_node);
  } else if (const auto* remove = std::get_if<Remove>(&*proposal)) {
    tree->remove(remove->removed);
  }
  c.equal(tree->encode(), bytes_of(v, "tree_after"), "tree_after");
  c.equal(tree->hash(), bytes_of(v, "tree_hash_after"), "tree_hash_after");
}

namespace {

struct PrivateLeaf {
  TreePrivateKeys keys;
  crypto::SignatureKeyPair signature_key;
};

std::vector<PrivateLeaf> private_leaves(const crypto::Suite& suite, const RatchetTree& tree, const Json& v, Case& c) {
  std::vector<PrivateLeaf> out;
  for (const Json& p : v["leaves_private"]) {
    PrivateLeaf leaf;
    leaf.keys.leaf = {static_cast<std::uint32_t>(number_of(p, "index"))};
    leaf.keys.keys[to_node(leaf.keys.leaf)] = private_key_of(suite, p, "encryption_priv");
    auto key = suite.signature_key_from(private_key_of(suite, p, "signature_priv"));
    if (!c.check(key.has_value(), "signature_priv")) continue;
    leaf.signature_key = *std::move(key);
    for (const Json& s : p["path_secrets"]) {
      const NodeIndex n{static_cast<std::uint32_t>(number_of(s, "node"))};
      auto pair = suite.derive_kem_key(derive_secret(suite, bytes_of(s, "path_secret"), "node"));
      c.equal(pair.public_key, tree.encryption_key(n), "a node's key");
      leaf.keys.keys[n] = std::move(pair.private_key);
    }
    out.push_back(std::move(leaf));
  }
  return out;
}

GroupContext context_of(const crypto::Suite& suite, const Json& v, const RatchetTree& tree) {
  return {.version = kVersion,
          .suite = suite.id(),
          .group_id = bytes_of(v, "group_id"),
          .epoch = number_of(v, "epoch"),
          .tree_hash = tree.hash(),
          .confirmed_transcript_hash = bytes_of(v, "confirmed_transcript_hash"),
          .extensions = {}};
}

}  // namespace

void treekem(const crypto::Suite& suite, const Json& v, Case& c) {
  SeededEntropy entropy;
  const auto before = RatchetTree::decode(suite, bytes_of(v, "ratchet_tree"));
  if (!c.ok(before, "ratchet_tree")) return;
  const Bytes group_id = bytes_of(v, "group_id");
  const std::vector<PrivateLeaf> leaves = private_leaves(suite, *before, v, c);
  for (const Json& u : v["update_paths"]) {
    const LeafIndex sender{static_cast<std::uint32_t>(number_of(u, "sender"))};
    const auto path = decoded<UpdatePath>(bytes_of(u, "update_path"));
    if (!c.ok(path, "update_path")) continue;
    c.ok(verify_signature(suite, path->leaf_node, {group_id, sender}), "the path's leaf");
    RatchetTree after = *before;
    if (!c.ok(after.merge(sender, *path), "merge")) continue;
    c.equal(after.hash(), bytes_of(u, "tree_hash_after"), "tree_hash_after");
    const Bytes context = encoded(context_of(suite, v, after));
    const PrivateLeaf* us = nullptr;
    for (const PrivateLeaf& leaf : leaves) {
      if (leaf.keys.leaf == sender) us = &leaf;
      if (leaf.keys.leaf == sender) continue;
      TreePrivateKeys keys = leaf.keys;
      keys.prune(*before, after);
      const auto secret = open_path(after, keys, sender, *path, {}, context);
      if (!c.ok(secret, "open_path")) continue;
      c.equal(*secret, bytes_of(u, "commit_secret"), "commit_secret");
      const auto node =
          suite.derive_kem_key(derive_secret(suite, bytes_of(u["path_secrets"][leaf.keys.leaf.value]), "node"));
      c.equal(keys.keys[common_ancestor(sender, leaf.keys.leaf)], node.private_key, "path_secret");
    }
    if (!c.check(us != nullptr, "the sender's private keys")) continue;

    RatchetTree ours = *before;
    const NewPath made = NewPath::make(ours, sender, *before->leaf(sender), group_id, us->signature_key, entropy);
    const Bytes our_context = encoded(context_of(suite, v, ours));
    const auto our_path = made.encrypt(ours, {}, our_context, entropy);
    if (!c.ok(our_path, "our path")) continue;
    RatchetTree theirs = *before;
    if (!c.ok(theirs.merge(sender, *our_path), "merging our path")) continue;
    c.equal(theirs.encode(), ours.encode(), "both trees are equal");
    c.ok(theirs.verify_parent_hashes(), "parent hashes after our path");
    for (const PrivateLeaf& leaf : leaves) {
      if (leaf.keys.leaf == sender) continue;
      TreePrivateKeys keys = leaf.keys;
      keys.prune(*before, theirs);
      const auto secret = open_path(theirs, keys, sender, *our_path, {}, our_context);
      if (c.ok(secret, "opening our path")) c.equal(*secret, made.commit_secret(), "our commit_secret");
    }
  }
}

}  // namespace kith::mls::vectors
