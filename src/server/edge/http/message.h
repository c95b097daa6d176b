// Requests and responses as handlers see them: no Beast, no socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::server::edge {

enum class Method : std::uint8_t { get, head, post, put, other };

// Views live until the response has been made.
struct Request {
  Method method = Method::other;
  std::string_view path;  // without the query
  std::string_view body;
  std::string_view authorization;
  std::string_view accept_encoding;
  std::string_view if_none_match;
  std::string source;  // the client's network address, for limits; IPv6 by its /64
};

struct Header {
  std::string_view name;  // a literal
  std::string value;
};

struct Response {
  unsigned status = 200;
  std::vector<Header> headers;  // beside those that every response has
  std::string body;             // wiped once sent
  std::string_view fixed_body;  // instead of `body`: bytes that outlive the server
};

}  // namespace kith::server::edge
