#include "server/adapters/phone/phone_numbers.h"

#include <gtest/gtest.h>

namespace kith::server::adapters {
namespace {

TEST(PhoneNumbers, international_form_needs_no_region) {
  EXPECT_EQ(*LibPhoneNumbers{}.to_e164("+49 170 1234567", ""), "+491701234567");
}

TEST(PhoneNumbers, national_form_is_read_in_its_region) {
  EXPECT_EQ(*LibPhoneNumbers{}.to_e164("0170 1234567", "DE"), "+491701234567");
  EXPECT_EQ(*LibPhoneNumbers{}.to_e164("(650) 253-0000", "US"), "+16502530000");
}

TEST(PhoneNumbers, the_same_number_is_the_same_text_however_it_is_typed) {
  EXPECT_EQ(*LibPhoneNumbers{}.to_e164("+49 (0)170/1234567", "FR"), *LibPhoneNumbers{}.to_e164("0170-1234567", "DE"));
}

TEST(PhoneNumbers, what_is_no_number_is_refused) {
  for (const char* text : {"", "hello", "12", "+", "+49", "0170 1234567", "+999999999999999999"}) {
    const auto result = LibPhoneNumbers{}.to_e164(text, "");
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, domain::Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace kith::server::adapters
