// What a device is called where nobody said.
#pragma once

#include <string>

#include "cli/commands.h"
#include "cli/session.h"

namespace kith::cli {

// "kith on <host>".
std::string device_name(const std::string& given);

// Shows the code by which another device makes this one a device of its account, until one has: `kith link`.
void link_this_device(Session& session, const Settings& settings, const LinkOptions& options);
// A device that has just come into an account waits a little for its chats.
void await_chats(Session& session, const Settings& settings);

}  // namespace kith::cli
