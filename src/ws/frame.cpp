#include "ws/frame.h"

#include <cstring>

#include "base/check.h"

namespace kith::ws {

FrameHeader::FrameHeader(Opcode opcode, std::uint64_t payload_size_bytes, bool fin,
                         const std::optional<MaskingKey>& mask) {
  const auto put_length = [&](int bytes) {
    for (int i = bytes - 1; i >= 0; --i) {
      bytes_[size_++] = static_cast<std::uint8_t>(payload_size_bytes >> (8 * i));
    }
  };
  const std::uint8_t mask_bit = mask ? 0x80 : 0;
  bytes_[size_++] = static_cast<std::uint8_t>((fin ? 0x80 : 0) | static_cast<std::uint8_t>(opcode));
  if (payload_size_bytes < 126) {
    bytes_[size_++] = static_cast<std::uint8_t>(mask_bit | payload_size_bytes);
  } else if (payload_size_bytes <= 0xffff) {
    bytes_[size_++] = mask_bit | 126;
    put_length(2);
  } else {
    bytes_[size_++] = mask_bit | 127;
    put_length(8);
  }
  if (mask) {
    std::memcpy(bytes_.data() + size_, mask->data(), mask->size());
    size_ += mask->size();
  }
}

void apply_mask(ByteSpan data, const MaskingKey& key) {
  std::uint64_t wide_key = 0;
  std::memcpy(&wide_key, key.data(), 4);
  std::memcpy(reinterpret_cast<std::uint8_t*>(&wide_key) + 4, key.data(), 4);
  std::size_t i = 0;
  for (; i + 8 <= data.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + i, 8);
    word ^= wide_key;
    std::memcpy(data.data() + i, &word, 8);
  }
  for (; i < data.size(); ++i) data[i] ^= key[i % 4];
}

void append_frame(Bytes& to, Opcode opcode, ByteView payload, const std::optional<MaskingKey>& mask) {
  const bool is_control = static_cast<std::uint8_t>(opcode) >= 8;
  KITH_CHECK(!is_control || payload.size() <= kMaxControlPayloadBytes);
  append(to, FrameHeader(opcode, payload.size(), true, mask).view());
  const std::size_t at = to.size();
  append(to, payload);
  if (mask) apply_mask(ByteSpan(to).subspan(at), *mask);
}

void append_close(Bytes& to, CloseCode code, std::string_view reason, const std::optional<MaskingKey>& mask) {
  Bytes payload;
  if (code != CloseCode::no_status) {
    const auto number = static_cast<std::uint16_t>(code);
    payload = {static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    append(payload, as_view(reason.substr(0, kMaxControlPayloadBytes - 2)));
  }
  append_frame(to, Opcode::close, payload, mask);
}

bool may_be_sent(std::uint16_t close_code) {
  if (close_code >= 3000) return close_code < 5000;
  return (close_code >= 1000 && close_code <= 1003) || (close_code >= 1007 && close_code <= 1014);
}

}  // namespace kith::ws
