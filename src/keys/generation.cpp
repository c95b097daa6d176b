#include "keys/generation.h"

#include "base/check.h"
#include "keys/fields.h"

namespace kith::keys {

AccountGeneration::AccountGeneration(std::uint32_t number, SecretBytes secret)
    : number_(number), secret_(std::move(secret)) {
  const auto suite = crypto::Suite::product();
  const SecretBytes prk = suite.extract({}, secret_);
  auto pair = suite.signature_key_from(suite.expand(prk, as_view("kith device signing v1"), 32));
  KITH_CHECK(pair.has_value());
  device_signing_key_ = *std::move(pair);
  archive_key_ = suite.expand(prk, as_view("kith archive v1"), 32);
}

AccountGeneration AccountGeneration::generate(std::uint32_t number, Entropy& entropy) {
  return {number, crypto::random_secret(entropy, kSecretBytes)};
}

Result<AccountGeneration> AccountGeneration::from(std::uint32_t number, ByteView secret) {
  if (secret.size() != kSecretBytes) return fail(Errc::malformed, "a generation secret of the wrong size");
  return AccountGeneration(number, to_secret(secret));
}

namespace {

Bytes tbs(const GenerationCertificate& c) {
  mls::Writer w;
  w.opaque(as_view("KithGenerationV1"));
  w.raw(c.user.view());
  w.u32(c.generation);
  w.raw(c.device_signing_key);
  return w.bytes();
}

}  // namespace

GenerationCertificate GenerationCertificate::sign(const UserId& user, const AccountGeneration& generation,
                                                  const crypto::SignatureKeyPair& identity_key) {
  GenerationCertificate c{user, generation.number(), to_array<32>(generation.device_signing_key().public_key), {}};
  c.signature = to_array<64>(crypto::Suite::product().sign(identity_key, tbs(c)));
  return c;
}

Result<void> GenerationCertificate::verify(ByteView identity_key) const {
  if (!crypto::Suite::product().verify(identity_key, tbs(*this), signature)) {
    return fail(Errc::bad_generation_certificate, "a generation certificate that the identity key did not sign");
  }
  return {};
}

Bytes GenerationCertificate::encode() const {
  mls::Writer w;
  w.raw(user.view());
  w.u32(generation);
  w.raw(device_signing_key);
  w.raw(signature);
  return w.bytes();
}

Result<GenerationCertificate> GenerationCertificate::decode(ByteView in) {
  mls::Reader r(in);
  GenerationCertificate c;
  c.user = read_id<UserId>(r);
  c.generation = r.u32();
  read_array(r, c.device_signing_key);
  read_array(r, c.signature);
  KITH_TRY_VOID(finish(r, "a generation certificate"));
  return c;
}

}  // namespace kith::keys
