#include "base/bytes.h"

#include <array>

namespace kith {

void wipe(void* data, std::size_t size_bytes) noexcept {
  if (size_bytes == 0) return;
  std::memset(data, 0, size_bytes);
  // The barrier tells the compiler that somebody may still look at the memory.
  asm volatile("" : : "r"(data) : "memory");
}

std::string to_hex(ByteView v) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(v.size() * 2);
  for (const std::uint8_t b : v) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
  return out;
}

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_base64_table() {
  std::array<std::int8_t, 256> table{};
  for (auto& v : table) v = -1;
  for (std::size_t i = 0; i < kBase64Url.size(); ++i) {
    table[static_cast<std::uint8_t>(kBase64Url[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

}  // namespace

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

std::string to_base64url(ByteView v) {
  std::string out;
  out.reserve((v.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const std::uint8_t b : v) {
    bits = bits << 8 | b;
    held += 8;
    while (held >= 6) {
      held -= 6;
      out.push_back(kBase64Url[bits >> held & 63]);
    }
  }
  if (held > 0) out.push_back(kBase64Url[bits << (6 - held) & 63]);
  return out;
}

std::optional<Bytes> from_base64url(std::string_view text) {
  static constexpr auto kTable = make_base64_table();
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = kTable[static_cast<std::uint8_t>(c)];
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> held & 255));
    }
  }
  // Left-over bits must be zero, so that every byte string has exactly one text.
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace kith
