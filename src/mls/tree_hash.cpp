// Tree hashes and parent hashes (RFC 9420 sections 7.8 and 7.9).
#include <algorithm>

#include "base/check.h"
#include "mls/ratchet_tree.h"

namespace kith::mls {

Bytes RatchetTree::leaf_hash(LeafIndex i, const LeafNode* leaf_node) const {
  // TreeHashInput with a LeafNodeHashInput
  Writer w;
  w.u8(1);
  w.u32(i.value);
  w.u8(leaf_node != nullptr ? 1 : 0);
  if (leaf_node != nullptr) mls::encode(w, *leaf_node);
  return suite_.hash(w.view());
}

Bytes RatchetTree::parent_node_hash(const ParentNode* node, ByteView left_hash, ByteView right_hash) const {
  // TreeHashInput with a ParentNodeHashInput
  Writer w;
  w.u8(2);
  w.u8(node != nullptr ? 1 : 0);
  if (node != nullptr) mls::encode(w, *node);
  w.opaque(left_hash);
  w.opaque(right_hash);
  return suite_.hash(w.view());
}

ByteView RatchetTree::cached_hash(NodeIndex n) const {
  const ByteView slot = ByteView(hashes_).subspan(std::size_t{n.value} * suite_.hash_size(), suite_.hash_size());
  if (states_[n.value].hash == Hashed::stored && !fetch_hash(n)) return slot;
  if (states_[n.value].hash == Hashed::stale) {
    const Bytes hash = n.is_leaf() ? leaf_hash(to_leaf(n), leaf(to_leaf(n)))
                                   : parent_node_hash(parent_node(n), cached_hash(left(n)), cached_hash(right(n)));
    std::ranges::copy(hash, hashes_.begin() + (slot.data() - hashes_.data()));
    states_[n.value].hash = Hashed::computed;
  }
  return slot;
}

Bytes RatchetTree::node_hash(NodeIndex n) const { return to_bytes(cached_hash(n)); }

Bytes RatchetTree::hash() const {
  KITH_CHECK(size().leaves > 0);
  return node_hash(size().root());
}

Bytes RatchetTree::original_hash(NodeIndex n, const std::vector<std::uint32_t>& without) const {
  const std::uint32_t reach = (1U << level(n)) - 1;
  const auto first_below = std::ranges::lower_bound(without, (n.value - reach) / 2);
  if (first_below == without.end() || *first_below > (n.value + reach) / 2) return node_hash(n);
  if (n.is_leaf()) return leaf_hash(to_leaf(n), nullptr);
  const Bytes left_hash = original_hash(left(n), without);
  const Bytes right_hash = original_hash(right(n), without);
  if (is_blank(n)) return parent_node_hash(nullptr, left_hash, right_hash);
  ParentNode original = *parent_node(n);
  std::erase_if(original.unmerged_leaves, [&](std::uint32_t l) { return std::ranges::binary_search(without, l); });
  return parent_node_hash(&original, left_hash, right_hash);
}

Bytes RatchetTree::parent_hash(NodeIndex n, NodeIndex copath_child) const {
  const ParentNode& node = *parent_node(n);
  // ParentHashInput
  Writer w;
  w.opaque(node.encryption_key);
  w.opaque(node.parent_hash);
  w.opaque(original_hash(copath_child, node.unmerged_leaves));
  return suite_.hash(w.view());
}

bool RatchetTree::is_parent_hash_valid(NodeIndex n) const {
  const auto& unmerged = parent_node(n)->unmerged_leaves;
  for (const NodeIndex child : {left(n), right(n)}) {
    // Of the child's resolution, exactly one node was not added since: the one that was on the path with this node.
    std::vector<NodeIndex> from_path = resolution(child);
    std::erase_if(from_path,
                  [&](NodeIndex d) { return d.is_leaf() && std::ranges::binary_search(unmerged, to_leaf(d).value); });
    if (from_path.size() != 1) continue;
    const NodeIndex d = from_path.front();
    const Bytes* carried = nullptr;
    if (!d.is_leaf()) {
      carried = &parent_node(d)->parent_hash;
    } else if (leaf(to_leaf(d))->source == LeafNodeSource::commit) {
      carried = &leaf(to_leaf(d))->parent_hash;
    }
    if (carried != nullptr && *carried == parent_hash(n, sibling(child))) return true;
  }
  return false;
}

Result<void> RatchetTree::verify_parent_hashes() const {
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    if (parents_[i] && !is_parent_hash_valid({static_cast<std::uint32_t>(i * 2 + 1)})) {
      return fail(Errc::bad_tree, "a node that no path explains: its parent hash is nowhere below it");
    }
  }
  return {};
}

}  // namespace kith::mls
