// How a person is reached: a phone number (E.164) or an e-mail address (lower case). Stored only as a keyed hash, or
// sealed.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "server/domain/error.h"

namespace kith::server::domain {

enum class AddressKind : std::uint8_t { phone = 1, email = 2 };

struct Address {
  AddressKind kind{};
  std::string text;
  friend auto operator<=>(const Address&, const Address&) = default;
};

// At most 254 bytes (RFC 5321), one '@', printable ASCII, a dot in the domain. Not a proof that anybody reads there:
// the code is. Errors: invalid_argument.
Result<Address> email_address(std::string_view text);

}  // namespace kith::server::domain
