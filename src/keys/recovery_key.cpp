#include "keys/recovery_key.h"

#include "base/check.h"
#include "keys/spelling.h"

namespace kith::keys {
namespace {

constexpr std::size_t kCharacters = 28;

// The key, and 12 bits of a checksum behind it.
SecretBytes with_checksum(ByteView key) {
  SecretBytes input = to_secret(as_view("kith recovery v1"));
  input.insert(input.end(), key.begin(), key.end());
  const auto hash = crypto::sha256(input);
  SecretBytes out = to_secret(key);
  out.push_back(hash[0]);
  out.push_back(hash[1] & 0xF0);
  return out;
}

}  // namespace

RecoveryKey RecoveryKey::generate(Entropy& entropy) { return RecoveryKey(crypto::random_secret(entropy, kSizeBytes)); }

std::string RecoveryKey::text() const { return spell(with_checksum(bytes_), kCharacters); }

Result<RecoveryKey> RecoveryKey::parse(std::string_view text) {
  const auto bits = read_spelled(text, kCharacters);
  if (!bits) {
    switch (bits.error()) {
      case Misspelled::character:
        return fail(Errc::recovery_key_character, "a recovery key has only digits and the letters A to Z without U");
      case Misspelled::too_long:
        return fail(Errc::recovery_key_length, "a recovery key has 28 characters; these are more");
      case Misspelled::too_short:
        return fail(Errc::recovery_key_length, "a recovery key has 28 characters; these are fewer");
    }
  }
  SecretBytes key(bits->begin(), bits->begin() + kSizeBytes);
  if (!crypto::equal(*bits, with_checksum(key)))
    return fail(Errc::recovery_key_checksum, "the recovery key is mistyped");
  return RecoveryKey(std::move(key));
}

crypto::SignatureKeyPair RecoveryKey::identity_key() const {
  const auto suite = crypto::Suite::product();
  auto pair = suite.signature_key_from(suite.expand(suite.extract({}, bytes_), as_view("kith identity v1"), 32));
  KITH_CHECK(pair.has_value());
  return *std::move(pair);
}

crypto::KemKeyPair RecoveryKey::box_key() const {
  const auto suite = crypto::Suite::product();
  return suite.derive_kem_key(suite.expand(suite.extract({}, bytes_), as_view("kith recovery box v1"), 32));
}

}  // namespace kith::keys
