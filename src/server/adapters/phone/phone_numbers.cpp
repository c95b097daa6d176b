#include "server/adapters/phone/phone_numbers.h"

#include <phonenumbers/phonenumberutil.h>

namespace kith::server::adapters {

domain::Result<std::string> LibPhoneNumbers::to_e164(std::string_view text, std::string_view region) const {
  using i18n::phonenumbers::PhoneNumber;
  using i18n::phonenumbers::PhoneNumberUtil;
  const auto bad = [] {
    return domain::fail(domain::Errc::invalid_argument,
                        "phone: no number that can exist; from another country it begins with + and its code");
  };
  if (text.size() > 64 || region.size() > 8) return bad();
  const auto& library = *PhoneNumberUtil::GetInstance();
  PhoneNumber number;
  const std::string default_region = region.empty() ? "ZZ" : std::string(region);
  if (library.Parse(std::string(text), default_region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return bad();
  if (!library.IsPossibleNumber(number)) return bad();
  number.clear_extension();
  std::string e164;
  library.Format(number, PhoneNumberUtil::E164, &e164);
  return e164;
}

}  // namespace kith::server::adapters
