// Reading a chat's messages page by page.
#pragma once

#include <functional>
#include <vector>

#include "cli/session.h"

namespace kith::cli {

// The newest messages of a chat, oldest first: as far back as `wanted` says of a message, at most `limit`.
std::vector<Json> newest_messages(Session& session, const std::string& conversation, std::size_t limit,
                                  const std::function<bool(const Json&)>& wanted);

}  // namespace kith::cli
