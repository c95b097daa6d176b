// By the host: in WebAssembly the JavaScript side runs fflate (kith_compress.js). Every call is given addresses in this
// module's memory; the host reads and writes there and keeps nothing.
#include "compress/deflate.h"

#include "base/check.h"

extern "C" {
#define KITH_IMPORT(function) __attribute__((import_module("kith_compress"), import_name(#function)))
// How many bytes were written; 0 where they have no room.
KITH_IMPORT(deflate)
std::uint32_t kith_compress_deflate(const std::uint8_t* data, std::uint32_t size, std::uint8_t* out,
                                    std::uint32_t room);
// 1 where exactly `out_size` bytes came out, and were written.
KITH_IMPORT(inflate)
int kith_compress_inflate(const std::uint8_t* data, std::uint32_t size, std::uint8_t* out, std::uint32_t out_size);
}

namespace kith::compress {

SecretBytes deflate(ByteView raw) {
  SecretBytes out(deflate_bound(raw.size()));
  const std::uint32_t size = kith_compress_deflate(raw.data(), raw.size(), out.data(), out.size());
  KITH_CHECK(size > 0);
  out.resize(size);
  return out;
}

std::optional<SecretBytes> inflate(ByteView deflated, std::size_t raw_size) {
  SecretBytes out(raw_size);
  if (kith_compress_inflate(deflated.data(), deflated.size(), out.data(), out.size()) != 1) return std::nullopt;
  return out;
}

}  // namespace kith::compress
