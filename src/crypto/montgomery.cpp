#include "crypto/montgomery.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace kith::crypto {
namespace {

// Little-endian, as all numbers here.
template <std::size_t kSize>
using Number = std::array<std::uint8_t, kSize>;

// One less than the field's prime.
constexpr Number<32> minus_one_25519() {
  Number<32> n{};
  n.fill(0xff);
  n[0] = 0xec;
  n[31] = 0x7f;
  return n;
}
constexpr Number<56> minus_one_448() {
  Number<56> n{};
  n.fill(0xff);
  n[0] = n[28] = 0xfe;
  return n;
}

constexpr std::array<Number<32>, 2> kOfOrder8 = {
    {{0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
      0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
     {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
      0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}}};

bool is_below(ByteView number, ByteView bound) {
  return std::lexicographical_compare(number.rbegin(), number.rend(), bound.rbegin(), bound.rend());
}

bool is_zero_or_one(ByteView number) {
  return number[0] <= 1 && std::ranges::all_of(number.subspan(1), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

bool is_montgomery_key(ByteView key) {
  if (is_zero_or_one(key)) return false;
  if (key.size() == 56) return is_below(key, minus_one_448());
  KITH_CHECK(key.size() == 32);
  return is_below(key, minus_one_25519()) &&
         std::ranges::none_of(kOfOrder8, [&](const auto& low) { return same_bytes(key, low); });
}

}  // namespace kith::crypto
