// A ratchet tree on disk: node by node, so that a commit writes what it changed.
#include <algorithm>

#include "mls/ratchet_tree.h"

namespace kith::mls {
namespace {

template <class T>
Result<std::shared_ptr<const T>> shared(ByteView bytes) {
  KITH_TRY(T value, decoded<T>(bytes));
  return std::make_shared<const T>(std::move(value));
}

}  // namespace

std::vector<NodeRecord> RatchetTree::changes_since(const RatchetTree* since) const {
  std::vector<NodeRecord> changes;
  const auto compare = [&](const auto& now, const auto& before, std::uint32_t first) {
    for (std::size_t i = 0; i < std::max(now.size(), before.size()); ++i) {
      const auto* node = i < now.size() ? now[i].get() : nullptr;
      const auto* old = i < before.size() ? before[i].get() : nullptr;
      if (node == old) continue;
      changes.push_back({{static_cast<std::uint32_t>(2 * i) + first}, node != nullptr ? encoded(*node) : Bytes{}});
    }
  };
  const RatchetTree none(suite_);
  const RatchetTree& other = since != nullptr ? *since : none;
  compare(leaves_, other.leaves_, 0);
  compare(parents_, other.parents_, 1);
  return changes;
}

Result<RatchetTree> RatchetTree::restore(const crypto::Suite& suite, const RatchetTree* base, TreeSize size,
                                         const std::vector<NodeRecord>& changes) {
  if (!is_tree_size(size)) {
    return fail(Errc::bad_record, "a tree of a size that there is not");
  }
  RatchetTree tree(suite);
  if (base != nullptr) {
    tree.leaves_ = base->leaves_;
    tree.parents_ = base->parents_;
  }
  tree.grow_to(size);
  for (const NodeRecord& change : changes) {
    const std::size_t at = change.node.value / 2;
    if (change.node.value >= size.nodes()) {
      if (!change.bytes.empty()) return fail(Errc::bad_record, "a node beyond its tree");
    } else if (change.node.is_leaf()) {
      tree.leaves_[at] = nullptr;
      if (change.bytes.empty()) continue;
      KITH_TRY(tree.leaves_[at], shared<LeafNode>(change.bytes));
    } else {
      tree.parents_[at] = nullptr;
      if (change.bytes.empty()) continue;
      KITH_TRY(tree.parents_[at], shared<ParentNode>(change.bytes));
    }
  }
  KITH_TRY_VOID(tree.check_structure());
  return tree;
}

}  // namespace kith::mls
