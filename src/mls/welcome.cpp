#include "mls/welcome.h"

#include <algorithm>

#include "mls/framing.h"
#include "mls/labels.h"

namespace kith::mls {

void encode(Writer& w, const GroupSecrets& v) {
  w.opaque(v.joiner_secret);
  encode(w, v.path_secret);
  encode(w, v.psks);
}
void decode(Reader& r, GroupSecrets& v) {
  decode(r, v.joiner_secret);
  decode(r, v.path_secret);
  decode(r, v.psks);
}

void encode(Writer& w, const KeyPackageSecrets& v) {
  w.opaque(v.ref);
  encode(w, v.key_package);
  w.opaque(v.init_private_key);
  w.opaque(v.encryption_private_key);
}
void decode(Reader& r, KeyPackageSecrets& v) {
  decode(r, v.ref);
  decode(r, v.key_package);
  decode(r, v.init_private_key);
  decode(r, v.encryption_private_key);
}

KeyPackageSecrets create_key_package(const crypto::Suite& suite, const LeafParameters& leaf,
                                     const crypto::SignatureKeyPair& key, bool last_resort, Entropy& entropy) {
  crypto::KemKeyPair init = suite.generate_kem_key(entropy);
  crypto::KemKeyPair encryption = suite.generate_kem_key(entropy);
  KeyPackage kp;
  kp.suite = suite.id();
  kp.init_key = std::move(init.public_key);
  kp.leaf = LeafNode{.encryption_key = std::move(encryption.public_key),
                     .signature_key = key.public_key,
                     .credential = leaf.credential,
                     .capabilities = leaf.capabilities,
                     .source = LeafNodeSource::key_package,
                     .lifetime = leaf.lifetime,
                     .parent_hash = {},
                     .extensions = leaf.extensions,
                     .signature = {}};
  sign(suite, kp.leaf, {}, key);
  if (last_resort) kp.extensions.push_back({extension_type::kLastResort, {}});
  kp.signature = sign_with_label(suite, key, "KeyPackageTBS", key_package_tbs(kp));
  Bytes ref = key_package_ref(suite, kp);
  return {std::move(ref), std::move(kp), std::move(init.private_key), std::move(encryption.private_key)};
}

Result<std::vector<Bytes>> invited(ByteView welcome_message) {
  KITH_TRY(Welcome welcome, decoded_message<Welcome>(welcome_message));
  std::vector<Bytes> refs;
  for (EncryptedGroupSecrets& secrets : welcome.secrets) refs.push_back(std::move(secrets.new_member));
  return refs;
}

Result<Bytes> welcome_for(ByteView welcome_message, ByteView ref) {
  KITH_TRY(Welcome welcome, decoded_message<Welcome>(welcome_message));
  std::erase_if(welcome.secrets, [&](const EncryptedGroupSecrets& s) { return !same_bytes(s.new_member, ref); });
  if (welcome.secrets.empty()) return fail(Errc::not_invited, "a Welcome for other key packages");
  return encoded_message(std::move(welcome));
}

namespace {

struct WelcomeKey {
  SecretBytes key;
  SecretBytes nonce;
};

WelcomeKey welcome_key(const crypto::Suite& suite, ByteView welcome_secret) {
  return {expand_with_label(suite, welcome_secret, "key", {}, suite.key_size()),
          expand_with_label(suite, welcome_secret, "nonce", {}, suite.nonce_size())};
}

}  // namespace

Welcome seal_welcome(const crypto::Suite& suite, const GroupInfo& info, ByteView welcome_secret) {
  const WelcomeKey key = welcome_key(suite, welcome_secret);
  return {suite.id(), {}, suite.seal(key.key, key.nonce, {}, encoded(info))};
}

Result<GroupSecrets> open_group_secrets(const crypto::Suite& suite, const Welcome& welcome,
                                        const KeyPackageSecrets& mine) {
  const auto it = std::ranges::find(welcome.secrets, mine.ref, &EncryptedGroupSecrets::new_member);
  if (it == welcome.secrets.end()) return fail(Errc::not_invited, "a Welcome for other key packages");
  KITH_TRY(const SecretBytes secrets,
           decrypt_with_label(suite, mine.init_private_key, mine.key_package.init_key, "Welcome",
                              welcome.encrypted_group_info, it->encrypted_group_secrets));
  return decoded<GroupSecrets>(secrets);
}

Result<GroupInfo> open_group_info(const crypto::Suite& suite, const Welcome& welcome, ByteView welcome_secret) {
  const WelcomeKey key = welcome_key(suite, welcome_secret);
  const auto info = suite.open(key.key, key.nonce, {}, welcome.encrypted_group_info);
  if (!info) return fail(Errc::decryption_failed, "a Welcome whose GroupInfo does not open");
  return decoded<GroupInfo>(*info);
}

}  // namespace kith::mls
