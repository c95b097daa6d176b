// How long a chat is muted, as it is typed, and what its notifications are, in words. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/session.h"

namespace kith::cli {

inline constexpr std::int64_t kAlways = INT64_MAX;

// "8h", "3d", "1w", "always" (kAlways); nothing for anything else.
std::optional<std::int64_t> mute_time_ms(const std::string& text);

// "all notifications", "notifications of mentions, muted until 28 Nov, 08:15": of a Chat of schema/core.d.ts.
std::string alerts_text(const Json& chat, std::int64_t now_ms);

}  // namespace kith::cli
