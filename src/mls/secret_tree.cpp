#include "mls/secret_tree.h"

#include <algorithm>

#include "base/check.h"
#include "mls/key_derivation.h"

namespace kith::mls {

SecretTree::SecretTree(const crypto::Suite& suite, TreeSize size, SecretBytes encryption_secret)
    : suite_(suite), size_(size) {
  nodes_[size.root()] = std::move(encryption_secret);
}

MessageKey SecretTree::key_of(ByteView secret, std::uint32_t generation) const {
  return {generation, derive_tree_secret(suite_, secret, "key", generation, suite_.key_size()),
          derive_tree_secret(suite_, secret, "nonce", generation, suite_.nonce_size())};
}

void SecretTree::advance(Ratchet& ratchet) const {
  ratchet.secret = derive_tree_secret(suite_, ratchet.secret, "secret", ratchet.generation, suite_.hash_size());
  ++ratchet.generation;
}

// Expands from the frontier down to the leaf. With `nodes`, the path leaves the frontier and its copath joins it.
bool SecretTree::fresh_ratchets(LeafIndex leaf, LeafRatchets& out, std::map<NodeIndex, SecretBytes>* nodes) const {
  NodeIndex n = to_node(leaf);
  while (!nodes_.contains(n) && n != size_.root()) n = parent(n);
  const auto known = nodes_.find(n);
  if (known == nodes_.end()) return false;
  SecretBytes secret = known->second;
  if (nodes != nullptr) nodes->erase(n);
  while (!n.is_leaf()) {
    const auto child = [&](std::string_view side) {
      return expand_with_label(suite_, secret, "tree", as_view(side), suite_.hash_size());
    };
    const bool go_left = to_node(leaf) < n;
    SecretBytes next = child(go_left ? "left" : "right");
    if (nodes != nullptr) (*nodes)[go_left ? right(n) : left(n)] = child(go_left ? "right" : "left");
    n = go_left ? left(n) : right(n);
    secret = std::move(next);
  }
  out.of[0].secret = expand_with_label(suite_, secret, "handshake", {}, suite_.hash_size());
  out.of[1].secret = expand_with_label(suite_, secret, "application", {}, suite_.hash_size());
  return true;
}

SecretTree::LeafRatchets* SecretTree::open_ratchets(LeafIndex leaf) {
  if (const auto it = ratchets_.find(leaf); it != ratchets_.end()) return &it->second;
  LeafRatchets fresh;
  if (!size_.contains(leaf) || !fresh_ratchets(leaf, fresh, &nodes_)) return nullptr;
  return &ratchets_.emplace(leaf, std::move(fresh)).first->second;
}

MessageKey SecretTree::next(LeafIndex own, RatchetKind kind) {
  LeafRatchets* ratchets = open_ratchets(own);
  KITH_CHECK(ratchets != nullptr);
  Ratchet& ratchet = ratchets->of[static_cast<int>(kind)];
  MessageKey key = key_of(ratchet.secret, ratchet.generation);
  advance(ratchet);
  return key;
}

Result<MessageKey> SecretTree::peek(LeafIndex sender, RatchetKind kind, std::uint32_t generation) const {
  LeafRatchets fresh;
  const auto it = ratchets_.find(sender);
  if (it == ratchets_.end() && (!size_.contains(sender) || !fresh_ratchets(sender, fresh, nullptr))) {
    return fail(Errc::unknown_sender, "a sender outside the tree");
  }
  const Ratchet& ratchet = (it == ratchets_.end() ? fresh : it->second).of[static_cast<int>(kind)];
  if (generation < ratchet.generation) {
    const auto key = ratchet.skipped.find(generation);
    if (key == ratchet.skipped.end()) return fail(Errc::generation_used, "a message whose key was used and deleted");
    return key->second;
  }
  if (generation - ratchet.generation > kMaxGenerationSkip) {
    return fail(Errc::generation_too_far, "a message too far ahead of its sender's last");
  }
  Ratchet ahead{ratchet.secret, ratchet.generation, {}};
  while (ahead.generation < generation) advance(ahead);
  return key_of(ahead.secret, generation);
}

void SecretTree::consume(LeafIndex sender, RatchetKind kind, std::uint32_t generation) {
  LeafRatchets* ratchets = open_ratchets(sender);
  KITH_CHECK(ratchets != nullptr);
  Ratchet& ratchet = ratchets->of[static_cast<int>(kind)];
  if (generation < ratchet.generation) {
    ratchet.skipped.erase(generation);
    return;
  }
  while (ratchet.generation < generation) {
    ratchet.skipped.emplace(ratchet.generation, key_of(ratchet.secret, ratchet.generation));
    advance(ratchet);
  }
  advance(ratchet);
  while (ratchet.skipped.size() > kMaxGenerationSkip) ratchet.skipped.erase(ratchet.skipped.begin());
}

SecretBytes SecretTree::record() const {
  Writer w;
  w.u32(size_.leaves);
  Writer nodes;
  for (const auto& [n, secret] : nodes_) {
    nodes.u32(n.value);
    nodes.opaque(secret);
  }
  w.opaque(nodes.view());
  Writer leaves;
  for (const auto& [leaf, ratchets] : ratchets_) {
    leaves.u32(leaf.value);
    for (const Ratchet& ratchet : ratchets.of) {
      leaves.opaque(ratchet.secret);
      leaves.u32(ratchet.generation);
      Writer skipped;
      for (const auto& [generation, key] : ratchet.skipped) {
        skipped.u32(generation);
        skipped.opaque(key.key);
        skipped.opaque(key.nonce);
      }
      leaves.opaque(skipped.view());
    }
  }
  w.opaque(leaves.view());
  return std::move(w).take_secret();
}

Result<SecretTree> SecretTree::restore(const crypto::Suite& suite, ByteView record) {
  Reader r(record);
  SecretTree tree(suite, TreeSize{r.u32()});
  for (Reader nodes(r.opaque()); !nodes.at_end();) {
    const NodeIndex n{nodes.u32()};
    decode(nodes, tree.nodes_[n]);
    r.absorb(nodes);
  }
  for (Reader entries(r.opaque()); !entries.at_end();) {
    LeafRatchets& ratchets = tree.ratchets_[LeafIndex{entries.u32()}];
    for (Ratchet& ratchet : ratchets.of) {
      decode(entries, ratchet.secret);
      ratchet.generation = entries.u32();
      for (Reader skipped(entries.opaque()); !skipped.at_end();) {
        const std::uint32_t generation = skipped.u32();
        MessageKey& key = ratchet.skipped[generation];
        key.generation = generation;
        decode(skipped, key.key);
        decode(skipped, key.nonce);
        entries.absorb(skipped);
      }
    }
    r.absorb(entries);
  }
  const std::uint32_t leaves = tree.size_.leaves;
  if (!r.finish() || leaves == 0 || leaves > kMaxLeaves || TreeSize::holding(leaves) != tree.size_) {
    return fail(Errc::bad_record, "a ratchet record that is none");
  }
  return tree;
}

}  // namespace kith::mls
