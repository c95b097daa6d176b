// Trees of which only some nodes are here, and what of a tree is stored.
#include "mls/tree_parts.h"

#include <algorithm>

#include "mls/framing.h"
#include "mls/ratchet_tree.h"

namespace kith::mls {

KeyName name_of_key(KeyUse use, ByteView public_key) {
  Writer w;
  w.u8(static_cast<std::uint8_t>(use));
  w.raw(public_key);
  return crypto::sha256(w.view());
}

void TreeParts::put(NodeIndex n, std::optional<StoredNode> node) {
  wanted_nodes_.erase(n);
  // Nobody looks for a node without a leaf below: all others are stored.
  if (!node) broken_ = true;
  nodes_[n] = std::move(node);
}

void TreeParts::put(const KeyName& key, std::optional<NodeIndex> holder) {
  wanted_keys_.erase(key);
  holders_[key] = holder;
}

const StoredNode* TreeParts::node(NodeIndex n) {
  const auto at = nodes_.find(n);
  if (at == nodes_.end()) wanted_nodes_.insert(n);
  return at != nodes_.end() && at->second ? &*at->second : nullptr;
}

std::optional<NodeIndex> TreeParts::holder(const KeyName& key) {
  const auto at = holders_.find(key);
  if (at != holders_.end()) return at->second;
  wanted_keys_.insert(key);
  return std::nullopt;
}

namespace {

void want_keys(TreeParts& parts, const LeafNode& leaf) {
  parts.want(name_of_key(KeyUse::signature, leaf.signature_key));
  parts.want(name_of_key(KeyUse::encryption, leaf.encryption_key));
}

// Beyond the tree's edge and under empty subtrees nothing is stored.
void want_path(TreeParts& parts, const RatchetTree& tree, LeafIndex leaf) {
  if (!tree.is_occupied(leaf)) return;
  for (NodeIndex n = to_node(leaf);; n = parent(n)) {
    parts.want(n);
    if (n == tree.size().root()) return;
    if (!tree.is_empty_below(sibling(n))) parts.want(sibling(n));
  }
}

}  // namespace

void want_for_commit(TreeParts& parts, const RatchetTree& tree, const FramedContent& content) {
  const auto* commit = std::get_if<Commit>(&content.content);
  if (commit == nullptr) return;
  if (content.sender.type == SenderType::member) want_path(parts, tree, content.sender.leaf());
  for (const ProposalOrRef& item : commit->proposals) {
    const auto* proposal = std::get_if<Proposal>(&item);
    if (proposal == nullptr) continue;
    if (const auto* remove = std::get_if<Remove>(proposal)) want_path(parts, tree, remove->removed);
    if (const auto* add = std::get_if<Add>(proposal)) want_keys(parts, add->key_package.leaf);
  }
  if (!commit->path) return;
  want_keys(parts, commit->path->leaf_node);
  for (const UpdatePathNode& node : commit->path->nodes) {
    parts.want(name_of_key(KeyUse::encryption, node.encryption_key));
  }
}

Result<RatchetTree> RatchetTree::of_parts(const crypto::Suite& suite, TreeSize size,
                                          const std::vector<LeafIndex>& leaves, std::shared_ptr<TreeParts> parts) {
  if (!is_tree_size(size) || !std::ranges::all_of(leaves, [&](LeafIndex i) { return size.contains(i); })) {
    return fail(Errc::bad_record, "a tree of a size that there is not");
  }
  RatchetTree tree(suite);
  tree.grow_to(size);
  std::ranges::fill(tree.states_, NodeState{.hash = Hashed::stored, .is_here = false});
  for (std::uint32_t i = 0; i < size.leaves; ++i) tree.states_[to_node(LeafIndex{i}).value].is_here = true;
  for (const LeafIndex leaf : leaves) tree.states_[to_node(leaf).value].is_here = false;
  tree.parts_ = std::move(parts);
  return tree;
}

bool RatchetTree::is_here(NodeIndex n) const {
  NodeState& state = states_[n.value];
  if (state.is_here) return true;
  const bool is_empty = !n.is_leaf() && is_empty_below(n);
  const StoredNode* stored = is_empty ? nullptr : parts_->node(n);
  if (stored == nullptr && !is_empty) return false;
  state.is_here = true;
  if (stored == nullptr || stored->bytes.empty()) return true;
  Reader r(stored->bytes);
  if (n.is_leaf()) {
    auto leaf_node = std::make_shared<LeafNode>();
    mls::decode(r, *leaf_node);
    leaves_[n.value / 2] = std::move(leaf_node);
  } else {
    auto node = std::make_shared<ParentNode>();
    mls::decode(r, *node);
    parents_[n.value / 2] = std::move(node);
  }
  if (!r.finish()) parts_->broken();
  return true;
}

bool RatchetTree::fetch_hash(NodeIndex n) const {
  const bool is_empty = n.is_leaf() ? !is_occupied(to_leaf(n)) : is_empty_below(n);
  if (is_empty) {
    states_[n.value].hash = Hashed::stale;
    return true;
  }
  const StoredNode* stored = parts_->node(n);
  if (stored == nullptr) return false;
  if (stored->hash.size() == suite_.hash_size()) {
    std::ranges::copy(stored->hash, hashes_.begin() + static_cast<std::ptrdiff_t>(n.value * suite_.hash_size()));
  } else {
    parts_->broken();
  }
  states_[n.value].hash = Hashed::fetched;
  return true;
}

Result<void> RatchetTree::check_keys_against_parts() const {
  for (std::uint32_t i = 0; i < size().nodes(); ++i) {
    const NodeIndex n{i};
    if (!is_changed(n)) continue;
    for (const auto& [name, unused] : keys_of(n)) {
      const auto holder = parts_->holder(name);
      // Where the holder changed as well, its keys were compared with ours already.
      if (holder && *holder != n && size().contains(*holder) && !is_changed(*holder)) {
        return fail(Errc::duplicate_key, "a key that another node of the tree has");
      }
    }
  }
  return {};
}

std::vector<std::pair<KeyName, NodeIndex>> RatchetTree::keys_of(NodeIndex n) const {
  std::vector<std::pair<KeyName, NodeIndex>> keys;
  if (n.is_leaf()) {
    if (const LeafNode* l = leaf(to_leaf(n))) {
      keys.emplace_back(name_of_key(KeyUse::signature, l->signature_key), n);
      keys.emplace_back(name_of_key(KeyUse::encryption, l->encryption_key), n);
    }
  } else if (const ParentNode* p = parent_node(n)) {
    keys.emplace_back(name_of_key(KeyUse::encryption, p->encryption_key), n);
  }
  return keys;
}

std::vector<bool> RatchetTree::with_leaf_below() const {
  std::vector<bool> is_used(size().nodes(), false);
  for (std::uint32_t i = 0; i < size().leaves; ++i) {
    if (!is_occupied({i})) continue;
    NodeIndex n = to_node(LeafIndex{i});
    for (; !is_used[n.value]; n = parent(n)) {
      is_used[n.value] = true;
      if (n == size().root()) break;
    }
  }
  return is_used;
}

Bytes RatchetTree::node_bytes(NodeIndex n) const {
  if (n.is_leaf()) {
    const LeafNode* l = leaf(to_leaf(n));
    return l != nullptr ? encoded(*l) : Bytes{};
  }
  const ParentNode* p = parent_node(n);
  return p != nullptr ? encoded(*p) : Bytes{};
}

TreeChanges RatchetTree::to_store(const RatchetTree& since) const {
  TreeChanges changes;
  if (size().leaves > 0) (void)hash();
  const std::vector<bool> now = with_leaf_below();
  const std::vector<bool> before = since.with_leaf_below();
  for (std::uint32_t i = 0; i < std::max(now.size(), before.size()); ++i) {
    const NodeIndex n{i};
    const bool is = i < now.size() && now[i];
    const bool was = i < before.size() && before[i];
    if (!is && !was) continue;
    if (is && was && !is_changed(n)) continue;
    const Bytes bytes = is ? node_bytes(n) : Bytes{};
    if (!was || bytes != since.node_bytes(n)) {
      // A key may move from one node to another: what is gone never hides what is there.
      if (was) {
        for (const auto& [name, unused] : since.keys_of(n)) changes.keys.try_emplace(name, std::nullopt);
      }
      if (is) {
        for (const auto& [name, holder] : keys_of(n)) changes.keys[name] = holder;
      }
    }
    changes.nodes[n] = is ? std::optional(StoredNode{node_hash(n), bytes}) : std::nullopt;
  }
  return changes;
}

std::vector<NodeRecord> RatchetTree::replaced_by(const RatchetTree& next) const {
  std::vector<NodeRecord> replaced;
  // Beyond the end of a tree everything is blank, which a later and larger one would hide.
  for (std::uint32_t i = 0; i < std::max(size().nodes(), next.size().nodes()); ++i) {
    const NodeIndex n{i};
    const bool was = size().contains(n);
    const bool is = next.size().contains(n);
    if (was && is && !next.is_changed(n)) continue;
    Bytes before = was ? node_bytes(n) : Bytes{};
    if (before != (is ? next.node_bytes(n) : Bytes{})) replaced.push_back({n, std::move(before)});
  }
  return replaced;
}

}  // namespace kith::mls
