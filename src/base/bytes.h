// Byte strings: the plain ones, and those that hold secrets and wipe themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kith {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

// Overwrites memory in a way that the optimiser keeps.
void wipe(void* data, std::size_t size_bytes) noexcept;

// An allocator that wipes what it gives back, so that no copy of a secret survives a reallocation.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}  // NOLINT(google-explicit-constructor)
  T* allocate(std::size_t n) { return std::allocator<T>{}.allocate(n); }
  void deallocate(T* p, std::size_t n) noexcept {
    wipe(p, n * sizeof(T));
    std::allocator<T>{}.deallocate(p, n);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

// Key material. Wiped on destruction, assignment and growth; never printed.
using SecretBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

inline SecretBytes to_secret(ByteView v) { return {v.begin(), v.end()}; }
inline Bytes to_bytes(ByteView v) { return {v.begin(), v.end()}; }
inline Bytes to_bytes(std::string_view s) { return {s.begin(), s.end()}; }
inline ByteView as_view(std::string_view s) { return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()}; }
inline std::string_view as_text(ByteView v) { return {reinterpret_cast<const char*>(v.data()), v.size()}; }
inline void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

// Compares public byte strings. Secrets are compared by crypto::equal, in constant time.
inline bool same_bytes(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// Lower-case hexadecimal, two characters a byte.
std::string to_hex(ByteView v);
std::optional<Bytes> from_hex(std::string_view text);

// base64url without padding (RFC 4648 section 5).
std::string to_base64url(ByteView v);
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace kith
