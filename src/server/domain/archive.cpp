#include "server/domain/archive.h"

#include <algorithm>

#include "crypto/crypto.h"
#include "keys/generation.h"
#include "server/domain/record_codec.h"

namespace kith::server::domain {
namespace {

constexpr std::string_view kChainLabel = "kith archive chain v1";

Digest hash_of(const ArchiveBlock& block) { return block.erased ? *block.erased : crypto::sha256(block.payload); }

}  // namespace

RowKey archive_head_row() { return {RowKind::archive_head, {}}; }

RowKey archive_block_row(Seq seq) {
  Bytes id(8);
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(seq.value >> (56 - 8 * i));
  return {RowKind::archive_block, std::move(id)};
}

Digest next_chain(const Digest& chain, const Digest& payload_hash) {
  Bytes linked = to_bytes(kChainLabel);
  append(linked, chain);
  append(linked, payload_hash);
  return crypto::sha256(linked);
}

Result<void> check_payload(const NewArchiveBlock& block) {
  if (block.payload.empty()) return fail(Errc::invalid_argument, "payload: a block holds something");
  if (block.payload.size() > kMaxArchivePayloadBytes) return fail(Errc::too_large, "payload: at most 65536 bytes");
  return {};
}

Result<void> check_generation(const NewArchiveBlock& block, ByteView generation) {
  const auto present = keys::GenerationCertificate::decode(generation);
  if (!present) return fail(Errc::internal, "a generation that cannot be read");
  if (block.generation == present->generation) return {};
  return fail_later(Errc::stale_generation, std::chrono::seconds(5));
}

Result<ArchiveHead> append_block(const ArchiveHead& head, const NewArchiveBlock& block, std::uint64_t limit_bytes) {
  if (head.seq != block.after || head.chain != block.chain) {
    auto moved = fail(Errc::archive_moved, "the archive does not end with this block");
    moved.error().head_seq = head.seq;
    return moved;
  }
  const std::uint64_t size = head.size_bytes + block.payload.size() + kArchiveBlockBytes;
  if (size > limit_bytes) return fail(Errc::archive_full, "the archive holds as much as it may");
  return ArchiveHead{head.seq.next(), next_chain(head.chain, crypto::sha256(block.payload)), size};
}

Result<bool> is_repeated(const ArchiveBlock& last, const NewArchiveBlock& block) {
  if (last.client_id != block.client_id) return false;
  if (hash_of(last) != crypto::sha256(block.payload))
    return fail(Errc::client_id_reused, "this client id is another block's");
  return true;
}

Result<std::vector<Seq>> blocks_to_erase(const ArchiveHead& head, std::vector<Seq> seqs) {
  if (seqs.empty() || seqs.size() > kMaxErasedAtOnce) return fail(Errc::invalid_argument, "seqs: 1 to 1024 blocks");
  std::ranges::sort(seqs);
  const auto twice = std::ranges::unique(seqs);
  seqs.erase(twice.begin(), twice.end());
  if (seqs.front() == Seq{} || seqs.back() > head.seq) return fail(Errc::not_found, "there is no such block");
  return seqs;
}

bool erase_block(ArchiveHead& head, ArchiveBlock& block) {
  if (block.erased) return false;
  head.size_bytes -= block.payload.size();
  block.erased = hash_of(block);
  block.payload = {};
  return true;
}

}  // namespace kith::server::domain
