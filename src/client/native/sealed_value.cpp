#include "client/native/sealed_value.h"

#include "crypto/crypto.h"

namespace kith::client::native {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kHeadBytes = 1 + kSaltBytes + kNonceBytes;

SecretBytes value_key(const crypto::Suite& suite, ByteView store_key, ByteView salt) {
  Bytes info = to_bytes("kith store v1");
  append(info, salt);
  return suite.expand(store_key, info, suite.key_size());
}

}  // namespace

Bytes seal_value(ByteView store_key, ByteView row_key, ByteView plaintext, Entropy& entropy) {
  const auto suite = crypto::Suite::product();
  Bytes sealed(kHeadBytes);
  sealed[0] = kVersion;
  entropy.fill(ByteSpan(sealed).subspan(1));
  const ByteView head = sealed;
  const auto key = value_key(suite, store_key, head.subspan(1, kSaltBytes));
  const Bytes ciphertext = suite.seal(key, head.subspan(1 + kSaltBytes, kNonceBytes), row_key, plaintext);
  append(sealed, ciphertext);
  return sealed;
}

Result<SecretBytes> open_value(ByteView store_key, ByteView row_key, ByteView sealed) {
  const auto suite = crypto::Suite::product();
  if (sealed.size() < kHeadBytes + suite.tag_size() || sealed[0] != kVersion) {
    return fail(Errc::damaged, "a row of the database is not one of ours");
  }
  const auto key = value_key(suite, store_key, sealed.subspan(1, kSaltBytes));
  auto opened = suite.open(key, sealed.subspan(1 + kSaltBytes, kNonceBytes), row_key, sealed.subspan(kHeadBytes));
  if (!opened) return fail(Errc::damaged, "a row of the database was changed, or belongs to another key file");
  return *std::move(opened);
}

}  // namespace kith::client::native
