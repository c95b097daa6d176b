// The lines of a chat that nobody wrote, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/names.h"
#include "cli/session.h"

namespace kith::cli {

// Whether a message of schema/core.d.ts is such a line.
bool is_notice(const Json& message);
// One that says that somebody may not be who they were.
bool is_doubt(const Json& message);
// "3 messages from 4 May could not be restored on this device."; of a group a line a change: "Ana added Ben and Cleo."
// `notice` is Message.notice. Never empty.
std::vector<std::string> notice_lines(const Json& notice, const Names& names, std::int64_t now_ms);

// "Only admins can send messages", without a full stop. `what`: "may_send", "may_edit" or "may_add".
std::string who_may(std::string_view what, std::string_view who);

}  // namespace kith::cli
