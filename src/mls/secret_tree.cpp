#include "mls/secret_tree.h"

#include "base/check.h"
#include "mls/key_derivation.h"

namespace kith::mls {

SecretTree::SecretTree(const crypto::Suite& suite, TreeSize size, SecretBytes encryption_secret)
    : suite_(suite), size_(size) {
  pieces_.emplace(size.root(), std::move(encryption_secret));
  changed_.insert(size.root());
}

MessageKey SecretTree::key_of(ByteView secret, std::uint32_t generation) const {
  return {generation, derive_tree_secret(suite_, secret, "key", generation, suite_.key_size()),
          derive_tree_secret(suite_, secret, "nonce", generation, suite_.nonce_size())};
}

void SecretTree::advance(Ratchet& ratchet) const {
  ratchet.secret = derive_tree_secret(suite_, ratchet.secret, "secret", ratchet.generation, suite_.hash_size());
  ++ratchet.generation;
}

// The piece with its ratchets, or with the secret that they come from.
std::map<NodeIndex, SecretTree::Piece>::const_iterator SecretTree::piece_over(LeafIndex leaf) const {
  NodeIndex n = to_node(leaf);
  while (true) {
    if (const auto at = pieces_.find(n); at != pieces_.end()) return at;
    KITH_CHECK(n != size_.root());
    n = parent(n);
  }
}

// Expands the secret of `top` down to the leaf. `beside`, where given, gets the secrets of the nodes beside the way.
LeafRatchets SecretTree::fresh_ratchets(LeafIndex leaf, NodeIndex top, SecretBytes secret,
                                        std::map<NodeIndex, Piece>* beside) const {
  NodeIndex n = top;
  while (!n.is_leaf()) {
    const auto child = [&](std::string_view side) {
      return expand_with_label(suite_, secret, "tree", as_view(side), suite_.hash_size());
    };
    const bool go_left = to_node(leaf) < n;
    SecretBytes next = child(go_left ? "left" : "right");
    if (beside != nullptr) beside->emplace(go_left ? right(n) : left(n), child(go_left ? "right" : "left"));
    n = go_left ? left(n) : right(n);
    secret = std::move(next);
  }
  LeafRatchets fresh;
  fresh.of[0].secret = expand_with_label(suite_, secret, "handshake", {}, suite_.hash_size());
  fresh.of[1].secret = expand_with_label(suite_, secret, "application", {}, suite_.hash_size());
  return fresh;
}

// To be changed. On the leaf's first message its piece and those beside its way take the place of the one above.
LeafRatchets& SecretTree::open_ratchets(LeafIndex leaf) {
  KITH_CHECK(size_.contains(leaf));
  changed_.insert(to_node(leaf));
  const NodeIndex top = piece_over(leaf)->first;
  Piece& piece = pieces_.at(top);
  if (auto* spoken = std::get_if<LeafRatchets>(&piece)) return *spoken;
  std::map<NodeIndex, Piece> fresh;
  LeafRatchets ratchets = fresh_ratchets(leaf, top, std::move(std::get<SecretBytes>(piece)), &fresh);
  pieces_.erase(top);
  changed_.insert(top);
  for (const auto& [n, secret] : fresh) changed_.insert(n);
  pieces_.merge(fresh);
  return std::get<LeafRatchets>(pieces_.emplace(to_node(leaf), std::move(ratchets)).first->second);
}

MessageKey SecretTree::next(LeafIndex own, RatchetKind kind) {
  Ratchet& ratchet = open_ratchets(own).of[static_cast<int>(kind)];
  MessageKey key = key_of(ratchet.secret, ratchet.generation);
  advance(ratchet);
  return key;
}

Result<MessageKey> SecretTree::peek(LeafIndex sender, RatchetKind kind, std::uint32_t generation) const {
  if (!size_.contains(sender)) return fail(Errc::unknown_sender, "a sender outside the tree");
  const auto& [top, piece] = *piece_over(sender);
  LeafRatchets fresh;
  const auto* ratchets = std::get_if<LeafRatchets>(&piece);
  if (ratchets == nullptr) {
    fresh = fresh_ratchets(sender, top, std::get<SecretBytes>(piece), nullptr);
    ratchets = &fresh;
  }
  const Ratchet& ratchet = ratchets->of[static_cast<int>(kind)];
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
  Ratchet& ratchet = open_ratchets(sender).of[static_cast<int>(kind)];
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

}  // namespace kith::mls
