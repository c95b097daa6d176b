// The list of chats, a line each.
#pragma once

#include <cstdint>
#include <string>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// A Chat of schema/core.d.ts: name, when, how much is unread, what was said last and in a group by whom.
std::string chat_line(const Json& chat, const Names& names, std::int64_t now_ms);

}  // namespace kith::cli
