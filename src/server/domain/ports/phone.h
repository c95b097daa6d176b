// The PhoneNumbers port: what people type becomes E.164.
#pragma once

#include <string>
#include <string_view>

#include "server/domain/error.h"

namespace kith::server::domain {

class PhoneNumbers {
 public:
  virtual ~PhoneNumbers() = default;
  // "+491701234567", from international form or from national form with a region (ISO 3166, "DE"; may be empty).
  // Errors: invalid_argument. Thread-safe.
  virtual Result<std::string> to_e164(std::string_view text, std::string_view region) const = 0;
};

}  // namespace kith::server::domain
