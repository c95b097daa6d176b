// Strong ids and numbers: two of different kinds never mix.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace kith {

template <class Tag, std::size_t kSizeBytes>
struct FixedId {
  static constexpr std::size_t kSize = kSizeBytes;
  std::array<std::uint8_t, kSizeBytes> value{};

  static std::optional<FixedId> from(ByteView v) {
    if (v.size() != kSizeBytes) return std::nullopt;
    FixedId id;
    std::memcpy(id.value.data(), v.data(), kSizeBytes);
    return id;
  }
  static std::optional<FixedId> from_text(std::string_view hex) {
    const auto bytes = from_hex(hex);
    return bytes ? from(*bytes) : std::nullopt;
  }
  [[nodiscard]] ByteView view() const { return value; }
  [[nodiscard]] std::string text() const { return to_hex(value); }
  friend auto operator<=>(const FixedId&, const FixedId&) = default;
};

template <class Tag>
struct StrongNumber {
  std::uint64_t value = 0;
  [[nodiscard]] StrongNumber next() const { return {value + 1}; }
  friend auto operator<=>(const StrongNumber&, const StrongNumber&) = default;
};

using UserId = FixedId<struct UserTag, 16>;                  // UUIDv7, given by the server
using DeviceId = FixedId<struct DeviceTag, 16>;              // random, chosen by the device
using ConversationId = FixedId<struct ConversationTag, 32>;  // direct: derived from the pair
using ClientId = FixedId<struct ClientTag, 16>;              // an entry's idempotency key
using HistoryId = FixedId<struct HistoryTag, 16>;            // names one life of the store
using Seq = StrongNumber<struct SeqTag>;                     // position in a log, from 1
using Epoch = StrongNumber<struct EpochTag>;                 // MLS epoch

}  // namespace kith

template <class Tag, std::size_t kSize>
struct std::hash<kith::FixedId<Tag, kSize>> {
  std::size_t operator()(const kith::FixedId<Tag, kSize>& id) const noexcept {
    return std::hash<std::string_view>{}(kith::as_text(id.value));
  }
};
