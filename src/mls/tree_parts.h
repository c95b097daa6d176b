// A ratchet tree that lies elsewhere, node by node, as a server keeps it: what of it was fetched, and what turned out
// to be needed. With it a commit is judged by the same code as on a whole tree while only O(log n) nodes are read.
//
// Stored is every node that has a leaf below it (or is one), blank or not, with its tree hash; and for every public key
// in the tree the node that has it. A tree made of parts looks nodes up here; what is not here counts as blank for the
// moment and is noted down. So: run, and if anything is wanted, fetch it and run again; only a run after which nothing
// is wanted has an outcome.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "mls/tree_math.h"

namespace kith::mls {

// A node as it is stored: its tree hash, and a LeafNode or ParentNode (empty: blank).
struct StoredNode {
  Bytes hash;
  Bytes bytes;
};

// What names a public key of a tree: SHA-256 over its use and the key. Signature keys and encryption keys are apart,
// since only among their like they must be unique.
enum class KeyUse : std::uint8_t { signature = 1, encryption = 2 };
using KeyName = std::array<std::uint8_t, 32>;
[[nodiscard]] KeyName name_of_key(KeyUse use, ByteView public_key);

class TreeParts {
 public:
  // Answers to what was wanted: nullopt where nothing is stored.
  void put(NodeIndex n, std::optional<StoredNode> node);
  void put(const KeyName& key, std::optional<NodeIndex> holder);

  [[nodiscard]] const std::set<NodeIndex>& wanted_nodes() const { return wanted_nodes_; }
  [[nodiscard]] const std::set<KeyName>& wanted_keys() const { return wanted_keys_; }
  [[nodiscard]] bool is_complete() const { return wanted_nodes_.empty() && wanted_keys_.empty(); }
  // Something that was put is no node: the disk lied.
  [[nodiscard]] bool is_broken() const { return broken_; }

  // Nothing happens where it is here.
  void want(NodeIndex n) { (void)node(n); }
  void want(const KeyName& key) { (void)holder(key); }
  // For the tree. Null where nothing is here, ...
  const StoredNode* node(NodeIndex n);
  void broken() { broken_ = true; }
  // ... nullopt where nobody has this key, or it is not known yet.
  std::optional<NodeIndex> holder(const KeyName& key);

 private:
  std::map<NodeIndex, std::optional<StoredNode>> nodes_;
  std::map<KeyName, std::optional<NodeIndex>> holders_;
  std::set<NodeIndex> wanted_nodes_;
  std::set<KeyName> wanted_keys_;
  bool broken_ = false;
};

class RatchetTree;
struct FramedContent;

// Puts down as wanted what judging this commit will look at as far as its bytes tell: the leaves that it names with
// their paths and copaths, and the keys that it brings.
void want_for_commit(TreeParts& parts, const RatchetTree& tree, const FramedContent& commit);

// What storing a tree over another one changes: what to write, and (nullopt) what to delete.
struct TreeChanges {
  std::map<NodeIndex, std::optional<StoredNode>> nodes;
  std::map<KeyName, std::optional<NodeIndex>> keys;
};

}  // namespace kith::mls
