// The lines of a chat that nobody wrote, in words.
#pragma once

#include <cstdint>
#include <string>

#include "cli/session.h"

namespace kith::cli {

// Whether a message of schema/core.d.ts is such a line.
bool is_notice(const Json& message);
// "3 messages from 4 May could not be restored on this device." `notice` is Message.notice.
std::string notice_text(const Json& notice, std::int64_t now_ms);

}  // namespace kith::cli
