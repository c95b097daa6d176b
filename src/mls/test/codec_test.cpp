#include <gtest/gtest.h>

#include "mls/framing.h"
#include "mls/welcome.h"

namespace kith::mls {
namespace {

Errc error_of(const Bytes& in) {
  Reader r(in);
  r.opaque();
  const auto end = r.finish();
  return end ? Errc::bad_record : end.error().code;
}

TEST(Codec, integers_that_are_longer_than_they_must_be_are_refused) {
  EXPECT_EQ(error_of({0x40, 0x00}), Errc::not_minimal);
  EXPECT_EQ(error_of({0x40, 0x3F}), Errc::not_minimal);
  EXPECT_EQ(error_of({0x80, 0x00, 0x3F, 0xFF}), Errc::not_minimal);
  EXPECT_EQ(error_of({0xC0}), Errc::bad_value);
}

TEST(Codec, vectors_over_the_bound_are_refused_before_they_are_read) {
  EXPECT_EQ(error_of({0xBF, 0xFF, 0xFF, 0xFF}), Errc::too_long);
}

TEST(Codec, truncation_and_trailing_bytes_are_refused) {
  EXPECT_EQ(error_of({}), Errc::truncated);
  EXPECT_EQ(error_of({0x02, 0x01}), Errc::truncated);
  EXPECT_EQ(error_of({0x40}), Errc::truncated);
  EXPECT_EQ(error_of({0x01, 0x01, 0x01}), Errc::trailing_bytes);
}

TEST(Codec, a_presence_byte_is_zero_or_one) {
  const auto v = decoded<std::optional<Bytes>>(Bytes{2, 0});
  ASSERT_FALSE(v);
  EXPECT_EQ(v.error().code, Errc::bad_value);
}

TEST(Codec, every_size_round_trips) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 16383U, 16384U, 70000U}) {
    const Bytes v(size, 7);
    EXPECT_EQ(decoded<Bytes>(encoded(v)).value(), v);
  }
}

TEST(Codec, an_unknown_kind_is_named_as_bad_value) {
  EXPECT_EQ(decoded<MlsMessage>(Bytes{0, 1, 0, 9}).error().code, Errc::bad_value);
  EXPECT_EQ(decoded<MlsMessage>(Bytes{0, 2, 0, 1}).error().code, Errc::unsupported_version);
  EXPECT_EQ(decoded<Proposal>(Bytes{0, 9}).error().code, Errc::bad_value);
  EXPECT_EQ(decoded<Credential>(Bytes{0, 3, 0}).error().code, Errc::bad_credential);
}

}  // namespace
}  // namespace kith::mls
