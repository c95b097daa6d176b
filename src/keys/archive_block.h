// One block of an account's archive: what only its devices can read, bound to its place (docs/protocol.md, "The
// archive").
//
//   version (1) ‖ block id (16, random) ‖ generation (uint32) ‖ chain before it (32) ‖ ciphertext
//
// The key is derived from the archive key of the account's generation and the block id: one key, one block. What is
// before the ciphertext, the account and the place are authenticated with it. So a reader that walks back verifies each
// block by the one behind it, and the newest by the end of the archive that it knows.
//
// The attacker is the server, which can put any bytes in any place, and knows the sizes: the content is compressed and
// padded (Padmé), one block of many conversations. What is inflated is bounded before it is.
#pragma once

#include <array>

#include "base/ids.h"
#include "keys/generation.h"

namespace kith::keys {

// The running hash of an archive: chain_n = SHA-256("kith archive chain v1" ‖ chain_{n-1} ‖ SHA-256(payload_n)).
using ArchiveChain = std::array<std::uint8_t, 32>;
inline constexpr ArchiveChain kEmptyArchive{};
// `payload_hash`: 32 bytes, SHA-256 of the next payload.
[[nodiscard]] ArchiveChain next_archive_chain(const ArchiveChain& before, ByteView payload_hash);

class ArchiveBlock {
 public:
  static constexpr std::size_t kMaxSealedBytes = 64 * 1024;
  static constexpr std::size_t kMaxContentBytes = 1024 * 1024;

  // The chain up to the block before it, and what opens it.
  ArchiveChain before{};
  std::uint32_t generation = 0;

  // `archive_key`: AccountGeneration::archive_key() of `generation`. Errors: too_many, where it would be larger than a
  // block may be.
  [[nodiscard]] Result<Bytes> seal(const UserId& user, Seq seq, ByteView archive_key, ByteView content,
                                   Entropy& entropy) const;
  // What stands before the ciphertext; nothing of it is verified. Errors: archive_forged.
  static Result<ArchiveBlock> read(ByteView sealed);
  // The content. Errors: archive_forged: not sealed under this key, for this account and place, or not to be inflated.
  [[nodiscard]] static Result<SecretBytes> open(const UserId& user, Seq seq, ByteView archive_key, ByteView sealed);
};

}  // namespace kith::keys
