// The ratchet tree's public half (RFC 9420 sections 4, 7.4 to 7.9): nodes, resolutions, paths, tree and parent hashes.
//
// A value: copying shares the nodes. Leaves are kept apart from parents. Always full to a power of two; blank nodes are
// null. Tree hashes are cached per node and recomputed only above what changed.
#pragma once

#include <memory>

#include "mls/leaf_node.h"
#include "mls/tree_parts.h"

namespace kith::mls {

struct ParentNode {
  Bytes encryption_key;
  Bytes parent_hash;
  std::vector<std::uint32_t> unmerged_leaves;
};
void encode(Writer& w, const ParentNode& v);
void decode(Reader& r, ParentNode& v);

struct UpdatePath;

// What a tree that is written down may have, where its reader sets no lower limit.
inline constexpr std::uint32_t kMaxTreeLeaves = 1U << 20;

[[nodiscard]] inline bool is_tree_size(TreeSize size) {
  return size.leaves > 0 && size.leaves <= kMaxTreeLeaves && TreeSize::holding(size.leaves) == size;
}

// One node as it is kept by itself.
struct NodeRecord {
  NodeIndex node;
  Bytes bytes;  // a LeafNode or ParentNode; empty: blank
};

// A node as it stands in a ratchet_tree extension (section 12.4.3.3), from its NodeRecord's bytes, ...
void encode_optional_node(Writer& w, NodeIndex n, ByteView bytes);
// ... and the extension's value from all of them, one after the other.
[[nodiscard]] Bytes ratchet_tree_of(ByteView nodes);

class RatchetTree {
 public:
  explicit RatchetTree(const crypto::Suite& suite) : suite_(suite) {}

  // The ratchet_tree extension's value (section 12.4.3.3). Structure is checked here (minimal size, node kinds in
  // place, unmerged leaves sorted and below their node, nodes' keys); hashes and signatures are checked by verify(). A
  // blank node is one byte in here and several hashes later: `max_leaves` (blank ones included; too_long) bounds that.
  static Result<RatchetTree> decode(const crypto::Suite& suite, ByteView in, std::uint32_t max_leaves = kMaxTreeLeaves);
  [[nodiscard]] Bytes encode() const;

  // The nodes that are others than in `since`, those that it has beyond this tree's end included; null: all that are
  // not blank. Compares pointers: a node that was replaced by its like counts as changed.
  [[nodiscard]] std::vector<NodeRecord> changes_since(const RatchetTree* since) const;
  // The tree of this size whose nodes are those of `base` (null: blank), but for these. Trusted, like all records: only
  // what would break the tree itself is refused (bad_record).
  static Result<RatchetTree> restore(const crypto::Suite& suite, const RatchetTree* base, TreeSize size,
                                     const std::vector<NodeRecord>& changes);

  // A tree of this size whose leaves are taken as listed, and whose nodes are looked up in `parts` when they are needed
  // (tree_parts.h). Errors: bad_record (a size that there is not, a leaf beyond it).
  static Result<RatchetTree> of_parts(const crypto::Suite& suite, TreeSize size, const std::vector<LeafIndex>& leaves,
                                      std::shared_ptr<TreeParts> parts);
  // What has to be stored so that this tree is stored instead of `since`: all that there is where `since` is empty, and
  // otherwise, in a successor of a tree of parts, the O(log n) nodes that it changed for every leaf that it changed.
  [[nodiscard]] TreeChanges to_store(const RatchetTree& since) const;
  // The nodes of this tree that are others in its successor, as they are here.
  [[nodiscard]] std::vector<NodeRecord> replaced_by(const RatchetTree& next) const;

  [[nodiscard]] const crypto::Suite& suite() const { return suite_; }
  [[nodiscard]] TreeSize size() const { return {static_cast<std::uint32_t>(leaves_.size())}; }
  // Whether somebody is in that leaf, which of a tree of parts is known without looking at it.
  [[nodiscard]] bool is_occupied(LeafIndex i) const;
  // Whether nobody is in any leaf below.
  [[nodiscard]] bool is_empty_below(NodeIndex n) const;
  // Null where blank or outside.
  [[nodiscard]] const LeafNode* leaf(LeafIndex i) const;
  [[nodiscard]] const ParentNode* parent_node(NodeIndex n) const;
  [[nodiscard]] bool is_blank(NodeIndex n) const;
  // The public key of a node that is not blank.
  [[nodiscard]] const Bytes& encryption_key(NodeIndex n) const;

  // Section 4.1.1. Linear in its result.
  [[nodiscard]] std::vector<NodeIndex> resolution(NodeIndex n) const;
  // A step of a leaf's filtered direct path (section 4.1.2), with the copath child that it is encrypted to.
  struct PathStep {
    NodeIndex node;
    NodeIndex copath_child;
  };
  [[nodiscard]] std::vector<PathStep> filtered_direct_path(LeafIndex leaf) const;

