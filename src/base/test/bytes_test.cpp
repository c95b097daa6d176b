#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/ids.h"

namespace kith {
namespace {

TEST(Bytes, hex_and_base64url_round_trip_for_every_length) {
  Bytes bytes;
  for (int i = 0; i < 70; ++i) {
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    bytes.push_back(static_cast<std::uint8_t>(i * 37 + 200));
  }
}

TEST(Bytes, base64url_has_exactly_one_text_for_each_byte_string) {
  EXPECT_EQ(to_base64url(as_view("kith")), "a2l0aA");
  EXPECT_FALSE(from_base64url("a2l0aB"));    // left-over bits set
  EXPECT_FALSE(from_base64url("a2l0aA=="));  // padding
  EXPECT_FALSE(from_base64url("a2l0a"));     // an impossible length
  EXPECT_FALSE(from_base64url("a2l+"));      // the other alphabet
}

TEST(Bytes, hex_refuses_odd_lengths_and_other_digits) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Ids, an_id_is_read_only_from_its_exact_size) {
  EXPECT_FALSE(UserId::from(Bytes(15)));
  EXPECT_FALSE(UserId::from(Bytes(17)));
  const auto id = UserId::from_text("000102030405060708090a0b0c0d0e0f");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), "000102030405060708090a0b0c0d0e0f");
}

}  // namespace
}  // namespace kith
