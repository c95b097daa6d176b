#include "compress/deflate.h"

#include <zlib.h>

#include "base/check.h"

namespace kith::compress {

namespace {
constexpr int kRaw = -15;  // the largest window, neither header nor checksum
constexpr int kMemory = 8;

// zlib's interface is older than const.
Bytef* in(ByteView bytes) { return const_cast<Bytef*>(bytes.data()); }
}  // namespace

SecretBytes deflate(ByteView raw) {
  z_stream stream{};
  KITH_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRaw, kMemory, Z_DEFAULT_STRATEGY) == Z_OK);
  SecretBytes out(deflate_bound(raw.size()));
  stream.next_in = in(raw);
  stream.avail_in = static_cast<uInt>(raw.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  KITH_CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::optional<SecretBytes> inflate(ByteView deflated, std::size_t raw_size) {
  z_stream stream{};
  KITH_CHECK(inflateInit2(&stream, kRaw) == Z_OK);
  // One byte more, so that what unfolds to more is seen to.
  SecretBytes out(raw_size + 1);
  stream.next_in = in(deflated);
  stream.avail_in = static_cast<uInt>(deflated.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_whole = ::inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == raw_size;
  inflateEnd(&stream);
  if (!is_whole) return std::nullopt;
  out.resize(raw_size);
  return out;
}

}  // namespace kith::compress
