#include "mls/tree_math.h"

#include <bit>

#include "base/check.h"

namespace kith::mls {

TreeSize TreeSize::holding(std::uint32_t leaf_count) {
  KITH_CHECK(leaf_count <= kMaxLeaves);
  return {leaf_count == 0 ? 0 : std::bit_ceil(leaf_count)};
}

std::uint32_t level(NodeIndex n) { return static_cast<std::uint32_t>(std::countr_one(n.value)); }

NodeIndex left(NodeIndex n) {
  KITH_CHECK(!n.is_leaf());
  return {n.value ^ (1U << (level(n) - 1))};
}

NodeIndex right(NodeIndex n) {
  KITH_CHECK(!n.is_leaf());
  return {n.value ^ (3U << (level(n) - 1))};
}

NodeIndex parent(NodeIndex n) {
  const std::uint32_t k = level(n);
  const std::uint32_t side = n.value >> (k + 1) & 1;
  return {(n.value | 1U << k) ^ side << (k + 1)};
}

NodeIndex sibling(NodeIndex n) {
  const NodeIndex p = parent(n);
  return n < p ? right(p) : left(p);
}

bool is_in_subtree(NodeIndex n, NodeIndex top) {
  const std::uint32_t reach = (1U << level(top)) - 1;
  return n.value >= top.value - reach && n.value <= top.value + reach;
}

std::vector<NodeIndex> direct_path(LeafIndex leaf, TreeSize size) {
  std::vector<NodeIndex> path;
  for (NodeIndex n = to_node(leaf); n != size.root();) {
    n = parent(n);
    path.push_back(n);
  }
  return path;
}

NodeIndex common_ancestor(LeafIndex a, LeafIndex b) {
  const int k = std::bit_width(a.value ^ b.value);
  return {((a.value >> k) << (k + 1)) + (1U << k) - 1};
}

}  // namespace kith::mls
