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

bool AccountGeneration::is_of(const GenerationCertificate& certificate) const {
  return certificate.generation == number_ &&
         certificate.device_signing_key == to_array<32>(device_signing_key_.public_key);
}

namespace {

constexpr std::string_view kByIdentity = "KithGenerationV1";
constexpr std::string_view kByGeneration = "KithNextGenerationV1";

Bytes tbs(std::string_view label, const UserId& user, std::uint32_t generation, const PublicKey& device_signing_key) {
  mls::Writer w;
  w.opaque(as_view(label));
  w.raw(user.view());
  w.u32(generation);
  w.raw(device_signing_key);
  return w.bytes();
}

}  // namespace

GenerationCertificate GenerationCertificate::sign(const UserId& user, const AccountGeneration& generation,
                                                  const crypto::SignatureKeyPair& identity_key) {
  GenerationCertificate c{.user = user,
                          .generation = generation.number(),
                          .device_signing_key = to_array<32>(generation.device_signing_key().public_key)};
  c.signature = to_array<64>(
      crypto::Suite::product().sign(identity_key, tbs(kByIdentity, user, c.generation, c.device_signing_key)));
  return c;
}

Result<GenerationCertificate> GenerationCertificate::next(const AccountGeneration& to,
                                                          const AccountGeneration& by) const {
  KITH_CHECK(by.is_of(*this) && to.number() == generation + 1);
  if (earlier.size() == kMaxEarlier)
    return fail(Errc::recovery_key_needed, "too many generations were begun without the recovery key");
  GenerationCertificate c{
      .user = user, .generation = to.number(), .device_signing_key = to_array<32>(to.device_signing_key().public_key)};
  c.signature = to_array<64>(crypto::Suite::product().sign(
      by.device_signing_key(), tbs(kByGeneration, user, c.generation, c.device_signing_key)));
  c.earlier.push_back({device_signing_key, signature});
  c.earlier.insert(c.earlier.end(), earlier.begin(), earlier.end());
  return c;
}

Result<void> GenerationCertificate::verify(ByteView identity_key) const {
  if (earlier.size() > kMaxEarlier || earlier.size() > generation)
    return fail(Errc::bad_generation_certificate, "a generation that stands on too many");
  Earlier of{device_signing_key, signature};
  std::uint32_t number = generation;
  for (const Earlier& before : earlier) {
    if (!crypto::Suite::product().verify(before.device_signing_key,
                                         tbs(kByGeneration, user, number, of.device_signing_key), of.signature))
      return fail(Errc::bad_generation_certificate, "a generation certificate that the one before did not sign");
    of = before;
    --number;
  }
  if (!crypto::Suite::product().verify(identity_key, tbs(kByIdentity, user, number, of.device_signing_key),
                                       of.signature))
    return fail(Errc::bad_generation_certificate, "a generation certificate that the identity key did not sign");
  return {};
}

bool GenerationCertificate::follows(const GenerationCertificate& before) const {
  if (root() != before.root()) return root() > before.root();
  if (generation < before.generation) return false;
  const std::uint32_t since = generation - before.generation;
  return (since == 0 ? device_signing_key : earlier[since - 1].device_signing_key) == before.device_signing_key;
}

bool GenerationCertificate::is_ended_by(const GenerationCertificate& other) const {
  return other.follows(*this) && !follows(other);
}

Bytes GenerationCertificate::encode() const {
  mls::Writer w;
  w.raw(user.view());
  w.u32(generation);
  w.raw(device_signing_key);
  w.raw(signature);
  for (const Earlier& before : earlier) {
    w.raw(before.device_signing_key);
    w.raw(before.signature);
  }
  return w.bytes();
}

Result<GenerationCertificate> GenerationCertificate::decode(ByteView in) {
  mls::Reader r(in);
  GenerationCertificate c;
  c.user = read_id<UserId>(r);
  c.generation = r.u32();
  read_array(r, c.device_signing_key);
  read_array(r, c.signature);
  while (r.ok() && !r.at_end()) {
    if (c.earlier.size() == std::min<std::size_t>(kMaxEarlier, c.generation))
      return fail(Errc::malformed, "a generation certificate that stands on too many");
    Earlier& before = c.earlier.emplace_back();
    read_array(r, before.device_signing_key);
    read_array(r, before.signature);
  }
  KITH_TRY_VOID(finish(r, "a generation certificate"));
  return c;
}

}  // namespace kith::keys
