#include "mls/ratchet_tree.h"

#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "mls/proposal.h"

namespace kith::mls {

namespace {

constexpr std::uint8_t kLeaf = 1;
constexpr std::uint8_t kParent = 2;

}  // namespace

void encode(Writer& w, const ParentNode& v) {
  w.opaque(v.encryption_key);
  w.opaque(v.parent_hash);
  encode(w, v.unmerged_leaves);
}
void decode(Reader& r, ParentNode& v) {
  decode(r, v.encryption_key);
  decode(r, v.parent_hash);
  decode(r, v.unmerged_leaves);
}

Result<RatchetTree> RatchetTree::decode(const crypto::Suite& suite, ByteView in, std::uint32_t max_leaves) {
  Reader outer(in);
  Reader r(outer.opaque());
  KITH_TRY_VOID(outer.finish());
  RatchetTree tree(suite);
  std::size_t node = 0;
  bool last_is_blank = true;
  for (; r.ok() && !r.at_end(); ++node) {
    const bool is_leaf = node % 2 == 0;
    if (is_leaf && tree.leaves_.size() == max_leaves) return fail(Errc::too_long, "a tree of too many leaves");
    std::shared_ptr<LeafNode> leaf;
    std::shared_ptr<ParentNode> parent;
    const std::uint8_t present = r.u8();
    if (present > 1) return fail(Errc::bad_value, "a presence byte is neither 0 nor 1");
    last_is_blank = present == 0;
    if (present == 1) {
      if (r.u8() != (is_leaf ? kLeaf : kParent)) return fail(Errc::bad_tree, "a node of the wrong kind for its place");
      if (is_leaf) {
        mls::decode(r, *(leaf = std::make_shared<LeafNode>()));
      } else {
        mls::decode(r, *(parent = std::make_shared<ParentNode>()));
      }
    }
    if (is_leaf) {
      tree.leaves_.push_back(std::move(leaf));
    } else {
      tree.parents_.push_back(std::move(parent));
    }
  }
  KITH_TRY_VOID(r.finish());
  if (node == 0 || node % 2 == 0 || last_is_blank)
    return fail(Errc::not_minimal, "a tree that does not end with a leaf");
  tree.grow_to(TreeSize::holding(static_cast<std::uint32_t>(tree.leaves_.size())));
  tree.first_free_ = 0;
  KITH_TRY_VOID(tree.check_structure());
  return tree;
}

void encode_optional_node(Writer& w, NodeIndex n, ByteView bytes) {
  w.u8(bytes.empty() ? 0 : 1);
  if (bytes.empty()) return;
  w.u8(n.is_leaf() ? kLeaf : kParent);
  w.raw(bytes);
}

Bytes ratchet_tree_of(ByteView nodes) {
  Writer w;
  w.opaque(nodes);
  return w.bytes();
}

Bytes RatchetTree::encode() const {
  std::uint32_t count = size().leaves;
  while (count > 0 && !is_occupied({count - 1})) --count;
  Writer nodes;
  for (std::uint32_t i = 0; i + 1 < 2 * count; ++i) encode_optional_node(nodes, {i}, node_bytes({i}));
  return ratchet_tree_of(nodes.view());
}

// What section 12.4.3.1 asks of a received tree's form: key sizes, unmerged leaves that are there, below their node and
// known to every node in between.
Result<void> RatchetTree::check_structure() const {
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    if (!parents_[i]) continue;
    const NodeIndex n{static_cast<std::uint32_t>(i * 2 + 1)};
    const ParentNode& node = *parents_[i];
    if (!suite_.is_kem_public_key(node.encryption_key)) return fail(Errc::bad_key, "a node's encryption key is none");
    if (std::ranges::adjacent_find(node.unmerged_leaves, std::greater_equal{}) != node.unmerged_leaves.end()) {
      return fail(Errc::bad_tree, "unmerged leaves out of order");
    }
    for (const std::uint32_t unmerged : node.unmerged_leaves) {
      const LeafIndex leaf_index{unmerged};
      if (!size().contains(leaf_index) || !leaf(leaf_index) || !is_in_subtree(to_node(leaf_index), n)) {
        return fail(Errc::bad_tree, "an unmerged leaf that is not below its node");
      }
      for (NodeIndex between = parent(to_node(leaf_index)); between != n; between = parent(between)) {
        const ParentNode* p = parent_node(between);
        if (p != nullptr && !std::ranges::binary_search(p->unmerged_leaves, unmerged)) {
          return fail(Errc::bad_tree, "an unmerged leaf that a node in between does not list");
        }
      }
    }
  }
  return {};
}

bool RatchetTree::is_occupied(LeafIndex i) const {
  return size().contains(i) && (leaves_[i.value] != nullptr || !states_[to_node(i).value].is_here);
}

const LeafNode* RatchetTree::leaf(LeafIndex i) const {
  return size().contains(i) && is_here(to_node(i)) ? leaves_[i.value].get() : nullptr;
}

