// HPKE in base mode (RFC 9180) over DHKEM, composed from the suite's HKDF, AEAD and Diffie-Hellman.
#include <string_view>

#include "base/check.h"
#include "crypto/montgomery.h"
#include "crypto/primitives.h"

namespace kith::crypto {
namespace {

void append(SecretBytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }
void append(SecretBytes& to, std::string_view more) { append(to, as_view(more)); }
void append_u16(SecretBytes& to, std::size_t v) {
  to.push_back(static_cast<std::uint8_t>(v >> 8));
  to.push_back(static_cast<std::uint8_t>(v));
}

// The labelled derivations of section 4, bound to a KEM or to a whole HPKE suite.
class Labelled {
 public:
  static Labelled kem(const Suite& suite) {
    Labelled l(suite, "KEM");
    append_u16(l.suite_id_, static_cast<std::size_t>(suite.parameters().kem));
    return l;
  }
  static Labelled hpke(const Suite& suite) {
    Labelled l(suite, "HPKE");
    append_u16(l.suite_id_, static_cast<std::size_t>(suite.parameters().kem));
    append_u16(l.suite_id_, suite.parameters().kdf_id);
    append_u16(l.suite_id_, static_cast<std::size_t>(suite.parameters().aead));
    return l;
  }

  [[nodiscard]] SecretBytes extract(ByteView salt, std::string_view label, ByteView input) const {
    SecretBytes labelled;
    append(labelled, "HPKE-v1");
    append(labelled, suite_id_);
    append(labelled, label);
    append(labelled, input);
    return suite_.extract(salt, labelled);
  }
  [[nodiscard]] SecretBytes expand(ByteView secret, std::string_view label, ByteView info, std::size_t size) const {
    SecretBytes labelled;
    append_u16(labelled, size);
    append(labelled, "HPKE-v1");
    append(labelled, suite_id_);
    append(labelled, label);
    append(labelled, info);
    return suite_.expand(secret, labelled, size);
  }

