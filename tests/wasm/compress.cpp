// Compression in WebAssembly, with the library of the host. Driven by run-compress.mjs.
#include <cstdint>

#include "compress/deflate.h"

#define KITH_EXPORT(function) extern "C" __attribute__((export_name(#function)))

KITH_EXPORT(compress_check) std::int32_t compress_check();

namespace {

kith::Bytes sample(std::uint32_t size, bool is_noise) {
  kith::Bytes out(size);
  std::uint32_t state = 1;
  for (std::uint8_t& byte : out) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(is_noise ? state >> 24 : state >> 31);
  }
  return out;
}

// The number of what is wrong; 0: nothing.
std::int32_t check() {
  using kith::compress::deflate;
  using kith::compress::inflate;
  // Made by zlib.
  const auto natively = kith::from_hex("f348cdc9c957704acdd353f0a03d1300");
  const auto hello = inflate(*natively, 110);
  if (!hello || kith::as_text(*hello).substr(99) != "Hello Ben. ") return 1;
  for (const std::uint32_t size : {0U, 1U, 1000U, 70'000U, 1U << 20U}) {
    for (const bool is_noise : {false, true}) {
      const kith::Bytes raw = sample(size, is_noise);
      const kith::SecretBytes small = deflate(raw);
      const auto back = inflate(small, size);
      if (!back || !kith::same_bytes(*back, raw)) return 2;
      if (inflate(small, size + 1)) return 3;
      if (size > 0 && inflate(small, size - 1)) return 4;
      if (inflate(kith::ByteView(small).first(small.size() / 2), size) && size > 1) return 5;
      kith::SecretBytes padded = small;
      padded.resize(padded.size() + 100);
      if (!inflate(padded, size)) return 6;
    }
  }
  // What unfolds to far more than is expected.
  if (inflate(deflate(kith::Bytes(1U << 24U)), 1000)) return 7;
  return inflate(kith::Bytes(10, 0xFF), 10) ? 8 : 0;
}

}  // namespace

std::int32_t compress_check() { return check(); }