const ParentNode* RatchetTree::parent_node(NodeIndex n) const {
  return n.value / 2 < parents_.size() && is_here(n) ? parents_[n.value / 2].get() : nullptr;
}

bool RatchetTree::is_blank(NodeIndex n) const {
  return n.is_leaf() ? !is_occupied(to_leaf(n)) : parent_node(n) == nullptr;
}

const Bytes& RatchetTree::encryption_key(NodeIndex n) const {
  KITH_CHECK(!is_blank(n) && is_here(n));
  return n.is_leaf() ? leaf(to_leaf(n))->encryption_key : parent_node(n)->encryption_key;
}

void RatchetTree::collect_resolution(NodeIndex n, std::vector<NodeIndex>& out) const {
  if (!n.is_leaf() && !is_here(n)) return;
  if (!is_blank(n)) {
    out.push_back(n);
    if (n.is_leaf()) return;
    for (const std::uint32_t unmerged : parent_node(n)->unmerged_leaves) out.push_back(to_node(LeafIndex{unmerged}));
  } else if (!n.is_leaf()) {
    collect_resolution(left(n), out);
    collect_resolution(right(n), out);
  }
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex n) const {
  std::vector<NodeIndex> out;
  collect_resolution(n, out);
  return out;
}

// By its leaves alone: where none is left below a node, the node was blanked with the last of them.
bool RatchetTree::is_empty_below(NodeIndex n) const {
  const std::uint32_t reach = (1U << level(n)) - 1;
  for (std::uint32_t i = (n.value - reach) / 2; i <= (n.value + reach) / 2; ++i) {
    if (is_occupied({i})) return false;
  }
  return true;
}

std::vector<RatchetTree::PathStep> RatchetTree::filtered_direct_path(LeafIndex leaf_index) const {
  std::vector<PathStep> steps;
  for (NodeIndex n = to_node(leaf_index); n != size().root(); n = parent(n)) {
    if (const NodeIndex other = sibling(n); !is_empty_below(other)) steps.push_back({parent(n), other});
  }
  return steps;
}

LeafIndex RatchetTree::next_free() const {
  std::uint32_t i = first_free_;
  while (is_occupied({i})) ++i;
  return {i};
}

LeafIndex RatchetTree::add(LeafNode leaf_node) {
  const LeafIndex i = next_free();
  if (i.value >= leaves_.size()) grow_to(TreeSize::holding(i.value + 1));
  // Before the leaf is there: of a tree of parts, nodes with nothing below are not stored.
  for (const NodeIndex n : direct_path(i, size())) {
    const ParentNode* p = parent_node(n);
    if (p == nullptr) continue;
    auto changed = std::make_shared<ParentNode>(*p);
    auto& unmerged = changed->unmerged_leaves;
    unmerged.insert(std::ranges::upper_bound(unmerged, i.value), i.value);
    set_parent(n, std::move(changed));
  }
  place(i, std::move(leaf_node));
  return i;
}

void RatchetTree::place(LeafIndex i, LeafNode leaf_node) {
  if (i.value >= leaves_.size()) grow_to(TreeSize::holding(i.value + 1));
  if (i.value == first_free_) ++first_free_;
  leaves_[i.value] = std::make_shared<LeafNode>(std::move(leaf_node));
  states_[to_node(i).value].is_here = true;
  touch(to_node(i));
}

void RatchetTree::update(LeafIndex i, LeafNode leaf_node) {
  KITH_CHECK(is_occupied(i));
  blank_path(i);
  place(i, std::move(leaf_node));
}

void RatchetTree::remove(LeafIndex i) {
  KITH_CHECK(is_occupied(i));
  blank_path(i);
  leaves_[i.value] = nullptr;
  states_[to_node(i).value].is_here = true;
  touch(to_node(i));
  first_free_ = std::min(first_free_, i.value);
  truncate();
}

void RatchetTree::blank_path(LeafIndex i) {
  for (const NodeIndex n : direct_path(i, size())) set_parent(n, nullptr);
}

void RatchetTree::set_parent(NodeIndex n, std::shared_ptr<const ParentNode> p) {
  parents_[n.value / 2] = std::move(p);
  states_[n.value].is_here = true;
  touch(n);
}

void RatchetTree::grow_to(TreeSize new_size) {
  leaves_.resize(new_size.leaves);
  parents_.resize(new_size.leaves == 0 ? 0 : new_size.leaves - 1);
  states_.resize(new_size.nodes());
  hashes_.resize(std::size_t{new_size.nodes()} * suite_.hash_size());
}

void RatchetTree::truncate() {
  std::uint32_t leaves = size().leaves;
  while (leaves > 1 && is_empty_below(right(TreeSize{leaves}.root()))) leaves /= 2;
  grow_to({leaves});
}

void RatchetTree::touch(NodeIndex n) {
  while (states_[n.value].hash != Hashed::stale) {
    states_[n.value].hash = Hashed::stale;
    if (n == size().root()) return;
    n = parent(n);
  }
}

