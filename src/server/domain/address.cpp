#include "server/domain/address.h"

#include <algorithm>

namespace kith::server::domain {

Result<Address> email_address(std::string_view text) {
  const auto bad = [](const char* why) { return fail(Errc::invalid_argument, std::string("email: ") + why); };
  if (text.empty() || text.size() > 254) return bad("wrong length");
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    return bad("a character that it cannot have");
  const auto at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.find('@', at + 1) != std::string_view::npos) {
    return bad("not one name at one domain");
  }
  const auto domain = text.substr(at + 1);
  if (domain.find('.') == std::string_view::npos || domain.front() == '.' || domain.back() == '.' ||
      domain.find("..") != std::string_view::npos) {
    return bad("not a domain");
  }
  Address address{AddressKind::email, std::string(text)};
  std::ranges::transform(address.text, address.text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return address;
}

}  // namespace kith::server::domain
