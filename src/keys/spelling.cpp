#include "keys/spelling.h"

#include "base/check.h"

namespace kith::keys {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kGroup = 4;
constexpr unsigned kBits = 5;  // of a character

int value_of(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const std::size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool is_separator(char c) { return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::string spell(ByteView bits, std::size_t characters) {
  KITH_CHECK(characters * kBits <= bits.size() * 8);
  std::string out;
  std::uint32_t held = 0;
  unsigned count = 0;
  auto next = bits.begin();
  for (std::size_t i = 0; i < characters; ++i) {
    if (count < kBits) {
      held = held << 8 | *next++;
      count += 8;
    }
    count -= kBits;
    if (i > 0 && i % kGroup == 0) out.push_back('-');
    out.push_back(kAlphabet[held >> count & 31]);
  }
  return out;
}

std::expected<SecretBytes, Misspelled> read_spelled(std::string_view text, std::size_t characters) {
  SecretBytes bits((characters * kBits + 7) / 8);
  std::size_t read = 0;
  for (const char c : text) {
    if (is_separator(c)) continue;
    const int value = value_of(c);
    if (value < 0) return std::unexpected(Misspelled::character);
    if (read == characters) return std::unexpected(Misspelled::too_long);
    for (unsigned bit = 0; bit < kBits; ++bit) {
      const std::size_t at = read * kBits + bit;
      if ((value >> (kBits - 1 - bit) & 1) != 0) bits[at / 8] |= static_cast<std::uint8_t>(0x80 >> at % 8);
    }
    ++read;
  }
  if (read < characters) return std::unexpected(Misspelled::too_short);
  return bits;
}

}  // namespace kith::keys