Bytes RatchetTree::set_path(LeafIndex sender, const std::vector<Bytes>& public_keys) {
  const std::vector<PathStep> steps = filtered_direct_path(sender);
  KITH_CHECK(steps.size() == public_keys.size());
  blank_path(sender);
  // From the root down, because a node's parent hash covers the node above.
  Bytes hash_above;
  for (std::size_t i = steps.size(); i-- > 0;) {
    auto node = std::make_shared<ParentNode>();
    node->encryption_key = public_keys[i];
    node->parent_hash = std::move(hash_above);
    set_parent(steps[i].node, std::move(node));
    hash_above = parent_hash(steps[i].node, steps[i].copath_child);
  }
  return hash_above;
}

Result<void> RatchetTree::merge(LeafIndex sender, const UpdatePath& path) {
  std::vector<Bytes> keys;
  keys.reserve(path.nodes.size());
  for (const UpdatePathNode& node : path.nodes) {
    if (!suite_.is_kem_public_key(node.encryption_key)) return fail(Errc::bad_key, "a path's encryption key is none");
    keys.push_back(node.encryption_key);
  }
  // The sender of an external commit stands on a leaf that is still blank, perhaps beyond the tree's edge.
  if (sender.value >= leaves_.size()) grow_to(TreeSize::holding(sender.value + 1));
  if (keys.size() != filtered_direct_path(sender).size()) return fail(Errc::bad_path, "a path of the wrong length");
  // Section 12.4.2 asks for keys that are nowhere in the tree. Those that the path replaces are not there to be
  // compared with afterwards.
  for (const NodeIndex n : direct_path(sender, size())) {
    const ParentNode* p = parent_node(n);
    if (p == nullptr) continue;
    if (p->encryption_key == path.leaf_node.encryption_key || std::ranges::find(keys, p->encryption_key) != keys.end())
      return fail(Errc::duplicate_key, "a path that keeps a key of the tree");
  }
  const Bytes expected = set_path(sender, keys);
  if (path.leaf_node.parent_hash != expected) return fail(Errc::bad_path, "a path's leaf carries another parent hash");
  place(sender, path.leaf_node);
  return {};
}

std::vector<NodeIndex> recipients(const RatchetTree& tree, NodeIndex copath_child,
                                  const std::vector<LeafIndex>& added) {
  std::vector<NodeIndex> out = tree.resolution(copath_child);
  std::erase_if(out, [&](NodeIndex n) { return n.is_leaf() && std::ranges::binary_search(added, to_leaf(n)); });
  return out;
}

namespace {

struct Hasher {
  std::size_t operator()(ByteView v) const { return std::hash<std::string_view>{}(as_text(v)); }
};
struct Same {
  bool operator()(ByteView a, ByteView b) const { return same_bytes(a, b); }
};
using KeySet = std::unordered_set<ByteView, Hasher, Same>;

}  // namespace

Result<void> RatchetTree::check_unique_keys() const {
  if (parts_) KITH_TRY_VOID(check_keys_against_parts());
  KeySet signature_keys;
  KeySet encryption_keys;
  signature_keys.reserve(leaves_.size());
  encryption_keys.reserve(leaves_.size() * 2);
  for (const auto& l : leaves_) {
    if (!l) continue;
    if (!signature_keys.insert(l->signature_key).second)
      return fail(Errc::duplicate_key, "two leaves share a signature key");
    if (!encryption_keys.insert(l->encryption_key).second)
      return fail(Errc::duplicate_key, "two nodes share an encryption key");
  }
  for (const auto& p : parents_) {
    if (p && !encryption_keys.insert(p->encryption_key).second) {
      return fail(Errc::duplicate_key, "two nodes share an encryption key");
    }
  }
  return {};
}

Result<void> RatchetTree::check_credentials() const {
  std::vector<std::uint16_t> in_use;
  for (const auto& l : leaves_) {
    if (l && std::ranges::find(in_use, l->credential.type) == in_use.end()) in_use.push_back(l->credential.type);
  }
  for (const auto& l : leaves_) {
    if (l && !std::ranges::all_of(in_use, [&](auto type) { return l->capabilities.has_credential(type); })) {
      return fail(Errc::unsupported_capability, "a leaf does not support another leaf's type of credential");
    }
  }
  return {};
}

Result<void> RatchetTree::verify(ByteView group_id, const Extensions& group_extensions) const {
  KITH_TRY_VOID(check_unique_keys());
  KITH_TRY_VOID(check_credentials());
  KITH_TRY_VOID(verify_parent_hashes());
  for (std::uint32_t i = 0; i < leaves_.size(); ++i) {
    if (!leaves_[i]) continue;
    KITH_TRY_VOID(check_leaf(suite_, *leaves_[i]));
    KITH_TRY_VOID(check_supports(*leaves_[i], group_extensions));
    KITH_TRY_VOID(verify_signature(suite_, *leaves_[i], {group_id, {i}}));
  }
  return {};
}

}  // namespace kith::mls
