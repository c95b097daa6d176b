// The key schedule (RFC 9420 section 8): from one epoch's init_secret to the next epoch's secrets.
#pragma once

#include "mls/group_context.h"
#include "mls/key_derivation.h"

namespace kith::mls {

struct EpochSecrets {
  SecretBytes sender_data_secret;
  SecretBytes encryption_secret;  // consumed by the secret tree
  SecretBytes exporter_secret;
  SecretBytes external_secret;
  SecretBytes confirmation_key;
  SecretBytes membership_key;
  SecretBytes resumption_psk;
  SecretBytes epoch_authenticator;
  SecretBytes init_secret;  // for the next epoch
};

// joiner_secret from the last init_secret (or that of an external init) and the commit secret (zeros without a path).
[[nodiscard]] SecretBytes joiner_secret(const crypto::Suite& suite, ByteView init_secret, ByteView commit_secret,
                                        const GroupContext& context);
// `psk_secret`: zeros of hash size where there is no PSK.
[[nodiscard]] SecretBytes welcome_secret(const crypto::Suite& suite, ByteView joiner_secret, ByteView psk_secret);
[[nodiscard]] EpochSecrets epoch_secrets(const crypto::Suite& suite, ByteView joiner_secret, ByteView psk_secret,
                                         const GroupContext& context);

[[nodiscard]] Bytes confirmation_tag(const crypto::Suite& suite, ByteView confirmation_key,
                                     ByteView confirmed_transcript_hash);
// Section 8.5
[[nodiscard]] SecretBytes mls_exporter(const crypto::Suite& suite, ByteView exporter_secret, std::string_view label,
                                       ByteView context, std::size_t size);
// Section 8.3: the key pair whose public half is external_pub, and both ends of an external init.
[[nodiscard]] crypto::KemKeyPair external_key(const crypto::Suite& suite, ByteView external_secret);
struct ExternalInitSecret {
  Bytes kem_output;
  SecretBytes init_secret;
};
[[nodiscard]] Result<ExternalInitSecret> send_external_init(const crypto::Suite& suite, ByteView external_pub,
                                                            Entropy& entropy);
[[nodiscard]] Result<SecretBytes> receive_external_init(const crypto::Suite& suite, const crypto::KemKeyPair& key,
                                                        ByteView kem_output);

// Section 8.4
struct Psk {
  PreSharedKeyId id;
  SecretBytes secret;
};
[[nodiscard]] SecretBytes psk_secret(const crypto::Suite& suite, const std::vector<Psk>& psks);

}  // namespace kith::mls
