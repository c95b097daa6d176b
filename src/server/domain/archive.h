// The archive: the account's own log of blocks that only its devices can read, so that a device which is new has a
// history. Decided on its head; the service loads rows, asks here, and stores what has changed against the head's
// version, which every change of an archive writes anew.
//
// Blocks are rows rather than records of a log, so that a payload can go and its hash stay: whoever reads can check the
// chain over erased blocks as well. What is in a block the server does not know; that blocks follow one another it
// enforces, so that of two devices which append at once one has to look first.
#pragma once

#include <vector>

#include "base/scheduler.h"
#include "server/domain/error.h"
#include "server/domain/ports/store.h"
#include "server/domain/secrets.h"

namespace kith::server::domain {

inline constexpr std::size_t kMaxArchivePayloadBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxErasedAtOnce = 1024;
// What a block counts beside its payload, erased or not: many small ones fill an archive too.
inline constexpr std::size_t kArchiveBlockBytes = 128;

// The row `archive_head`; an archive without one is empty.
struct ArchiveHead {
  Seq seq;                       // of the last block
  Digest chain{};                // of `seq`
  std::uint64_t size_bytes = 0;  // as counted against the account's limit
  friend bool operator==(const ArchiveHead&, const ArchiveHead&) = default;
};

// The row `archive_block` of a seq, which is its id.
struct ArchiveBlock {
  Seq seq;  // not repeated in the record
  UnixMillis time;
  ClientId client_id;
  Bytes payload{};                 // empty once it is erased
  std::optional<Digest> erased{};  // SHA-256 of what the payload was
  friend bool operator==(const ArchiveBlock&, const ArchiveBlock&) = default;
};

RowKey archive_head_row();
RowKey archive_block_row(Seq seq);

// SHA-256("kith archive chain v1" ‖ chain ‖ payload_hash): the chain behind the next block.
Digest next_chain(const Digest& chain, const Digest& payload_hash);

struct NewArchiveBlock {
  ClientId client_id;
  Seq after;       // the last block that the device knows
  Digest chain{};  // of `after`
  ByteView payload;
  std::uint32_t generation = 0;  // under which it is sealed, by its own word
};
// Errors: invalid_argument (it is empty), too_large.
Result<void> check_payload(const NewArchiveBlock& block);
// Who has not heard of the account's present generation writes nothing under one of before: nor does who was revoked,
// or would bar the way with one that never comes. `generation`: keys::GenerationCertificate, the present one. Errors:
// stale_generation.
Result<void> check_generation(const NewArchiveBlock& block, ByteView generation);
// The head behind the block, whose payload was checked. Errors: archive_moved (the archive does not end where the
// device says it does; with head_seq), archive_full.
Result<ArchiveHead> append_block(const ArchiveHead& head, const NewArchiveBlock& block, std::uint64_t limit_bytes);
// Is it the last block that is appended once more? Errors: client_id_reused.
Result<bool> is_repeated(const ArchiveBlock& last, const NewArchiveBlock& block);

// Each once, in order. Errors: invalid_argument (none, or too many), not_found (no such block).
Result<std::vector<Seq>> blocks_to_erase(const ArchiveHead& head, std::vector<Seq> seqs);
// False where it was erased before, and nothing changes.
bool erase_block(ArchiveHead& head, ArchiveBlock& block);

}  // namespace kith::server::domain
