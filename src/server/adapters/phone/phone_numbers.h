// Phone numbers through libphonenumber. Stateless and thread-safe.
#pragma once

#include "server/domain/ports/phone.h"

namespace kith::server::adapters {

class LibPhoneNumbers final : public domain::PhoneNumbers {
 public:
  domain::Result<std::string> to_e164(std::string_view text, std::string_view region) const override;
};

}  // namespace kith::server::adapters
