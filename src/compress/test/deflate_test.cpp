#include "compress/deflate.h"

#include <gtest/gtest.h>

#include "tests/support/seeded_entropy.h"

namespace kith::compress {
namespace {

// Deflated by fflate 0.8.2, as a browser does.
constexpr const char* kByFflate = "f348cdc9c957704acdd353a0031300";

Bytes repeated(std::string_view text, int times) {
  Bytes out;
  for (int i = 0; i < times; ++i) append(out, as_view(text));
  return out;
}

TEST(Deflate, what_was_deflated_comes_back_whatever_it_is) {
  test::SeededEntropy entropy(1);
  for (const std::size_t size : {0U, 1U, 100U, 70'000U, 1U << 20U}) {
    Bytes noise(size);
    entropy.fill(noise);
    for (const Bytes& raw : {noise, Bytes(size, 7)}) {
      const SecretBytes small = deflate(raw);
      EXPECT_LE(small.size(), deflate_bound(size));
      const auto back = inflate(small, size);
      ASSERT_TRUE(back) << size;
      EXPECT_TRUE(same_bytes(*back, raw));
    }
  }
  EXPECT_LT(deflate(repeated("Hello Ben. ", 1'000)).size(), 200U);
}

TEST(Deflate, what_a_browser_deflated_is_read) {
  const auto back = inflate(*from_hex(kByFflate), 110);
  ASSERT_TRUE(back);
  EXPECT_TRUE(same_bytes(*back, repeated("Hello Ben. ", 10)));
}

TEST(Deflate, another_size_than_expected_is_refused_so_that_no_bomb_unfolds) {
  const SecretBytes bomb = deflate(Bytes(1U << 24U, 0));
  EXPECT_LT(bomb.size(), 20'000U);
  EXPECT_FALSE(inflate(bomb, 1'000));
  EXPECT_FALSE(inflate(deflate(Bytes(100, 1)), 99));
  EXPECT_FALSE(inflate(deflate(Bytes(100, 1)), 101));
}

TEST(Deflate, cut_bytes_are_refused_and_bytes_behind_the_end_do_not_matter) {
  const Bytes raw = repeated("abcdefg", 50);
  SecretBytes good = deflate(raw);
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(inflate(ByteView(good).first(n), raw.size())) << n;
  good.resize(good.size() + 40);
  EXPECT_TRUE(inflate(good, raw.size()));
}

TEST(Deflate, bytes_that_were_never_deflated_are_refused) { EXPECT_FALSE(inflate(as_view("\xff\xff\xff\xff"), 10)); }

}  // namespace
}  // namespace kith::compress
