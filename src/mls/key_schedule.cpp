#include "mls/key_schedule.h"

#include "base/check.h"

namespace kith::mls {
namespace {

constexpr std::string_view kExternalInitLabel = "MLS 1.0 external init secret";

SecretBytes member_secret(const crypto::Suite& suite, ByteView joiner_secret, ByteView psk_secret) {
  return suite.extract(joiner_secret, psk_secret);
}

}  // namespace

SecretBytes joiner_secret(const crypto::Suite& suite, ByteView init_secret, ByteView commit_secret,
                          const GroupContext& context) {
  const SecretBytes secret = suite.extract(init_secret, commit_secret);
  return expand_with_label(suite, secret, "joiner", encoded(context), suite.hash_size());
}

SecretBytes welcome_secret(const crypto::Suite& suite, ByteView joiner_secret, ByteView psk_secret) {
  return derive_secret(suite, member_secret(suite, joiner_secret, psk_secret), "welcome");
}

EpochSecrets epoch_secrets(const crypto::Suite& suite, ByteView joiner_secret, ByteView psk_secret,
                           const GroupContext& context) {
  const SecretBytes epoch_secret = expand_with_label(suite, member_secret(suite, joiner_secret, psk_secret), "epoch",
                                                     encoded(context), suite.hash_size());
  const auto derive = [&](std::string_view label) { return derive_secret(suite, epoch_secret, label); };
  return {
      .sender_data_secret = derive("sender data"),
      .encryption_secret = derive("encryption"),
      .exporter_secret = derive("exporter"),
      .external_secret = derive("external"),
      .confirmation_key = derive("confirm"),
      .membership_key = derive("membership"),
      .resumption_psk = derive("resumption"),
      .epoch_authenticator = derive("authentication"),
      .init_secret = derive("init"),
  };
}

Bytes confirmation_tag(const crypto::Suite& suite, ByteView confirmation_key, ByteView confirmed_transcript_hash) {
  return to_bytes(suite.hmac(confirmation_key, confirmed_transcript_hash));
}

SecretBytes mls_exporter(const crypto::Suite& suite, ByteView exporter_secret, std::string_view label, ByteView context,
                         std::size_t size) {
  return expand_with_label(suite, derive_secret(suite, exporter_secret, label), "exported", suite.hash(context), size);
}

crypto::KemKeyPair external_key(const crypto::Suite& suite, ByteView external_secret) {
  return suite.derive_kem_key(external_secret);
}

Result<ExternalInitSecret> send_external_init(const crypto::Suite& suite, ByteView external_pub, Entropy& entropy) {
  auto sent = suite.hpke_send_export(external_pub, {}, as_view(kExternalInitLabel), suite.hash_size(), entropy);
  if (!sent) return fail(Errc::bad_key, "an external_pub that is no key");
  return ExternalInitSecret{std::move(sent->kem_output), std::move(sent->secret)};
}

Result<SecretBytes> receive_external_init(const crypto::Suite& suite, const crypto::KemKeyPair& key,
                                          ByteView kem_output) {
  auto secret = suite.hpke_receive_export(key.private_key, key.public_key, kem_output, {}, as_view(kExternalInitLabel),
                                          suite.hash_size());
  if (!secret) return fail(Errc::bad_key, "an external init that is no key");
  return *std::move(secret);
}

SecretBytes psk_secret(const crypto::Suite& suite, const std::vector<Psk>& psks) {
  KITH_CHECK(psks.size() <= 0xFFFF);
  const SecretBytes zero(suite.hash_size());
  SecretBytes secret = zero;
  for (std::size_t i = 0; i < psks.size(); ++i) {
    // PSKLabel
    Writer label;
    encode(label, psks[i].id);
    label.u16(static_cast<std::uint16_t>(i));
    label.u16(static_cast<std::uint16_t>(psks.size()));
    const SecretBytes extracted = suite.extract(zero, psks[i].secret);
    secret = suite.extract(expand_with_label(suite, extracted, "derived psk", label.view(), suite.hash_size()), secret);
  }
  return secret;
}

}  // namespace kith::mls
