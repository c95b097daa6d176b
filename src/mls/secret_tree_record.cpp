// A secret tree on disk: piece by piece, so that a message writes what it changed.
#include "mls/secret_tree.h"

namespace kith::mls {
namespace {

constexpr std::uint8_t kFormat = 1;

void encode(Writer& w, const MessageKey& v) {
  w.u32(v.generation);
  w.opaque(v.key);
  w.opaque(v.nonce);
}
void decode(Reader& r, MessageKey& v) {
  v.generation = r.u32();
  decode(r, v.key);
  decode(r, v.nonce);
}

void encode(Writer& w, const LeafRatchets& v) {
  for (const Ratchet& ratchet : v.of) {
    w.opaque(ratchet.secret);
    w.u32(ratchet.generation);
    Writer skipped;
    for (const auto& [generation, key] : ratchet.skipped) encode(skipped, key);
    w.opaque(skipped.view());
  }
}
void decode(Reader& r, LeafRatchets& v) {
  for (Ratchet& ratchet : v.of) {
    decode(r, ratchet.secret);
    ratchet.generation = r.u32();
    Reader skipped(r.opaque());
    while (!skipped.at_end()) {
      MessageKey key;
      decode(skipped, key);
      ratchet.skipped.emplace(key.generation, std::move(key));
    }
    r.absorb(skipped);
  }
}

void encode(Writer& w, const std::variant<SecretBytes, LeafRatchets>& v) {
  w.u8(static_cast<std::uint8_t>(v.index()));
  std::visit([&](const auto& piece) { encode(w, piece); }, v);
}
void decode(Reader& r, std::variant<SecretBytes, LeafRatchets>& v) {
  switch (r.u8()) {
    case 0:
      return decode(r, v.emplace<SecretBytes>());
    case 1:
      return decode(r, v.emplace<LeafRatchets>());
    default:
      r.refuse(Errc::bad_value, "neither a secret nor ratchets");
  }
}

}  // namespace

void encode(Writer& w, const RatchetPiece& v) {
  w.u32(v.node.value);
  w.opaque(v.bytes);
}
void decode(Reader& r, RatchetPiece& v) {
  v.node = {r.u32()};
  decode(r, v.bytes);
}

RatchetPiece SecretTree::written(NodeIndex n, ByteView epoch_tag) const {
  const auto at = pieces_.find(n);
  if (at == pieces_.end()) return {n, {}};
  Writer w;
  w.u8(kFormat);
  w.opaque(epoch_tag);
  encode(w, at->second);
  return {n, std::move(w).take_secret()};
}

RatchetPieces SecretTree::pieces(ByteView epoch_tag) const {
  RatchetPieces out;
  for (const auto& [n, piece] : pieces_) out.push_back(written(n, epoch_tag));
  return out;
}

RatchetPieces SecretTree::take_changes(ByteView epoch_tag) {
  RatchetPieces out;
  for (const NodeIndex n : changed_) out.push_back(written(n, epoch_tag));
  changed_.clear();
  return out;
}

std::vector<NodeIndex> SecretTree::places() const {
  std::set<NodeIndex> out = changed_;
  for (const auto& [n, piece] : pieces_) out.insert(n);
  return {out.begin(), out.end()};
}

Result<SecretTree> SecretTree::restore(const crypto::Suite& suite, TreeSize size, ByteView epoch_tag,
                                       const RatchetPieces& pieces) {
  SecretTree tree(suite, size);
  for (const auto& [node, bytes] : pieces) {
    Reader r(bytes);
    if (r.u8() != kFormat) return fail(Errc::bad_record, "a piece of the ratchets of another format");
    if (!same_bytes(r.opaque(), epoch_tag)) return fail(Errc::bad_record, "a piece of the ratchets of another epoch");
    Piece piece;
    decode(r, piece);
    if (!r.finish() || !tree.is_sound(node, piece) || !tree.pieces_.emplace(node, std::move(piece)).second) {
      return fail(Errc::bad_record, "a piece of the ratchets that is none");
    }
  }
  if (!tree.covers_every_leaf_once())
    return fail(Errc::bad_record, "ratchets of which a piece is missing, or too much");
  return tree;
}

bool SecretTree::is_sound(NodeIndex n, const Piece& piece) const {
  if (!size_.contains(n)) return false;
  if (const auto* secret = std::get_if<SecretBytes>(&piece)) return secret->size() == suite_.hash_size();
  for (const Ratchet& ratchet : std::get<LeafRatchets>(piece).of) {
    if (ratchet.secret.size() != suite_.hash_size()) return false;
    for (const auto& [generation, key] : ratchet.skipped) {
      if (key.key.size() != suite_.key_size() || key.nonce.size() != suite_.nonce_size()) return false;
    }
  }
  return n.is_leaf();
}

bool SecretTree::covers_every_leaf_once() const {
  // Nodes that are not above one another come in the order of their leaves.
  std::uint32_t covered = 0;
  for (const auto& [n, piece] : pieces_) {
    const std::uint32_t leaves = 1U << level(n);
    if (n.value + 1 != 2 * covered + leaves) return false;
    covered += leaves;
  }
  return covered == size_.leaves;
}

}  // namespace kith::mls
