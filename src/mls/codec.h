// The TLS presentation language as MLS uses it (RFC 9420 section 2.1): integers big-endian, vectors with a
// variable-size length. A structure S is described once, by `void encode(Writer&, const S&)` and `void decode(Reader&,
// S&)` beside it.
//
// A Reader keeps its first failure and answers zeros from then on, so that decoders read like the RFC; finish() gives
// the verdict. It refuses truncation, trailing bytes, integers that are not minimal and vectors over kMaxVectorBytes.
// It allocates in proportion to its input only.
#pragma once

#include <array>
#include <optional>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "mls/result.h"

namespace kith::mls {

inline constexpr std::size_t kMaxVectorBytes = std::size_t{1} << 26;

class Writer {
 public:
  void u8(std::uint8_t v) { out_.push_back(v); }
  void u16(std::uint16_t v) { integer(v, 2); }
  void u32(std::uint32_t v) { integer(v, 4); }
  void u64(std::uint64_t v) { integer(v, 8); }
  void raw(ByteView v) { out_.insert(out_.end(), v.begin(), v.end()); }
  // RFC 9420 section 2.1.2; at most 2^30 - 1.
  void varint(std::size_t v);
  // opaque v<V>
  void opaque(ByteView v) {
    varint(v.size());
    raw(v);
  }
  [[nodiscard]] ByteView view() const { return out_; }
  [[nodiscard]] Bytes bytes() const { return to_bytes(out_); }
  [[nodiscard]] SecretBytes take_secret() && { return std::move(out_); }

 private:
  void integer(std::uint64_t v, int size);
  SecretBytes out_;  // wiping, because some structures hold secrets
};

class Reader {
 public:
  explicit Reader(ByteView in) : in_(in) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  std::size_t varint();
  // The next `size` bytes; a view into the input.
  ByteView raw(std::size_t size);
  // opaque v<V>; a view into the input.
  ByteView opaque(std::size_t max_bytes = kMaxVectorBytes);

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return in_.empty(); }
  [[nodiscard]] std::size_t left() const { return in_.size(); }
  // Records a failure, unless there is one already.
  void refuse(Errc code, const char* why);
  // Takes over the failure of a reader of a part.
  void absorb(const Reader& part);
  // Success when nothing failed and nothing is left.
  [[nodiscard]] Result<void> finish() const;

 private:
  std::uint64_t integer(int size);
  ByteView in_;
  bool ok_ = true;
  Errc code_{};
  const char* why_ = "";
};

inline void encode(Writer& w, std::uint8_t v) { w.u8(v); }
inline void encode(Writer& w, std::uint16_t v) { w.u16(v); }
inline void encode(Writer& w, std::uint32_t v) { w.u32(v); }
inline void encode(Writer& w, std::uint64_t v) { w.u64(v); }
inline void encode(Writer& w, const Bytes& v) { w.opaque(v); }
inline void encode(Writer& w, const SecretBytes& v) { w.opaque(v); }
inline void decode(Reader& r, std::uint8_t& v) { v = r.u8(); }
inline void decode(Reader& r, std::uint16_t& v) { v = r.u16(); }
inline void decode(Reader& r, std::uint32_t& v) { v = r.u32(); }
inline void decode(Reader& r, std::uint64_t& v) { v = r.u64(); }
inline void decode(Reader& r, Bytes& v) { v = to_bytes(r.opaque()); }
inline void decode(Reader& r, SecretBytes& v) { v = to_secret(r.opaque()); }

// T v<V>
template <class T>
  requires(!std::is_same_v<T, std::uint8_t>)
void encode(Writer& w, const std::vector<T>& items) {
  Writer body;
  for (const T& item : items) encode(body, item);
  w.opaque(body.view());
}
template <class T>
  requires(!std::is_same_v<T, std::uint8_t>)
void decode(Reader& r, std::vector<T>& items) {
  Reader body(r.opaque());
  items.clear();
  while (body.ok() && !body.at_end()) decode(body, items.emplace_back());
  r.absorb(body);
}

// optional<T>: a presence byte, 0 or 1.
template <class T>
void encode(Writer& w, const std::optional<T>& v) {
  w.u8(v.has_value() ? 1 : 0);
  if (v) encode(w, *v);
}
template <class T>
void decode(Reader& r, std::optional<T>& v) {
  v.reset();
  switch (r.u8()) {
    case 0:
      break;
    case 1:
      decode(r, v.emplace());
      break;
    default:
      r.refuse(Errc::bad_value, "a presence byte is neither 0 nor 1");
  }
}

template <class T>
[[nodiscard]] Bytes encoded(const T& v) {
  Writer w;
  encode(w, v);
  return w.bytes();
}
template <class T>
[[nodiscard]] SecretBytes encoded_secret(const T& v) {
  Writer w;
  encode(w, v);
  return std::move(w).take_secret();
}
// Exactly one T, with nothing after it.
template <class T>
[[nodiscard]] Result<T> decoded(ByteView in) {
  Reader r(in);
  T v{};
  decode(r, v);
  if (auto end = r.finish(); !end) return std::unexpected(std::move(end).error());
  return v;
}

}  // namespace kith::mls
