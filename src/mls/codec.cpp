#include "mls/codec.h"

#include "base/check.h"

namespace kith::mls {

namespace {
constexpr std::size_t kMaxVarint = (std::size_t{1} << 30) - 1;
}

void Writer::integer(std::uint64_t v, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out_.push_back(static_cast<std::uint8_t>(v >> shift));
}

void Writer::varint(std::size_t v) {
  KITH_CHECK(v <= kMaxVarint);
  if (v < 0x40) {
    integer(v, 1);
  } else if (v < 0x4000) {
    integer(v | 0x4000, 2);
  } else {
    integer(v | 0x8000'0000, 4);
  }
}

void Reader::refuse(Errc code, const char* why) {
  in_ = {};
  if (!ok_) return;
  ok_ = false;
  code_ = code;
  why_ = why;
}

void Reader::absorb(const Reader& part) {
  if (!part.ok_) refuse(part.code_, part.why_);
}

Result<void> Reader::finish() const {
  if (!ok_) return fail(code_, why_);
  if (!in_.empty()) return fail(Errc::trailing_bytes, "bytes follow the structure");
  return {};
}

ByteView Reader::raw(std::size_t size) {
  if (size > in_.size()) {
    refuse(Errc::truncated, "the input ends inside a structure");
    return {};
  }
  const ByteView out = in_.first(size);
  in_ = in_.subspan(size);
  return out;
}

std::uint64_t Reader::integer(int size) {
  std::uint64_t v = 0;
  for (const std::uint8_t b : raw(static_cast<std::size_t>(size))) v = v << 8 | b;
  return v;
}

std::size_t Reader::varint() {
  const ByteView first = raw(1);
  if (first.empty()) return 0;
  const int prefix = first[0] >> 6;
  std::size_t v = first[0] & 0x3F;
  if (prefix == 3) {
    refuse(Errc::bad_value, "a length of an unknown size");
    return 0;
  }
  const std::size_t more = (std::size_t{1} << prefix) - 1;
  for (const std::uint8_t b : raw(more)) v = v << 8 | b;
  if (!ok_) return 0;
  if ((prefix == 1 && v < 0x40) || (prefix == 2 && v < 0x4000)) {
    refuse(Errc::not_minimal, "a length is written longer than it must be");
    return 0;
  }
  return v;
}

ByteView Reader::opaque(std::size_t max_bytes) {
  const std::size_t size = varint();
  if (size > max_bytes) {
    refuse(Errc::too_long, "a vector is longer than allowed");
    return {};
  }
  return raw(size);
}

}  // namespace kith::mls
