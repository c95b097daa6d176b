// The model server's part in archives.
#include <algorithm>

#include "crypto/crypto.h"
#include "tests/support/model_server.h"

namespace kith::test {

namespace {

wire::ArchiveBlock shown_block(const ModelServer::Archive& archive, std::uint64_t seq) {
  const auto& block = archive.blocks.at(seq - 1);
  return {.seq = {seq}, .time_ms = block.time_ms, .payload = block.payload, .erased = block.erased};
}

Bytes hash_of(const ModelServer::Archive::Block& block) {
  return block.erased ? to_bytes(block.erased->view()) : to_bytes(crypto::sha256(block.payload));
}

}  // namespace

keys::ArchiveChain ModelServer::Archive::chain(std::size_t size) const {
  keys::ArchiveChain chain = keys::kEmptyArchive;
  for (std::size_t i = 0; i < size; ++i) chain = keys::next_archive_chain(chain, hash_of(blocks.at(i)));
  return chain;
}

// To the account's other connections.
void ModelServer::hint_archive(ConnectionId from, Seq seq) {
  const Device device = *connections_[from];
  for (const auto& [connection, live] : connections_) {
    if (connection == from || !live || live->first != device.first) continue;
    answer(connection, 0, wire::ArchiveHint{shown_block(archives[device.first], seq.value)});
  }
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::ArchiveAppend& body) {
  Archive& archive = archives[connections_[from]->first];
  const Seq head{archive.blocks.size()};
  if (!archive.blocks.empty() && archive.blocks.back().client_id == body.client_id)
    return answer(from, id, wire::Appended{.seq = head, .time_ms = archive.blocks.back().time_ms, .duplicate = true});
  if (archive_is_full) return error(from, id, wire::ErrorCode::archive_full);
  if (body.after_seq != head || body.chain.value != archive.chain(head.value))
    return error(from, id, wire::ErrorCode::archive_moved, {}, head);
  const auto block = keys::ArchiveBlock::read(body.payload);
  if (!block || block->before != body.chain.value) return error(from, id, wire::ErrorCode::invalid_argument);
  const auto present = from_base64url(accounts_[connections_[from]->first].generation).value_or(Bytes{});
  if (keys::GenerationCertificate::decode(present).value().generation > block->generation)
    return error(from, id, wire::ErrorCode::stale_generation);
  archive.blocks.push_back({.time_ms = now_ms, .client_id = body.client_id, .payload = to_bytes(body.payload)});
  answer(from, id, wire::Appended{.seq = head.next(), .time_ms = now_ms});
  hint_archive(from, head.next());
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::ReadArchive& body) {
  const Archive& archive = archives[connections_[from]->first];
  const std::uint64_t head = archive.blocks.size();
  const std::uint64_t end = body.before_seq.value == 0 ? head + 1 : std::min(body.before_seq.value, head + 1);
  wire::ArchiveBlocks out{.blocks = {}, .head_seq = {head}, .chain = {archive.chain(head)}};
  std::size_t bytes = 0;
  for (std::uint64_t n = body.after_seq.value + 1; n < end; ++n) {
    out.blocks.push_back(shown_block(archive, body.newest_first ? end - (n - body.after_seq.value) : n));
    bytes += out.blocks.back().payload.size() + 64;
    if (bytes >= body.limit_bytes) break;
  }
  answer(from, id, out);
}

void ModelServer::handle(ConnectionId from, std::uint32_t id, const wire::EraseArchive& body) {
  Archive& archive = archives[connections_[from]->first];
  const bool exists =
      std::ranges::all_of(body.seqs, [&](Seq seq) { return seq.value > 0 && seq.value <= archive.blocks.size(); });
  if (!exists || body.seqs.empty()) return error(from, id, wire::ErrorCode::not_found);
  for (const Seq seq : body.seqs) {
    Archive::Block& block = archive.blocks[seq.value - 1];
    if (block.erased) continue;
    block.erased = wire::Hash{crypto::sha256(block.payload)};
    block.payload.clear();
  }
  answer(from, id, wire::Ok{});
  for (const Seq seq : body.seqs) hint_archive(from, seq);
}

}  // namespace kith::test
