// Where a server is: "http://127.0.0.1:8470", "https://kith.example". Nothing behind the host and port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/native/result.h"

namespace kith::client::native {

struct ServerUrl {
  bool tls = false;
  std::string host;  // a name or an address, IPv6 without its brackets
  std::uint16_t port = 80;

  // Takes http, https, ws and wss. Errors: bad_url, with what is wrong.
  static Result<ServerUrl> parse(std::string_view text);

  // As in a Host header: the port where it is not the scheme's own.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string text() const;
  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

}  // namespace kith::client::native
