#include "keys/recovery_key.h"

#include "base/check.h"

namespace kith::keys {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's: no I, L, O, U
constexpr std::size_t kCharacters = 28;
constexpr std::size_t kGroup = 4;
constexpr unsigned kChecksumBits = 12;

unsigned checksum(ByteView key) {
  SecretBytes input = to_secret(as_view("kith recovery v1"));
  input.insert(input.end(), key.begin(), key.end());
  const auto hash = crypto::sha256(input);
  return static_cast<unsigned>(hash[0]) << 4 | hash[1] >> 4;
}

int value_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const std::size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool is_separator(char c) { return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

RecoveryKey RecoveryKey::generate(Entropy& entropy) { return RecoveryKey(crypto::random_secret(entropy, kSizeBytes)); }

std::string RecoveryKey::text() const {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::size_t written = 0;
  const auto put = [&](std::uint32_t value, unsigned width) {
    bits = bits << width | value;
    held += width;
    while (held >= 5) {
      held -= 5;
      if (written > 0 && written % kGroup == 0) out.push_back('-');
      out.push_back(kAlphabet[bits >> held & 31]);
      ++written;
    }
  };
  for (const std::uint8_t b : bytes_) put(b, 8);
  put(checksum(bytes_), kChecksumBits);
  return out;
}

Result<RecoveryKey> RecoveryKey::parse(std::string_view text) {
  SecretBytes values;
  values.reserve(kCharacters);
  for (const char c : text) {
    if (is_separator(c)) continue;
    const int value = value_of(c);
    if (value < 0)
      return fail(Errc::recovery_key_character, "a recovery key has only digits and the letters A to Z without U");
    if (values.size() == kCharacters)
      return fail(Errc::recovery_key_length, "a recovery key has 28 characters; these are more");
    values.push_back(static_cast<std::uint8_t>(value));
  }
  if (values.size() != kCharacters)
    return fail(Errc::recovery_key_length, "a recovery key has 28 characters; these are fewer");
  SecretBytes key;
  key.reserve(kSizeBytes);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t value : values) {
    bits = bits << 5 | value;
    held += 5;
    if (held >= 8 && key.size() < kSizeBytes) {
      held -= 8;
      key.push_back(static_cast<std::uint8_t>(bits >> held & 255));
    }
  }
  if ((bits & ((1U << kChecksumBits) - 1)) != checksum(key)) {
    return fail(Errc::recovery_key_checksum, "the recovery key is mistyped");
  }
  return RecoveryKey(std::move(key));
}

crypto::SignatureKeyPair RecoveryKey::identity_key() const {
  const auto suite = crypto::Suite::product();
  auto pair = suite.signature_key_from(suite.expand(suite.extract({}, bytes_), as_view("kith identity v1"), 32));
  KITH_CHECK(pair.has_value());
  return *std::move(pair);
}

}  // namespace kith::keys