 private:
  Labelled(const Suite& suite, std::string_view kind) : suite_(suite) { append(suite_id_, kind); }
  Suite suite_;
  SecretBytes suite_id_;
};

bool is_montgomery(Kem kem) { return kem == Kem::x25519 || kem == Kem::x448; }

}  // namespace

struct Suite::KemSecret {
  Bytes kem_output;
  SecretBytes shared_secret;
};

struct Suite::HpkeContext {
  SecretBytes key;
  SecretBytes base_nonce;
  SecretBytes exporter_secret;
};

KemKeyPair Suite::derive_kem_key(ByteView input) const {
  const Labelled labelled = Labelled::kem(*this);
  const SecretBytes prk = labelled.extract({}, "dkp_prk", input);
  KemKeyPair pair;
  if (is_montgomery(parameters_->kem)) {
    pair.private_key = labelled.expand(prk, "sk", {}, parameters_->kem_private_size);
    auto pub = kem_public_key(pair.private_key);
    KITH_CHECK(pub.has_value());
    pair.public_key = *std::move(pub);
    return pair;
  }
  // On a NIST curve the candidate may be out of range (once in 2^32 for P-256, far rarer elsewhere).
  for (unsigned counter = 0; counter < 256; ++counter) {
    const auto counter_byte = static_cast<std::uint8_t>(counter);
    pair.private_key = labelled.expand(prk, "candidate", ByteView(&counter_byte, 1), parameters_->kem_private_size);
    if (parameters_->kem == Kem::p521) pair.private_key[0] &= 0x01;
    if (auto pub = kem_public_key(pair.private_key)) {
      pair.public_key = *std::move(pub);
      return pair;
    }
  }
  check_failed("a KEM key within 256 candidates", __FILE__, __LINE__);
}

KemKeyPair Suite::generate_kem_key(Entropy& entropy) const {
  return derive_kem_key(random_secret(entropy, parameters_->kem_private_size));
}

Result<Bytes> Suite::kem_public_key(ByteView private_key) const {
  Bytes out(parameters_->kem_public_size);
  if (private_key.size() != parameters_->kem_private_size ||
      !primitives_->dh_public(parameters_->kem, private_key, out)) {
    return fail(Errc::bad_key, "not a private key");
  }
  return out;
}

SecretBytes Suite::kem_secret(ByteView dh, ByteView kem_output, ByteView public_key) const {
  const Labelled labelled = Labelled::kem(*this);
  SecretBytes context;
  append(context, kem_output);
  append(context, public_key);
  return labelled.expand(labelled.extract({}, "eae_prk", dh), "shared_secret", context, parameters_->kem_secret_size);
}

namespace {
std::size_t dh_size(const SuiteParameters& p) {
  return is_montgomery(p.kem) ? p.kem_public_size : (p.kem_public_size - 1) / 2;
}
}  // namespace

bool Suite::is_kem_public_key(ByteView key) const {
  if (key.size() != parameters_->kem_public_size) return false;
  return is_montgomery(parameters_->kem) ? is_montgomery_key(key) : primitives_->is_point(parameters_->kem, key);
}

Result<Suite::KemSecret> Suite::encapsulate(ByteView public_key, Entropy& entropy) const {
  if (public_key.size() != parameters_->kem_public_size) return fail(Errc::bad_key, "a public key of the wrong size");
  KemKeyPair ephemeral = generate_kem_key(entropy);
  SecretBytes dh(dh_size(*parameters_));
  if (!primitives_->dh(parameters_->kem, ephemeral.private_key, public_key, dh)) {
    return fail(Errc::bad_key, "a public key that gives no secret");
  }
  SecretBytes secret = kem_secret(dh, ephemeral.public_key, public_key);
  return KemSecret{std::move(ephemeral.public_key), std::move(secret)};
}

Result<SecretBytes> Suite::decapsulate(ByteView private_key, ByteView public_key, ByteView kem_output) const {
  if (kem_output.size() != parameters_->kem_public_size || private_key.size() != parameters_->kem_private_size) {
    return fail(Errc::bad_key, "a KEM output or key of the wrong size");
  }
  SecretBytes dh(dh_size(*parameters_));
  if (!primitives_->dh(parameters_->kem, private_key, kem_output, dh)) {
    return fail(Errc::bad_key, "a KEM output that gives no secret");
  }
  return kem_secret(dh, kem_output, public_key);
}

HpkeInfo Suite::hpke_info(ByteView info) const {
  const Labelled labelled = Labelled::hpke(*this);
  SecretBytes context;
  context.push_back(0);  // mode_base
  append(context, labelled.extract({}, "psk_id_hash", {}));
  append(context, labelled.extract({}, "info_hash", info));
  return HpkeInfo(std::move(context));
}

Suite::HpkeContext Suite::hpke_context(ByteView shared_secret, const HpkeInfo& info) const {
  const Labelled labelled = Labelled::hpke(*this);
  const SecretBytes secret = labelled.extract(shared_secret, "secret", {});
  return {labelled.expand(secret, "key", info.key_schedule_context, key_size()),
          labelled.expand(secret, "base_nonce", info.key_schedule_context, nonce_size()),
          labelled.expand(secret, "exp", info.key_schedule_context, hash_size())};
}

Result<HpkeCiphertext> Suite::hpke_seal(ByteView public_key, const HpkeInfo& info, ByteView aad, ByteView plaintext,
                                        Entropy& entropy) const {
  KITH_TRY(KemSecret kem, encapsulate(public_key, entropy));
  const HpkeContext context = hpke_context(kem.shared_secret, info);
  return HpkeCiphertext{std::move(kem.kem_output), seal(context.key, context.base_nonce, aad, plaintext)};
}

Result<SecretBytes> Suite::hpke_open(ByteView private_key, ByteView public_key, ByteView kem_output, ByteView info,
                                     ByteView aad, ByteView ciphertext) const {
  KITH_TRY(const SecretBytes secret, decapsulate(private_key, public_key, kem_output));
  const HpkeContext context = hpke_context(secret, hpke_info(info));
  return open(context.key, context.base_nonce, aad, ciphertext);
}

Result<HpkeExport> Suite::hpke_send_export(ByteView public_key, ByteView info, ByteView exporter_context,
                                           std::size_t size, Entropy& entropy) const {
  KITH_TRY(KemSecret kem, encapsulate(public_key, entropy));
  const HpkeContext context = hpke_context(kem.shared_secret, hpke_info(info));
  return HpkeExport{std::move(kem.kem_output),
                    Labelled::hpke(*this).expand(context.exporter_secret, "sec", exporter_context, size)};
}

Result<SecretBytes> Suite::hpke_receive_export(ByteView private_key, ByteView public_key, ByteView kem_output,
                                               ByteView info, ByteView exporter_context, std::size_t size) const {
  KITH_TRY(const SecretBytes secret, decapsulate(private_key, public_key, kem_output));
  const HpkeContext context = hpke_context(secret, hpke_info(info));
  return Labelled::hpke(*this).expand(context.exporter_secret, "sec", exporter_context, size);
}

}  // namespace kith::crypto
