// A group as a server stores it: node by node, with what each commit replaced, so that older epochs can be read. It
// follows commits by looking up what they need.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "mls/public_group.h"

namespace kith::mls::test {

class TreeOnDisk {
 public:
  explicit TreeOnDisk(const PublicGroup& first) { store(first, RatchetTree(first.suite())); }

  static Result<StagedPublicCommit> judge(const PublicGroup& group, const PublicMessage& message,
                                          const std::vector<CachedProposal>& cached) {
    KITH_TRY(const auto verified, group.verify(message.authenticated()));
    return group.stage(verified, cached);
  }

  // The outcome of a commit, judged on nothing but what it made us look up. Nothing is stored yet.
  struct Outcome {
    Result<StagedPublicCommit> staged;
    RatchetTree before;
    std::size_t rounds = 0;
  };
  Outcome judge(const PublicMessage& message, const std::vector<CachedProposal>& cached) {
    const auto parts = std::make_shared<TreeParts>();
    want_for_commit(*parts, PublicGroup::restore(head, leaves, parts).value().tree(), message.content);
    look_up(*parts);
    for (std::size_t rounds = 1;; ++rounds) {
      const PublicGroup group = PublicGroup::restore(head, leaves, parts).value();
      auto staged = judge(group, message, cached);
      if (staged) {
        (void)staged->next.tree().to_store(group.tree());
        (void)group.tree().replaced_by(staged->next.tree());
      }
      if (parts->is_complete() || rounds == 50) {
        EXPECT_TRUE(parts->is_complete());
        EXPECT_FALSE(parts->is_broken());
        return {std::move(staged), group.tree(), rounds};
      }
      look_up(*parts);
    }
  }

  void follow(const PublicMessage& message, const std::vector<CachedProposal>& cached) {
    looked_up = 0;
    auto outcome = judge(message, cached);
    ASSERT_TRUE(outcome.staged) << outcome.staged.error().detail;
    past[epoch] = {head, outcome.before.replaced_by(outcome.staged->next.tree())};
    store(outcome.staged->next, outcome.before);
  }

  // All of it, and nothing else.
  void expect_holds(const RatchetTree& tree) const {
    const TreeChanges whole = tree.to_store(RatchetTree(tree.suite()));
    ASSERT_EQ(nodes.size(), whole.nodes.size());
    for (const auto& [n, node] : whole.nodes) {
      ASSERT_TRUE(nodes.contains(n)) << n.value;
      ASSERT_EQ(nodes.at(n).hash, node->hash) << n.value;
      ASSERT_EQ(nodes.at(n).bytes, node->bytes) << n.value;
    }
    ASSERT_EQ(keys.size(), whole.keys.size());
    for (const auto& [key, holder] : whole.keys) {
      ASSERT_TRUE(keys.contains(key));
      ASSERT_EQ(keys.at(key), *holder);
    }
  }

  // What this epoch's tree was, from the present one and what was replaced since.
  [[nodiscard]] Bytes tree_of(std::uint64_t wanted) const {
    std::map<NodeIndex, Bytes> then;
    for (const auto& [n, node] : nodes) then[n] = node.bytes;
    Bytes its_head = head;
    for (auto at = past.rbegin(); at != past.rend() && at->first >= wanted; ++at) {
      its_head = at->second.head;
      for (const NodeRecord& record : at->second.replaced) then[record.node] = record.bytes;
    }
    Reader r(its_head);
    GroupContext context;
    decode(r, context);
    const TreeSize size{r.u32()};
    std::vector<NodeRecord> records;
    for (auto& [n, bytes] : then) {
      if (size.contains(n) && !bytes.empty()) records.push_back({n, std::move(bytes)});
    }
    return RatchetTree::restore(*crypto::Suite::find(context.suite), nullptr, size, records).value().encode();
  }

  std::map<NodeIndex, StoredNode> nodes;
  std::map<KeyName, NodeIndex> keys;
  Bytes head;
  std::uint64_t epoch = 0;
  std::vector<LeafIndex> leaves;
  struct Past {
    Bytes head;
    std::vector<NodeRecord> replaced;
  };
  std::map<std::uint64_t, Past> past;  // by the epoch that ended
  std::size_t looked_up = 0;           // nodes, for the last commit
  std::size_t written = 0;

 private:
  void look_up(TreeParts& parts) {
    for (const NodeIndex n : std::set(parts.wanted_nodes())) {
      const auto at = nodes.find(n);
      parts.put(n, at != nodes.end() ? std::optional(at->second) : std::nullopt);
      ++looked_up;
    }
    for (const KeyName& key : std::set(parts.wanted_keys())) {
      const auto at = keys.find(key);
      parts.put(key, at != keys.end() ? std::optional(at->second) : std::nullopt);
    }
  }

  void store(const PublicGroup& next, const RatchetTree& before) {
    const TreeChanges changes = next.tree().to_store(before);
    written = changes.nodes.size();
    for (const auto& [n, node] : changes.nodes) {
      if (node) {
        nodes[n] = *node;
      } else {
        nodes.erase(n);
      }
    }
    for (const auto& [key, holder] : changes.keys) {
      if (holder) {
        keys[key] = *holder;
      } else {
        keys.erase(key);
      }
    }
    head = next.head_record();
    epoch = next.epoch();
    leaves.clear();
    for (std::uint32_t i = 0; i < next.tree().size().leaves; ++i) {
      if (next.tree().is_occupied({i})) leaves.push_back({i});
    }
  }
};

}  // namespace kith::mls::test
