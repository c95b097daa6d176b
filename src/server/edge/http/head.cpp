#include "server/edge/http/head.h"

#include <algorithm>

namespace kith::server::edge {

namespace {

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

// What every response says: nothing here is for other origins, and nothing is guessed.
constexpr std::string_view kAlways =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Embedder-Policy: require-corp\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(self), geolocation=(), payment=(), usb=()\r\n";
constexpr std::string_view kNoContentPolicy = "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";

}  // namespace

std::string head_of(const Response& response, bool keep_alive) {
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason_of(response.status)) + "\r\n";
  head += kAlways;
  bool has_policy = false;
  for (const Header& header : response.headers) {
    head.append(header.name).append(": ").append(header.value).append("\r\n");
    has_policy = has_policy || header.name == "Content-Security-Policy";
  }
  if (!has_policy) head += kNoContentPolicy;
  if (response.status != 304) head += "Content-Length: " + std::to_string(body_of(response).size()) + "\r\n";
  return head + (keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
}

}  // namespace kith::server::edge
