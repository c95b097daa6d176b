// Where nodes of a tree stand (RFC 9420 section 4.1.1 and appendix C): a complete balanced binary tree in an array,
// leaves at even indices. Arithmetic only.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace kith::mls {

struct LeafIndex {
  std::uint32_t value = 0;
  friend auto operator<=>(const LeafIndex&, const LeafIndex&) = default;
};

struct NodeIndex {
  std::uint32_t value = 0;
  friend auto operator<=>(const NodeIndex&, const NodeIndex&) = default;
  [[nodiscard]] bool is_leaf() const { return value % 2 == 0; }
};

// Leaf indices fit into 30 bits, so that node indices fit into 32.
inline constexpr std::uint32_t kMaxLeaves = 1U << 30;

inline NodeIndex to_node(LeafIndex leaf) { return {leaf.value * 2}; }
inline LeafIndex to_leaf(NodeIndex node) { return {node.value / 2}; }

// A tree of this many leaves: a power of two, or 0 where there is none.
struct TreeSize {
  std::uint32_t leaves = 0;
  // The smallest tree that holds this many leaves.
  static TreeSize holding(std::uint32_t leaf_count);
  [[nodiscard]] std::uint32_t nodes() const { return leaves == 0 ? 0 : leaves * 2 - 1; }
  [[nodiscard]] NodeIndex root() const { return {leaves - 1}; }
  [[nodiscard]] bool contains(NodeIndex n) const { return n.value < nodes(); }
  [[nodiscard]] bool contains(LeafIndex l) const { return l.value < leaves; }
  friend bool operator==(const TreeSize&, const TreeSize&) = default;
};

// The height of a node above the leaves.
std::uint32_t level(NodeIndex n);
// Children of a parent node.
NodeIndex left(NodeIndex n);
NodeIndex right(NodeIndex n);
// Parent and sibling of a node other than the root.
NodeIndex parent(NodeIndex n);
NodeIndex sibling(NodeIndex n);
// Is `n` inside the subtree under `top` (or `top` itself)?
bool is_in_subtree(NodeIndex n, NodeIndex top);
// From the leaf's parent to the root; empty in a tree of one leaf.
std::vector<NodeIndex> direct_path(LeafIndex leaf, TreeSize size);
// The lowest node above both leaves.
NodeIndex common_ancestor(LeafIndex a, LeafIndex b);

}  // namespace kith::mls
