// Vectors of arithmetic, encoding and derivation.
#include "mls/labels.h"
#include "mls/test/vectors_internal.h"
#include "mls/transcript.h"

namespace kith::mls::vectors {

void tree_math(const Json& v, Case& c) {
  const auto size = TreeSize::holding(static_cast<std::uint32_t>(number_of(v, "n_leaves")));
  c.check(size.nodes() == number_of(v, "n_nodes"), "n_nodes");
  c.check(size.root().value == number_of(v, "root"), "root");
  const auto same = [&](const char* what, std::uint32_t n, std::optional<NodeIndex> got) {
    const Json& wanted = v[what][n];
    c.check(wanted.is_null() ? !got : got && got->value == wanted.get<std::uint32_t>(), what);
  };
  for (std::uint32_t n = 0; n < size.nodes(); ++n) {
    const NodeIndex node{n};
    const bool is_root = node == size.root();
    same("left", n, node.is_leaf() ? std::nullopt : std::optional(left(node)));
    same("right", n, node.is_leaf() ? std::nullopt : std::optional(right(node)));
    same("parent", n, is_root ? std::nullopt : std::optional(parent(node)));
    same("sibling", n, is_root ? std::nullopt : std::optional(sibling(node)));
  }
}

void deserialization(const Json& v, Case& c) {
  const Bytes header = bytes_of(v, "vlbytes_header");
  Reader r(header);
  c.check(r.varint() == number_of(v, "length") && r.finish(), "length");
  Writer w;
  w.varint(size_of(v, "length"));
  c.equal(w.view(), header, "header");
}

void crypto_basics(const crypto::Suite& suite, const Json& v, Case& c) {
  SeededEntropy entropy;
  {
    const Json& t = v["ref_hash"];
    c.equal(ref_hash(suite, text_of(t, "label"), bytes_of(t, "value")), bytes_of(t, "out"), "ref_hash");
  }
  {
    const Json& t = v["expand_with_label"];
    c.equal(expand_with_label(suite, bytes_of(t, "secret"), text_of(t, "label"), bytes_of(t, "context"),
                              size_of(t, "length")),
            bytes_of(t, "out"), "expand_with_label");
  }
  {
    const Json& t = v["derive_secret"];
    c.equal(derive_secret(suite, bytes_of(t, "secret"), text_of(t, "label")), bytes_of(t, "out"), "derive_secret");
  }
  {
    const Json& t = v["derive_tree_secret"];
    c.equal(derive_tree_secret(suite, bytes_of(t, "secret"), text_of(t, "label"),
                               static_cast<std::uint32_t>(number_of(t, "generation")), size_of(t, "length")),
            bytes_of(t, "out"), "derive_tree_secret");
  }
  {
    const Json& t = v["sign_with_label"];
    const Bytes content = bytes_of(t, "content");
    const auto key = suite.signature_key_from(private_key_of(suite, t, "priv"));
    if (c.check(key.has_value() && key->public_key == bytes_of(t, "pub"), "signature key")) {
      c.ok(verify_with_label(suite, key->public_key, text_of(t, "label"), content, bytes_of(t, "signature")),
           "their signature");
      Bytes ours = sign_with_label(suite, *key, text_of(t, "label"), content);
      c.ok(verify_with_label(suite, key->public_key, text_of(t, "label"), content, ours), "our signature");
      ours[5] ^= 1;
      c.check(!verify_with_label(suite, key->public_key, text_of(t, "label"), content, ours),
              "a broken signature is refused");
    }
  }
  {
    const Json& t = v["encrypt_with_label"];
    const SecretBytes priv = private_key_of(suite, t, "priv");
    const Bytes pub = bytes_of(t, "pub");
    const Bytes context = bytes_of(t, "context");
    const Bytes plaintext = bytes_of(t, "plaintext");
    const std::string label = text_of(t, "label");
    const auto derived = suite.kem_public_key(priv);
    c.check(derived && *derived == pub, "KEM public key");
    const auto theirs =
        decrypt_with_label(suite, priv, pub, label, context, {bytes_of(t, "kem_output"), bytes_of(t, "ciphertext")});
    if (c.ok(theirs, "their ciphertext")) c.equal(*theirs, plaintext, "their plaintext");
    const auto sealed = encrypt_with_label(suite, pub, label, context, plaintext, entropy);
    if (c.ok(sealed, "seal")) {
      const auto ours = decrypt_with_label(suite, priv, pub, label, context, *sealed);
      if (c.ok(ours, "our ciphertext")) c.equal(*ours, plaintext, "our plaintext");
    }
  }
}

void edge_cases(const crypto::Suite& suite, const Json&, Case& c) {
  SeededEntropy entropy;
  const auto kem = suite.generate_kem_key(entropy);
  for (const char* point : {
           "0000000000000000000000000000000000000000000000000000000000000000",
           "0100000000000000000000000000000000000000000000000000000000000000",
           "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
           "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
       }) {
    const Bytes low = from_hex(point).value_or(Bytes{});
    c.check(!suite.hpke_seal(low, {}, {}, as_view("x"), entropy), "sealing to a point of low order is refused");
    c.check(!suite.hpke_open(kem.private_key, kem.public_key, low, {}, {}, Bytes(20)), "opening from one is refused");
  }
  // X25519 ignores the highest bit and takes coordinates over the prime: both must work everywhere.
  auto high_bit = kem.public_key;
  high_bit[31] |= 0x80;
  c.check(suite.hpke_seal(high_bit, {}, {}, as_view("x"), entropy).has_value(), "an unused bit is ignored");

  const auto key = suite.generate_signature_key(entropy);
  const Bytes good = suite.sign(key, as_view("message"));
  c.check(suite.verify(key.public_key, as_view("message"), good).has_value(), "a good signature");
  // The same signature with the group's order added to S.
  const Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value_or(Bytes{});
  Bytes malleable = good;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += malleable[32 + i] + order[i];
    malleable[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  c.check(!suite.verify(key.public_key, as_view("message"), malleable), "a signature with S over the order is refused");
  if (suite != crypto::Suite::product()) return;
  // Under a key of low order one signature fits every message.
  Bytes identity(32);
  identity[0] = 1;
  Bytes universal = identity;
  universal.resize(64);
  c.check(!suite.verify(identity, as_view("message"), universal), "a signature key of low order is refused");
}

void key_schedule(const crypto::Suite& suite, const Json& v, Case& c) {
  SecretBytes init_secret = to_secret(bytes_of(v, "initial_init_secret"));
  std::uint64_t epoch = 0;
  for (const Json& e : v["epochs"]) {
    const GroupContext context{.version = kVersion,
                               .suite = suite.id(),
                               .group_id = bytes_of(v, "group_id"),
                               .epoch = epoch++,
                               .tree_hash = bytes_of(e, "tree_hash"),
                               .confirmed_transcript_hash = bytes_of(e, "confirmed_transcript_hash"),
                               .extensions = {}};
    c.equal(encoded(context), bytes_of(e, "group_context"), "group_context");
    const Bytes psk = bytes_of(e, "psk_secret");
    const SecretBytes joiner = joiner_secret(suite, init_secret, bytes_of(e, "commit_secret"), context);
    c.equal(joiner, bytes_of(e, "joiner_secret"), "joiner_secret");
    c.equal(welcome_secret(suite, joiner, psk), bytes_of(e, "welcome_secret"), "welcome_secret");
    const EpochSecrets s = epoch_secrets(suite, joiner, psk, context);
    c.equal(s.init_secret, bytes_of(e, "init_secret"), "init_secret");
    c.equal(s.sender_data_secret, bytes_of(e, "sender_data_secret"), "sender_data_secret");
    c.equal(s.encryption_secret, bytes_of(e, "encryption_secret"), "encryption_secret");
    c.equal(s.exporter_secret, bytes_of(e, "exporter_secret"), "exporter_secret");
    c.equal(s.epoch_authenticator, bytes_of(e, "epoch_authenticator"), "epoch_authenticator");
    c.equal(s.external_secret, bytes_of(e, "external_secret"), "external_secret");
    c.equal(s.confirmation_key, bytes_of(e, "confirmation_key"), "confirmation_key");
    c.equal(s.membership_key, bytes_of(e, "membership_key"), "membership_key");
    c.equal(s.resumption_psk, bytes_of(e, "resumption_psk"), "resumption_psk");
    c.equal(external_key(suite, s.external_secret).public_key, bytes_of(e, "external_pub"), "external_pub");
    const Json& x = e["exporter"];
    c.equal(mls_exporter(suite, s.exporter_secret, text_of(x, "label"), bytes_of(x, "context"), size_of(x, "length")),
            bytes_of(x, "secret"), "exporter");
    init_secret = s.init_secret;
  }
}

void psk_secrets(const crypto::Suite& suite, const Json& v, Case& c) {
  std::vector<Psk> psks;
  for (const Json& p : v["psks"]) {
    PreSharedKeyId id;
    id.psk_id = bytes_of(p, "psk_id");
    id.psk_nonce = bytes_of(p, "psk_nonce");
    psks.push_back({id, to_secret(bytes_of(p, "psk"))});
  }
  c.equal(psk_secret(suite, psks), bytes_of(v, "psk_secret"), "psk_secret");
}

void secret_tree(const crypto::Suite& suite, const Json& v, Case& c) {
  {
    const Json& t = v["sender_data"];
    const SenderDataKey key = sender_data_key(suite, bytes_of(t, "sender_data_secret"), bytes_of(t, "ciphertext"));
    c.equal(key.key, bytes_of(t, "key"), "sender data key");
    c.equal(key.nonce, bytes_of(t, "nonce"), "sender data nonce");
  }
  const auto size = TreeSize::holding(static_cast<std::uint32_t>(v["leaves"].size()));
  SecretTree tree(suite, size, to_secret(bytes_of(v, "encryption_secret")));
  for (std::uint32_t i = 0; i < v["leaves"].size(); ++i) {
    for (const Json& g : v["leaves"][i]) {
      const auto generation = static_cast<std::uint32_t>(number_of(g, "generation"));
      for (const RatchetKind kind : {RatchetKind::handshake, RatchetKind::application}) {
        const bool handshake = kind == RatchetKind::handshake;
        const auto key = tree.peek({i}, kind, generation);
        if (!c.ok(key, "generation")) continue;
        c.equal(key->key, bytes_of(g, handshake ? "handshake_key" : "application_key"), "key");
        c.equal(key->nonce, bytes_of(g, handshake ? "handshake_nonce" : "application_nonce"), "nonce");
        tree.consume({i}, kind, generation);
        c.check(!tree.peek({i}, kind, generation), "a used key is gone");
      }
    }
  }
}

void transcript_hashes(const crypto::Suite& suite, const Json& v, Case& c) {
  const auto content = decoded<AuthenticatedContent>(bytes_of(v, "authenticated_content"));
  if (!c.ok(content, "authenticated_content")) return;
  const Bytes confirmed = confirmed_transcript_hash(suite, bytes_of(v, "interim_transcript_hash_before"), *content);
  c.equal(confirmed, bytes_of(v, "confirmed_transcript_hash_after"), "confirmed_transcript_hash");
  c.equal(confirmation_tag(suite, bytes_of(v, "confirmation_key"), confirmed), content->auth.confirmation_tag,
          "confirmation_tag");
  c.equal(interim_transcript_hash(suite, confirmed, content->auth.confirmation_tag),
          bytes_of(v, "interim_transcript_hash_after"), "interim_transcript_hash");
}

}  // namespace kith::mls::vectors
