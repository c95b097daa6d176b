#include "ws/handshake.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"

namespace kith::ws {

namespace {

constexpr std::size_t kKeyTextBytes = 24;  // base64 of 16 bytes
constexpr std::size_t kSha1Bytes = 20;
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string to_base64(ByteView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

bool is_key(std::string_view key) {
  if (key.size() != kKeyTextBytes || !key.ends_with("==")) return false;
  std::array<std::uint8_t, kKeyTextBytes> decoded{};
  return EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(key.data()),
                         static_cast<int>(key.size())) == 18 &&
         key.find('=') == kKeyTextBytes - 2;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The value of a header that must be there at most once; empty if it is absent.
std::optional<std::string_view> single_header(std::string_view head, std::string_view name) {
  std::optional<std::string_view> found;
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;) {
    const std::size_t end = head.find("\r\n", at + 2);
    const std::string_view line = head.substr(at + 2, end == std::string_view::npos ? end : end - at - 2);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_ignoring_case(line.substr(0, colon), name)) {
      if (found) return std::nullopt;
      found = trimmed(line.substr(colon + 1));
    }
    at = end;
  }
  return found.value_or("");
}

}  // namespace

std::optional<std::string> accept_value(std::string_view key) {
  if (!is_key(key)) return std::nullopt;
  const std::string input = std::string(key) + std::string(kGuid);
  std::array<std::uint8_t, kSha1Bytes> digest{};
  unsigned int size = 0;
  KITH_CHECK(EVP_Digest(input.data(), input.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  return to_base64(digest);
}

ClientHandshake::ClientHandshake(std::string_view host, std::string_view target, std::string_view subprotocol,
                                 const Nonce& nonce)
    : subprotocol_(subprotocol) {
  const std::string key = to_base64(nonce);
  expected_accept_ = *accept_value(key);
  for (const std::string_view part :
       {std::string_view("GET "), target, std::string_view(" HTTP/1.1\r\nHost: "), host,
        std::string_view(
            "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "),
        std::string_view(key), std::string_view("\r\nSec-WebSocket-Protocol: "), subprotocol,
        std::string_view("\r\n\r\n")}) {
    request_ += part;
  }
}

ResultOf<std::optional<std::size_t>, HandshakeErrc> ClientHandshake::read_answer(ByteView received) const {
  const std::string_view text = as_text(received);
  const std::size_t end = text.find("\r\n\r\n");
  const bool may_be_answer = std::string_view("HTTP/1.1 ").starts_with(text.substr(0, 9));
  if (!may_be_answer || std::min(end, text.size()) > kMaxAnswerBytes) {
    return fail(HandshakeErrc::malformed, "the server's answer is not HTTP/1.1");
  }
  if (end == std::string_view::npos) return std::optional<std::size_t>();
  const std::string_view head = text.substr(0, end);
  const std::string_view status = head.substr(9, 3);
  if (status != "101") return fail(HandshakeErrc::refused, std::string(status) + " instead of 101");
  const auto upgrade = single_header(head, "Upgrade");
  const auto connection = single_header(head, "Connection");
  const bool is_upgrade =
      upgrade && same_ignoring_case(*upgrade, "websocket") && connection && same_ignoring_case(*connection, "upgrade");
  if (!is_upgrade || single_header(head, "Sec-WebSocket-Accept") != expected_accept_) {
    return fail(HandshakeErrc::mismatch, "the server did not accept this handshake");
  }
  if (single_header(head, "Sec-WebSocket-Protocol") != subprotocol_ ||
      single_header(head, "Sec-WebSocket-Extensions") != "") {
    return fail(HandshakeErrc::mismatch, "the server chose what was not offered");
  }
  return std::optional<std::size_t>(end + 4);
}

}  // namespace kith::ws
