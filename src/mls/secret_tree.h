// The secret tree and its ratchets (RFC 9420 section 9): one key and nonce a message, deleted after use.
//
// Node secrets are expanded towards a leaf when it first speaks, and deleted. A receiving ratchet may run ahead by at
// most kMaxGenerationSkip generations at a time and keeps at most as many keys of skipped messages, the oldest going
// first.
#pragma once

#include <map>

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

class SecretTree {
 public:
  SecretTree(const crypto::Suite& suite, TreeSize size, SecretBytes encryption_secret);

  // The next key of our own leaf; it moves on at once.
  [[nodiscard]] MessageKey next(LeafIndex own, RatchetKind kind);
  // The key of a generation, for trial: nothing changes. generation_used, generation_too_far, unknown_sender.
  [[nodiscard]] Result<MessageKey> peek(LeafIndex sender, RatchetKind kind, std::uint32_t generation) const;
  // After a message was authenticated: deletes its key, keeps those it skipped.
  void consume(LeafIndex sender, RatchetKind kind, std::uint32_t generation);

  // What is left of the tree: everything that must survive a restart, nothing that was deleted.
  [[nodiscard]] SecretBytes record() const;
  static Result<SecretTree> restore(const crypto::Suite& suite, ByteView record);

 private:
  struct Ratchet {
    SecretBytes secret;
    std::uint32_t generation = 0;  // of the key that `secret` gives next
    std::map<std::uint32_t, MessageKey> skipped;
  };
  struct LeafRatchets {
    Ratchet of[2];
  };
  SecretTree(const crypto::Suite& suite, TreeSize size) : suite_(suite), size_(size) {}
  [[nodiscard]] MessageKey key_of(ByteView secret, std::uint32_t generation) const;
  void advance(Ratchet& ratchet) const;
  [[nodiscard]] bool fresh_ratchets(LeafIndex leaf, LeafRatchets& out, std::map<NodeIndex, SecretBytes>* nodes) const;
  LeafRatchets* open_ratchets(LeafIndex leaf);

  crypto::Suite suite_;
  TreeSize size_;
  std::map<NodeIndex, SecretBytes> nodes_;  // the frontier: secrets of nodes none of whose leaves has spoken
  std::map<LeafIndex, LeafRatchets> ratchets_;
};

}  // namespace kith::mls
