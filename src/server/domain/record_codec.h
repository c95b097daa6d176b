// The bytes that records are made of: a version byte, then fields in order; numbers big-endian, byte strings with a
// 32-bit length. Inside this room and for stores. A Reader keeps its first failure and answers zeros from then on;
// done() gives the verdict.
#pragma once

#include "base/bytes.h"
#include "base/ids.h"

namespace kith::server::domain {

class RecordWriter {
 public:
  explicit RecordWriter(std::uint8_t version, std::size_t reserve_bytes = 0) {
    out_.reserve(reserve_bytes);
    out_.push_back(version);
  }
  RecordWriter& u8(std::uint8_t v) {
    out_.push_back(v);
    return *this;
  }
  RecordWriter& u32(std::uint32_t v) { return integer(v, 4); }
  RecordWriter& u64(std::uint64_t v) { return integer(v, 8); }
  RecordWriter& raw(ByteView v) {
    append(out_, v);
    return *this;
  }
  RecordWriter& bytes(ByteView v) {
    u32(static_cast<std::uint32_t>(v.size()));
    return raw(v);
  }
  Bytes take() { return std::move(out_); }

 private:
  RecordWriter& integer(std::uint64_t v, int size) {
    for (int i = size - 1; i >= 0; --i) out_.push_back(static_cast<std::uint8_t>(v >> (8 * i)));
    return *this;
  }
  Bytes out_;
};

class RecordReader {
 public:
  RecordReader(ByteView in, std::uint8_t version) : in_(in) {
    if (u8() != version) ok_ = false;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  // A view into the record; empty after a failure.
  ByteView raw(std::size_t size) {
    if (size > in_.size()) ok_ = false;
    if (!ok_) return {};
    const ByteView v = in_.first(size);
    in_ = in_.subspan(size);
    return v;
  }
  ByteView bytes() { return raw(u32()); }
  ByteView rest() { return raw(in_.size()); }
  template <class Id>
  Id id() {
    return Id::from(raw(Id::kSize)).value_or(Id{});
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return in_.size(); }
  [[nodiscard]] bool done() const { return ok_ && in_.empty(); }

 private:
  std::uint64_t integer(std::size_t size) {
    std::uint64_t v = 0;
    for (const std::uint8_t byte : raw(size)) v = v << 8 | byte;
    return v;
  }
  ByteView in_;
  bool ok_ = true;
};

}  // namespace kith::server::domain
