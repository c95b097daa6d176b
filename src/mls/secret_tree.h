// The secret tree and its ratchets (RFC 9420 section 9): one key and nonce a message, deleted after use.
//
// Node secrets are expanded towards a leaf when it first speaks, and deleted. A receiving ratchet may run ahead by at
// most kMaxGenerationSkip generations at a time and keeps at most as many keys of skipped messages, the oldest going
// first.
//
// What is left of it is a set of pieces, each at a node: the secret of a node none of whose leaves has spoken, or the
// two ratchets of a leaf that has. They cover every leaf exactly once. On disk each is a record of its own, so that a
// message writes its sender's piece, and the first of a leaf also the O(log n) pieces beside its way.
//
// A piece has about 110 bytes, and 50 more for each message that was skipped: 50 KB a ratchet at the most, written with
// every message of that sender until the epoch ends. That is accepted. What comes from a log in strict order skips
// hardly anything, and a member who skips on purpose has cheaper ways to make others write.
#pragma once

#include <map>
#include <set>
#include <variant>
#include <vector>

#include "mls/codec.h"
#include "mls/framing.h"

namespace kith::mls {

inline constexpr std::uint32_t kMaxGenerationSkip = 1000;

struct MessageKey {
  std::uint32_t generation = 0;
  SecretBytes key;
  SecretBytes nonce;
};

enum class RatchetKind : std::uint8_t { handshake = 0, application = 1 };

struct Ratchet {
  SecretBytes secret;
  std::uint32_t generation = 0;  // of the key that `secret` gives next
  std::map<std::uint32_t, MessageKey> skipped;
};
struct LeafRatchets {
  Ratchet of[2];
};

// One piece as it is kept by itself. It names its epoch and is refused in any other.
struct RatchetPiece {
  NodeIndex node;
  SecretBytes bytes;  // empty: deleted, to be erased
};
using RatchetPieces = std::vector<RatchetPiece>;
void encode(Writer& w, const RatchetPiece& v);
void decode(Reader& r, RatchetPiece& v);

class SecretTree {
 public:
  SecretTree(const crypto::Suite& suite, TreeSize size, SecretBytes encryption_secret);

  // The next key of our own leaf; it moves on at once.
  [[nodiscard]] MessageKey next(LeafIndex own, RatchetKind kind);
  // The key of a generation, for trial: nothing changes. generation_used, generation_too_far, unknown_sender.
  [[nodiscard]] Result<MessageKey> peek(LeafIndex sender, RatchetKind kind, std::uint32_t generation) const;
  // After a message was authenticated: deletes its key, keeps those it skipped.
  void consume(LeafIndex sender, RatchetKind kind, std::uint32_t generation);

  // Everything that must survive a restart, nothing that was deleted. `epoch_tag` is what ties a piece to its epoch:
  // the confirmation tag, because two commits may lead to the same number.
  [[nodiscard]] RatchetPieces pieces(ByteView epoch_tag) const;
  // The same since it was last taken: all of a new tree, nothing of a restored one.
  [[nodiscard]] RatchetPieces take_changes(ByteView epoch_tag);
  // Wherever a piece may be on disk, whether its changes were taken or not.
  [[nodiscard]] std::vector<NodeIndex> places() const;
  // From all pieces, in any order. bad_record where they are of another epoch or do not cover every leaf exactly once:
  // then one is missing, or there is one above another, which was to be erased.
  static Result<SecretTree> restore(const crypto::Suite& suite, TreeSize size, ByteView epoch_tag,
                                    const RatchetPieces& pieces);

 private:
  using Piece = std::variant<SecretBytes, LeafRatchets>;

  SecretTree(const crypto::Suite& suite, TreeSize size) : suite_(suite), size_(size) {}
  [[nodiscard]] MessageKey key_of(ByteView secret, std::uint32_t generation) const;
  void advance(Ratchet& ratchet) const;
  [[nodiscard]] std::map<NodeIndex, Piece>::const_iterator piece_over(LeafIndex leaf) const;
  [[nodiscard]] LeafRatchets fresh_ratchets(LeafIndex leaf, NodeIndex top, SecretBytes secret,
                                            std::map<NodeIndex, Piece>* beside) const;
  LeafRatchets& open_ratchets(LeafIndex leaf);
  [[nodiscard]] RatchetPiece written(NodeIndex n, ByteView epoch_tag) const;
  [[nodiscard]] bool is_sound(NodeIndex n, const Piece& piece) const;
  [[nodiscard]] bool covers_every_leaf_once() const;

  crypto::Suite suite_;
  TreeSize size_;
  std::map<NodeIndex, Piece> pieces_;
  std::set<NodeIndex> changed_;  // since the changes were taken; some of them are in pieces_ no more
};

}  // namespace kith::mls