  // Section 7.7: leftmost blank leaf; the new leaf is unmerged in all non-blank nodes above.
  LeafIndex add(LeafNode leaf);
  // Replaces a leaf and blanks its direct path.
  void update(LeafIndex i, LeafNode leaf);
  // Blanks leaf and direct path and truncates.
  void remove(LeafIndex i);
  // An empty tree gets its first leaf; an external joiner takes the leftmost blank.
  [[nodiscard]] LeafIndex next_free() const;
  // Sets a leaf without touching anything else, growing the tree where needed.
  void place(LeafIndex i, LeafNode leaf);

  // Section 7.5: replaces the direct path of `sender` by these keys, one for each step of its filtered direct path as
  // it is now, computes parent hashes down the path, and answers the parent_hash that the sender's new leaf must carry.
  Bytes set_path(LeafIndex sender, const std::vector<Bytes>& public_keys);
  // The received form of the same: checks count and keys, which must be new, sets path and leaf, and checks the leaf's
  // parent_hash.
  // For a tree that is thrown away on failure: it is then half changed.
  Result<void> merge(LeafIndex sender, const UpdatePath& path);

  // Section 7.8. Recomputes what changed since the last call.
  [[nodiscard]] Bytes hash() const;
  [[nodiscard]] Bytes node_hash(NodeIndex n) const;
  // Section 7.9.2: every parent node is parent-hash valid.
  [[nodiscard]] Result<void> verify_parent_hashes() const;
  // Everything a joiner checks: parent hashes, every leaf's signature and form, unique keys.
  [[nodiscard]] Result<void> verify(ByteView group_id, const Extensions& group_extensions) const;
  // No two leaves share a signature key, no two nodes an encryption key. Of a tree of parts those that changed are
  // compared, with all.
  [[nodiscard]] Result<void> check_unique_keys() const;
  // Every leaf supports the types of all credentials in use (section 7.3). Of a tree of parts, every one that is here.
  [[nodiscard]] Result<void> check_credentials() const;

 private:
  // What is known of a node's tree hash: it has to be computed anew; it was computed; it lies where the tree's parts
  // are; it came from there. Above a stale one all are stale.
  enum class Hashed : std::uint8_t { stale, computed, stored, fetched };
  struct NodeState {
    Hashed hash = Hashed::stale;
    bool is_here = true;  // the node itself, blank or not
  };
  void grow_to(TreeSize size);
  void truncate();
  void blank_path(LeafIndex i);
  void touch(NodeIndex n);
  void set_parent(NodeIndex n, std::shared_ptr<const ParentNode> p);
  [[nodiscard]] Result<void> check_structure() const;
  [[nodiscard]] bool is_parent_hash_valid(NodeIndex n) const;
  void collect_resolution(NodeIndex n, std::vector<NodeIndex>& out) const;
  // Tree hash of a subtree as if these leaves, in order, were absent (the "original" of section 7.9).
  [[nodiscard]] Bytes original_hash(NodeIndex n, const std::vector<std::uint32_t>& without) const;
  [[nodiscard]] Bytes leaf_hash(LeafIndex i, const LeafNode* leaf) const;
  [[nodiscard]] Bytes parent_node_hash(const ParentNode* node, ByteView left_hash, ByteView right_hash) const;
  [[nodiscard]] Bytes parent_hash(NodeIndex parent, NodeIndex copath_child) const;
  ByteView cached_hash(NodeIndex n) const;
  // Of a tree of parts. False where what is asked for is not at hand.
  bool is_here(NodeIndex n) const;
  bool fetch_hash(NodeIndex n) const;
  [[nodiscard]] bool is_changed(NodeIndex n) const {
    return states_[n.value].hash == Hashed::stale || states_[n.value].hash == Hashed::computed;
  }
  [[nodiscard]] Result<void> check_keys_against_parts() const;
  [[nodiscard]] std::vector<std::pair<KeyName, NodeIndex>> keys_of(NodeIndex n) const;
  [[nodiscard]] std::vector<bool> with_leaf_below() const;
  [[nodiscard]] Bytes node_bytes(NodeIndex n) const;

  crypto::Suite suite_;
  mutable std::vector<std::shared_ptr<const LeafNode>> leaves_;     // index: leaf
  mutable std::vector<std::shared_ptr<const ParentNode>> parents_;  // index: node / 2
  std::uint32_t first_free_ = 0;                                    // no leaf below is blank
  mutable Bytes hashes_;                                            // hash_size() bytes a node
  mutable std::vector<NodeState> states_;                           // index: node
  std::shared_ptr<TreeParts> parts_;                                // null: all of it is here
};

// To whom a path secret is encrypted: the copath child's resolution without leaves that are new in the same commit
// (section 7.5). `added` is in order.
[[nodiscard]] std::vector<NodeIndex> recipients(const RatchetTree& tree, NodeIndex copath_child,
                                                const std::vector<LeafIndex>& added);

}  // namespace kith::mls
