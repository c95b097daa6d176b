// A group on disk: its epoch, and its ratchets in pieces.
#include "mls/group_internal.h"

namespace kith::mls {
namespace {

constexpr std::uint8_t kFormat = 1;

// In the order of EpochSecrets, without the encryption_secret, which went into the ratchets.
template <class Secrets, class F>
void each_secret(Secrets& s, F&& f) {
  for (auto* secret : {&s.sender_data_secret, &s.exporter_secret, &s.external_secret, &s.confirmation_key,
                       &s.membership_key, &s.resumption_psk, &s.epoch_authenticator, &s.init_secret}) {
    f(*secret);
  }
}

}  // namespace

SecretBytes Group::epoch_record() const { return epoch_record(public_.record()); }

EpochChanges Group::epoch_changes(const RatchetTree* since) const {
  return {epoch_record(public_.head_record()), public_.tree().changes_since(since)};
}

SecretBytes Group::epoch_record(ByteView public_part) const {
  Writer w;
  w.u8(kFormat);
  w.opaque(public_part);
  w.u32(keys_.leaf.value);
  Writer keys;
  for (const auto& [node, key] : keys_.keys) {
    keys.u32(node.value);
    keys.opaque(key);
  }
  w.opaque(keys.view());
  each_secret(secrets_, [&](const SecretBytes& s) { w.opaque(s); });
  encode(w, reinit_);
  return std::move(w).take_secret();
}

RatchetPieces Group::ratchet_pieces() const { return ratchets_.pieces(public_.confirmation_tag()); }
RatchetPieces Group::take_ratchet_changes() { return ratchets_.take_changes(public_.confirmation_tag()); }
std::vector<NodeIndex> Group::ratchet_places() const { return ratchets_.places(); }

Result<Group> Group::restore(ByteView epoch_record, const RatchetPieces& ratchets,
                             const crypto::SignatureKeyPair& key) {
  return restore_with(epoch_record, ratchets, key, [](ByteView bytes) { return PublicGroup::restore(bytes); });
}

Result<Group> Group::restore(const EpochChanges& changes, const RatchetTree* since, const RatchetPieces& ratchets,
                             const crypto::SignatureKeyPair& key) {
  return restore_with(changes.head, ratchets, key,
                      [&](ByteView bytes) { return PublicGroup::restore(bytes, since, changes.nodes); });
}

template <class OpenPublicPart>
Result<Group> Group::restore_with(ByteView epoch_record, const RatchetPieces& ratchets,
                                  const crypto::SignatureKeyPair& key, OpenPublicPart&& open) {
  Reader e(epoch_record);
  if (e.u8() != kFormat) return fail(Errc::bad_record, "an epoch record of another format");
  const ByteView group_bytes = e.opaque();
  TreePrivateKeys keys{{e.u32()}, {}};
  Reader key_entries(e.opaque());
  while (!key_entries.at_end()) {
    const NodeIndex node{key_entries.u32()};
    decode(key_entries, keys.keys[node]);
  }
  e.absorb(key_entries);
  EpochSecrets secrets;
  each_secret(secrets, [&](SecretBytes& s) { decode(e, s); });
  std::optional<ReInit> reinit;
  decode(e, reinit);
  if (!e.finish()) return fail(Errc::bad_record, "an epoch record that is none");
  KITH_TRY(PublicGroup group, open(group_bytes));
  const LeafNode* own = group.tree().leaf(keys.leaf);
  if (own == nullptr || own->signature_key != key.public_key) return fail(Errc::bad_record, "a record of another leaf");

  KITH_TRY(SecretTree tree,
           SecretTree::restore(group.suite(), group.tree().size(), group.confirmation_tag(), ratchets));
  Group restored(std::move(group), std::move(keys), std::move(secrets), std::move(tree), key);
  restored.reinit_ = std::move(reinit);
  return restored;
}

}  // namespace kith::mls
