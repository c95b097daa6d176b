#include "keys/handed_generation.h"

#include "keys/fields.h"

namespace kith::keys {
namespace {

constexpr std::uint8_t kVersion = 1;

Bytes info_of(const HandedGeneration::To& to) {
  mls::Writer w;
  w.opaque(as_view("KithHandedGenerationV1"));
  w.raw(to.user.view());
  w.opaque(to.device ? to.device->view() : ByteView{});
  return w.bytes();
}

std::unexpected<Failure<Errc>> bad(const char* why) { return fail(Errc::bad_handed_generation, why); }

Bytes tbs(const RecoveryStatement& s) {
  mls::Writer w;
  w.opaque(as_view("KithRecoveryV1"));
  w.opaque(s.registration);
  w.raw(s.user.view());
  w.raw(s.device.view());
  w.opaque(s.leaf_signature_key);
  return w.bytes();
}

}  // namespace

Result<Bytes> HandedGeneration::seal(ByteView key, const To& to, Entropy& entropy) const {
  mls::Writer w;
  w.u8(kVersion);
  w.opaque(certificate.encode());
  w.opaque(secret);
  w.raw(archive.history.view());
  w.u64(archive.seq.value);
  w.raw(archive.chain);
  w.u32(archive.generation);
  w.opaque(archive.key);
  const auto sealed =
      crypto::Suite::product().hpke_seal(key, ByteView(info_of(to)), {}, std::move(w).take_secret(), entropy);
  if (!sealed) return bad("a key that nobody can have");
  mls::Writer out;
  out.opaque(sealed->kem_output);
  out.opaque(sealed->ciphertext);
  return out.bytes();
}

Result<HandedGeneration> HandedGeneration::open(const crypto::KemKeyPair& key, const To& to, ByteView identity_key,
                                                ByteView sealed) {
  mls::Reader outer(sealed);
  const ByteView kem_output = outer.opaque();
  const ByteView ciphertext = outer.opaque();
  KITH_TRY_VOID(finish(outer, "a handed generation"));
  const auto plain =
      crypto::Suite::product().hpke_open(key.private_key, key.public_key, kem_output, info_of(to), {}, ciphertext);
  if (!plain) return bad("a generation that was not sealed for this");
  mls::Reader r(*plain);
  const bool known = r.u8() == kVersion;
  const ByteView certificate = r.opaque();
  HandedGeneration handed;
  handed.secret = to_secret(r.opaque(AccountGeneration::kSecretBytes));
  handed.archive.history = read_id<HistoryId>(r);
  handed.archive.seq = {r.u64()};
  read_array(r, handed.archive.chain);
  handed.archive.generation = r.u32();
  handed.archive.key = to_secret(r.opaque(AccountGeneration::kSecretBytes));
  const bool is_key = handed.archive.key.empty() || handed.archive.key.size() == AccountGeneration::kSecretBytes;
  KITH_TRY_VOID(finish(r, "a handed generation"));
  if (!known) return fail(Errc::malformed, "a handed generation of another version");
  if (!is_key) return fail(Errc::malformed, "a handed generation with a key of the archive that is none");
  KITH_TRY(handed.certificate, GenerationCertificate::decode(certificate));
  // What is sealed under this generation's own key no other one opens.
  if (!handed.archive.key.empty() && handed.archive.generation >= handed.certificate.generation)
    return bad("a generation that comes with the key of one that is not before it");
  KITH_TRY(const auto generation, AccountGeneration::from(handed.certificate.generation, handed.secret));
  if (handed.certificate.user != to.user || !handed.certificate.verify(identity_key) ||
      !generation.is_of(handed.certificate))
    return bad("a generation that is not this account's");
  return handed;
}

Bytes GenerationMail::encode() const {
  mls::Writer w;
  w.u8(kVersion);
  w.opaque(key_package);
  w.opaque(sealed);
  return w.bytes();
}

Result<GenerationMail> GenerationMail::decode(ByteView in) {
  mls::Reader r(in);
  const bool known = r.u8() == kVersion;
  GenerationMail mail{.key_package = to_bytes(r.opaque()), .sealed = to_bytes(r.opaque())};
  KITH_TRY_VOID(finish(r, "mail of a generation"));
  if (!known) return fail(Errc::malformed, "mail of a generation of another version");
  return mail;
}

SignatureBytes RecoveryStatement::sign(const crypto::SignatureKeyPair& identity_key) const {
  return to_array<64>(crypto::Suite::product().sign(identity_key, tbs(*this)));
}

Result<void> RecoveryStatement::verify(ByteView identity_key, const SignatureBytes& signature) const {
  if (!crypto::Suite::product().verify(identity_key, tbs(*this), signature))
    return fail(Errc::bad_recovery_statement, "a recovery that the identity key did not sign");
  return {};
}

}  // namespace kith::keys
