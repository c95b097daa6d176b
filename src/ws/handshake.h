// The opening handshake (RFC 6455 section 4). The server's half is one value, since its HTTP is the edge's; the
// client's half is whole: the request and the reading of the answer, without I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace kith::ws {

// Sec-WebSocket-Accept for a Sec-WebSocket-Key; nullopt if the key is not the base64 of 16 bytes.
[[nodiscard]] std::optional<std::string> accept_value(std::string_view key);

enum class HandshakeErrc : std::uint8_t {
  malformed,  // not an HTTP/1.1 answer, or a head over kMaxAnswerBytes
  refused,    // an answer other than 101; the detail begins with its status
  mismatch,   // 101 with the wrong accept value, subprotocol, or an extension that nobody asked for
};

class ClientHandshake {
 public:
  static constexpr std::size_t kMaxAnswerBytes = 8 * 1024;
  using Nonce = std::array<std::uint8_t, 16>;  // fresh entropy

  // `host` as in the Host header (with its port), `target` begins with '/'.
  ClientHandshake(std::string_view host, std::string_view target, std::string_view subprotocol, const Nonce& nonce);

  [[nodiscard]] const std::string& request() const { return request_; }

  // Reads everything received so far: nullopt while the head is incomplete, then its size; frames begin behind it.
  [[nodiscard]] ResultOf<std::optional<std::size_t>, HandshakeErrc> read_answer(ByteView received) const;

 private:
  std::string request_;
  std::string expected_accept_;
  std::string subprotocol_;
};

}  // namespace kith::ws
