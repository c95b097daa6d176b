// The list of chats, a line each, and what stands where in it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// A Chat of schema/core.d.ts: name, when, how much is unread, what was said last and in a group by whom.
std::string chat_line(const Json& chat, const Names& names, std::int64_t now_ms);

// Of `chats`, in their order: those that are put away, or the others, the pinned ones first.
std::vector<Json> listed_chats(const Json& chats, bool archived);

}  // namespace kith::cli
