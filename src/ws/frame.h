// Frames of the WebSocket protocol (RFC 6455 section 5), as they are written. Reading them is parser.h's.
//
// Both ends write here: the server without a mask, the client with a masking key that its caller draws for every frame
// (section 5.3: unpredictable, so from real entropy). Nothing here allocates except what is appended to the caller's
// bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace kith::ws {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Section 7.4.1, and the registry's later ones.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  // never sent: the peer's close frame was empty
  invalid_payload = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
};

using MaskingKey = std::array<std::uint8_t, 4>;

inline constexpr std::size_t kMaxControlPayloadBytes = 125;

// What stands before a payload: 2 to 14 bytes.
class FrameHeader {
 public:
  static constexpr std::size_t kMaxBytes = 14;

  FrameHeader(Opcode opcode, std::uint64_t payload_size_bytes, bool fin = true,
              const std::optional<MaskingKey>& mask = std::nullopt);
  [[nodiscard]] ByteView view() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, kMaxBytes> bytes_{};
  std::size_t size_ = 0;
};

// XORs data[i] with key[i mod 4] (section 5.3): masks and unmasks.
void apply_mask(ByteSpan data, const MaskingKey& key);

// Appends one whole frame. With a mask it is a client's, without one a server's.
void append_frame(Bytes& to, Opcode opcode, ByteView payload, const std::optional<MaskingKey>& mask = std::nullopt);

// Appends a close frame; a reason over 123 bytes is cut. `no_status` gives an empty one.
void append_close(Bytes& to, CloseCode code, std::string_view reason,
                  const std::optional<MaskingKey>& mask = std::nullopt);

// Whether a close frame may carry this number: those of section 7.4.1, the registry's 1012 to 1014, 3000 to 4999.
[[nodiscard]] bool may_be_sent(std::uint16_t close_code);

}  // namespace kith::ws
